"""Keeps generated code apart: worker processes, what they see, what they may use, their end.

The controller starts a `Worker` with a scrubbed environment, in an empty folder and
a session of its own. The worker forks a child for every candidate; the child
`confine`s itself before it reads generated code, and the worker kills whatever the
child started (`end_descendants`).

Does not yet keep a candidate from the file system and the network, and does not
know what candidates do.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from llmatic.errors import UserError
from llmatic.frames import Decoder, Frame, encode

__all__ = ["Worker", "WorkerError", "adopt_orphans", "confine", "end_descendants", "scratch_folder"]

PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "TZ")
PREFIX = "llmatic-"
LOCK = "owner.lock"
SCRATCH_BYTES = 64 * 2**20
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class WorkerError(UserError):
    """A worker process could not be started; says why."""


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
        trusted: bool = False,
        withheld: Collection[str] = (),
    ) -> None:
        """Start it.

        Args:
            module: What it runs, as with ``python -m``.
            folder: For its log and, unless it is trusted, its empty working directory.
            trusted: Whether it works where this process does, with all it sees ...
            withheld: ... but these environment variables.
        """
        self._module = module
        self._log = folder / f"{module.rpartition('.')[2]}.log"
        cwd = None if trusted else folder / "cwd"
        if cwd is not None:
            cwd.mkdir(parents=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *([] if trusted else ["-P"]), "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if trusted else log,
                cwd=cwd,
                env=_all_but(withheld) if cwd is None else _environment(cwd),
                start_new_session=True,
            )
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
        return WorkerError(f"the process {self._module} ended: {reason}")

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


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ended (Linux)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_descendants() -> None:
    """Kill and reap all descendants of this process, however they were started."""
    while tree := psutil.Process().children(recursive=True):
        for each in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def confine(folder: Path, channel: int, memory_mb: int) -> None:
    """Limit this process, just forked, for good.

    Args:
        folder: Becomes its working directory.
        channel: The only file descriptor that stays open, besides null devices.
        memory_mb: Private memory it may add to what it has.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(_environment(folder))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.closerange(3, channel)
    os.closerange(channel + 1, os.sysconf("SC_OPEN_MAX"))
    memory = _private_memory() + memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, SCRATCH_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _all_but(withheld: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in withheld}


def _environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }


def _private_memory() -> int:
    """Bytes that RLIMIT_DATA counts already."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmData")


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")
