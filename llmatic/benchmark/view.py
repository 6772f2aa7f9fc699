"""A study for people: tables, and how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from llmatic.benchmark.methods import Task
from llmatic.benchmark.statistics import Comparison, Row, spread
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import optimum

__all__ = ["LiveStudy", "comparison_table", "result_table"]


class LiveStudy:
    """Progress on standard error: a bar in a terminal, a line per method elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.completed:.0f}/{task.total:.0f} searches"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1, state="")
        self._found: dict[tuple[str, str], list[float]] = {}

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

    def __call__(self, task: Task, curve: Curve, done: int, total: int) -> None:
        """One more search has ended.

        Args:
            task: Which.
            curve: What it found.
            done: Searches that have ended.
            total: All searches.
        """
        found = self._found.setdefault((task.method, task.dataset), [])
        found.append(curve.best[-1])
        mean, _ = spread(found)
        state = f"{task.method} on {task.dataset}: {mean:.2f} after {task.evaluations}"
        self._bar.update(self._task, completed=done, total=total, state=state)
        if not self._console.is_terminal and (done == total or done % max(1, total // 20) == 0):
            print(f"{done}/{total} searches; {state}", file=sys.stderr, flush=True)


def result_table(rows: Iterable[Row], dataset: str, fitness: str) -> Table:
    """Every method on one data set."""
    best = optimum(dataset, fitness) * 100
    table = Table(title=f"{dataset}: best {fitness} accuracy in % (optimum {best:.2f})")
    table.add_column("method", no_wrap=True)
    for name in ("evaluations", "mean ± std", "median", "quartiles", "optimum", "rank"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("test accuracy", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    before = None
    for row in rows:
        if row.dataset == dataset:
            if before not in (None, row.method):
                table.add_section()
            table.add_row(
                row.method if row.method != before else "",
                str(row.budget),
                _with_spread(row.mean, row.std),
                f"{row.median:.2f}",
                f"{row.q1:.2f} to {row.q3:.2f}",
                f"{row.optimum_found:.0%}",
                f"{row.rank_median:g}",
                _with_spread(row.test_mean, row.test_std),
                str(row.n),
            )
            before = row.method
    return table


def comparison_table(comparisons: Sequence[Comparison], dataset: str) -> Table:
    """Every search against every control on one data set."""
    table = Table(title=f"{dataset}: difference on the same seeds in percentage points")
    for name in ("method", "against"):
        table.add_column(name, no_wrap=True)
    for name in ("evaluations", "mean", "95% interval", "better", "worse", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in comparisons:
        if each.dataset == dataset:
            table.add_row(
                each.method,
                each.control,
                str(each.budget),
                f"{each.difference:+.2f}",
                "-" if each.low is None else f"{each.low:+.2f} to {each.high:+.2f}",
                str(each.better),
                str(each.worse),
                str(each.n),
            )
    return table


def _with_spread(mean: float, std: float | None) -> str:
    return f"{mean:.2f}" if std is None else f"{mean:.2f} ± {std:.2f}"
