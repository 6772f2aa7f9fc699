"""System calls that Python has no function for. Does not know when to make them."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from typing import Any

__all__ = [
    "adopt_orphans",
    "be_alone_in_a_network",
    "die_with_parent",
    "drop_capabilities",
    "hide_memory",
    "no_new_privileges",
    "syscall",
]

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SET_FLAGS_OF_INTERFACE = 0x8914
INTERFACE = struct.Struct("16sh14x")
UP = 0x1
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CAPABILITIES_V3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call by its number.

    Raises:
        OSError: It failed.
    """
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *passed), f"system call {number}")


def die_with_parent(signal: int) -> None:
    """Have this process sent a signal when the thread that started it ends."""
    parent = os.getppid()
    _prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it ended before it could be watched
        os.kill(os.getpid(), signal)


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ended."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def be_alone_in_a_network() -> None:
    """Move this process, which has one thread, into a network that has loopback only.

    Into a user namespace as well, which nobody needs privileges for; programs that it becomes
    have no capabilities.

    Raises:
        OSError: The kernel, or a container around, does not permit it.
    """
    _checked(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS_OF_INTERFACE, INTERFACE.pack(b"lo", UP))


def hide_memory() -> None:
    """Keep other processes of this user from reading and writing this one's memory."""
    _prctl(PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """Neither this process nor one it becomes can gain privileges (setuid files)."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability: what sets root apart from other users.

    Files that belong to root stay root's to read, as files of one's own.
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result
