"""Trains every network in a sandboxed process and scores its predictions here.

The labels of validation and test never leave this process: a candidate gets
images and returns classes.
"""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llmatic.config import TrainedConfig, TrainerConfig
from llmatic.evaluate.prepare import DataError, Prepared, prepare
from llmatic.evaluate.record import Record
from llmatic.frames import FrameError
from llmatic.records import Measurement, Status
from llmatic.sandbox import Isolation, Worker, uses_gpu

__all__ = ["DataError", "Prepared", "TrainedEvaluator", "prepare"]

GRACE_S = 30.0
"""How much later than the worker this process loses its patience."""


class TrainedEvaluator:
    """Measures networks by training them; one warm worker process."""

    def __init__(
        self,
        data: Prepared,
        trainer: TrainerConfig,
        limits: TrainedConfig,
        isolation: Isolation,
    ) -> None:
        """Start the worker; it loads while this process goes on.

        Args:
            data: What is trained on and predicted.
            trainer: The recipe.
            limits: What a network may cost.
            isolation: How generated code is kept apart.
        """
        self._data = data
        self._isolation = isolation
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
            token = secrets.token_hex(16)
            task = {"kind": "task", "source": source, "seed": seed, "token": token}
            worker = self._ready_worker()
            try:
                worker.send(task)
            except BrokenPipeError:  # it was killed while it had nothing to do
                self._discard()
                worker = self._ready_worker()
                worker.send(task)
            record = Record(self._data, self._limits, self._trainer.epochs, token)
            return self._measured_by(worker, record)

    def close(self) -> None:
        """End the worker process. Safe to call twice, and from another thread."""
        self._is_closed = True
        if (worker := self._worker) is not None:
            worker.kill()
        with self._in_use:
            self._discard()

    def _measured_by(self, worker: Worker, record: Record) -> Measurement:
        deadline = time.monotonic() + self._limits.timeout_s + GRACE_S
        violation: FrameError | None = None
        try:
            while (frame := worker.receive(deadline)) is not None:
                if frame.header["kind"] == "end":
                    return self._measurement(record, violation, frame.header)
                if violation is None:
                    try:
                        record.take(frame.body)
                    except FrameError as error:
                        violation = error
                        with contextlib.suppress(BrokenPipeError):
                            worker.send({"kind": "stop"})
            if worker.failed:
                raise worker.failure()
            failed = Measurement(Status.CRASHED, error="its worker process ended")
        except TimeoutError:
            failed = Measurement(Status.TIMED_OUT, error="the worker did not answer")
        self._discard()
        return failed

    def _start(self) -> Worker:
        folder = Path(tempfile.mkdtemp(dir=self._data.folder))
        gpu = uses_gpu(self._trainer.accelerator)
        worker = Worker(
            "llmatic.evaluate.worker",
            folder,
            isolation=self._isolation,
            reads=self._data.files,
            gpu=gpu,
        )
        worker.send(
            {
                "isolation": self._isolation.flags,
                "gpu": gpu,
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

    def _measurement(
        self, record: Record, violation: FrameError | None, end: Mapping[str, Any]
    ) -> Measurement:
        if violation is not None:
            error = f"wrote messages of its own: {violation}"
            return Measurement(Status.FORBIDDEN, error=error)
        match end["how"]:
            case "timeout":
                error = f"not finished after {self._limits.timeout_s:g} s"
                return Measurement(Status.TIMED_OUT, error=error)
            case "processor":
                error = f"used {end['processor_s']:g} s of processor time"
                return Measurement(Status.TIMED_OUT, error=error)
            case "memory":
                error = f"used more than evaluator.memory_mb={self._limits.memory_mb}"
                return Measurement(Status.OUT_OF_MEMORY, error=error)
            case "threads":
                error = f"started more than {end['threads']} threads"
                return Measurement(Status.FORBIDDEN, error=error)
            case "signal" if not record.complete:
                killed = end["signal"] == "SIGKILL"
                status = Status.OUT_OF_MEMORY if killed else Status.CRASHED
                return Measurement(status, error=f"ended by {end['signal']}")
        if record.failure is not None:
            return record.failure
        if not record.complete:
            error = f"ended before it was trained, with exit status {end['status']}"
            return Measurement(Status.CRASHED, error=error)
        return record.measurement(end["seconds"])
