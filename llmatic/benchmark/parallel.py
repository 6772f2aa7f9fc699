"""One function over many items, in processes of their own.

The processes are started afresh, not forked; they end with this one, however it ends,
and Ctrl-C ends them through it. Knows nothing of what the function does.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

from llmatic.errors import UserError

__all__ = ["each"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int
) -> Iterator[tuple[Item, Result]]:
    """Every item with what the function made of it, as they are done.

    Args:
        function: Of a module; item and result are sent between processes.
        items: In the order in which they are begun.
        jobs: Processes; with one, everything happens in this process.

    Raises:
        UserError: The function raised it, or a process ended by itself.
    """
    if jobs == 1:
        for item in items:
            yield item, function(item)
        return
    waiting = deque(items)
    busy: dict[Connection, tuple[BaseProcess, Item]] = {}
    try:
        with _one_thread_each():
            while waiting and len(busy) < jobs:
                process, connection = _start(function)
                busy[connection] = (process, waiting.popleft())
                _send(connection, *busy[connection])
        while busy:
            for ready in wait(list(busy)):
                connection = cast("Connection", ready)
                process, item = busy[connection]
                result: Result = _answer(connection, process)
                if waiting:
                    busy[connection] = (process, waiting.popleft())
                    _send(connection, *busy[connection])
                else:
                    del busy[connection]
                    connection.close()
                yield item, result
    finally:
        for process, _ in busy.values():
            process.kill()
            process.join()


def _start(
    function: Callable[[Item], Result],
) -> tuple[BaseProcess, Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(function, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(function: Callable[[Item], Result], connection: Connection) -> None:
    """What happens in a process, until nobody is at the other end any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            item = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        try:
            answer: Result | UserError = function(item)
        except UserError as error:
            answer = error
        try:
            connection.send(answer)
        except BrokenPipeError:
            return


def _send(connection: Connection, process: BaseProcess, item: Item) -> None:
    try:
        connection.send(item)
    except BrokenPipeError:
        raise _ended(process) from None


def _answer(connection: Connection, process: BaseProcess) -> Any:
    try:
        answer = connection.recv()
    except (EOFError, ConnectionResetError):
        raise _ended(process) from None
    if isinstance(answer, UserError):
        raise answer
    return answer


def _ended(process: BaseProcess) -> UserError:
    process.join()
    return UserError(
        f"a process ended by itself, with status {process.exitcode} (-9: it was killed, most often "
        "for want of memory; fewer --jobs need less); what is done is kept"
    )


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Several processes on the same cores need no threads besides."""
    name = "OMP_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
