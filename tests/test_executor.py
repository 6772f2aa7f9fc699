import threading

import pytest

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
            next(measured)
    assert made[0].closed == 1


def test_no_task_is_no_work():
    with LocalExecutor(Fake, 1) as executor:
        assert list(executor.map([])) == []
