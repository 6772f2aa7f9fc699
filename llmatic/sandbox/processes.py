"""Worker processes: how they start, are spoken to, and end with all they started.

A worker has a scrubbed environment, an empty folder and a session of its own, and is
inside bubblewrap where that is a part of its isolation. Knows nothing of what workers
do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from llmatic.errors import UserError
from llmatic.frames import Frame, Reader, encode
from llmatic.sandbox import allowed
from llmatic.sandbox.level import Isolation

__all__ = ["Worker", "WorkerError", "end_descendants", "passed_on", "scratch_folder"]

PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "TZ")
PROGRAMS = "/usr/local/bin:/usr/bin:/bin"
PREFIX = "llmatic-"
LOCK = "owner.lock"
LOOPBACK = "llmatic.sandbox.loopback"
LOOK_EVERY_S = 0.001


class WorkerError(UserError):
    """A worker process could not be started; says why.

    Attributes:
        reason: The last thing it said.
    """

    def __init__(self, module: str, reason: str) -> None:
        super().__init__(f"the process {module} ended: {reason}")
        self.reason = reason


class Worker:
    """A process that answers frames on its standard input with frames on its output.

    It ends by itself when its standard input is closed, so it does not outlive
    this process.
    """

    def __init__(
        self,
        module: str,
        folder: Path,
        *,
        isolation: Isolation | None,
        reads: Sequence[Path] = (),
        gpu: bool = False,
        loopback: bool = False,
        withheld: Collection[str] = (),
    ) -> None:
        """Start it.

        Args:
            module: What it runs, as with ``python -m``.
            folder: For its log and its empty working directory.
            isolation: How the generated code that it will read is kept apart; None where it
                reads none and works where this process does, with all it sees.
            reads: Files it needs besides the interpreter and packages.
            gpu: Whether it uses GPUs.
            loopback: Whether it has a network of its own, with nothing else in it; where
                generated code is kept apart. Inside bubblewrap it does anyway.
            withheld: Environment variables it is not given, where it is given any.
        """
        self._module = module
        self._log = folder / f"{module.rpartition('.')[2]}.log"
        command, cwd = [sys.executable, "-m", module], None
        environment = _all_but(withheld)
        if isolation is not None:
            cwd = folder / "cwd"
            cwd.mkdir(parents=True)
            command = [sys.executable, "-P", "-m", module]
            if loopback and isolation.confines and not isolation.bubblewrap:
                command.insert(-1, LOOPBACK)
            environment = passed_on(cwd)
        try:
            if isolation is not None and isolation.bubblewrap:
                from llmatic.sandbox import bubblewrap

                command = bubblewrap.command(
                    command, environment, reads, gpu=gpu, loopback=loopback
                )
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=None if isolation is None else log,
                    cwd=cwd,
                    env=environment,
                    start_new_session=True,
                )
        except FileNotFoundError as error:
            raise WorkerError(module, f"{error.filename} is not installed") from None
        assert self._process.stdout is not None
        self._answers = Reader(self._process.stdout.fileno())

    def send(self, header: Mapping[str, Any], body: bytes = b"") -> None:
        """Send a frame.

        Raises:
            BrokenPipeError: The process has ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(encode(header, body))
        self._process.stdin.flush()

    def receive(self, deadline: float | None = None, limit: int | None = None) -> Frame | None:
        """The next frame; None when the process has ended.

        Args:
            deadline: On the monotonic clock, in seconds.
            limit: Bytes that it may have, where generated code may have written it.

        Raises:
            TimeoutError: Nothing came until then.
            FrameError: It is none, or too long.
        """
        return self._answers.receive(deadline, limit)

    def failure(self) -> WorkerError:
        """Why a process that ended did so."""
        said = _last_words(self._log.read_text(errors="replace"))
        return WorkerError(self._module, said or f"exit status {self._process.wait()}")

    def kill(self) -> None:
        """End it with all it started. May be called twice, and from another thread."""
        if self._process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                tree = psutil.Process(self._process.pid).children(recursive=True)
                self._process.kill()
                for each in tree:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        each.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and let go of its pipes. Not while another thread waits in `receive`."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A private temporary folder; those that killed processes left behind are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), left.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))  # not to be removed before it is locked
    folder = hidden.with_name(hidden.name[1:])
    try:
        with (hidden / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            hidden.rename(folder)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_descendants(apart_from: Collection[int] = ()) -> None:
    """Kill and reap all descendants of this process, however they were started.

    Args:
        apart_from: Children that are left alone.
    """
    while tree := [
        each for each in psutil.Process().children(recursive=True) if each.pid not in apart_from
    ]:
        for each in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        for each in tree:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(each.pid, os.WNOHANG)
        time.sleep(LOOK_EVERY_S)


def _last_words(log: str) -> str:
    """The error of the last traceback, whatever libraries said after it; else the last line."""
    lines = log.strip().splitlines()
    traced = [number for number, line in enumerate(lines) if line.startswith("Traceback ")]
    after = lines[traced[-1] + 1 :] if traced else []
    errors = [line for line in after if not line.startswith(" ")]
    return [*errors[:1], *lines[-1:], ""][0]


def _all_but(withheld: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in withheld}


def passed_on(home: Path) -> dict[str, str]:
    """A worker's environment: none of the controller's but what loading and computing need."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    folders = dict.fromkeys(path.parent for path in allowed.own_packages())
    own = [str(folder) for folder in folders if folder.name not in allowed.BESIDE]
    return kept | {
        "PATH": PROGRAMS,
        "PYTHONPATH": os.pathsep.join(own),  # the same code as this process runs
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PWD": str(home),
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }
