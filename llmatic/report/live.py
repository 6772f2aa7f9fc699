"""The report of a search that is running, drawn by another process in its idle time.

The search never waits for it and never fails by it: what goes wrong with a drawing is one
line. At the end it is drawn once more. Knows nothing of what is drawn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Self

from llmatic.loop import Progress

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig

__all__ = ["LiveReport"]

_LOWEST_PRIORITY = 19
_LAST_WITHIN_S = 300


class LiveReport:
    """Draws after generations, not more often than is asked for, one drawing at a time.

    A context, in which it is called with progress; at its end a drawing that is not ready is
    given up. `finish` comes afterwards.
    """

    def __init__(
        self,
        tracking: TrackingConfig,
        run_id: str,
        program: str,
        refresh_s: float | None,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set up; nothing is drawn yet.

        Args:
            tracking: Where the search is kept.
            run_id: Which search.
            program: How LLMatic is called, for the commands in the report.
            refresh_s: Seconds from the end of a drawing to the next; None: none at all.
            say: Called with what the user should read.
            clock: Gives seconds.
        """
        asked = {"tracking": asdict(tracking), "run": run_id, "program": program}
        self._asked = json.dumps(asked) + "\n"
        self._refresh_s = refresh_s
        self._say = say
        self._clock = clock
        self._last = clock()
        self._drawing: subprocess.Popen[str] | None = None
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up what is being drawn."""
        self._stop()

    def __call__(self, progress: Progress) -> None:
        """Begin a drawing, if a generation is complete and it is time for one."""
        if self._refresh_s is None or progress.done < progress.batch:
            return
        if self._drawing is not None:
            if self._drawing.poll() is None:
                return
            self._answer(self._drawing, None)
        if self._clock() - self._last >= self._refresh_s:
            self._drawing = self._begin()
            if self._drawing is not None:
                with suppress(OSError):  # it may be gone already
                    os.setpriority(os.PRIO_PROCESS, self._drawing.pid, _LOWEST_PRIORITY)

    def finish(self) -> str | None:
        """Draw once more, at ordinary priority, and wait for it.

        Returns:
            The page; empty where only the tracking store can reach it, None where none was
            drawn.

        Raises:
            KeyboardInterrupt: The user did not want to wait; nothing is left running.
        """
        self._stop()
        if self._refresh_s is None:
            return None
        self._drawing = self._begin()
        try:
            return None if self._drawing is None else self._answer(self._drawing, _LAST_WITHIN_S)
        finally:
            self._stop()

    def _begin(self) -> subprocess.Popen[str] | None:
        try:
            drawing = subprocess.Popen(
                [sys.executable, "-P", "-m", "llmatic.report"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        except OSError as error:
            self._failed(str(error))
            return None
        assert drawing.stdin is not None
        with suppress(BrokenPipeError):  # what ended early says why
            drawing.stdin.write(self._asked)
            drawing.stdin.flush()
        return drawing

    def _answer(self, drawing: subprocess.Popen[str], timeout_s: float | None) -> str | None:
        """What a drawing that is ready, or will be, came to."""
        self._last = self._clock()
        try:
            drawing.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._failed(f"not ready after {timeout_s:.0f} s")
            return None
        assert drawing.stdout is not None
        text = drawing.stdout.read()
        self._stop()
        answer: dict[str, str] = json.loads(text) if text else {"error": "the process died"}
        if "error" in answer:
            self._failed(answer["error"])
        return answer.get("page")

    def _failed(self, why: str) -> None:
        if why not in self._said:
            self._say(f"The report could not be drawn: {why}")
            self._said.add(why)

    def _stop(self) -> None:
        drawing, self._drawing = self._drawing, None
        if drawing is None:
            return
        drawing.kill()
        drawing.wait()
        for pipe in (drawing.stdin, drawing.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
