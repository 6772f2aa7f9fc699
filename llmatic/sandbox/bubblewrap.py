"""bubblewrap: a worker process in namespaces of its own, where most of the machine is not.

Needs the program ``bwrap`` and a kernel that permits namespaces. Inside there are the
files a worker loads, read-only, and a small folder in memory that libraries want for
temporary files; no network; no process but the worker's own. Does not know what the worker
does.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from llmatic.sandbox import allowed

__all__ = ["PROGRAM", "command"]

PROGRAM = "bwrap"
SCRATCH = "/scratch"
SCRATCH_BYTES = 64 * 2**20


def command(
    argv: Sequence[str],
    environment: Mapping[str, str],
    reads: Sequence[Path],
    *,
    gpu: bool,
    loopback: bool = False,
) -> list[str]:
    """What starts a process inside.

    Args:
        argv: The process.
        environment: All it is given.
        reads: Files it may read besides the interpreter and packages.
        gpu: Whether device nodes of GPUs are there.
        loopback: Whether processes inside talk to each other by TCP.

    Raises:
        FileNotFoundError: bubblewrap is not installed.
    """
    own = allowed.own_packages()
    standard = allowed.standard_library()
    beside = [folder / name for folder in standard for name in allowed.BESIDE]
    seen = [*allowed.packages(), *own, *reads, *(allowed.gpu_files() if gpu else ())]
    given = {
        **environment,
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
    }
    if (program := shutil.which(PROGRAM)) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), PROGRAM)
    return [
        program,
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        "--clearenv",
        *(word for name, value in given.items() for word in ("--setenv", name, value)),
        *("--proc", "/proc", "--dev", "/dev", "--size", str(SCRATCH_BYTES), "--tmpfs", SCRATCH),
        *_each("--ro-bind", [*_interpreter(), *allowed.libraries(), *standard]),
        *(word for path in beside if path.is_dir() for word in ("--tmpfs", str(path))),
        *_each("--ro-bind", seen),
        *(("--dir", str(allowed.PCI_DEVICES)) if loopback else ()),
        *_each("--dev-bind", allowed.gpu_devices() if gpu else ()),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH, "--"),
        *argv,
    ]


def _each(option: str, paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield from (option, str(path), str(path))


def _interpreter() -> list[Path]:
    """The files that start this Python, and the program that finds libraries."""
    executable = Path(sys.executable)
    files = [
        executable,
        executable.resolve(),
        Path(sys.prefix, "pyvenv.cfg"),
        Path("/sbin/ldconfig"),
        Path("/sbin/ldconfig.real"),
    ]
    return [path for path in dict.fromkeys(files) if path.exists()]
