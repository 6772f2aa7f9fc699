"""Watches a candidate's process from outside: its words, its time, its memory, its end.

What it does inside is its own matter; whatever it does, it has ended when this returns.
Words may be left in its pipe then.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Bounds", "Orders", "memory_bytes", "watch"]

CHUNK = 2**16
LOOK_EVERY_S = 0.05
LOOK_AGAIN_S = 0.002
MOST_THREADS = 256


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
        memory_bytes: Of memory that no file backs.
    """

    timeout_s: float
    processor_s: float
    memory_bytes: int


def watch(
    pid: int,
    output: int,
    bounds: Bounds,
    began: float,
    relay: Callable[[bytes], None],
    orders: Orders,
) -> dict[str, Any]:
    """Pass on what a process writes until it ends or has to.

    Args:
        pid: A child of this process.
        output: Where its words come from.
        bounds: What it may use.
        began: When its time began, on the monotonic clock.
        relay: Takes its words.
        orders: Asked whenever there are any.

    Returns:
        How it ended: ``how``, and particulars.
    """
    looked = began
    sources = [orders.descriptor, output]
    how: dict[str, Any] = {"how": "timeout"}
    while (now := time.monotonic()) < began + bounds.timeout_s:
        pause = LOOK_EVERY_S if output in sources else LOOK_AGAIN_S
        ready, _, _ = select.select(sources, [], [], pause)
        if orders.descriptor in ready and orders.is_told_to_stop():
            how = {"how": "stopped"}
            break
        if output in ready:
            if data := os.read(output, CHUNK):
                relay(data)
            else:
                sources = [orders.descriptor]
        elif (ended := _ended(pid, os.WNOHANG)) is not None:
            return _told(*ended, bounds) | {"seconds": time.monotonic() - began}
        if now >= looked + LOOK_EVERY_S:
            looked = now
            if excess := _excess(pid, bounds):
                how = excess
                break
    os.kill(pid, signal.SIGKILL)
    _ended(pid, 0)
    return how | {"seconds": time.monotonic() - began}


def memory_bytes(pid: int | str) -> int:
    """Memory of a process that no file backs."""
    status = _status(pid)
    return 1024 * sum(int(status.get(name, "0 kB").split()[0]) for name in ("RssAnon", "RssShmem"))


def _excess(pid: int, bounds: Bounds) -> dict[str, Any]:
    """What a process uses too much of; empty where it does not."""
    try:
        if memory_bytes(pid) > bounds.memory_bytes:
            return {"how": "memory"}
        if int(_status(pid).get("Threads", "1")) > MOST_THREADS:
            return {"how": "threads", "threads": MOST_THREADS}
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has just ended
    return {}


def _status(pid: int | str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _ended(pid: int, options: int) -> tuple[int, resource.struct_rusage] | None:
    ended, status, usage = os.wait4(pid, options)
    return (os.waitstatus_to_exitcode(status), usage) if ended else None


def _told(code: int, usage: resource.struct_rusage, bounds: Bounds) -> dict[str, Any]:
    if code >= 0:
        return {"how": "exit", "status": code}
    if code == -signal.SIGKILL and usage.ru_utime + usage.ru_stime >= bounds.processor_s:
        return {"how": "processor", "processor_s": bounds.processor_s}
    return {"how": "signal", "signal": signal.Signals(-code).name}
