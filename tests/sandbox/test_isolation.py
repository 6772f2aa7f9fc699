import ctypes
import os
import shutil

import pytest

from llmatic.config import ConfigError, compose
from llmatic.sandbox import Isolation, SandboxError, choose, probe
from llmatic.sandbox.allowed import packages, readable
from llmatic.sandbox.kernel import syscall

LEVELS = [
    Isolation(landlock=True, bubblewrap=False),
    Isolation(landlock=False, bubblewrap=True),
    Isolation(landlock=True, bubblewrap=True),
]


@pytest.mark.parametrize("level", LEVELS, ids=str)
def test_a_probe_finds_every_property_held(level):
    if level.bubblewrap and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    properties = probe(level)
    assert len(properties) == 11
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
    monkeypatch.setattr(isolation, "probe", lambda _: [leaky])
    with pytest.raises(SandboxError, match="landlock: reads no file of yours: read /etc/passwd"):
        choose.__wrapped__("landlock")


def test_packages_beside_are_not_readable():
    names = {path.name for path in packages()}
    assert {"torch", "numpy", "lightning", "typing_extensions.py"} <= names
    assert not {"sklearn", "mlflow", "pip", "pytest"} & names
    assert not [path for path in readable() if path.name in ("site-packages", "dist-packages")]


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
