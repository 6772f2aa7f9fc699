"""Worker processes: how they start, are spoken to, and end with all they started.

A worker has a scrubbed environment, an empty folder and a session of its own, and is
inside bubblewrap where that is a part of its isolation. Knows nothing of what workers
do.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from llmatic.errors import UserError
from llmatic.frames import Decoder, Frame, encode

__all__ = ["Isolation", "Worker", "WorkerError", "end_descendants", "passed_on", "scratch_folder"]

PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "TZ")
PREFIX = "llmatic-"
LOCK = "owner.lock"


class WorkerError(UserError):
    """A worker process could not be started; says why.

    Attributes:
        reason: The last thing it said.
    """

    def __init__(self, module: str, reason: str) -> None:
        super().__init__(f"the process {module} ended: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Isolation:
    """By which mechanisms generated code is kept apart.

    Attributes:
        landlock: Each candidate's process gives up files and signals for good.
        bubblewrap: The worker is in namespaces of its own.
    """

    landlock: bool
    bubblewrap: bool

    @property
    def confines(self) -> bool:
        """Whether there is any; system calls are filtered as well then."""
        return self.landlock or self.bubblewrap

    @property
    def flags(self) -> dict[str, bool]:
        """By name, as JSON holds them."""
        return {"landlock": self.landlock, "bubblewrap": self.bubblewrap}

    def __str__(self) -> str:
        """The mechanisms, or ``none``."""
        return "+".join(name for name, used in self.flags.items() if used) or "none"


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
            withheld: Environment variables it is not given, where it is given any.
        """
        self._module = module
        self._log = folder / f"{module.rpartition('.')[2]}.log"
        command, cwd = [sys.executable, "-m", module], None
        environment = _all_but(withheld)
        if isolation is not None:
            cwd = folder / "cwd"
            cwd.mkdir(parents=True)
            command, environment = [sys.executable, "-P", "-m", module], passed_on(cwd)
        if isolation is not None and isolation.bubblewrap:
            from llmatic.sandbox import bubblewrap

            command = bubblewrap.command(command, environment, reads, gpu=gpu)
        try:
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
        self._decoder = Decoder()
        self._waiting: list[Frame] = []

    def send(self, header: Mapping[str, Any], body: bytes = b"") -> None:
        """Send a frame.

        Raises:
            BrokenPipeError: The process has ended.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(encode(header, body))
        self._process.stdin.flush()

    def receive(self, deadline: float | None = None) -> Frame | None:
        """The next frame; None when the process has ended.

        Args:
            deadline: On the monotonic clock, in seconds.

        Raises:
            TimeoutError: Nothing came until then.
        """
        assert self._process.stdout is not None
        while not self._waiting:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([self._process.stdout], [], [], left)
            if not ready:
                raise TimeoutError
            data = os.read(self._process.stdout.fileno(), 2**20)
            if not data:
                return None
            self._waiting.extend(self._decoder.feed(data))
        return self._waiting.pop(0)

    @property
    def failed(self) -> bool:
        """Whether the process, which has ended, did so by an error of its own."""
        return self._process.wait() > 0

    def failure(self) -> WorkerError:
        """Why a process that ended did so."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit status {self._process.wait()}"
        return WorkerError(self._module, reason)

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


def end_descendants(apart_from: int | None = None) -> None:
    """Kill and reap all descendants of this process, however they were started.

    Args:
        apart_from: A child that is left alone.
    """
    while tree := [
        each for each in psutil.Process().children(recursive=True) if each.pid != apart_from
    ]:
        for each in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        for each in tree:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(each.pid, os.WNOHANG)


def _all_but(withheld: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in withheld}


def passed_on(home: Path) -> dict[str, str]:
    """A worker's environment: none of the controller's but what loading and computing need."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PWD": str(home),
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }
