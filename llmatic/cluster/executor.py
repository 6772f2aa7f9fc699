"""The executor: what a search sees of a cluster. Does not know what slots are made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from llmatic.cluster.actors import Evaluators
from llmatic.cluster.connection import ClusterError, connected, share
from llmatic.cluster.desk import Desk
from llmatic.cluster.slots import Slots
from llmatic.config import RayConfig
from llmatic.executor import Task
from llmatic.records import Measurement, Status

__all__ = ["RayExecutor"]


class RayExecutor:
    """One evaluator per slot, each in an actor of its own; as many as there is room for.

    A network that ran out of memory beside others is measured once more, alone, at the end.
    """

    def __init__(
        self,
        settings: RayConfig,
        evaluators: Evaluators,
        say: Callable[[str], None],
        withheld: Collection[str] = (),
    ) -> None:
        """Remember what is to be done; it begins when this is entered.

        Args:
            settings: Which cluster, and how much of it.
            evaluators: Entered once on every node: opens what its evaluators share, and gives
                what makes one of them. Can be pickled, and so can what it gives.
            say: Called with what the user should read.
            withheld: Environment variables that a cluster that is started here is not given.
        """
        self._settings = settings
        self._withheld = withheld
        self._desk = Desk()
        self._slots = Slots(settings, evaluators, say, self._desk)
        self._connection = ExitStack()

    def __enter__(self) -> Self:
        """Join the cluster and ask for slots; they open while this process goes on.

        Raises:
            ClusterError: It cannot be reached, or has no room.
        """
        with ExitStack() as undone:
            undone.enter_context(connected(self._settings.address, self._withheld))
            undone.callback(self._slots.end)
            self._slots.ask()
            if not self._slots.seats:
                raise ClusterError(f"executor=ray: no node has {share(self._settings)}")
            thread = threading.Thread(target=self._slots.work, name="slots", daemon=True)
            undone.callback(thread.join)
            undone.callback(self._desk.close)
            thread.start()
            self._connection = undone.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all actors and leave the cluster, which ends if it was started here."""
        self._connection.close()

    @property
    def slots(self) -> int:
        """How many are there now."""
        return max(1, self._slots.open)

    @property
    def busy_s(self) -> float:
        """Seconds of measuring so far, of all slots together."""
        return self._slots.busy_s

    def map(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete.

        Raises:
            ClusterError: A node lacks something, or there has been no room for too long.
        """
        left = 0
        alone: list[Task] = []
        given = iter(tasks)
        try:
            while True:
                try:
                    task = next(given)
                except StopIteration:
                    break
                except Exception:  # whatever the tasks come from
                    while (found := self._desk.take(wait=False)) is not None:
                        yield from self._unless_crowded(*found, alone)  # what is known is not lost
                    raise
                self._desk.put(task)
                left += 1
                while (found := self._desk.take(wait=False)) is not None:
                    left -= 1
                    yield from self._unless_crowded(*found, alone)
            while left:
                found = self._desk.take()
                left -= 1
                yield from self._unless_crowded(*found, alone)
            for task in sorted(alone, key=lambda each: each.id):
                self._desk.put(task)
                yield self._desk.take()
        finally:
            self._desk.clear()

    def _unless_crowded(
        self, task: Task, measurement: Measurement, alone: list[Task]
    ) -> Iterator[tuple[Task, Measurement]]:
        """What was found, but for what is to be measured once more."""
        if measurement.status is Status.OUT_OF_MEMORY and len(self._slots.seats) > 1:
            alone.append(task)
        else:
            yield task, measurement
