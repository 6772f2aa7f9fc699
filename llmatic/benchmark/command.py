"""``llmatic benchmark``: from the texts on the command line to tables, JSON and figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from llmatic.benchmark import figures, view
from llmatic.benchmark.statistics import Comparison, Row, compare, rows
from llmatic.benchmark.study import Study, carry_out
from llmatic.errors import UserError

__all__ = ["Report", "run", "study"]


@dataclass(frozen=True)
class Report:
    """What came out of a study.

    Attributes:
        study: Its settings.
        results: Every method on every data set at every budget.
        comparisons: Every search against every control.
    """

    study: Study
    results: list[Row]
    comparisons: list[Comparison]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What ``--json`` prints."""
        return [asdict(each) for each in self.results]

    @property
    def paired(self) -> list[dict[str, Any]]:
        """What ``--json --paired`` prints."""
        return [asdict(each) for each in self.comparisons]

    def show(self) -> None:
        """Print the tables."""
        console = Console(width=max(120, Console().width))
        for dataset in self.study.datasets:
            console.print(view.result_table(self.results, dataset, self.study.fitness))
        for dataset in self.study.datasets:
            if self.comparisons:
                console.print(view.comparison_table(self.comparisons, dataset))


def study(
    methods: str,
    datasets: str,
    seeds: int,
    first_seed: int,
    budgets: str,
    fitness: str,
    overrides: Sequence[str],
) -> Study:
    """Read the options; lists are separated by commas.

    Raises:
        UserError: A value is not allowed.
    """
    numbers = []
    for text in _list(budgets):
        if not text.isdecimal():
            raise UserError(f"--budgets {text}: must be whole numbers, separated by commas")
        numbers.append(int(text))
    return Study(
        methods=_list(methods),
        datasets=_list(datasets),
        seeds=tuple(range(first_seed, first_seed + seeds)),
        budgets=tuple(sorted(set(numbers))),
        fitness=fitness,
        overrides=tuple(overrides),
    )


def run(
    settings: Study, jobs: int | None, output: Path | None, say: Callable[[str], None]
) -> Report:
    """Carry a study out, draw it and keep both in the tracking store.

    Args:
        settings: The study.
        jobs: Processes; None for one on each CPU.
        output: Where the figures are written too.
        say: Called with what the user should read.

    Raises:
        UserError: A setting is wrong, a search or the store failed.
    """
    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    if jobs < 1:
        raise UserError(f"--jobs {jobs}: must be at least 1")
    if output is not None:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--output {output}: {error.strerror}") from None
    settings.tasks()  # a wrong setting need not wait for the tracking store, which takes seconds

    from llmatic import tracking

    name = f"nasbench201 {settings.fitness} {settings.parameters['overrides']}"
    with tracking.open_study(
        settings.tracking, "benchmark", settings.key, name, settings.parameters
    ) as journal:
        say(f"Study {journal.run_id}: finished searches are kept in MLflow")
        try:
            with view.LiveStudy() as live:
                results = carry_out(settings, journal, jobs, live)
        except KeyboardInterrupt:
            say("Stopped; the same command goes on where it was")
            raise
        report = Report(
            settings,
            list(rows(results, settings.budgets, settings.fitness)),
            list(compare(results, settings.budgets)),
        )
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) if output is None else output
            files = figures.draw(results, settings.fitness, folder)
            journal.attach(files)
    if output is not None:
        for file in files:
            say(f"Wrote {file}")
    return report


def _list(text: str) -> tuple[str, ...]:
    """Its parts without repetitions."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
