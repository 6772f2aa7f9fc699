"""Processes that are forked here and watched: they end, or are ended."""

import os
import signal
import time

import pytest

from llmatic.evaluate.protocol import LOST, End, How
from llmatic.evaluate.watch import Bounds, memory_bytes, watch


class Silence:
    """Nobody says anything, or the first word is to stop."""

    def __init__(self):
        self.descriptor, self.writing = os.pipe()

    def is_told_to_stop(self):
        os.read(self.descriptor, 1)
        return True


def run(child, *, timeout_s=10.0, memory_mb=500, stop=False):
    """Fork a process that does something, and watch it."""
    reading, writing = os.pipe()
    orders, said = Silence(), []
    if (pid := os.fork()) == 0:
        try:
            child(writing)
        finally:
            os._exit(0)
    os.close(writing)
    if stop:
        os.write(orders.writing, b"x")

    def relay():
        data = os.read(reading, 2**16)
        said.append(data)
        return bool(data)

    bounds = Bounds(timeout_s, 100.0, memory_bytes("self") + memory_mb * 2**20)
    end = watch([pid], reading, bounds, time.monotonic(), relay, orders)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)  # it has ended, and was reaped
    for each in (reading, orders.descriptor, orders.writing):
        os.close(each)
    return end, b"".join(said)


def hog(_):
    kept = [bytearray(10**7) for _ in range(30)]
    time.sleep(len(kept))


def crowd(_):
    import threading

    for _ in range(300):
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
    time.sleep(30)


def talk_and_go(writing):
    os.write(writing, b"words")
    os._exit(3)


@pytest.mark.parametrize(
    ("child", "limits", "how", "code"),
    [
        (talk_and_go, {}, How.EXIT, 3),
        (lambda _: os.kill(os.getpid(), signal.SIGTERM), {}, How.SIGNAL, 15),
        (lambda _: os.kill(os.getpid(), 40), {}, How.SIGNAL, 40),
        (lambda _: time.sleep(30), {"timeout_s": 0.3}, How.TIMEOUT, 0),
        (lambda writing: (os.close(writing), time.sleep(30)), {"timeout_s": 0.3}, How.TIMEOUT, 0),
        (lambda _: time.sleep(30), {"stop": True}, How.STOPPED, 0),
        (hog, {"memory_mb": 100}, How.MEMORY, 0),
        (crowd, {}, How.THREADS, 0),
    ],
)
def test_how_a_process_ended(child, limits, how, code):
    end, said = run(child, **limits)
    assert (end.how, end.code) == (how, code)
    assert end.seconds < 9
    assert said == (b"words" if child is talk_and_go else b"")


def group(*children, timeout_s=10.0, memory_mb=500):
    """Fork several, and watch them; the first one's end of a pipe is not there."""
    reading, writing = os.pipe()
    orders, pids = Silence(), []
    for child in children:
        if (pid := os.fork()) == 0:
            try:
                child(writing)
            finally:
                os._exit(0)
        pids.append(pid)
    os.close(writing)
    memory = len(pids) * memory_bytes("self") + memory_mb * 2**20
    bounds = Bounds(timeout_s, 100.0, memory)
    end = watch(pids, reading, bounds, time.monotonic(), lambda: bool(os.read(reading, 9)), orders)
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, 0)
    for each in (reading, orders.descriptor, orders.writing):
        os.close(each)
    return end


def wait(writing):
    os.close(writing)
    time.sleep(30)


def leaving(code, after=0.0):
    def child(_):
        time.sleep(after)
        os._exit(code)

    return child


def half_a_hog(writing):
    os.close(writing)
    kept = [bytearray(10**7) for _ in range(10)]
    time.sleep(len(kept))


@pytest.mark.parametrize(
    ("children", "how", "code"),
    [
        ([leaving(0), wait], How.EXIT, 0),
        ([leaving(5), wait, wait], How.EXIT, 5),
        ([leaving(0, after=0.3), leaving(0)], How.EXIT, 0),
        ([leaving(LOST, after=0.3), leaving(4)], How.EXIT, 4),
        ([leaving(LOST), leaving(4, after=0.02)], How.EXIT, 4),
        ([leaving(LOST), wait], How.EXIT, LOST),
        ([wait, leaving(4)], How.EXIT, 4),
        ([wait, lambda _: os.kill(os.getpid(), signal.SIGTERM)], How.SIGNAL, 15),
        ([leaving(0, after=0.3), leaving(4)], How.EXIT, 0),
        ([half_a_hog, half_a_hog], How.MEMORY, 0),
        ([wait, crowd], How.THREADS, 0),
    ],
)
def test_how_processes_that_work_together_ended(children, how, code):
    end = group(*children, memory_mb=150)
    assert (end.how, end.code) == (how, code)
    assert end.seconds < 9


def test_page_tables_are_memory():
    import mmap

    before = memory_bytes("self")
    with mmap.mmap(-1, 2**33, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ) as large:
        assert not any(large[place] for place in range(0, 2**33, 2**21))
        assert memory_bytes("self") - before > 2**33 // 512 // 2


def test_ends_survive_json():
    end = End(How.SIGNAL, 1.5, 40)
    assert End.from_header({"how": "signal", "seconds": 1.5, "code": 40}) == end
