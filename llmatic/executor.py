"""Runs evaluations on this machine's slots, several at a time.

Knows that an evaluator measures a source and belongs to one slot; nothing of
searches, archives or the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol, Self

from llmatic.evaluate import Evaluator
from llmatic.pruning import Pruner
from llmatic.records import CandidateId, Measurement

__all__ = ["Executor", "LocalExecutor", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One network to be measured."""

    id: CandidateId
    source: str
    seed: int
    pruner: Pruner | None = None


class Executor(Protocol):
    """Measures many networks."""

    def map(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete."""
        ...


class LocalExecutor:
    """One evaluator per slot, each driven by a thread of this process."""

    def __init__(self, make_evaluator: Callable[[], Evaluator], slots: int) -> None:
        self._evaluators = [make_evaluator() for _ in range(slots)]
        self._idle: SimpleQueue[Evaluator] = SimpleQueue()
        for evaluator in self._evaluators:
            self._idle.put(evaluator)
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

    def map(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete."""
        running: dict[Future[Measurement], Task] = {
            self._threads.submit(self._evaluate, task): task for task in tasks
        }
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda each: running[each].id):
                yield running.pop(future), future.result()

    def _evaluate(self, task: Task) -> Measurement:
        evaluator = self._idle.get()
        try:
            return evaluator.evaluate(task.source, task.seed, task.pruner)
        finally:
            self._idle.put(evaluator)
