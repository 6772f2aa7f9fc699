"""Trains every network in a sandboxed process and scores its predictions here.

The labels of validation and test never leave this process: a candidate gets
images and returns classes.
"""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from llmatic.config import EvaluatorConfig, TrainerConfig
from llmatic.evaluate.prepare import DataError, Prepared, prepare
from llmatic.frames import Decoder, Frame, FrameError
from llmatic.records import Measurement, Status
from llmatic.sandbox import Worker

__all__ = ["DataError", "Prepared", "TrainedEvaluator", "prepare"]

GRACE_S = 30.0
"""How much later than the worker this process loses its patience."""
HEADER_BYTES = 4096
FIGURES = ("flops", "params", "width", "depth")


class TrainedEvaluator:
    """Measures networks by training them; one warm worker process."""

    def __init__(self, data: Prepared, trainer: TrainerConfig, limits: EvaluatorConfig) -> None:
        """Start the worker; it loads while this process goes on."""
        self._data = data
        self._trainer = trainer
        self._limits = limits
        self._in_use = threading.Lock()
        self._is_closed = False
        self._worker: Worker | None = self._start()
        self._is_ready = False

    def evaluate(self, source: str, seed: int) -> Measurement:
        """Build, measure, train and score a network.

        Raises:
            WorkerError: No worker process can be started here.
        """
        with self._in_use:
            task = {"source": source, "seed": seed}
            worker = self._ready_worker()
            try:
                worker.send(task)
            except BrokenPipeError:  # it was killed while it had nothing to do
                self._discard()
                worker = self._ready_worker()
                worker.send(task)
            return self._measured_by(worker)

    def close(self) -> None:
        """End the worker process. Safe to call twice, and from another thread."""
        self._is_closed = True
        if (worker := self._worker) is not None:
            worker.kill()
        with self._in_use:
            self._discard()

    def _measured_by(self, worker: Worker) -> Measurement:
        record = _Record(self._data, self._trainer.epochs)
        deadline = time.monotonic() + self._limits.timeout_s + GRACE_S
        try:
            while (frame := worker.receive(deadline)) is not None:
                if frame.header["kind"] == "end":
                    return self._measurement(record, frame.header)
                record.take(frame.body)
            if worker.failed:
                raise worker.failure()
            failed = Measurement(Status.CRASHED, error="ended its worker process")
        except TimeoutError:
            failed = Measurement(Status.TIMED_OUT, error="the worker did not answer")
        except FrameError as error:
            failed = Measurement(Status.CRASHED, error=f"wrote nonsense: {error}")
        self._discard()
        return failed

    def _start(self) -> Worker:
        folder = Path(tempfile.mkdtemp(dir=self._data.folder))
        worker = Worker("llmatic.evaluate.worker", folder)
        worker.send(
            {
                "folder": str(self._data.folder),
                "input_shape": self._data.input_shape,
                "classes": self._data.classes,
                "batch_size": self._data.batch_size,
                "trainer": asdict(self._trainer),
                "timeout_s": self._limits.timeout_s,
                "memory_mb": self._limits.memory_mb,
                "max_params": self._limits.max_params,
                "max_flops": self._limits.max_flops,
            }
        )
        return worker

    def _ready_worker(self) -> Worker:
        if self._is_closed:
            raise RuntimeError("the evaluator is closed")
        if self._worker is None:
            self._worker = self._start()
            self._is_ready = False
        if not self._is_ready:
            if self._worker.receive() is None:
                raise self._worker.failure()
            self._is_ready = True
        return self._worker

    def _discard(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _measurement(self, record: _Record, end: Mapping[str, Any]) -> Measurement:
        match end["how"]:
            case "timeout":
                error = f"not finished after {self._limits.timeout_s:g} s"
                return Measurement(Status.TIMED_OUT, error=error)
            case "signal" if not record.complete:
                killed = end["signal"] == "SIGKILL"
                status = Status.OUT_OF_MEMORY if killed else Status.CRASHED
                return Measurement(status, error=f"ended by {end['signal']}")
        if record.failure is not None:
            return record.failure
        if not record.complete:
            return Measurement(Status.CRASHED, error="ended before it was trained")
        return record.measurement(self._limits.fitness)


@dataclass
class _Record:
    """What a candidate's process has said so far. Nothing of it is believed unchecked."""

    data: Prepared
    epochs: int
    failure: Measurement | None = None
    complete: bool = False
    figures: dict[str, float] = field(default_factory=dict)
    train_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    train_seconds: float = 0.0
    _started: float = 0.0

    def __post_init__(self) -> None:
        predictions = 4 * (len(self.data.val_labels) + len(self.data.test_labels))
        self._decoder = Decoder((self.epochs + 3) * (predictions + HEADER_BYTES))

    def take(self, data: bytes) -> None:
        """Take in what the process wrote.

        Raises:
            FrameError: It is not what was agreed.
        """
        for frame in self._decoder.feed(data):
            try:
                self._take(frame)
            except (ArithmeticError, KeyError, TypeError, ValueError) as error:
                raise FrameError(f"a message lacks or garbles {error}") from error

    def measurement(self, fitness: str) -> Measurement:
        """Of a network that was trained to the end."""
        val, test = self.val_accuracy[-1], self.test_accuracy[-1]
        return Measurement(
            Status.OK,
            test if fitness == "test" else val,
            {
                "width_to_depth": self.figures["width"] / self.figures["depth"],
                "flops": self.figures["flops"],
            },
            {
                "val_accuracy": val,
                "test_accuracy": test,
                **self.figures,
                "train_seconds": self.train_seconds,
            },
            {
                "train_loss": tuple(self.train_loss),
                "val_accuracy": tuple(self.val_accuracy),
                "test_accuracy": tuple(self.test_accuracy),
            },
        )

    def _take(self, frame: Frame) -> None:
        said = frame.header
        match said["kind"]:
            case "built":
                self.figures = {name: _positive(said[name]) for name in FIGURES}
                self._started = time.monotonic()
            case "epoch":
                self._score(float(said["train_loss"]), frame.body)
            case "failed":
                error = str(said["error"])[:HEADER_BYTES]
                status = Status[said["status"]]
                if status.trainable:
                    raise FrameError("a failure that is none")
                self.failure = Measurement(status, error=error)
            case "done":
                self.complete = bool(self.figures) and len(self.val_accuracy) == self.epochs
                self.train_seconds = time.monotonic() - self._started
            case other:
                raise FrameError(f"a message of kind {other!r}")

    def _score(self, train_loss: float, body: bytes) -> None:
        predicted = np.frombuffer(body, "<i4")
        labels = self.data.val_labels, self.data.test_labels
        if len(predicted) != sum(map(len, labels)) or len(self.val_accuracy) == self.epochs:
            raise FrameError("predictions of the wrong number")
        val, test = np.split(predicted, [len(labels[0])])
        self.train_loss.append(train_loss)
        self.val_accuracy.append(float(np.mean(val == labels[0])))
        self.test_accuracy.append(float(np.mean(test == labels[1])))


def _positive(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise ValueError(f"a figure of {value!r}")
    return value
