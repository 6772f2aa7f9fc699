"""Trains every network in a sandboxed process and scores its predictions here.

The labels of validation and test never leave this process: a candidate gets
images and returns classes. Does not know how a process is confined or watched.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from llmatic.config import TrainedConfig, TrainerConfig
from llmatic.errors import tidy
from llmatic.evaluate.prepare import DataError, Prepared, prepare
from llmatic.evaluate.protocol import MOST_THREADS, End, How, Recipe, Settings, Task
from llmatic.evaluate.record import LONGEST_ERROR, Record
from llmatic.frames import FrameError, encode
from llmatic.pruning import Judge, Pruner
from llmatic.records import Measurement, Status
from llmatic.sandbox import Isolation, Worker, WorkerError, uses_gpu

__all__ = ["DataError", "Prepared", "TrainedEvaluator", "prepare", "settings"]

WORKER = "llmatic.evaluate.worker"
GRACE_S = 30.0
"""How much later than the worker this process loses its patience."""
READY_S = 600.0
MOST_DEATHS = 5
"""Of workers in a row; one is bad luck or a candidate's doing, these are the machine's."""


def settings(
    data: Prepared, trainer: TrainerConfig, limits: TrainedConfig, isolation: Isolation
) -> Settings:
    """What a worker is told of a data set, a recipe, limits and its isolation."""
    return Settings(
        isolation=isolation,
        gpu=uses_gpu(trainer.accelerator),
        folder=data.folder,
        input_shape=data.input_shape,
        classes=data.classes,
        batch_size=data.batch_size,
        recipe=Recipe(**asdict(trainer)),
        timeout_s=limits.timeout_s,
        memory_mb=limits.memory_mb,
        max_params=limits.max_params,
        max_flops=limits.max_flops,
    )


class TrainedEvaluator:
    """Measures networks by training them; one warm worker process."""

    def __init__(
        self,
        data: Prepared,
        trainer: TrainerConfig,
        limits: TrainedConfig,
        isolation: Isolation,
        observe: Callable[[int, float], None] = lambda epoch, val_accuracy: None,
    ) -> None:
        """Start the worker; it loads while this process goes on.

        Args:
            data: What is trained on and predicted.
            trainer: The recipe.
            limits: What a network may cost.
            isolation: How generated code is kept apart.
            observe: Called with each epoch, from 1, and the validation accuracy after it; what
                it raises stops the training, and comes out of `evaluate`.
        """
        self._observe = observe
        self._data = data
        self._limits = limits
        self._settings = settings(data, trainer, limits, isolation)
        self._in_use = threading.Lock()
        self._is_closed = False
        self._worker: Worker | None = self._start()
        self._is_ready = False
        self._deaths = 0

    def evaluate(self, source: str, seed: int, pruner: Pruner | None = None) -> Measurement:
        """Build, measure, train and score a network.

        Args:
            source: Of the network.
            seed: Of everything random.
            pruner: Stops the training early where it promises nothing.

        Raises:
            WorkerError: No worker process can be started here, or none stays alive.
        """
        with self._in_use:
            task = Task(source, seed, secrets.token_hex(16))
            record = Record(self._data, self._limits, self._settings.recipe.epochs, task.token)
            try:
                # a worker that was killed while it had nothing to do is no fault of this network's
                worker = self._given(task) or self._given(task)
                found = None if worker is None else self._measured_by(worker, record, pruner)
            except TimeoutError:
                self._discard()
                return Measurement(Status.TIMED_OUT, error="the worker did not answer")
            if found is not None:
                self._deaths = 0
                return found
            self._deaths += 1
            failure = self._failure()
            if self._deaths == MOST_DEATHS and not self._is_closed:
                self._deaths = 0
                raise failure
            return Measurement(Status.CRASHED, error="its worker process ended")

    def close(self) -> None:
        """End the worker process. Safe to call twice, and from another thread."""
        self._is_closed = True
        if (worker := self._worker) is not None:
            worker.kill()
        with self._in_use:
            self._discard()

    def _given(self, task: Task) -> Worker | None:
        """A worker that has begun a task; None if it ended before."""
        worker = self._ready_worker()
        with contextlib.suppress(BrokenPipeError):
            worker.send({"kind": "task"}, encode(asdict(task)))
            if worker.receive(time.monotonic() + READY_S) is not None:
                return worker
        self._discard()
        return None

    def _measured_by(
        self, worker: Worker, record: Record, pruner: Pruner | None
    ) -> Measurement | None:
        """What comes of a network; None if its worker ended."""
        deadline = time.monotonic() + self._limits.timeout_s + GRACE_S
        violation: FrameError | None = None
        stopped: Exception | None = None
        judge: Judge | None = None
        stopped_after: int | None = None
        while (frame := worker.receive(deadline)) is not None:
            if frame.header["kind"] == "end":
                if stopped is not None:
                    raise stopped
                end = End.from_header(frame.header)
                if stopped_after is not None:
                    return record.stopped(stopped_after, end.seconds)
                return self._measurement(record, violation, end)
            if violation is None and stopped is None and stopped_after is None:
                before = len(record.val_accuracy)
                try:
                    record.take(frame.body)
                except FrameError as error:
                    violation = error
                try:
                    for epoch in range(before + 1, len(record.val_accuracy) + 1):
                        self._observe(epoch, record.val_accuracy[epoch - 1])
                        if judge is None and pruner is not None:
                            judge = pruner.judge(record.descriptors)
                        if judge is None or epoch == record.epochs:
                            continue
                        if judge(record.val_accuracy[:epoch]):
                            stopped_after = epoch
                            break
                except Exception as error:  # whatever it is, the worker stays of use
                    stopped = error
                if violation is not None or stopped is not None or stopped_after:
                    with contextlib.suppress(BrokenPipeError):
                        worker.send({"kind": "stop"})
        return None

    def _start(self) -> Worker:
        folder = Path(tempfile.mkdtemp(dir=self._data.folder))
        worker = Worker(
            WORKER,
            folder,
            isolation=self._settings.isolation,
            reads=self._data.files,
            gpu=self._settings.gpu,
            loopback=self._settings.recipe.devices > 1,
        )
        with contextlib.suppress(BrokenPipeError):  # why it ended shows when it is waited for
            worker.send(self._settings.to_header())
        return worker

    def _ready_worker(self) -> Worker:
        if self._is_closed:
            raise RuntimeError("the evaluator is closed")
        if self._worker is None:
            self._worker = self._start()
            self._is_ready = False
            if self._is_closed:  # meanwhile, by another thread, which could not kill it yet
                self._worker.kill()
        if not self._is_ready:
            try:
                ready = self._worker.receive(time.monotonic() + READY_S)
            except TimeoutError:
                self._discard()
                error = f"not ready after {READY_S:.0f} s"
                raise WorkerError(WORKER, error) from None
            if ready is None:
                raise self._failure()
            self._is_ready = True
        return self._worker

    def _failure(self) -> WorkerError:
        """Why the worker ended; it is not used again."""
        ended = WorkerError(WORKER, "as soon as it was given a network")
        failure = ended if self._worker is None else self._worker.failure()
        self._discard()
        return failure

    def _discard(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _measurement(self, record: Record, violation: FrameError | None, end: End) -> Measurement:
        if violation is not None:
            error = tidy(f"wrote messages of its own: {violation}", LONGEST_ERROR)
            return Measurement(Status.FORBIDDEN, error=error)
        match end.how:
            case How.TIMEOUT:
                error = f"not finished after {self._limits.timeout_s:g} s"
                return Measurement(Status.TIMED_OUT, error=error)
            case How.PROCESSOR:
                error = "used up its processor time"
                return Measurement(Status.TIMED_OUT, error=error)
            case How.MEMORY:
                error = f"used more than evaluator.memory_mb={self._limits.memory_mb}"
                return Measurement(Status.OUT_OF_MEMORY, error=error)
            case How.THREADS:
                error = f"started more than {MOST_THREADS} threads"
                return Measurement(Status.FORBIDDEN, error=error)
            case How.SIGNAL if end.code == signal.SIGSYS:
                return Measurement(Status.FORBIDDEN, error="made a system call that is not allowed")
            case How.SIGNAL if not record.complete:
                killed = end.code == signal.SIGKILL
                status = Status.OUT_OF_MEMORY if killed else Status.CRASHED
                return Measurement(status, error=f"ended by {_name(end.code)}")
        if record.failure is not None:
            return record.failure
        if not record.complete:
            error = f"ended before it was trained, with exit status {end.code}"
            return Measurement(Status.CRASHED, error=error)
        return record.measurement(end.seconds)


def _name(number: int) -> str:
    """Of a signal; those of real time have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
