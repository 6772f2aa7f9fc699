"""Each check where it fails, and says how to mend it; that all pass here is in test_cli."""

import pytest

from llmatic import doctor, launch, parts, sandbox
from llmatic.config import compose
from llmatic.records import Measurement, Status


def test_more_slots_than_processors():
    check = doctor._cpus(9999, 1)
    assert not check.ok
    assert "set executor.slots=" in check.remedy
    assert doctor._cpus(1, 1).ok


def test_more_memory_than_there_is():
    check = doctor._memory(10, compose(["evaluator.memory_mb=10000000"]).evaluator)
    assert not check.ok
    assert "10 slots of up to 10000000 MB" in check.finding
    assert "set executor.slots=1 or evaluator.memory_mb=" in check.remedy
    assert doctor._memory(1, compose(["evaluator.memory_mb=100"]).evaluator).ok


def test_a_full_disk(monkeypatch):
    monkeypatch.setattr(doctor, "MIN_FREE_GB", 10.0**9)
    check = doctor._disk(compose())
    assert not check.ok
    assert "TMPDIR" in check.remedy


def test_a_package_that_is_missing(monkeypatch):
    def version(name):
        if name == "torch":
            raise doctor.metadata.PackageNotFoundError
        return "1"

    monkeypatch.setattr(doctor.metadata, "version", version)
    check = doctor._packages()
    assert not check.ok
    assert check.finding.startswith("no torch, torchvision 1")


def test_a_store_that_does_not_answer():
    check = doctor._tracking(compose(["tracking.uri=http://127.0.0.1:9"]))
    assert not check.ok


def test_no_sandbox(monkeypatch):
    def choose(name, *, gpu, loopback):
        raise sandbox.SandboxError("nothing works")

    monkeypatch.setattr(sandbox, "choose", choose)
    (check,) = doctor._sandbox(compose())
    assert (check.ok, check.finding) == (False, "nothing works")
    assert "install the packages bubblewrap" in check.remedy


def test_a_property_that_does_not_hold(monkeypatch):
    leaky = sandbox.Property("reads no file of yours", False, "read /etc/passwd")
    monkeypatch.setattr(sandbox, "choose", lambda *_, **__: sandbox.Isolation(True, False))
    monkeypatch.setattr(sandbox, "probe", lambda *_, **__: [leaky])
    level, found = doctor._sandbox(compose())
    assert (level.ok, level.finding) == (True, "landlock (sandbox=auto)")
    assert (found.ok, found.finding) == (False, "read /etc/passwd")
    assert found.remedy


class Fake:
    def __init__(self, ends):
        self.ends = ends

    def __enter__(self):
        return lambda: self

    def __exit__(self, *_):
        pass

    def evaluate(self, source, seed, pruner=None):
        return Measurement(self.ends.pop(0), error="how it ended")

    def close(self):
        pass


@pytest.mark.parametrize("broken", [None, 0, 1, 2])
def test_limits_that_do_not_hold(monkeypatch, broken):
    ends = [Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.FORBIDDEN]
    if broken is not None:
        ends[broken] = Status.OK
    monkeypatch.setattr(parts, "evaluators", lambda _: Fake(ends))
    found = list(doctor._limits(compose(), compose().evaluator))
    assert [each.name for each in found] == [
        "a limit on time",
        "a limit on memory",
        "a limit on threads",
    ]
    assert [index for index, each in enumerate(found) if not each.ok] == (
        [] if broken is None else [broken]
    )


@pytest.mark.parametrize(
    ("found", "ok", "says"),
    [
        (Measurement(Status.TIMED_OUT, error="not finished"), False, "timed out: not finished"),
        (
            Measurement(Status.OK, 0.5, {}, {"train_seconds": 1.25, "val_accuracy": 0.5}),
            True,
            "trains in 1.2 s to 0.500 validation accuracy",
        ),
    ],
)
def test_whether_the_seed_network_trains(monkeypatch, found, ok, says):
    monkeypatch.setattr(launch, "evaluate_source", lambda *_: (None, found))
    check = doctor._training(compose())
    assert (check.ok, check.finding) == (ok, says)
