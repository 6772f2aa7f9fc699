import ctypes
import os
import shutil
from pathlib import Path

import pytest

from llmatic.config import ConfigError, compose
from llmatic.sandbox import Isolation, SandboxError, choose, probe
from llmatic.sandbox.allowed import libraries, packages, readable
from llmatic.sandbox.kernel import syscall
from llmatic.sandbox.processes import _last_words, passed_on

LEVELS = [
    Isolation(landlock=True, bubblewrap=False),
    Isolation(landlock=False, bubblewrap=True),
    Isolation(landlock=True, bubblewrap=True),
]


@pytest.fixture(autouse=True)
def _anew():
    """Probe again where a test changes what is found."""
    probe.cache_clear()


@pytest.mark.parametrize("loopback", [False, True])
@pytest.mark.parametrize("level", LEVELS, ids=str)
def test_a_probe_finds_every_property_held(level, loopback):
    if level.bubblewrap and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    properties = probe(level, loopback=loopback)
    assert len(properties) == 13 + loopback
    assert [each for each in properties if not each.held] == []


def test_the_strongest_is_chosen():
    strongest = choose("auto")
    assert strongest.confines
    assert strongest.bubblewrap == (shutil.which("bwrap") is not None)
    assert str(choose("none")) == "none"
    assert not choose("none").confines


def test_nothing_is_run_where_no_mechanism_works(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="bwrap is not installed") as caught:
        choose.__wrapped__("bubblewrap")
    said = str(caught.value)
    assert said.startswith("sandbox=bubblewrap: generated code cannot be kept apart here")
    assert "sandbox=none" in said
    assert "\n" not in said


def test_without_bubblewrap_landlock_is_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose.__wrapped__("auto") == Isolation(landlock=True, bubblewrap=False)


def test_a_mechanism_that_leaks_does_not_count(monkeypatch):
    """As if a folder of the controller's were on the allow-list."""
    from llmatic.sandbox import isolation

    leaky = isolation.Property("reads no file of yours", False, "read /etc/passwd")
    monkeypatch.setattr(isolation, "probe", lambda *_, **__: [leaky])
    with pytest.raises(SandboxError, match="landlock: reads no file of yours: read /etc/passwd"):
        choose.__wrapped__("landlock")


def test_packages_beside_are_not_readable():
    names = {path.name for path in packages()}
    assert {"torch", "numpy", "lightning", "typing_extensions.py"} <= names
    assert not {"sklearn", "mlflow", "pip", "pytest"} & names
    assert not [path for path in readable() if path.name in ("site-packages", "dist-packages")]


def test_packages_that_somebody_put_before_others_do_not_count(monkeypatch, tmp_path):
    """Ray brings a psutil of its own, which no sandboxed process could import."""
    beside = tmp_path / "psutil-9.0.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text("Metadata-Version: 2.1\nName: psutil\nVersion: 9.0\n")
    (beside / "RECORD").write_text("psutil/__init__.py,,\n")
    (tmp_path / "psutil").mkdir()
    before = packages()
    monkeypatch.syspath_prepend(tmp_path)
    assert packages.__wrapped__() == before
    assert not [path for path in before if tmp_path in path.parents]


def test_of_folders_of_yours_only_libraries_are_readable(monkeypatch, tmp_path):
    for name in ("secret", "libcuda.so", "libcuda.so.1"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}::relative:/nowhere")
    found = libraries()
    assert {tmp_path / "libcuda.so", tmp_path / "libcuda.so.1"} <= set(found)
    assert tmp_path not in found
    assert tmp_path / "secret" not in found
    assert all(path.is_absolute() for path in found)


def test_a_worker_is_given_few_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    given = passed_on(Path("/scratch"))
    assert str(tmp_path) not in str(given)
    assert given["PATH"] == "/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize("level", LEVELS, ids=str)
def test_a_gpu_opens_no_other_way(level):
    """Without one here: what its drivers need is allowed, and nothing else leaks."""
    if level.bubblewrap and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    for loopback in (False, True):
        properties = probe(level, gpu=True, loopback=loopback)
        assert [each for each in properties if not each.held] == []


def test_who_shares_the_network_of_yours_does_not_count(monkeypatch):
    """As if the namespace had not been made: a server of yours would be reached."""
    from llmatic.sandbox import processes

    monkeypatch.setattr(processes, "LOOPBACK", "runpy")  # runs the module, and nothing before
    with pytest.raises(SandboxError, match="has no network: connected to 127") as caught:
        choose.__wrapped__("landlock", loopback=True)
    assert "trainer.devices=1" in str(caught.value)


def test_why_a_process_ended_is_the_error_of_its_traceback():
    log = """
Traceback (most recent call last):
  File "x.py", line 1, in <module>
    first
KeyError: 'first'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "x.py", line 2, in <module>
    second
OSError: no memory
nanobind: leaked 3 types!
 - leaked type "x"
"""
    assert _last_words(log) == "OSError: no memory"
    assert _last_words("bwrap: no namespaces\n") == "bwrap: no namespaces"
    assert _last_words("") == ""


def test_a_failed_system_call_says_why():
    with pytest.raises(OSError, match="system call 444: "):
        syscall(444, ctypes.c_void_p(1), 3, 0)
    assert os.strerror(ctypes.get_errno())


def test_the_choice_is_a_setting():
    assert compose().sandbox.name == "auto"
    assert compose(["sandbox=none"]).sandbox.name == "none"
    with pytest.raises(ConfigError, match=r"sandbox\.name=x: must be one of auto, landlock"):
        compose(["sandbox.name=x"])
    with pytest.raises(ConfigError, match="sandbox=x: no such choice"):
        compose(["sandbox=x"])
