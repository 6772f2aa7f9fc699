"""Tries, from inside, everything a candidate must not be able to do, and that computing works.

Run as a worker is: it forks a process that locks itself in and then tries. Each trial is
harmless where it succeeds. Answers with what it found. Does not know the limits that are
enforced from outside, by whoever watches: time, threads, and memory where there is a GPU.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmatic.frames import Reader, encode, write
from llmatic.sandbox.confinement import Confinement
from llmatic.sandbox.kernel import hide_memory
from llmatic.sandbox.level import Isolation

__all__ = ["main"]

PTRACE_ATTACH = 16
NO_PROCESS = 2**22 + 1
NOBODY = 65534
SYSTEM = ("/sys/class", "/sys/devices", "/sys/kernel")
"""Of ``/sys``, where a part of it has to be there."""
NO_MACHINE = "192.0.2.1"
"""An address for documentation, that no machine has."""
ANSWERS_S = 2.0
LOOPBACK_SOCKETS = ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_NETLINK, socket.SOCK_RAW))
"""The second tells which interfaces there are."""
CLONE_NEWUSER = 0x10000000
MAP_GROWSDOWN = 0x100
MEMORY_MB = 1024
PROCESSOR_S = 30

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Yours:
    """What the controller has, and a candidate must not get.

    Attributes:
        file: In a folder of the controller's.
        variables: Names in its environment.
        gpu: Whether the candidate is to use GPUs.
        loopback: Whether it is to talk to processes beside it by TCP.
        port: Of a server on the loopback interface that the controller sees.
    """

    file: Path
    variables: frozenset[str]
    gpu: bool
    loopback: bool
    port: int


def _reads_files(yours: Yours) -> str:
    for path in (yours.file, Path("/etc/passwd"), Path("/etc/shadow")):
        try:
            path.read_bytes()
        except OSError:
            continue
        return f"read {path}"
    return ""


def _lists_folders(yours: Yours) -> str:
    devices = () if yours.gpu else map(Path, SYSTEM if yours.loopback else ("/sys",))
    for folder in (yours.file.parent, Path("/home"), Path("/var"), *devices):
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
    allowed = LOOPBACK_SOCKETS if yours.loopback else ()
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            if (family, kind) not in allowed:
                return f"opened a socket of {family.name}"
    return _reaches_others(yours) if yours.loopback else ""


def _reaches_others(yours: Yours) -> str:
    for address, is_denied in (
        (("127.0.0.1", yours.port), (errno.ECONNREFUSED,)),
        ((NO_MACHINE, 80), (errno.ENETUNREACH,)),
    ):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWERS_S)
            try:
                connection.connect(address)
            except OSError as error:
                if error.errno in is_denied:
                    continue
                return f"connecting to {address[0]} ends with: {error}"
        return f"connected to {address[0]}"
    return ""


def _talks(yours: Yours) -> str:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as here,
        server.accept()[0] as there,
    ):
        here.sendall(b"a word")
        return "" if there.recv(6) == b"a word" else "words do not arrive"


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
    with contextlib.suppress(OSError):
        os.kill(os.getppid(), 0)
        return "may signal its parent"
    reading, writing = os.pipe()
    try:
        for command, value in ((fcntl.F_SETOWN, os.getppid()), (fcntl.F_SETSIG, signal.SIGURG)):
            with contextlib.suppress(OSError):
                fcntl.fcntl(reading, command, value)
                return "may have a pipe signal its parent"
        with contextlib.suppress(OSError):
            fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
            return "may have a pipe send signals"
    finally:
        os.close(reading)
        os.close(writing)
    return ""


def _takes_memory(yours: Yours) -> str:
    kinds = {
        "private memory beyond its limit": (2 * MEMORY_MB * 2**20, mmap.MAP_PRIVATE),
        "shared memory": (mmap.PAGESIZE, mmap.MAP_SHARED),
        "memory that grows": (mmap.PAGESIZE, mmap.MAP_PRIVATE | MAP_GROWSDOWN),
    }
    for kind, (size, flags) in {} if yours.gpu else kinds.items():
        with contextlib.suppress(OSError):
            mmap.mmap(-1, size, flags | mmap.MAP_ANONYMOUS).close()
            return f"got {kind}"
    return ""


def _raises_limits(yours: Yours) -> str:
    for limit, value in ((resource.RLIMIT_CPU, PROCESSOR_S), (resource.RLIMIT_FSIZE, 0)):
        if resource.getrlimit(limit) != (value, value):
            return f"has a limit {limit} of {resource.getrlimit(limit)}"
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value + 1, value + 1))
            return "raised a limit"
    return ""


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
    "takes no more memory than it is given": _takes_memory,
    "keeps its limits on processor time and files": _raises_limits,
    "sees no other process's memory": _reads_memory,
    "gains no privileges": _gains_privileges,
    "has none of your environment": _finds_secrets,
    "has one open descriptor": _finds_descriptors,
    "can compute": _computes,
}
TOGETHER: dict[str, Callable[[Yours], str]] = {"can talk to those it trains with": _talks}


def main() -> None:
    """Answer one request on standard input."""
    request = Reader(0).receive()
    if request is None:
        return
    said = request.header
    isolation, gpu, loopback = Isolation(**said["isolation"]), said["gpu"], said["loopback"]
    yours = Yours(Path(said["file"]), frozenset(said["variables"]), gpu, loopback, said["port"])
    tempfile.gettempdir()
    hide_memory()
    confinement = Confinement(
        isolation, memory_mb=MEMORY_MB, processor_s=PROCESSOR_S, gpu=gpu, loopback=loopback
    )
    output, channel = os.pipe()
    if os.fork() == 0:
        try:
            confinement.enter(channel)
            write(channel, encode({"properties": list(_try_all(yours))}))
        except Exception as error:
            write(channel, encode({"error": f"{type(error).__name__}: {error}"}))
        finally:
            os._exit(0)
    os.close(channel)
    answer = Reader(output).receive()
    _, status = os.wait()
    if answer is None:
        raise SystemExit(f"the confined process ended with {os.waitstatus_to_exitcode(status)}")
    if "error" in answer.header:
        raise SystemExit(f"a process cannot lock itself in: {answer.header['error']}")
    write(1, encode(answer.header))


def _try_all(yours: Yours) -> Iterator[tuple[str, bool, str]]:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for name, trial in (TRIALS | TOGETHER if yours.loopback else TRIALS).items():
        try:
            finding = trial(yours)
        except Exception as error:  # a trial that fails has shown nothing
            finding = f"{type(error).__name__}: {error}"
        yield name, not finding, finding


if __name__ == "__main__":
    main()
