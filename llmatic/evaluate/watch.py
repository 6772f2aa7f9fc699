"""Watches a candidate's process from outside: its words, its time, its memory, its end.

What it does inside is its own matter; whatever it does, it has ended when this returns.
Words may be left in its pipe then. Does not know what the words mean.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from llmatic.evaluate.protocol import MOST_THREADS, End, How

__all__ = ["Bounds", "Orders", "memory_bytes", "watch"]

LOOK_EVERY_S = 0.05
LOOK_AGAIN_S = 0.002
COUNTED = ("RssAnon", "RssShmem", "VmPTE", "VmSwap")


class Orders(Protocol):
    """What somebody else may say meanwhile."""

    @property
    def descriptor(self) -> int:
        """Where it comes from."""
        ...

    def is_told_to_stop(self) -> bool:
        """Whether to end the process; asked when the descriptor can be read."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits that somebody outside enforces.

    Attributes:
        timeout_s: From the beginning to the end.
        processor_s: Of all threads together; the kernel enforces it.
        memory_bytes: As `memory_bytes` counts them.
    """

    timeout_s: float
    processor_s: float
    memory_bytes: int


def watch(
    pid: int,
    output: int,
    bounds: Bounds,
    began: float,
    relay: Callable[[], bool],
    orders: Orders,
) -> End:
    """Pass on what a process writes until it ends or has to.

    Args:
        pid: A child of this process.
        output: Where its words come from.
        bounds: What it may use.
        began: When its time began, on the monotonic clock.
        relay: Passes on the words that wait; whether there were any, or it has no more.
        orders: Asked whenever there are any.
    """
    looked = began
    sources = [orders.descriptor, output]
    how = How.TIMEOUT
    while (now := time.monotonic()) < began + bounds.timeout_s:
        pause = LOOK_EVERY_S if output in sources else LOOK_AGAIN_S
        ready, _, _ = select.select(sources, [], [], pause)
        if orders.descriptor in ready and orders.is_told_to_stop():
            how = How.STOPPED
            break
        if output in ready:
            if not relay():
                sources = [orders.descriptor]
        elif (ended := _ended(pid, os.WNOHANG)) is not None:
            return _told(*ended, bounds, time.monotonic() - began)
        if now >= looked + LOOK_EVERY_S:
            looked = now
            if excess := _excess(pid, bounds):
                how = excess
                break
    os.kill(pid, signal.SIGKILL)
    _ended(pid, 0)
    return End(how, time.monotonic() - began)


def memory_bytes(pid: int | str) -> int:
    """Memory of a process that no file backs, page tables included."""
    return _memory_bytes(_status(pid))


def _excess(pid: int, bounds: Bounds) -> How | None:
    """What a process uses too much of."""
    try:
        status = _status(pid)
    except (FileNotFoundError, ProcessLookupError):
        return None  # it has just ended
    if _memory_bytes(status) > bounds.memory_bytes:
        return How.MEMORY
    return How.THREADS if int(status.get("Threads", "1")) > MOST_THREADS else None


def _memory_bytes(status: Mapping[str, str]) -> int:
    return 1024 * sum(int(status.get(name, "0 kB").split()[0]) for name in COUNTED)


def _status(pid: int | str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _ended(pid: int, options: int) -> tuple[int, resource.struct_rusage] | None:
    ended, status, usage = os.wait4(pid, options)
    return (os.waitstatus_to_exitcode(status), usage) if ended else None


def _told(code: int, usage: resource.struct_rusage, bounds: Bounds, seconds: float) -> End:
    if code >= 0:
        return End(How.EXIT, seconds, code)
    if code == -signal.SIGKILL and usage.ru_utime + usage.ru_stime >= bounds.processor_s:
        return End(How.PROCESSOR, seconds)
    return End(How.SIGNAL, seconds, -code)
