import sys
import threading
from dataclasses import replace
from typing import ClassVar

import pytest

from llmatic import parts
from llmatic.config import ConfigError, compose
from llmatic.executor import LocalExecutor, Task
from llmatic.records import CandidateId, Measurement, Status

TASKS = [Task(CandidateId(1, index), f"source {index}", index) for index in range(6)]


class Fake:
    """Meets another evaluation of its kind, if there is to be one at the same time."""

    def __init__(self, meeting=None, fails=None):
        self.meeting, self.fails, self.closed, self.busy = meeting, fails, 0, False

    def evaluate(self, source, seed, pruner=None):
        assert not self.busy  # one at a time
        self.busy = True
        if self.meeting is not None:
            self.meeting.wait(10)
        self.busy = False
        if source == self.fails:
            raise OSError("no worker lives")
        return Measurement(Status.OK, seed / 10)

    def close(self):
        self.closed += 1


def test_two_slots_work_at_the_same_time():
    meeting = threading.Barrier(2)  # broken unless two evaluators are in it together
    made = []

    def make():
        made.append(Fake(meeting))
        return made[-1]

    with LocalExecutor(make, 2) as executor:
        found = list(executor.map(TASKS))
    assert {task.id: measured.fitness for task, measured in found} == {
        task.id: task.seed / 10 for task in TASKS
    }
    assert [each.closed for each in made] == [1, 1]


def test_a_failing_evaluator_ends_the_map_and_gives_slots_back():
    made = []

    def make():
        made.append(Fake(fails="source 2"))
        return made[-1]

    with LocalExecutor(make, 1) as executor:
        measured = executor.map(TASKS)
        assert [next(measured)[0].seed for _ in range(2)] == [0, 1]
        with pytest.raises(OSError, match="no worker lives"):
            list(measured)
    assert made[0].closed == 1


def test_slots_that_cannot_all_be_made_leave_none_behind():
    made = []

    def make():
        if len(made) == 2:
            raise OSError("no more processes")
        made.append(Fake())
        return made[-1]

    with pytest.raises(OSError, match="no more processes"):
        LocalExecutor(make, 3)
    assert [each.closed for each in made] == [1, 1]


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("executor.slots=100000", "executor.slots=100000: at most"),
        ("trainer.accelerator=gpu", "trainer.accelerator=gpu: there is no GPU here"),
    ],
)
def test_what_this_machine_lacks_is_told_before_a_search_begins(override, says, monkeypatch):
    monkeypatch.setattr(parts, "uses_gpu", lambda accelerator: False)
    with (
        pytest.raises(ConfigError, match=says),
        parts.executors(compose([override]), print),
    ):
        raise AssertionError("it began")


def test_no_task_is_no_work():
    with LocalExecutor(Fake, 1) as executor:
        assert list(executor.map([])) == []


class Noting(Fake):
    """Notes what it measures, and waits until it may."""

    def __init__(self, noted, gate):
        super().__init__()
        self.noted, self.gate = noted, gate

    def evaluate(self, source, seed, pruner=None):
        self.noted.append(source)
        assert self.gate.wait(10)
        return super().evaluate(source, seed)


def test_the_most_work_is_begun_first():
    noted, gate = [], threading.Event()
    costs = [1.0, 5.0, 3.0, 5.0, 2.0]
    tasks = [replace(task, cost=cost) for task, cost in zip(TASKS[:5], costs, strict=True)]

    def given():
        yield from tasks
        gate.set()  # the first was begun when there was no other

    with LocalExecutor(lambda: Noting(noted, gate), 1) as executor:
        found = [task.seed for task, _ in executor.map(given())]
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert noted == [f"source {place}" for place in (0, 1, 3, 2, 4)]


def test_measuring_begins_while_tasks_are_waited_for():
    measured = threading.Event()

    class Telling(Fake):
        def evaluate(self, source, seed, pruner=None):
            measured.set()
            return super().evaluate(source, seed)

    def given():
        yield TASKS[0]
        assert measured.wait(10)
        yield TASKS[1]

    with LocalExecutor(Telling, 1) as executor:
        assert len(list(executor.map(given()))) == 2


def test_tasks_that_cannot_be_told_end_the_measuring():
    def given():
        yield TASKS[0]
        raise ValueError("the writer has gone")

    with LocalExecutor(Fake, 1) as executor:
        with pytest.raises(ValueError, match="the writer has gone"):
            list(executor.map(given()))
        assert len(list(executor.map(TASKS))) == len(TASKS)  # nothing is left over


def test_what_was_measured_before_the_tasks_failed_is_not_lost():
    measured = threading.Event()

    class Telling(Fake):
        def evaluate(self, source, seed, pruner=None):
            if seed == 1:  # the first was measured, and its slot has moved on
                measured.set()
            return super().evaluate(source, seed)

    def given():
        yield TASKS[0]
        yield TASKS[1]
        assert measured.wait(10)
        raise ValueError("the writer has gone")

    found = []
    with LocalExecutor(Telling, 1) as executor, pytest.raises(ValueError, match="has gone"):
        found.extend(task.seed for task, _ in executor.map(given()))
    assert 0 in found


class Hungry(Fake):
    """Runs out of memory whenever another is at work."""

    at_work = 0
    tries: ClassVar[list[str]] = []

    def evaluate(self, source, seed, pruner=None):
        self.tries.append(source)
        Hungry.at_work += 1
        try:
            if self.meeting is not None and Hungry.tries.count(source) == 1:
                self.meeting.wait(10)
            crowded = Hungry.at_work > 1
            if self.meeting is not None and Hungry.tries.count(source) == 1:
                self.meeting.wait(10)
        finally:
            Hungry.at_work -= 1
        if crowded or source == self.fails:
            return Measurement(Status.OUT_OF_MEMORY)
        return Measurement(Status.OK, seed / 10)


def test_what_runs_out_of_memory_beside_others_is_measured_once_more_alone():
    Hungry.tries, meeting = [], threading.Barrier(2)
    with LocalExecutor(lambda: Hungry(meeting, "source 1"), 2) as executor:
        found = {task.seed: each.status for task, each in executor.map(TASKS[:2])}
    assert found == {0: Status.OK, 1: Status.OUT_OF_MEMORY}
    assert sorted(Hungry.tries) == ["source 0", "source 0", "source 1", "source 1"]


def test_alone_is_alone_from_the_beginning():
    Hungry.tries = []
    with LocalExecutor(lambda: Hungry(fails="source 0"), 1) as executor:
        found = [each.status for _, each in executor.map(TASKS[:1])]
    assert found == [Status.OUT_OF_MEMORY]
    assert Hungry.tries == ["source 0"]


def test_busy_time_is_of_all_slots():
    times = iter(range(100))
    with LocalExecutor(Fake, 1, clock=lambda: next(times)) as executor:
        list(executor.map(TASKS[:3]))
        assert executor.busy_s == 3


def test_without_ray_its_executor_says_what_to_install(monkeypatch):
    for name in [
        each for each in sys.modules if f"{each}.".startswith(("ray.", "llmatic.cluster."))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    config = compose(["executor=ray"])
    with (
        pytest.raises(ConfigError, match=r"pip install 'llmatic\[ray\]'"),
        parts.executors(config, print),
    ):
        pass
