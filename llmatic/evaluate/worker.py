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
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from llmatic.evaluate import candidate
from llmatic.evaluate.candidate import Images
from llmatic.evaluate.protocol import Settings, Task
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
    recipe = replace(settings.recipe, epochs=1, threads=1, accelerator="cpu", compile=False)
    source = COMMON.format(channels=settings.input_shape[0], classes=settings.classes)
    sent: list[str] = []
    warm = replace(
        settings,
        gpu=False,
        recipe=recipe,
        memory_mb=math.inf,
        max_params=math.inf,
        max_flops=math.inf,
    )
    trainer = candidate.make_trainer(recipe)
    candidate.evaluate(source, 0, few, warm, trainer, lambda header, _: sent.append(str(header)))
    if len(sent) != 3:
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

    Attributes:
        pid: Its id.
        task: Where it reads its task from.
        output: Where it writes to.
        has_said_so: That it is locked in.
    """

    pid: int
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
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def let_go(self) -> None:
        """End it."""
        os.close(self.task)
        os.close(self.output)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


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
        )
        self._trainer = candidate.make_trainer(settings.recipe)
        self._spare: _Process | None = self._locked_in(self._forked())

    def run(self, size: int) -> None:
        """Run a candidate to its end, and say how it ended.

        Args:
            size: Bytes of its task, which wait among the orders.
        """
        settings = self._settings
        memory = memory_bytes("self") + int(settings.memory_mb) * 2**20
        bounds = Bounds(settings.timeout_s, settings.processor_s, memory)
        mine = self._locked_in(self._spare or self._forked())
        began = time.monotonic()
        pass_on(self._orders.descriptor, mine.task, size)
        os.close(mine.task)
        write(self._answers, encode({"kind": "begun"}))
        self._spare = self._fork()  # while this one works
        end = watch(
            mine.pid, mine.output, bounds, began, lambda: self._relay(mine.output), self._orders
        )
        if not settings.isolation.confines:  # it may have left others behind
            end_descendants(apart_from=None if self._spare is None else self._spare.pid)
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
        try:
            pid = os.fork()
        except OSError:  # too many processes, or too little memory, for now
            for descriptor in (read_task, write_task, read_output, channel):
                os.close(descriptor)
            return None
        if pid == 0:
            self._be_candidate(read_task, channel)
        os.close(read_task)
        os.close(channel)
        return _Process(pid, write_task, read_output)

    def _be_candidate(self, read_task: int, channel: int) -> None:
        """The forked process, to its end."""
        status = 1
        try:
            try:
                self._confinement.enter(read_task, channel)
                _warm_up(self._images, self._settings)  # its own pages, before anybody waits
            except Exception as error:
                write(channel, encode({"error": f"{type(error).__name__}: {error}"}))
                raise
            _hide_modules()
            write(channel, encode({"error": ""}))
            if (frame := Reader(read_task).receive()) is not None:
                os.close(read_task)
                self._train(Task(**frame.header), channel)
                status = 0
        finally:
            os._exit(status)

    def _train(self, task: Task, channel: int) -> None:
        def send(header: Mapping[str, Any], body: bytes) -> None:
            write(channel, encode({"token": task.token, **header}, body))

        candidate.evaluate(
            task.source, task.seed, self._images, self._settings, self._trainer, send
        )


def _hide_modules() -> None:
    """Take trusted code out of reach of a plain import; see docs/security.md for what is left."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("llmatic", "lightning_modules"):
            del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")


if __name__ == "__main__":
    main()
