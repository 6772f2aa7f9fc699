"""Where tasks wait for a slot, and what was found waits to be taken; between two threads.

Knows nothing of Ray.
"""

from __future__ import annotations

import heapq
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import overload

from llmatic.executor import Task
from llmatic.records import CandidateId, Measurement

__all__ = ["Desk", "Entry"]


@dataclass(frozen=True, eq=False, slots=True)
class Entry:
    """A task, and in which round it was given."""

    task: Task
    round: int


class Desk:
    """Where tasks lie that wait for a slot, and what slots found; for two threads.

    Attributes:
        closed: There will be no more.
    """

    def __init__(self) -> None:
        self.closed = False
        self._given = threading.Event()
        self._lock = threading.Lock()
        self._round = 0
        self._waiting: list[tuple[float, CandidateId, Entry]] = []
        self._found: SimpleQueue[tuple[Entry, Measurement] | Exception] = SimpleQueue()

    def close(self) -> None:
        """Say that there will be no more tasks."""
        self.closed = True
        self._given.set()

    def put(self, task: Task) -> None:
        """Have a network measured."""
        self.put_back(Entry(task, self._round))

    def put_back(self, entry: Entry) -> None:
        """Have it measured again."""
        with self._lock:
            if entry.round == self._round:
                heapq.heappush(self._waiting, (-entry.task.cost, entry.task.id, entry))
                self._given.set()

    def next(self) -> Entry | None:
        """What is expected to be the most work of what waits."""
        with self._lock:
            if not self._waiting:
                self._given.clear()
                return None
            return heapq.heappop(self._waiting)[2]

    def wait(self, seconds: float) -> None:
        """Until there is something to do, or for so long."""
        self._given.wait(seconds)

    def found(self, entry: Entry, measurement: Measurement) -> None:
        """Say what a network is like."""
        self._found.put((entry, measurement))

    def fail(self, error: Exception) -> None:
        """Say that there will be nothing more."""
        self._found.put(error)

    @overload
    def take(self) -> tuple[Task, Measurement]: ...

    @overload
    def take(self, *, wait: bool) -> tuple[Task, Measurement] | None: ...

    def take(self, *, wait: bool = True) -> tuple[Task, Measurement] | None:
        """What was found next; None where nothing is, and it is not waited for.

        Raises:
            Exception: There will be nothing more.
        """
        while True:
            try:
                found = self._found.get(block=wait)
            except Empty:
                return None
            if isinstance(found, Exception):
                self._found.put(found)  # nor will there be later
                raise found
            if found[0].round == self._round:
                return found[0].task, found[1]

    def clear(self) -> None:
        """Forget what waits; what is found of what is being measured is for nobody."""
        with self._lock:
            self._round += 1
            self._waiting.clear()
