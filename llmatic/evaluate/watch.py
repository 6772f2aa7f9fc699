"""Watches a candidate's processes from outside: its words, its time, its memory, its end.

What it does inside is its own matter; whatever it does, it has ended when this returns.
Words may be left in its pipe then. Does not know what the words mean.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from llmatic.evaluate.protocol import LOST, MOST_THREADS, End, How

__all__ = ["Bounds", "Orders", "memory_bytes", "watch"]

LOOK_EVERY_S = 0.05
LOOK_AGAIN_S = 0.002
PATIENCE_S = 3.0
"""How long the first process may go on when another has failed; it may know why."""
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
        processor_s: Of all threads of a process together; the kernel enforces it.
        memory_bytes: As `memory_bytes` counts them, of all processes together.
    """

    timeout_s: float
    processor_s: float
    memory_bytes: int


def watch(
    pids: Sequence[int],
    output: int,
    bounds: Bounds,
    began: float,
    relay: Callable[[], bool],
    orders: Orders,
) -> End:
    """Pass on what a process writes until it ends or has to, with those that work with it.

    Args:
        pids: Children of this process; the first writes, and when it ends the others are.
        output: Where its words come from.
        bounds: What it may use.
        began: When its time began, on the monotonic clock.
        relay: Passes on the words that wait; whether there were any, or it has no more.
        orders: Asked whenever there are any.
    """
    group = _Group(pids)
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
        elif group.is_over(now):
            break
        if now >= looked + LOOK_EVERY_S:
            looked = now
            if excess := _excess(group.left, bounds):
                how = excess
                break
    seconds = time.monotonic() - began
    group.kill()
    if group.verdict is not None and how is How.TIMEOUT:
        return _told(*group.verdict, bounds, seconds)
    return End(how, seconds)


Ended = tuple[int, resource.struct_rusage]
"""An exit status, or the negative number of a signal, and what was used."""


class _Group:
    """Processes that work together.

    Attributes:
        left: Those that have not ended.
        verdict: How the group ended: as its first process, unless that lost another.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._first = pids[0]
        self.left = list(pids)
        self.verdict: Ended | None = None
        self._lost: Ended | None = None
        self._failure: Ended | None = None
        self._until = math.inf

    def is_over(self, now: float) -> bool:
        """Look who has ended."""
        ends = {pid: ended for pid in self.left if (ended := _ended(pid, os.WNOHANG)) is not None}
        self.left = [pid for pid in self.left if pid not in ends]
        first = ends.pop(self._first, None)
        failed = [ended for ended in ends.values() if ended[0] != 0]
        if failed and self._failure is None:
            self._failure = failed[0]
            self._until = min(self._until, now + PATIENCE_S)
        if first is not None and first[0] == LOST:
            self._lost = first
            self._until = min(self._until, now + LOOK_EVERY_S)
        elif first is not None:
            self.verdict = first
        elif now >= self._until or (self._lost and self._failure):
            self.verdict = self._failure or self._lost
        return self.verdict is not None

    def kill(self) -> None:
        """End all that are left."""
        for pid in self.left:
            os.kill(pid, signal.SIGKILL)
        for pid in self.left:
            _ended(pid, 0)


def memory_bytes(pid: int | str) -> int:
    """Memory of a process that no file backs, page tables included."""
    return _memory_bytes(_status(pid))


def _excess(pids: Sequence[int], bounds: Bounds) -> How | None:
    """What processes together use too much of, or one of them."""
    memory, is_crowded = 0, False
    for pid in pids:
        try:
            status = _status(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        memory += _memory_bytes(status)
        is_crowded |= int(status.get("Threads", "1")) > MOST_THREADS
    if memory > bounds.memory_bytes:
        return How.MEMORY
    return How.THREADS if is_crowded else None


def _memory_bytes(status: Mapping[str, str]) -> int:
    return 1024 * sum(int(status.get(name, "0 kB").split()[0]) for name in COUNTED)


def _status(pid: int | str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _ended(pid: int, options: int) -> Ended | None:
    ended, status, usage = os.wait4(pid, options)
    return (os.waitstatus_to_exitcode(status), usage) if ended else None


def _told(code: int, usage: resource.struct_rusage, bounds: Bounds, seconds: float) -> End:
    if code >= 0:
        return End(How.EXIT, seconds, code)
    if code == -signal.SIGKILL and usage.ru_utime + usage.ru_stime >= bounds.processor_s:
        return End(How.PROCESSOR, seconds)
    return End(How.SIGNAL, seconds, -code)
