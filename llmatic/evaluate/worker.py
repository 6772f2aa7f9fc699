"""The trusted process that candidates are forked from: everything is loaded and warm.

Reads settings, then one task after the other, and says how each candidate's process
ended. Its first words are ``ready``. It has no label of validation and test, never
touches a GPU, and passes sources and results on from pipe to pipe: nothing of one
candidate is in the memory that the next is forked from.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import math
import os
import signal
import struct
import sys
import termios
import time
import types
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from llmatic.evaluate import candidate
from llmatic.evaluate.candidate import Images
from llmatic.evaluate.protocol import LOST, Settings, Task
from llmatic.evaluate.ranks import FIRST, Helper, Line, LostError, Others
from llmatic.evaluate.watch import Bounds, memory_bytes, watch
from llmatic.frames import Reader, announce, encode, pass_on, write
from llmatic.sandbox.confinement import Confinement
from llmatic.sandbox.kernel import adopt_orphans, hide_memory
from llmatic.sandbox.processes import end_descendants

__all__ = ["main"]

LIKELIEST_VICTIM = "1000"
"""When the machine runs out of memory; the controller is not."""
FORKS = 20
FORK_AGAIN_S = 0.25
LOCKED_IN_S = 120.0
SIZE = struct.Struct("i")
MANY = 1e9
"""Parameters, more than `COMMON` has."""
COMMON = """
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d({channels}, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.block = nn.Sequential(nn.Conv2d(4, 2, 1), nn.ReLU(), nn.MaxPool2d(2, 1, 1))
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(2, {classes})

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = self.block(torch.cat([x, x + x], 1))
        return self.fc(self.drop(F.adaptive_avg_pool2d(x, 1).flatten(1)))
"""
"""A network of what most networks are made of."""


def main() -> None:
    """Answer tasks on standard input until it is closed."""
    answers = os.dup(1)
    os.dup2(2, 1)
    with contextlib.suppress(OSError):  # where /proc is read-only
        Path("/proc/self/oom_score_adj").write_text(LIKELIEST_VICTIM)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a machine that stops ends the controller first
    hide_memory()
    adopt_orphans()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    orders = Reader(0)
    if (first := orders.receive()) is None:
        return
    settings = Settings.from_header(first.header)
    images = Images.read(settings.folder)
    _warm_up(images, settings)
    gc.collect()
    gc.freeze()
    slot = _Slot(settings, images, _Orders(orders), answers)
    write(answers, encode({"kind": "ready"}))
    while (order := orders.announced()) is not None:
        said, size = order
        if said["kind"] == "task":  # an order to stop can come too late
            slot.run(size)


def _warm_up(images: Images, settings: Settings) -> None:
    """One step of everything, so that what is imported lazily is imported once."""
    few = Images(images.train[:2], images.train_labels[:2], images.unlabelled[:2])
    recipe = replace(
        settings.recipe,
        epochs=1,
        threads=1,
        accelerator="cpu",
        compile=False,
        devices=1,
        strategy="auto",
    )
    source = COMMON.format(channels=settings.input_shape[0], classes=settings.classes)
    sent: list[Mapping[str, Any]] = []
    warm = replace(
        settings,
        gpu=False,
        recipe=recipe,
        memory_mb=math.inf,
        max_params=MANY,
        max_flops=math.inf,
    )
    trainer = candidate.make_trainer(recipe)
    candidate.evaluate(source, 0, few, warm, trainer, lambda header, _: sent.append(header))
    if [each["kind"] for each in sent] != ["built", "epoch", "done"]:
        raise RuntimeError(f"a first training step fails: {sent[-1]}")


class _Orders:
    """What the controller says while a candidate runs; its end is the controller's."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.descriptor = reader.descriptor

    def is_told_to_stop(self) -> bool:
        """Whether to end the candidate that is running: an order says so, or nobody waits."""
        return self._reader.announced() is not None or self._leave()

    def _leave(self) -> bool:
        end_descendants()
        raise SystemExit


@dataclass
class _Process:
    """A candidate's process, which locks itself in and waits for its task.

    Where it trains on several devices, those of the others are a part of it.

    Attributes:
        pids: Its id, and those of the others.
        task: Where it reads its task from.
        output: Where it writes to.
        has_said_so: That it is locked in.
    """

    pids: tuple[int, ...]
    task: int
    output: int
    has_said_so: bool = False

    def is_locked_in(self) -> bool:
        """Wait until it is; False if it was killed.

        Raises:
            RuntimeError: It cannot lock itself in, or does not start.
        """
        if not self.has_said_so:
            try:
                said = Reader(self.output).receive(time.monotonic() + LOCKED_IN_S)
            except TimeoutError:
                raise RuntimeError("a candidate's process does not start") from None
            if said is None:
                return False
            if said.header["error"]:
                raise RuntimeError(f"a candidate's process cannot start: {said.header['error']}")
            self.has_said_so = True
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return all(os.waitid(os.P_PID, pid, look) is None for pid in self.pids)

    def let_go(self) -> None:
        """End it."""
        os.close(self.task)
        os.close(self.output)
        _end(self.pids)


def _end(pids: Sequence[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class _Slot:
    """Runs candidates one after the other, each in a process forked ahead of its time."""

    def __init__(self, settings: Settings, images: Images, orders: _Orders, answers: int) -> None:
        self._settings = settings
        self._images = images
        self._orders = orders
        self._answers = answers
        self._confinement = Confinement(
            settings.isolation,
            memory_mb=int(settings.memory_mb),
            processor_s=settings.processor_s,
            gpu=settings.gpu,
            loopback=settings.recipe.devices > 1,
        )
        self._trainers = [
            candidate.make_trainer(settings.recipe, rank) for rank in range(settings.recipe.devices)
        ]
        self._spare: _Process | None = self._locked_in(self._forked())

    def run(self, size: int) -> None:
        """Run a candidate to its end, and say how it ended.

        Args:
            size: Bytes of its task, which wait among the orders.
        """
        settings = self._settings
        loaded = settings.recipe.devices * memory_bytes("self")
        memory = loaded + int(settings.memory_mb) * 2**20
        bounds = Bounds(settings.timeout_s, settings.processor_s, memory)
        mine = self._locked_in(self._spare or self._forked())
        began = time.monotonic()
        pass_on(self._orders.descriptor, mine.task, size)
        os.close(mine.task)
        write(self._answers, encode({"kind": "begun"}))
        self._spare = self._fork()  # while this one works
        end = watch(
            mine.pids, mine.output, bounds, began, lambda: self._relay(mine.output), self._orders
        )
        if not settings.isolation.confines:  # it may have left others behind
            end_descendants(apart_from=() if self._spare is None else self._spare.pids)
        while self._relay(mine.output):
            pass
        os.close(mine.output)
        write(self._answers, encode({"kind": "end", **asdict(end)}))

    def _relay(self, output: int) -> bool:
        """Pass on what waits in a pipe; whether there was anything."""
        (size,) = SIZE.unpack(fcntl.ioctl(output, termios.FIONREAD, bytes(SIZE.size)))
        if size:
            write(self._answers, announce({"kind": "output"}, size))
            pass_on(output, self._answers, size)
        return bool(size)

    def _locked_in(self, process: _Process) -> _Process:
        while not process.is_locked_in():
            process.let_go()
            process = self._forked()
        return process

    def _forked(self) -> _Process:
        """A process, if need be after the machine has come to rest."""
        for _ in range(FORKS):
            if (process := self._fork()) is not None:
                return process
            time.sleep(FORK_AGAIN_S)
        raise RuntimeError("the machine has no process or memory left for a candidate")

    def _fork(self) -> _Process | None:
        (read_task, write_task), (read_output, channel) = os.pipe(), os.pipe()
        to_others = [os.pipe() for _ in self._trainers[1:]]
        to_first = [os.pipe() for _ in self._trainers[1:]]
        theirs = [read_task, channel, *chain(*to_others, *to_first)]
        pids: list[int] = []
        try:
            for rank in range(len(self._trainers)):
                if (pid := os.fork()) == 0:
                    if rank == FIRST:
                        ends = zip(to_first, to_others, strict=True)
                        lines = [Line(back[0], there[1]) for back, there in ends]
                        self._be_candidate(read_task, channel, lines)
                    self._be_helper(rank, Line(to_others[rank - 1][0], to_first[rank - 1][1]))
                pids.append(pid)
        except OSError:  # too many processes, or too little memory, for now
            _end(pids)
            for descriptor in (write_task, read_output, *theirs):
                os.close(descriptor)
            return None
        for descriptor in theirs:
            os.close(descriptor)
        return _Process(tuple(pids), write_task, read_output)

    def _be_candidate(self, read_task: int, channel: int, lines: Sequence[Line]) -> None:
        """The forked process, to its end."""
        status = 1
        others = Others(lines, self._settings.timeout_s) if lines else None
        try:
            try:
                self._lock_in(read_task, channel, *chain(*map(astuple, lines)))
                if others is not None:
                    others.wait_for("ready")
            except Exception as error:
                if not isinstance(error, LostError) or error.args:  # else one was killed
                    write(channel, encode({"error": f"{type(error).__name__}: {error}"}))
                raise
            write(channel, encode({"error": ""}))
            if (frame := Reader(read_task).receive()) is not None:
                os.close(read_task)
                self._train(Task(**frame.header), channel, others)
                status = 0
        except LostError:
            status = LOST
        finally:
            os._exit(status)

    def _be_helper(self, rank: int, line: Line) -> None:
        """The forked process of another device, to its end."""
        status = 1
        settings = self._settings
        first = Helper(line, rank, len(self._trainers), settings.timeout_s)
        try:
            try:
                self._lock_in(*astuple(line))
            except Exception as error:
                first.say("failed", error=f"{type(error).__name__}: {error}")
                raise
            first.say("ready")
            candidate.assist(first, self._images, settings, self._trainers[rank])
            status = 0
        finally:
            os._exit(status)

    def _lock_in(self, *kept: int) -> None:
        self._confinement.enter(*kept)
        _warm_up(self._images, self._settings)  # its own pages, before anybody waits
        _hide_modules()

    def _train(self, task: Task, channel: int, others: Others | None) -> None:
        def send(header: Mapping[str, Any], body: bytes) -> None:
            write(channel, encode({"token": task.token, **header}, body))

        candidate.evaluate(
            task.source,
            task.seed,
            self._images,
            self._settings,
            self._trainers[FIRST],
            send,
            others,
        )


def _hide_modules() -> None:
    """Take trusted code out of reach of a plain import; see docs/security.md for what is left."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("llmatic", "lightning_modules"):
            del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")


if __name__ == "__main__":
    main()
