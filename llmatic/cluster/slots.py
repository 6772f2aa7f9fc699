"""Slots as they are known to the search's process: asked for, given tasks, replaced when they end.

Knows nothing of what evaluators do, nor of who gives the tasks.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from llmatic.cluster.actors import Evaluators, Node, Refusal, Slot
from llmatic.cluster.connection import ClusterError, host, room, share
from llmatic.cluster.desk import Desk, Entry
from llmatic.config import RayConfig
from llmatic.pruning import Pruner
from llmatic.records import Measurement, Status

__all__ = ["Slots"]

MOST_TRIES = 5
"""Of one network whose slot ends each time."""
LOOK_EVERY_S = 1.0
LOOK_AGAIN_S = 0.02
"""While a slot has nothing to do."""
CLOSE_S = 20.0
SAY_AFTER_S = 15.0


@dataclass(eq=False)
class _Seat:
    """A slot as it is known here.

    Attributes:
        actor: It.
        awaited: Its next answer; None while it does nothing.
        node: Where it is; None until it has a place.
        is_open: Whether it has its evaluator.
        entry: What it measures.
        began: When it was given that.
    """

    actor: Any
    awaited: Any
    node: str | None = None
    is_open: bool = False
    entry: Entry | None = None
    began: float = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether it could measure something."""
        return self.is_open and self.awaited is None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the slots of a node share: the actor that holds it, and its answer."""

    actor: Any
    make: Any


class Slots:
    """All slots, driven by a thread of this process.

    Attributes:
        seats: One for each slot, wherever it is.
        open: How many of them have an evaluator.
        busy_s: Seconds of measuring so far, of all together.
    """

    def __init__(
        self,
        settings: RayConfig,
        evaluators: Evaluators,
        say: Callable[[str], None],
        desk: Desk,
    ) -> None:
        self.seats: list[_Seat] = []
        self.open = 0
        self.busy_s = 0.0
        self._settings = settings
        self._evaluators = evaluators
        self._say = say
        self._desk = desk
        self._shared: dict[str, _Shared] = {}
        self._tries: Counter[Entry] = Counter()
        self._pruner: tuple[Pruner | None, Any] = (None, None)
        self._lost_on: set[str | None] = set()
        self._unopened = 0
        self._alone_since: float | None = None
        self._has_said_so = False

    def ask(self) -> None:
        """Have as many slots as are wanted, in their places or waiting for one."""
        settings = self._settings
        wanted = room(settings) if settings.slots is None else settings.slots
        while len(self.seats) < wanted:
            # a second thread, to be closed by while it works
            shares = {"num_cpus": settings.cpus, "num_gpus": settings.gpus, "max_concurrency": 2}
            actor = ray.remote(**shares)(Slot).remote(settings.gpus > 0)
            self.seats.append(_Seat(actor, actor.node.remote()))

    def work(self) -> None:
        """Take tasks from the desk and bring back what is found, until it is closed."""
        try:
            while not self._desk.closed:
                self.ask()
                self._give()
                self._mind_being_alone()
                for seat in self._answered():
                    self._settle(seat)
                self.open = sum(seat.is_open for seat in self.seats)
        except Exception as error:  # raised where it is waited for
            self._desk.fail(error)

    def end(self) -> None:
        """End all actors, with what they hold."""
        placed = [seat.actor for seat in self.seats if seat.node is not None]
        shared = [each.actor for each in self._shared.values()]
        try:
            for actors in (placed, shared):  # in this order: slots have files in what is shared
                if actors:
                    closed = [each.close.remote() for each in actors]
                    ray.wait(closed, num_returns=len(closed), timeout=CLOSE_S)
        finally:
            for actor in [*(seat.actor for seat in self.seats), *shared]:
                ray.kill(actor)

    def _give(self) -> None:
        """Have slots that do nothing begin what waits."""
        for seat in self.seats:
            if seat.is_idle and (entry := self._desk.next()) is not None:
                self._begin(seat, entry)

    def _begin(self, seat: _Seat, entry: Entry) -> None:
        task = entry.task
        if task.pruner is not self._pruner[0]:  # sent once for many tasks
            self._pruner = (task.pruner, ray.put(task.pruner))
        seat.entry, seat.began = entry, time.monotonic()
        seat.awaited = seat.actor.evaluate.remote(task.source, task.seed, self._pruner[1])

    def _answered(self) -> list[_Seat]:
        """Slots that have answered or ended, after a while if there are none."""
        seats = {seat.awaited: seat for seat in self.seats if seat.awaited is not None}
        if not seats:
            if self.seats:
                self._desk.wait(LOOK_EVERY_S)
            else:
                time.sleep(LOOK_EVERY_S)
            return []
        pause = LOOK_AGAIN_S if any(seat.is_idle for seat in self.seats) else LOOK_EVERY_S
        ray.wait(list(seats), timeout=pause)
        ready, _ = ray.wait(list(seats), num_returns=len(seats), timeout=0)
        return [seats[each] for each in ready]

    def _settle(self, seat: _Seat) -> None:
        """Take a slot's answer."""
        try:
            answer, seat.awaited = ray.get(seat.awaited), None
        except RayError as error:
            # a task fails as what it was given does: of an actor or a node that ended
            if isinstance(error, RayTaskError) and not isinstance(error.cause, RayError):
                raise
            self._give_up(seat)
            return
        if isinstance(answer, Refusal):
            raise ClusterError(f"{host(seat.node)}: {answer.text}")
        if seat.node is None:
            seat.node = str(answer)
            seat.awaited = seat.actor.open.remote(self._shared_on(seat.node).make)
        elif not seat.is_open:
            seat.is_open = True
            self._unopened = 0
        else:
            assert seat.entry is not None
            self.busy_s += time.monotonic() - seat.began
            self._desk.found(seat.entry, answer)
            seat.entry = None

    def _shared_on(self, node: str) -> _Shared:
        """What the slots of a node share."""
        if node not in self._shared:
            there = NodeAffinitySchedulingStrategy(node, soft=False)
            options = {"num_cpus": 0, "scheduling_strategy": there}
            actor = ray.remote(**options)(Node).remote(self._evaluators, Path.cwd())
            self._shared[node] = _Shared(actor, actor.open.remote())
        return self._shared[node]

    def _give_up(self, seat: _Seat) -> None:
        """Part with a slot that ended, and with those that may have ended beside it unnoticed."""
        beside = [each for each in self.seats if each.is_idle and each.node == seat.node]
        for each in [seat, *beside]:
            self.seats.remove(each)
            ray.kill(each.actor)
        if not seat.is_open:
            self._unopened += 1
            if self._unopened > MOST_TRIES * (1 + len(self.seats)):
                said = "slots end before they have opened; Ray's logs on it say why"
                raise ClusterError(f"{host(seat.node)}: {said}")
        used = any(each.is_open and each.node == seat.node for each in self.seats)
        if not (seat.is_open or used) and seat.node in self._shared:
            ray.kill(self._shared.pop(seat.node).actor)
        if seat.node not in self._lost_on:
            self._lost_on.add(seat.node)
            self._say(f"A slot on {host(seat.node)} ended; what it measured is measured again.")
        if (entry := seat.entry) is not None:
            self._tries[entry] += 1
            if self._tries[entry] < MOST_TRIES:
                self._desk.put_back(entry)
            else:
                error = f"its slot ended, {MOST_TRIES} times"
                self._desk.found(entry, Measurement(Status.CRASHED, error=error))

    def _mind_being_alone(self) -> None:
        """Say so where there has been no slot for a while, and in the end give up.

        Raises:
            ClusterError: It was too long.
        """
        now = time.monotonic()
        if any(seat.is_open for seat in self.seats):
            self._alone_since, self._has_said_so = None, False
            return
        self._alone_since = now if self._alone_since is None else self._alone_since
        if any(seat.node is not None for seat in self.seats):
            return  # one is about to open; what it opens may take its time
        alone_s = now - self._alone_since
        if alone_s >= self._settings.wait_s:
            raise ClusterError(
                f"executor.wait_s={self._settings.wait_s:g}: "
                f"no node has had {share(self._settings)} free for so long"
            )
        if alone_s >= SAY_AFTER_S and not self._has_said_so:
            self._has_said_so = True
            wanted = share(self._settings)
            self._say(f"Waiting for a node of the Ray cluster with {wanted} free ...")
