"""Archives that hostile code wrote in the sandbox, loaded without and with a check."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from adversarial.archives import IMPORTED, hostile
from exports import SEED, SHAPE, exported

from llmatic.delivery.exporting import UnsafeArchiveError, export
from llmatic.delivery.pt2 import RefusedError, rewritten
from llmatic.evaluate.workbench import Format

LOADED = f"""
import pathlib, sys, torch
for path in sorted(pathlib.Path().glob("*.pt2")):
    try:
        torch.export.load(path).module()(torch.zeros(1, *{SHAPE}))
        print(path.stem, "ran")
    except BaseException as error:
        print(path.stem, repr(error)[:300])
"""


@pytest.fixture(scope="module")
def attacks(one_thread):
    return hostile(exported(SEED))


def loaded(folder, archives):
    """What has been left in a folder when archives in it were loaded and run."""
    for name, archive in archives.items():
        (folder / f"{name}.pt2").write_bytes(archive)
    mark = "open('structure', 'w').close()"
    (folder / f"{IMPORTED}.py").write_text(mark, encoding="utf-8")
    before = set(folder.iterdir())
    command = [sys.executable, "-B", "-W", "ignore", "-c", LOADED]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
    return {path.name for path in set(folder.iterdir()) - before}, done.stdout


def test_loading_does_harm_without_a_check(attacks, tmp_path):
    harmful, _ = attacks
    left, said = loaded(tmp_path, harmful)
    assert left == set(harmful), said


def test_all_are_refused(attacks):
    for archives in attacks:
        for name, archive in archives.items():
            try:
                rewritten(archive)
            except RefusedError:
                continue
            pytest.fail(f"{name} is let through")


def test_what_is_handed_out_does_no_harm(tmp_path):
    left, said = loaded(tmp_path, {"honest": rewritten(exported(SEED))})
    assert (left, said) == (set(), "honest ran\n")


class Sandbox:
    """A workbench out of whose sandbox one archive comes."""

    def __init__(self, archive):
        self.archive = archive

    def export(self, source, weights, format):
        return self.archive


def test_export_says_why(attacks):
    network = SimpleNamespace(id="3-9", source="", weights=b"")
    for archives, name, said in (
        (attacks[0], "quiet", "'opaque_obj_0' as a tensor's file"),
        (attacks[0], "size", "\"open('size', 'w')\" as a size"),
        (attacks[0], "weights", "'data/weights/model.pt' as a file"),
        (attacks[0], "mapping", "'torch.ops.aten.from_file.default' as an operator"),
    ):
        with pytest.raises(UnsafeArchiveError) as caught:
            export(Sandbox(archives[name]), network, Format.PT2, "", None)
        assert str(caught.value) == f"candidate 3-9: as pt2 it would hold {said}"
