"""Which system calls remain to a candidate: what computing needs. All others are denied.

An allow-list, so that what future kernels add is denied too. Denied calls fail with
"operation not permitted" and end nothing by themselves. Does not know which files a call
means: paths are Landlock's and bubblewrap's matter.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
from collections.abc import Iterator

import pyseccomp
from pyseccomp import ALLOW, ERRNO, Arg

__all__ = ["Filter"]

MEMORY = "brk munmap mprotect mremap madvise mincore msync membarrier"
NUMA = "get_mempolicy set_mempolicy mbind"
FILES = """
    read readv pread64 preadv preadv2 write writev lseek close close_range
    fstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat
    getdents getdents64 getcwd statfs fstatfs fadvise64
    dup dup2 dup3 pipe pipe2 eventfd2
    poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
"""
THREADS = """
    futex futex_waitv set_robust_list get_robust_list rseq set_tid_address gettid
    sched_yield sched_getaffinity sched_getparam sched_getscheduler
    sched_get_priority_max sched_get_priority_min getcpu
    nanosleep clock_nanosleep exit exit_group arch_prctl restart_syscall
"""
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack"
QUESTIONS = """
    getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp
    clock_gettime clock_getres gettimeofday time getrandom getrusage times sysinfo uname
"""
GPU = "mmap mlock munlock sched_setaffinity"
TCP = """
    bind listen accept accept4 connect shutdown getsockname getpeername getsockopt
    sendto sendmsg recvfrom recvmsg epoll_create
"""

ALWAYS = (MEMORY, NUMA, FILES, THREADS, SIGNALS, QUESTIONS)

UNKNOWN = -1
CLONE_THREAD = 0x10000
TERMINAL_QUESTION = 0x5401
CLOSE_ON_EXEC = 0x5451
NON_BLOCKING = 0x5421
PR_SET_NAME = 15
PR_GET_NAME = 16
PR_SET_VMA = 0x53564D41
DESCRIPTOR_COMMANDS = (
    fcntl.F_DUPFD,
    fcntl.F_DUPFD_CLOEXEC,
    fcntl.F_GETFD,
    fcntl.F_SETFD,
    fcntl.F_GETFL,
)
"""Others make a descriptor send signals to whomever, lock files, or enlarge pipes."""
DRIVERS = (0x00, 0x46, 0x4B, 0x64)
"""Letters of the requests that drivers of GPUs take: unified memory, NVIDIA, KFD, DRM."""
LETTER = 0xFF00
SOCKET_KIND = 0xF
"""Of a socket's type; what else is in there are two flags."""
NETLINK_ROUTE = 0
SOCKET_OPTIONS = (
    (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    (socket.SOL_SOCKET, socket.SO_LINGER),
    (socket.SOL_SOCKET, socket.SO_RCVTIMEO),
    (socket.SOL_SOCKET, socket.SO_SNDTIMEO),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY),
)
MAP_SHARED = 0x01
MAP_GROWSDOWN = 0x100
CHANGES_FILES = os.O_CREAT | os.O_TRUNC | os.O_TMPFILE
"""Of a call that opens a file."""


class Filter:
    """What stays allowed; prepared once by a process, loaded by those forked from it."""

    def __init__(self, *, gpu: bool, tcp: bool = False) -> None:
        """Prepare it; nothing is denied yet.

        Args:
            gpu: Whether device nodes are to be controlled.
            tcp: Whether TCP over IPv4 is allowed, with whatever can be reached by it.
        """
        self._kept = pyseccomp.SyscallFilter(ERRNO(errno.EPERM))
        self._kept.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a binary tree
        wanted = [*ALWAYS, *([GPU] if gpu else []), *([TCP] if tcp else [])]
        for name in " ".join(wanted).split():
            self._add(ALLOW, name)
        for name, conditions in (*_sometimes(gpu), *(_sockets() if tcp else ())):
            self._add(ALLOW, name, *conditions)
        # the flags of clone3 cannot be seen; libc uses clone where it is told there is no clone3
        self._add(ERRNO(errno.ENOSYS), "clone3")

    def load(self) -> None:
        """Deny this process, and its threads, all that is not allowed, for good.

        Raises:
            OSError: This kernel has no seccomp.
        """
        own = Arg(0, pyseccomp.EQ, os.getpid())
        self._add(ALLOW, "tgkill", own, Arg(2, pyseccomp.EQ, signal.SIGABRT))  # abort()
        self._kept.load()

    def _add(self, action: int, name: str, *conditions: Arg) -> None:
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number != UNKNOWN:  # to this libseccomp; the call stays denied
            self._kept.add_rule(action, number, *conditions)


def _sometimes(gpu: bool) -> Iterator[tuple[str, tuple[Arg, ...]]]:
    """Calls that are allowed with some arguments only."""
    yield "clone", (Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD),)
    changes = CHANGES_FILES | (0 if gpu else os.O_ACCMODE)
    yield "open", (Arg(1, pyseccomp.MASKED_EQ, changes & ~os.O_DIRECTORY, os.O_RDONLY),)
    yield "openat", (Arg(2, pyseccomp.MASKED_EQ, changes & ~os.O_DIRECTORY, os.O_RDONLY),)
    yield "prlimit64", (Arg(0, pyseccomp.EQ, 0), Arg(2, pyseccomp.EQ, 0))  # asking only
    for option in (PR_SET_NAME, PR_GET_NAME, PR_SET_VMA):
        yield "prctl", (Arg(0, pyseccomp.EQ, option),)
    for command in DESCRIPTOR_COMMANDS:
        yield "fcntl", (Arg(1, pyseccomp.EQ, command),)
    quiet = Arg(2, pyseccomp.MASKED_EQ, os.O_ASYNC, 0)
    yield "fcntl", (Arg(1, pyseccomp.EQ, fcntl.F_SETFL), quiet)
    for request in (TERMINAL_QUESTION, CLOSE_ON_EXEC, NON_BLOCKING):
        yield "ioctl", (Arg(1, pyseccomp.EQ, request),)
    if gpu:
        for letter in DRIVERS:
            yield "ioctl", (Arg(1, pyseccomp.MASKED_EQ, LETTER, letter << 8),)
    else:  # what is shared, or grows, is memory that no limit counts
        yield "mmap", (Arg(3, pyseccomp.MASKED_EQ, MAP_SHARED | MAP_GROWSDOWN, 0),)


def _sockets() -> Iterator[tuple[str, tuple[Arg, ...]]]:
    """Streams over IPv4 and the options that libraries set; what tells which interfaces are there.

    gloo and NCCL look for an interface, and do not work without.
    """
    family = Arg(0, pyseccomp.EQ, socket.AF_INET)
    yield "socket", (family, Arg(1, pyseccomp.MASKED_EQ, SOCKET_KIND, socket.SOCK_STREAM))
    family = Arg(0, pyseccomp.EQ, socket.AF_NETLINK)
    kind = Arg(1, pyseccomp.MASKED_EQ, SOCKET_KIND, socket.SOCK_RAW)
    yield "socket", (family, kind, Arg(2, pyseccomp.EQ, NETLINK_ROUTE))
    for level, option in SOCKET_OPTIONS:
        yield "setsockopt", (Arg(1, pyseccomp.EQ, level), Arg(2, pyseccomp.EQ, option))
