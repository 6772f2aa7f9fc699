"""Runs evaluations on the nodes of a Ray cluster, several at a time.

Each slot is an actor with its share of a node, in which an evaluator works as it does
on this machine; what the slots of a node share is opened once there. A slot that ends,
alone or with its node, costs the network it measured another try. The only module that
knows Ray. Knows that an evaluator measures a source; nothing of data sets, searches or
the journal.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from llmatic.config import RayConfig
from llmatic.errors import UserError, tidy
from llmatic.evaluate import Evaluator
from llmatic.executor import Task
from llmatic.records import CandidateId, Measurement, Status
from llmatic.sandbox import scratch_folder

__all__ = ["ClusterError", "RayExecutor"]

MakeEvaluator: TypeAlias = Callable[[], Evaluator]
Evaluators: TypeAlias = Callable[[], AbstractContextManager[MakeEvaluator]]

MOST_TRIES = 5
"""Of one network whose slot ends each time."""
LOOK_EVERY_S = 1.0
CLOSE_S = 20.0
KNOCK_S = 10.0
LONGEST_FOLDER = 42
"""In which Ray can make sockets, whose paths have 107 characters at most."""
SAY_AFTER_S = 15.0
LONGEST_ERROR = 600


class ClusterError(UserError):
    """The cluster cannot be reached, has no room, or one of its nodes lacks something."""


class RayExecutor:
    """One evaluator per slot, each in an actor of its own; as many as there is room for."""

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
        self._evaluators = evaluators
        self._say = say
        self._withheld = withheld
        self._connection = ExitStack()
        self._seats: list[_Seat] = []
        self._shared: dict[str, _Shared] = {}
        self._lost_on: set[str | None] = set()
        self._alone_since: float | None = None
        self._has_said_so = False

    def __enter__(self) -> Self:
        """Join the cluster and ask for slots; they open while this process goes on.

        Raises:
            ClusterError: It cannot be reached, or has no room.
        """
        with ExitStack() as undone:
            undone.enter_context(_connected(self._settings.address, self._withheld))
            undone.callback(self._end)
            if self._settings.slots is None and not _room(self._settings):
                raise ClusterError(f"executor=ray: no node has {self._share}")
            self._ask_for_slots()
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

    def map(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, as they complete.

        Raises:
            ClusterError: A node lacks something, or there has been no room for too long.
        """
        left, todo = len(tasks), deque(tasks)
        tries: Counter[CandidateId] = Counter()
        try:
            while left:
                self._ask_for_slots()
                self._give(todo)
                self._mind_being_alone()
                found: list[tuple[Task, Measurement]] = []
                for seat in self._answered():
                    task, seat.task = seat.task, None
                    answer = self._answer(seat)
                    if task is not None and isinstance(answer, Measurement):
                        found.append((task, answer))
                    elif task is not None and isinstance(answer, RayError):
                        tries[task.id] += 1
                        if tries[task.id] < MOST_TRIES:
                            todo.appendleft(task)
                        else:
                            error = f"its slot ended, {MOST_TRIES} times"
                            found.append((task, Measurement(Status.CRASHED, error=error)))
                self._give(todo)  # before anybody takes the time to look at what was found
                left -= len(found)
                yield from sorted(found, key=lambda each: each[0].id)
        finally:
            for seat in self._seats:
                seat.task = None  # what it finds is for nobody

    def _ask_for_slots(self) -> None:
        """Have as many slots as are wanted, in their places or waiting for one."""
        settings = self._settings
        wanted = _room(settings) if settings.slots is None else settings.slots
        while len(self._seats) < wanted:
            # a second thread, to be closed by while it works
            shares = {"num_cpus": settings.cpus, "num_gpus": settings.gpus, "max_concurrency": 2}
            actor = ray.remote(**shares)(_Slot).remote(settings.gpus > 0)
            self._seats.append(_Seat(actor, actor.node.remote()))

    def _give(self, todo: deque[Task]) -> None:
        """Have slots that do nothing begin what is to be done."""
        for seat in self._seats:
            if todo and seat.is_open and seat.awaited is None:
                seat.task = todo.popleft()
                seat.awaited = seat.actor.evaluate.remote(seat.task.source, seat.task.seed)

    def _answered(self) -> list[_Seat]:
        """Slots that have answered or ended, after a while if there are none."""
        seats = {seat.awaited: seat for seat in self._seats if seat.awaited is not None}
        if not seats:
            time.sleep(LOOK_EVERY_S)
            return []
        ray.wait(list(seats), timeout=LOOK_EVERY_S)
        ready, _ = ray.wait(list(seats), num_returns=len(seats), timeout=0)
        return [seats[each] for each in ready]

    def _answer(self, seat: _Seat) -> Measurement | RayError | None:
        """What a slot has found, or how it ended; None where it has only moved on."""
        try:
            answer, seat.awaited = ray.get(seat.awaited), None
        except RayTaskError:
            raise
        except RayError as error:
            self._give_up(seat, error)
            return error
        if isinstance(answer, _Refusal):
            raise ClusterError(f"{_host(seat.node)}: {answer.text}")
        if isinstance(answer, Measurement):
            return answer
        if seat.node is None:
            assert isinstance(answer, str)
            seat.node = answer
            seat.awaited = seat.actor.open.remote(self._shared_on(answer).make)
        else:
            seat.is_open = True
        return None

    def _shared_on(self, node: str) -> _Shared:
        """What the slots of a node share."""
        if node not in self._shared:
            there = NodeAffinitySchedulingStrategy(node, soft=False)
            options = {"num_cpus": 0, "scheduling_strategy": there}
            actor = ray.remote(**options)(_Node).remote(self._evaluators, Path.cwd())
            self._shared[node] = _Shared(actor, actor.open.remote())
        return self._shared[node]

    def _give_up(self, seat: _Seat, error: RayError) -> None:
        """Part with a slot that ended, and with those that may have ended beside it unnoticed."""
        gone = [seat]
        if seat.node is not None:
            idle = [each for each in self._seats if each.is_open and each.awaited is None]
            gone += [each for each in idle if each.node == seat.node and each is not seat]
        for each in gone:
            self._seats.remove(each)
            ray.kill(each.actor)
        if not seat.is_open and seat.node is not None and seat.node in self._shared:
            ray.kill(self._shared.pop(seat.node).actor)
        if seat.node not in self._lost_on:
            self._lost_on.add(seat.node)
            self._say(f"A slot on {_host(seat.node)} ended; what it measured is measured again.")

    def _mind_being_alone(self) -> None:
        """Say so where there has been no slot for a while, and in the end give up.

        Raises:
            ClusterError: It was too long.
        """
        now = time.monotonic()
        if any(seat.is_open for seat in self._seats):
            self._alone_since, self._has_said_so = None, False
            return
        self._alone_since = now if self._alone_since is None else self._alone_since
        if any(seat.node is not None for seat in self._seats):
            return  # one is about to open; what it opens may take its time
        alone_s = now - self._alone_since
        if alone_s >= self._settings.wait_s:
            raise ClusterError(
                f"executor.wait_s={self._settings.wait_s:g}: "
                f"no node has had {self._share} free for so long"
            )
        if alone_s >= SAY_AFTER_S and not self._has_said_so:
            self._has_said_so = True
            self._say(f"Waiting for a node of the Ray cluster with {self._share} free ...")

    def _end(self) -> None:
        """End all actors, with what they hold."""
        placed = [seat.actor for seat in self._seats if seat.node is not None]
        shared = [each.actor for each in self._shared.values()]
        try:
            for actors in (placed, shared):  # in this order: slots have files in what is shared
                if actors:
                    closed = [each.close.remote() for each in actors]
                    ray.wait(closed, num_returns=len(closed), timeout=CLOSE_S)
        finally:
            for actor in [*(seat.actor for seat in self._seats), *shared]:
                ray.kill(actor)

    @property
    def _share(self) -> str:
        """What a slot needs, in words."""
        return f"executor.cpus={self._settings.cpus:g} executor.gpus={self._settings.gpus:g}"


@dataclass(eq=False)
class _Seat:
    """A slot as it is known here.

    Attributes:
        actor: It.
        awaited: Its next answer; None while it does nothing.
        node: Where it is; None until it has a place.
        is_open: Whether it has its evaluator.
        task: What it measures.
    """

    actor: Any
    awaited: Any
    node: str | None = None
    is_open: bool = False
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the slots of a node share: the actor that holds it, and its answer."""

    actor: Any
    make: Any


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What the user has to mend on a node; not every exception can be sent."""

    text: str


class _Node:
    """An actor that holds open what the slots of its node share."""

    def __init__(self, evaluators: Evaluators, folder: Path) -> None:
        with contextlib.suppress(OSError):  # where relative paths of settings begin
            os.chdir(folder)
        self._evaluators = evaluators
        self._held = ExitStack()

    def open(self) -> MakeEvaluator | _Refusal:
        """Open it, and give what makes evaluators."""
        try:
            return self._held.enter_context(self._evaluators())
        except UserError as error:
            return _Refusal(str(error))

    def close(self) -> None:
        """Give it back."""
        self._held.close()


class _Slot:
    """An actor with a share of its node, in which one evaluator works."""

    def __init__(self, has_gpu: bool) -> None:
        if not has_gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._evaluator: Evaluator | None = None

    def node(self) -> str:
        """Where it is."""
        return str(ray.get_runtime_context().get_node_id())

    def open(self, make: MakeEvaluator | _Refusal) -> _Refusal | None:
        """Make the evaluator."""
        if isinstance(make, _Refusal):
            return make
        try:
            self._evaluator = make()
        except UserError as error:
            return _Refusal(str(error))
        return None

    def evaluate(self, source: str, seed: int) -> Measurement | _Refusal:
        """Measure a network."""
        assert self._evaluator is not None
        try:
            return self._evaluator.evaluate(source, seed)
        except UserError as error:
            return _Refusal(str(error))

    def close(self) -> None:
        """End what it does."""
        if self._evaluator is not None:
            self._evaluator.close()


@contextmanager
def _connected(address: str | None, withheld: Collection[str]) -> Iterator[None]:
    """Be a part of a cluster; one that is started here ends with this."""
    with ExitStack() as started:
        if address is None:
            options: dict[str, Any] = {"address": "local", "include_dashboard": False}
            folder = str(started.enter_context(scratch_folder()))
            options |= {"_temp_dir": folder} if len(folder) <= LONGEST_FOLDER else {}
        else:
            options = {"address": address}
        try:
            _knock(address)
            with _without(withheld), _own_signals():
                ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError, RayError) as error:
            reason = tidy(str(error), LONGEST_ERROR) or type(error).__name__
            raise ClusterError(f"executor.address={address or 'null'}: {reason}") from None
        started.callback(ray.shutdown)
        ray._private.worker._worker_logs_enabled = False  # on standard output, of nodes that end
        yield


def _knock(address: str | None) -> None:
    """Fail at once where nobody answers, which Ray takes minutes to find out.

    Raises:
        OSError: Nobody does.
    """
    host, colon, port = (address or "").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()


@contextmanager
def _without(names: Collection[str]) -> Iterator[None]:
    """Keep environment variables from processes that are started meanwhile."""
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        yield
    finally:
        os.environ.update(kept)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this process does on SIGTERM, which Ray takes over."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


def _room(settings: RayConfig) -> int:
    """How many slots the nodes that live have room for, if nobody else were there."""
    room = 0
    for node in ray.nodes():
        if node["Alive"]:
            here = node["Resources"]
            slots = [here.get("CPU", 0) / settings.cpus]
            slots += [here.get("GPU", 0) / settings.gpus] if settings.gpus else []
            room += int(min(slots))
    return room


def _host(node: str | None) -> str:
    """A node by its name."""
    names = {each["NodeID"]: each["NodeManagerHostname"] for each in ray.nodes()}
    return f"node {names.get(node, 'without a name')}"
