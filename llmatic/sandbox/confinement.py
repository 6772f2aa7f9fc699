"""A process locks itself in, for good, before it reads generated code.

Prepared once by a trusted process, entered by every process that is forked from it. Does
not know what is done inside, and cannot limit a GPU's memory.
"""

from __future__ import annotations

import math
import os
import resource
import signal
from itertools import pairwise
from pathlib import Path

from llmatic.sandbox.allowed import PCI_DEVICES, gpu_devices, gpu_files, pci_classes, readable
from llmatic.sandbox.kernel import die_with_parent, drop_capabilities, no_new_privileges
from llmatic.sandbox.level import Isolation

__all__ = ["Confinement"]

DEVICES = (Path(os.devnull), Path("/dev/zero"), Path("/dev/urandom"))
OPEN_FILES = 256
WITH_SOCKETS = 64
"""Open files where some can be sockets, each of which is megabytes that no limit counts."""
RESERVED_BYTES = 16 * 2**30
"""Of addresses without memory, for threads; each 512 bytes of them can cost one of page tables."""


class Confinement:
    """What a candidate's process may still do."""

    def __init__(
        self,
        isolation: Isolation,
        *,
        memory_mb: int,
        processor_s: float,
        gpu: bool,
        loopback: bool = False,
    ) -> None:
        """Prepare it; this process stays as it is.

        Args:
            isolation: By what means.
            memory_mb: Private memory a process may add to what it has when it enters.
            processor_s: Processor time, of all its threads together.
            gpu: Whether it uses GPUs. Their drivers reserve more memory than they use, so
                that somebody else has to watch what is used.
            loopback: Whether it talks to others by TCP, which its network namespace has to keep
                to itself.
        """
        self._memory = None if gpu else memory_mb * 2**20
        self._processor_s = math.ceil(processor_s)
        has_sockets = loopback and isolation.confines and not gpu
        self._files = WITH_SOCKETS if has_sockets else OPEN_FILES
        self._ruleset = None
        self._filter = None
        self._writes = not isolation.confines
        if isolation.landlock:
            from llmatic.sandbox.landlock import Ruleset

            self._ruleset = Ruleset(
                [
                    *readable(),
                    *(gpu_files() if gpu else ()),
                    *(pci_classes() if loopback else ()),
                ],
                [*DEVICES, *(gpu_devices() if gpu else ())],
                listed=[PCI_DEVICES] if loopback else [],
                tcp=loopback,
            )
        if isolation.confines:
            from llmatic.sandbox.seccomp import Filter

            self._filter = Filter(gpu=gpu, tcp=loopback)

    def enter(self, *kept: int) -> None:
        """Lock this process in.

        Args:
            kept: The only file descriptors that stay open, besides null devices.
        """
        die_with_parent(signal.SIGKILL)
        limits = _limits(self._processor_s, self._memory, self._files, writes=self._writes)
        if self._ruleset is not None:
            self._ruleset.restrict()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        bounds = [2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
        for below, above in pairwise(bounds):
            os.closerange(below + 1, above)
        for limit, value in limits.items():
            resource.setrlimit(limit, (value, value))
        if self._filter is not None:
            no_new_privileges()
            drop_capabilities()
            self._filter.load()


def _limits(processor_s: int, memory: int | None, files: int, *, writes: bool) -> dict[int, int]:
    limits = {
        resource.RLIMIT_CPU: processor_s,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: files,
    }
    if not writes:
        limits[resource.RLIMIT_FSIZE] = 0
    if memory is None:
        return limits
    return limits | {
        resource.RLIMIT_DATA: _own_bytes("VmData") + memory,
        resource.RLIMIT_AS: _own_bytes("VmSize") + memory + RESERVED_BYTES,
    }


def _own_bytes(name: str) -> int:
    """What the kernel says of this process's memory under that name."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {name}")
