"""Runs evaluations on this machine's slots, several at a time.

Knows that an evaluator measures a source and belongs to one slot; nothing of
searches, archives or the journal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass
from queue import Empty, PriorityQueue, SimpleQueue
from types import TracebackType
from typing import Protocol, Self

from llmatic.evaluate import Evaluator
from llmatic.pruning import Pruner
from llmatic.records import CandidateId, Measurement, Status

__all__ = ["Executor", "LocalExecutor", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One network to be measured.

    Attributes:
        id: Of its candidate.
        source: Of the network.
        seed: Of everything random.
        pruner: Stops its training early; None: nothing does.
        cost: How much work it is expected to be, beside the others; the most is begun first.
    """

    id: CandidateId
    source: str
    seed: int
    pruner: Pruner | None = None
    cost: float = 0.0


class Executor(Protocol):
    """Measures many networks."""

    @property
    def slots(self) -> int:
        """How many it measures at once."""
        ...

    @property
    def busy_s(self) -> float:
        """What it has measured for so far: seconds of all slots together."""
        ...

    def map(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete.

        A task is begun as soon as it is given and a slot is free, also while the next
        is waited for. What they raise ends the measuring.
        """
        ...


class LocalExecutor:
    """One evaluator per slot, each driven by a thread of this process.

    A network that ran out of memory beside others is measured once more, alone, at the end.

    Attributes:
        slots: How many are measured at once.
        busy_s: Seconds of measuring so far, of all slots together.
    """

    def __init__(
        self,
        make_evaluator: Callable[[], Evaluator],
        slots: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slots = slots
        self.busy_s = 0.0
        self._clock = clock
        self._counting = threading.Lock()
        self._evaluators: list[Evaluator] = []
        self._idle: SimpleQueue[Evaluator] = SimpleQueue()
        with ExitStack() as undone:
            for _ in range(slots):
                self._evaluators.append(undone.enter_context(closing(make_evaluator())))
                self._idle.put(self._evaluators[-1])
            undone.pop_all()
        self._waiting: PriorityQueue[tuple[float, CandidateId, Task]] = PriorityQueue()
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="slot")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop what is running and give the slots back."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for evaluator in self._evaluators:
            evaluator.close()
        self._threads.shutdown(wait=True)

    def map(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete."""
        running: set[_Measured] = set()
        alone: list[Task] = []
        given = iter(tasks)
        try:
            while True:
                try:
                    task = next(given)
                except StopIteration:
                    break
                except Exception:  # whatever the tasks come from
                    done, running = wait(running, timeout=0)
                    yield from self._settled(done, alone)  # what is known is not lost
                    raise
                self._waiting.put((-task.cost, task.id, task))
                running.add(self._threads.submit(self._next))
                done, running = wait(running, timeout=0)
                yield from self._settled(done, alone)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from self._settled(done, alone)
            for task in sorted(alone, key=lambda each: each.id):
                yield self._measured(task)
        finally:
            for future in running:
                future.cancel()
            self._forget()

    def _settled(
        self, done: set[_Measured], alone: list[Task]
    ) -> Iterator[tuple[Task, Measurement]]:
        """What is done, in id order, but for those that are to be measured once more."""
        failed = [each for each in done if each.exception() is not None]
        found = [each.result() for each in done if each not in failed]
        for task, measurement in sorted(found, key=lambda each: each[0].id):
            if measurement.status is Status.OUT_OF_MEMORY and self.slots > 1:
                alone.append(task)
            else:
                yield task, measurement
        for each in failed:
            each.result()

    def _next(self) -> tuple[Task, Measurement]:
        """Measure what is expected to be the most work of what is waiting now."""
        try:
            _, _, task = self._waiting.get_nowait()
        except Empty:  # it was forgotten
            raise CancelledError from None
        return self._measured(task)

    def _measured(self, task: Task) -> tuple[Task, Measurement]:
        evaluator = self._idle.get()
        began = self._clock()
        try:
            return task, evaluator.evaluate(task.source, task.seed, task.pruner)
        finally:
            with self._counting:
                self.busy_s += self._clock() - began
            self._idle.put(evaluator)

    def _forget(self) -> None:
        while True:
            try:
                self._waiting.get_nowait()
            except Empty:
                return


_Measured = Future[tuple[Task, Measurement]]
