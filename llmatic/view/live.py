"""How far a search has come, while it runs."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from llmatic.loop import Progress

__all__ = ["LiveProgress"]


class LiveProgress:
    """Progress on standard error: a bar in a terminal, a line per generation elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Bar(
            TextColumn("gen {task.fields[generation]}"),
            BarColumn(bar_width=10),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1, generation="0", state="")
        self._line = ""
        self._started: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the last state standing."""
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show how far the search has come."""
        state = _state(progress)
        self._bar.update(
            self._task,
            completed=progress.finished,
            total=progress.total,
            generation=f"{progress.generation}/{progress.generations}",
            state=state,
        )
        if self._started is None and progress.generation > 0:
            self._started = time.monotonic(), progress.finished
        if not self._console.is_terminal and progress.done == progress.batch:
            line = (
                f"generation {progress.generation}/{progress.generations}: "
                f"{progress.finished}/{progress.total} candidates, {state}{self._left(progress)}"
            )
            if line != self._line and progress.best_fitness is not None:
                print(line, file=sys.stderr, flush=True)
            self._line = line

    def _left(self, progress: Progress) -> str:
        if self._started is None or progress.finished == progress.total:
            return ""
        start, before = self._started
        done = progress.finished - before
        if done == 0:
            return ""
        seconds = (time.monotonic() - start) / done * (progress.total - progress.finished)
        return f", about {seconds:.0f} s left"


def _state(progress: Progress) -> str:
    best = "-" if progress.best_fitness is None else f"{progress.best_fitness:.4f}"
    share = progress.trainable / progress.measured if progress.measured else 0.0
    return (
        f"best {best}, niches {progress.niches_filled}, "
        f"QD {progress.qd_score:.2f}, {share:.0%} trainable"
    )
