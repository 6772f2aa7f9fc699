"""The report of a running search: drawn by the way, never in it."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from llmatic.config import TrackingConfig
from llmatic.loop import Progress
from llmatic.report.live import LiveReport

HALF = Progress(1, 8, 3, 6, 3, 3, 3, 48, 0.5, 1, 0.5)
COMPLETE = replace(HALF, done=6)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def begun(monkeypatch):
    """Processes that are begun in place of drawings: each answers in its own way."""
    processes, answers = [], []
    real = subprocess.Popen

    def begin(command, **options):
        assert command[1:] == ["-P", "-m", "llmatic.report"]
        assert options["start_new_session"]
        answer = answers.pop(0)
        processes.append(real([sys.executable, "-c", answer], **options))
        if answer == FAILED:
            processes[-1].wait(30)  # it hears no question
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", begin)
    yield processes, answers
    assert all(process.poll() is not None for process in processes)


def live(said, clock, refresh_s=60.0):
    tracking = TrackingConfig("sqlite:///nowhere.db", "study", "files")
    return LiveReport(tracking, "abc", "llmatic", refresh_s, said.append, clock)


SLOW = "import time; time.sleep(600)"
DRAWN = 'import sys; sys.stdin.readline(); print(\'{"page": "here/index.html"}\')'
FAILED = 'print(\'{"error": "no such colour"}\')'


def test_drawn_after_a_generation_when_it_is_time(begun):
    processes, answers = begun
    answers += [SLOW, DRAWN]
    clock, said = Clock(), []
    with live(said, clock) as drawing:
        drawing(COMPLETE)
        assert len(processes) == 0  # too early
        clock.now = 60
        drawing(HALF)
        assert len(processes) == 0  # in the middle of a generation
        drawing(COMPLETE)
        assert len(processes) == 1
        clock.now = 600
        drawing(COMPLETE)
        assert len(processes) == 1  # one at a time
    assert processes[0].wait(10) != 0  # given up
    assert drawing.finish() == "here/index.html"
    assert said == []


def test_what_goes_wrong_is_said_once(begun):
    processes, answers = begun
    answers += [FAILED, FAILED, ""]
    clock, said = Clock(), []
    with live(said, clock) as drawing:
        for clock.now in range(100, 700, 100):
            drawing(COMPLETE)
            processes[-1].wait(30)
    reasons = ("no such colour", "the process died")
    assert said == [f"The report could not be drawn: {each}" for each in reasons]
    assert len(processes) == 3


def test_none_is_drawn_where_none_is_wanted(begun):
    processes, _ = begun
    with live([], Clock(), None) as drawing:
        drawing(COMPLETE)
    assert drawing.finish() is None
    assert processes == []


def test_a_drawing_that_cannot_begin_is_one_line(monkeypatch):
    def fail(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", fail)
    clock, said = Clock(), []
    with live(said, clock) as drawing:
        clock.now = 100
        drawing(COMPLETE)
    assert drawing.finish() is None
    assert said == ["The report could not be drawn: no more processes"]


def test_the_real_one_says_why(tmp_path):
    said = []
    tracking = TrackingConfig(f"sqlite:///{tmp_path}/none.db", "study", str(tmp_path))
    drawing = LiveReport(tracking, "abc", "llmatic", 60.0, said.append)
    assert drawing.finish() is None
    assert "there is no store" in said[0]


def test_it_ends_with_the_process_that_asked(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "llmatic.report"], stdin=subprocess.PIPE, text=True
    )
    process.stdin.write('{"tracking": {}, "run": "abc"')  # no whole line: it waits
    process.stdin.close()
    start = time.monotonic()
    assert process.wait(60) != 0
    assert time.monotonic() - start < 60
