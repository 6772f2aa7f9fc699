"""The trusted process that candidates are forked from: everything is loaded and warm.

Reads settings, then one task after the other; relays what each candidate's process
writes, unread, and says how the process ended. Its first words are ``ready``. It has no
label of validation and test, and never touches a GPU.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from llmatic.evaluate import candidate
from llmatic.evaluate.candidate import Images
from llmatic.evaluate.watch import Bounds, memory_bytes, watch
from llmatic.frames import Decoder, Frame, encode
from llmatic.genome import seed_source
from llmatic.sandbox.confinement import Confinement
from llmatic.sandbox.kernel import adopt_orphans, hide_memory
from llmatic.sandbox.processes import Isolation, end_descendants

__all__ = ["main"]

CHUNK = 2**16
LIKELIEST_VICTIM = "1000"
"""When the machine runs out of memory; the controller is not."""
SPARE_S = 10.0


def main() -> None:
    """Answer tasks on standard input until it is closed."""
    answers = os.dup(1)
    os.dup2(2, 1)
    with contextlib.suppress(OSError):  # where /proc is read-only
        Path("/proc/self/oom_score_adj").write_text(LIKELIEST_VICTIM)
    hide_memory()
    adopt_orphans()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    orders = _Orders(0)
    settings = next(orders).header
    images = Images.read(Path(settings["folder"]))
    _warm_up(images, settings)
    gc.collect()
    gc.freeze()
    slot = _Slot(settings, images, orders, answers)
    _write(answers, encode({"kind": "ready"}))
    for task in orders:
        if task.header["kind"] == "task":  # an order to stop can come too late
            slot.run(task)


def _warm_up(images: Images, settings: Mapping[str, Any]) -> None:
    """One step of everything, so that what is imported lazily is imported once."""
    few = Images(images.train[:2], images.train_labels[:2], images.unlabelled[:2])
    recipe = {**settings["trainer"], "epochs": 1, "threads": 1, "accelerator": "cpu"}
    channels, height, width = settings["input_shape"]
    source = seed_source((channels, height, width), settings["classes"])
    sent: list[str] = []
    unlimited = dict.fromkeys(("max_params", "max_flops", "memory_mb"), float("inf"))
    warm = {**settings, **unlimited, "trainer": recipe}
    trainer = candidate.make_trainer(recipe)
    candidate.evaluate(source, 0, few, warm, trainer, lambda header, _: sent.append(str(header)))
    if len(sent) != 3:
        raise RuntimeError(f"a first training step fails: {sent[-1]}")


class _Orders:
    """Frames from the controller, one by one; its end is the controller's."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._decoder = Decoder()
        self._waiting: list[Frame] = []

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        while not self._waiting:
            data = os.read(self.descriptor, CHUNK)
            if not data:
                raise StopIteration
            self._waiting.extend(self._decoder.feed(data))
        return self._waiting.pop(0)

    def is_told_to_stop(self) -> bool:
        """Whether to end the candidate that is running: an order says so, or nobody waits."""
        return next(self, None) is not None or self._leave()

    def _leave(self) -> bool:
        end_descendants()
        raise SystemExit


@dataclass(frozen=True)
class _Process:
    """A candidate's process, locked in, that waits for its task.

    Attributes:
        pid: Its id.
        task: Where it reads its task from.
        output: Where it writes to.
    """

    pid: int
    task: int
    output: int


class _Slot:
    """Runs candidates one after the other, each in a process forked ahead of its time."""

    def __init__(
        self, settings: Mapping[str, Any], images: Images, orders: _Orders, answers: int
    ) -> None:
        self._settings = settings
        self._images = images
        self._orders = orders
        self._answers = answers
        timeout_s = settings["timeout_s"]
        self._processor_s = timeout_s * settings["trainer"]["threads"] + SPARE_S
        self._isolation = Isolation(**settings["isolation"])
        self._confinement = Confinement(
            self._isolation,
            memory_mb=settings["memory_mb"],
            processor_s=self._processor_s,
            gpu=settings["gpu"],
        )
        self._trainer = candidate.make_trainer(settings["trainer"])
        self._spare = self._fork()

    def run(self, task: Frame) -> None:
        """Run a candidate to its end, and say how it ended."""
        memory = memory_bytes("self") + self._settings["memory_mb"] * 2**20
        bounds = Bounds(self._settings["timeout_s"], self._processor_s, memory)
        began = time.monotonic()
        mine = self._spare
        with contextlib.suppress(BrokenPipeError):  # killed while it waited; its end will tell
            _write(mine.task, encode(task.header))
        os.close(mine.task)
        self._spare = self._fork()  # while this one works
        how = watch(mine.pid, mine.output, bounds, began, self._relay, self._orders)
        if not self._isolation.confines:  # it may have left others behind
            end_descendants(apart_from=self._spare.pid)
        while data := os.read(mine.output, CHUNK):
            self._relay(data)
        os.close(mine.output)
        _write(self._answers, encode({"kind": "end", **how}))

    def _relay(self, data: bytes) -> None:
        _write(self._answers, encode({"kind": "output"}, data))

    def _fork(self) -> _Process:
        (read_task, write_task), (read_output, channel) = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            self._be_candidate(read_task, channel)
        os.close(read_task)
        os.close(channel)
        return _Process(pid, write_task, read_output)

    def _be_candidate(self, read_task: int, channel: int) -> None:
        """The forked process, to its end."""
        status = 1
        try:
            self._confinement.enter(read_task, channel)
            _warm_up(self._images, self._settings)  # its own pages, before anybody waits
            task = next(_Orders(read_task)).header
            os.close(read_task)

            def send(header: Mapping[str, Any], body: bytes) -> None:
                _write(channel, encode({"token": task["token"], **header}, body))

            candidate.evaluate(
                task["source"], task["seed"], self._images, self._settings, self._trainer, send
            )
            status = 0
        finally:
            os._exit(status)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
