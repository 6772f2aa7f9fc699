"""Processes that train one network together: what they tell each other beside the training.

The first checks and measures the network, has the others build it, and speaks for all; the
others tell it how far they are and what went wrong. Words go through pipes, gradients over
loopback. Knows nothing of how the processes start and end, or what a training is.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed
from torch.distributed import TCPStore  # type: ignore[attr-defined]  # not in its __all__

from llmatic.frames import Reader, encode, write

__all__ = ["FIRST", "Helper", "Line", "LostError", "Others", "connect"]

FIRST = 0
"""The rank that speaks for all."""
HOST = "127.0.0.1"
LAST_WORDS_S = 1.0
"""How long the first waits for what another says went wrong, when something did."""


class LostError(Exception):
    """Another process has ended, or says that it failed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One end of what two processes talk by.

    Attributes:
        reading: Where the other's words come from.
        writing: Where one's own go to.
    """

    reading: int
    writing: int


class Others:
    """All other processes, as the first one sees them."""

    def __init__(self, lines: Sequence[Line], timeout_s: float) -> None:
        """Set how they are spoken to.

        Args:
            lines: To each, by rank.
            timeout_s: How long to wait for them at most.
        """
        self._lines = lines
        self._readers = [Reader(line.reading) for line in lines]
        self._timeout_s = timeout_s
        self._store: TCPStore | None = None
        self._trains = False
        self._is_silent = False
        self._failures: list[Mapping[str, Any]] = []

    def begin(self, task: Mapping[str, Any]) -> None:
        """Tell all of them what is to be trained."""
        self._store = TCPStore(
            HOST,
            0,
            is_master=True,
            wait_for_workers=False,
            timeout=timedelta(seconds=self._timeout_s),
        )
        self._trains = True
        for line in self._lines:
            write(line.writing, encode({**task, "port": self._store.port}))

    def wait_for(self, what: str) -> None:
        """Wait until each has said so.

        Raises:
            LostError: One cannot any more.
        """
        for reader in list(self._readers):
            said = reader.receive()
            if said is None:
                self._is_silent = True
                raise LostError("another process ended")
            if said.header["kind"] != what:
                self._readers.remove(reader)
                self._failures.append(said.header)
                raise LostError(said.header["error"])

    def connect(self, device: torch.device, backend: str) -> None:
        """Connect to all of them, who do the same."""
        self.wait_for("built")
        assert self._store is not None
        connect(self._store, FIRST, 1 + len(self._lines), device, backend, self._timeout_s)

    def end(self) -> None:
        """Wait until all have trained to the end."""
        self.wait_for("done")
        self._trains = False

    def first_failure(self, own: Mapping[str, Any], at: float) -> Mapping[str, Any]:
        """What went wrong first, here or there, as all others are failures to reach who failed.

        Args:
            own: What this process has to say.
            at: When it failed, on the monotonic clock.

        Raises:
            LostError: Another ended without a word.
        """
        if not self._trains:
            return own
        deadline = time.monotonic() + LAST_WORDS_S
        for reader in self._readers:
            kind = ""
            while kind not in ("failed", "done"):
                try:
                    said = reader.receive(deadline)
                except TimeoutError:  # it waits for this process
                    break
                if said is None:
                    raise LostError
                if (kind := said.header["kind"]) == "failed":
                    self._failures.append(said.header)
        if self._is_silent:
            raise LostError
        earlier = [each for each in self._failures if each["at"] < at]
        first = min(earlier, key=lambda each: float(each["at"]), default=own)
        return {name: first[name] for name in own}


class Helper:
    """The first process, as another one sees it."""

    def __init__(self, line: Line, rank: int, world: int, timeout_s: float) -> None:
        """Set how it is spoken to.

        Args:
            line: To it.
            rank: Of this process.
            world: How many processes there are.
            timeout_s: How long to wait for it at most.
        """
        self._line = line
        self._rank = rank
        self._world = world
        self._timeout_s = timeout_s
        self._port = 0

    def task(self) -> Mapping[str, Any] | None:
        """What is to be trained; None if nothing is."""
        if (frame := Reader(self._line.reading).receive()) is None:
            return None
        self._port = int(frame.header["port"])
        return frame.header

    def say(self, kind: str, **more: Any) -> None:
        """Tell how far this process is, if anybody listens."""
        with contextlib.suppress(BrokenPipeError):
            write(self._line.writing, encode({"kind": kind, **more}))

    def connect(self, device: torch.device, backend: str) -> None:
        """Connect to all others, who do the same."""
        self.say("built")
        timeout = timedelta(seconds=self._timeout_s)
        store = TCPStore(HOST, self._port, is_master=False, timeout=timeout)
        connect(store, self._rank, self._world, device, backend, self._timeout_s)


def connect(
    store: TCPStore,
    rank: int,
    world: int,
    device: torch.device,
    backend: str,
    timeout_s: float,
) -> None:
    """Be one of the processes that train together.

    Args:
        store: By which they find each other.
        rank: Of this one.
        world: How many there are.
        device: That this one trains on.
        backend: ``gloo`` or ``nccl``.
        timeout_s: How long they wait for each other at most.
    """
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group(
        backend,
        store=store,
        rank=rank,
        world_size=world,
        timeout=timedelta(seconds=timeout_s),
    )
