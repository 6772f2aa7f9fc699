"""Tries, from inside, everything a candidate must not be able to do, and that computing works.

Run as a worker is: it forks a process that locks itself in and then tries. Each trial is
harmless where it succeeds. Answers with what it found.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmatic.frames import Decoder, encode
from llmatic.sandbox.confinement import Confinement
from llmatic.sandbox.kernel import hide_memory
from llmatic.sandbox.processes import Isolation

__all__ = ["main"]

PTRACE_ATTACH = 16
NO_PROCESS = 2**22 + 1
NOBODY = 65534
CLONE_NEWUSER = 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Yours:
    """What the controller has, and a candidate must not get.

    Attributes:
        file: In a folder of the controller's.
        variables: Names in its environment.
    """

    file: Path
    variables: frozenset[str]


def _reads_files(yours: Yours) -> str:
    for path in (yours.file, Path("/etc/passwd"), Path("/etc/shadow")):
        try:
            path.read_bytes()
        except OSError:
            continue
        return f"read {path}"
    return ""


def _lists_folders(yours: Yours) -> str:
    for folder in (yours.file.parent, Path("/home"), Path("/var"), Path("/sys")):
        try:
            if any(folder.iterdir()):
                return f"listed {folder}"
        except OSError:
            continue
    return ""


def _writes_files(yours: Yours) -> str:
    for folder in (yours.file.parent, Path.cwd(), Path(tempfile.gettempdir()), Path("/dev/shm")):
        try:
            with (folder / "written").open("w") as file:
                file.write("x")
        except OSError:
            continue
        return f"wrote into {folder}"
    return ""


def _opens_sockets(yours: Yours) -> str:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            return f"opened a socket of {family.name}"
    return ""


def _starts_processes(yours: Yours) -> str:
    try:
        pid = os.fork()
    except OSError:
        pass
    else:
        if pid == 0:
            os._exit(0)
        return "forked"
    try:
        subprocess.run([sys.executable, "-c", ""], check=False)
    except OSError:
        return ""
    return "started a program"


def _signals(yours: Yours) -> str:
    try:
        os.kill(os.getppid(), 0)
    except OSError:
        return ""
    return "may signal its parent"


def _reads_memory(yours: Yours) -> str:
    if not _is_denied(_libc.ptrace(PTRACE_ATTACH, NO_PROCESS, None, None)):
        return "may trace processes"
    for name in ("mem", "environ", "maps"):
        try:
            Path(f"/proc/{os.getppid()}/{name}").open("rb").close()
        except OSError:
            continue
        return f"opened its parent's {name}"
    return ""


def _finds_secrets(yours: Yours) -> str:
    seen = set(os.environ)
    for process in ("self", "1", str(os.getppid())):
        with contextlib.suppress(OSError):
            given = Path(f"/proc/{process}/environ").read_text(errors="replace").split("\0")
            seen |= {each.partition("=")[0] for each in given}
    found = sorted(seen & yours.variables)
    return f"sees {found[0]}" if found else ""


def _finds_descriptors(yours: Yours) -> str:
    found = []
    for descriptor in range(3, 256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return "" if len(found) == 1 else f"descriptors {found} are open"


def _gains_privileges(yours: Yours) -> str:
    if not _is_denied(_libc.mount(b"none", b"/nowhere", b"tmpfs", 0, None)):
        return "may mount file systems"
    if not _is_denied(_libc.unshare(CLONE_NEWUSER)):
        return "may make user namespaces"
    return "" if _is_denied(_libc.setuid(NOBODY)) else "may become another user"


def _is_denied(result: int) -> bool:
    """Whether a call was refused for what it is, not for its arguments."""
    return result == -1 and ctypes.get_errno() == errno.EPERM


def _computes(yours: Yours) -> str:
    done = []
    thread = threading.Thread(target=lambda: done.append(sum(range(1000))))
    thread.start()
    thread.join(10)
    import colorsys  # something that is not loaded yet

    return "" if done and colorsys else "a thread does not end"


TRIALS: dict[str, Callable[[Yours], str]] = {
    "reads no file of yours": _reads_files,
    "lists no folder of yours": _lists_folders,
    "writes no file": _writes_files,
    "has no network": _opens_sockets,
    "starts no process": _starts_processes,
    "sends no signal": _signals,
    "sees no other process's memory": _reads_memory,
    "gains no privileges": _gains_privileges,
    "has none of your environment": _finds_secrets,
    "has one open descriptor": _finds_descriptors,
    "can compute": _computes,
}


def main() -> None:
    """Answer one request on standard input."""
    request = next(Decoder().feed(os.read(0, 2**16))).header
    isolation = Isolation(landlock=request["landlock"], bubblewrap=request["bubblewrap"])
    yours = Yours(Path(request["file"]), frozenset(request["variables"]))
    tempfile.gettempdir()
    hide_memory()
    confinement = Confinement(isolation, memory_mb=1024, processor_s=30, gpu=False)
    output, channel = os.pipe()
    if os.fork() == 0:
        try:
            confinement.enter(channel)
            properties = list(_try_all(yours))
            os.write(channel, encode({"properties": properties}))
        finally:
            os._exit(0)
    os.close(channel)
    answer = os.read(output, 2**16)
    _, status = os.wait()
    if not answer:
        raise SystemExit(f"the confined process ended with {os.waitstatus_to_exitcode(status)}")
    os.write(1, answer)


def _try_all(yours: Yours) -> Iterator[tuple[str, bool, str]]:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for name, trial in TRIALS.items():
        try:
            finding = trial(yours)
        except Exception as error:  # a trial that fails has shown nothing
            finding = f"{type(error).__name__}: {error}"
        yield name, not finding, finding


if __name__ == "__main__":
    main()
