"""Landlock: the kernel lets a process give up files, for good and without privileges.

The three system calls themselves (Linux 5.13 and newer). What a kernel's version of
Landlock does not cover (signals, sockets, truncation) is denied by `seccomp` as well.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from llmatic.sandbox.kernel import no_new_privileges, syscall

__all__ = ["Ruleset", "version"]

CREATE_RULESET = 444
ADD_RULE = 445
RESTRICT_SELF = 446
ASK_VERSION = 1
PATH_BENEATH = 1

WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
CONTROL_DEVICE = 1 << 15
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many kinds of access a version knows; later ones know 16."""
ALL_TCP = 0b11
SCOPED = 0b11  # abstract Unix sockets, signals


class _Handled(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("descriptor", ctypes.c_int32))


def version() -> int:
    """Of Landlock in this kernel; 0 where it has none, or it is switched off."""
    try:
        return syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    except OSError:
        return 0


class Ruleset:
    """What stays allowed; everything else is denied to who is restricted by it."""

    def __init__(
        self,
        readable: Iterable[Path],
        devices: Iterable[Path],
        *,
        listed: Iterable[Path] = (),
        tcp: bool = False,
    ) -> None:
        """Prepare it; nothing is restricted yet.

        Args:
            readable: Files, and folders with all below them.
            devices: Device nodes to be read, written and controlled.
            listed: Folders whose names can be read, and nothing else of them.
            tcp: Whether TCP stays allowed, with whatever can be reached by it.

        Raises:
            OSError: This kernel has no Landlock.
        """
        kernel = syscall(CREATE_RULESET, None, 0, ASK_VERSION)
        self._rights = (1 << FILE_RIGHTS.get(kernel, 16)) - 1
        network = ALL_TCP if kernel >= 4 and not tcp else 0
        scoped = SCOPED if kernel >= 6 else 0
        handled = _Handled(self._rights, network, scoped)
        size = 8 * (1 + (kernel >= 4) + (kernel >= 6))
        self._descriptor = syscall(CREATE_RULESET, ctypes.byref(handled), size, 0)
        for path in readable:
            self._allow(path, READ_FILE | READ_DIR)
        for path in filter(Path.is_dir, listed):
            self._allow(path, READ_DIR)
        for path in devices:
            self._allow(path, READ_FILE | WRITE_FILE | CONTROL_DEVICE)

    def restrict(self) -> None:
        """Restrict this process and all it starts, for good."""
        no_new_privileges()
        syscall(RESTRICT_SELF, self._descriptor, 0)

    def _allow(self, path: Path, access: int) -> None:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= ~READ_DIR
            rule = _PathBeneath(access & self._rights, descriptor)
            syscall(ADD_RULE, self._descriptor, PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(descriptor)
