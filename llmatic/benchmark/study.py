"""A study: which searches are compared, all of them carried out, nothing twice.

Knows that results are kept under a key; not where, and not what is shown of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from llmatic.benchmark import parallel
from llmatic.benchmark.methods import NAMES, SEARCHES, Task, code_version, run
from llmatic.benchmark.statistics import Results, rank
from llmatic.config import Config, ReplayConfig, TrackingConfig, compose
from llmatic.errors import UserError
from llmatic.nasbench201.cell import EDGES, Operation
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import CLASSES

if TYPE_CHECKING:
    from llmatic.tracking import StudyJournal

__all__ = ["Study", "carry_out"]

CELLS = len(Operation) ** len(EDGES)
OPEN = ("search", "prompts", "llm", "tracking")
"""Settings that may differ from the paper's, with all below them."""
DECIDED = ("search.generations", "search.budget")
"""What the study's budgets decide."""

Observer = Callable[[Task, Curve, int, int], None]


@dataclass(frozen=True)
class Study:
    """Methods x data sets x seeds, each search with the same number of distinct evaluations.

    Attributes:
        methods: Of `llmatic.benchmark.methods.NAMES`.
        datasets: Of `llmatic.nasbench201.table.CLASSES`.
        seeds: The same for every method.
        budgets: Distinct evaluations at which results are given; the highest ends a search.
        fitness: ``validation`` or ``test`` accuracy is searched.
        overrides: ``key=value`` texts for every search that is no control.

    Raises:
        UserError: A value is not allowed.
    """

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]
    budgets: tuple[int, ...]
    fitness: str = "validation"
    overrides: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        _among("--methods", self.methods, NAMES)
        _among("--dataset", self.datasets, CLASSES)
        _among("--fitness", (self.fitness,), ("validation", "test"))
        _require(len(self.seeds) > 0, "--seeds", len(self.seeds), "at least 1")
        _require(min(self.seeds) >= 0, "--first-seed", min(self.seeds), "at least 0")
        _require(len(self.budgets) > 0, "--budgets", "", f"numbers from 1 to {CELLS:,}")
        for budget in self.budgets:
            allowed = f"from 1 to {CELLS:,}, the cells that there are"
            _require(1 <= budget <= CELLS, "--budgets", budget, allowed)
        for text in self.overrides:
            name = text.partition("=")[0]
            if name.partition(".")[0] not in OPEN or name.startswith(DECIDED):
                raise UserError(
                    f"{text}: cannot be set in a benchmark; settings of {', '.join(OPEN)} can, "
                    f"but for {' and '.join(DECIDED)}, which --budgets decides"
                )

    @property
    def evaluations(self) -> int:
        """Distinct evaluations of one search."""
        return max(self.budgets)

    @property
    def key(self) -> str:
        """The same for studies whose searches may be shared."""
        settings = [each for each in self.overrides if not each.startswith("tracking")]
        text = json.dumps([code_version(), self.fitness, sorted(settings)])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def tracking(self) -> TrackingConfig:
        """Where its results are kept."""
        return self._bases[self.datasets[0]].tracking

    @property
    def parameters(self) -> dict[str, str]:
        """What its searches have in common."""
        settings = [each for each in self.overrides if not each.startswith("tracking")]
        return {
            "table": "nasbench201",
            "fitness": self.fitness,
            "overrides": " ".join(settings) or "none",
            "code": code_version(),
        }

    def tasks(self) -> list[Task]:
        """All searches, those of a method on a data set side by side.

        Raises:
            ConfigError: An override is wrong.
        """
        return [
            Task(method, dataset, seed, self.fitness, self.evaluations, config)
            for dataset, base in self._bases.items()
            for method in self.methods
            for config in [self._config(method, base)]
            for seed in self.seeds
        ]

    @cached_property
    def _bases(self) -> dict[str, Config]:
        """The paper's settings on each data set; data sets differ in nothing else."""
        return {each: self._compose(each, ()) for each in self.datasets}

    @cached_property
    def _searches(self) -> dict[str, Config]:
        wanted = [each for each in self.methods if SEARCHES.get(each)]
        return {each: self._compose(self.datasets[0], SEARCHES[each]) for each in wanted}

    def _config(self, method: str, base: Config) -> Config:
        config = replace(self._searches.get(method, base), dataset=base.dataset)
        return replace(config, tracking=config.tracking.public)

    def _compose(self, dataset: str, settings: Sequence[str]) -> Config:
        config = compose(
            [
                f"experiment=nasbench201_{dataset}",
                f"evaluator.fitness={self.fitness}",
                *settings,
                *self.overrides,
            ]
        )
        if isinstance(config.llm, ReplayConfig):
            raise UserError("llm=replay: cannot be set in a benchmark: it repeats one search")
        return config


def carry_out(study: Study, journal: StudyJournal, jobs: int, observe: Observer) -> Results:
    """Run the searches that the journal does not know, and record each as it ends.

    Args:
        study: What is compared.
        journal: Of this study, open.
        jobs: Processes.
        observe: Called with each search, its curve, how many there are by now and in all.

    Returns:
        The curves, methods in the study's order and seeds ascending.

    Raises:
        UserError: A search or the store failed.
    """
    tasks = study.tasks()
    curves: dict[Task, Curve] = {}
    missing = []
    for task in tasks:
        text = journal.result(task.key)
        known = None if text is None else _curve(text)
        if known is None or len(known.best) < task.evaluations:
            missing.append(task)
        else:
            curves[task] = _beginning(known, task.evaluations)
    for done, (task, curve) in enumerate(curves.items(), start=1):
        observe(task, curve, done, len(tasks))
    for task, curve in parallel.each(run, missing, min(jobs, len(missing)) or 1):
        _record(journal, task, curve, study.budgets)
        curves[task] = curve
        observe(task, curve, len(curves), len(tasks))
    results: dict[tuple[str, str], dict[int, Curve]] = {}
    for task in tasks:
        results.setdefault((task.method, task.dataset), {})[task.seed] = curves[task]
    return results


def _curve(text: str) -> Curve:
    fields = json.loads(text)
    return Curve(tuple(fields["best"]), tuple(fields["test"]))


def _beginning(curve: Curve, evaluations: int) -> Curve:
    return Curve(curve.best[:evaluations], curve.test[:evaluations])


def _record(journal: StudyJournal, task: Task, curve: Curve, budgets: Sequence[int]) -> None:
    journal.record(
        task.key,
        str(task),
        {"method": task.method, "dataset": task.dataset, "seed": str(task.seed)},
        [*_figures(task, curve, budgets)],
        json.dumps(asdict(curve)),
    )


def _figures(task: Task, curve: Curve, budgets: Sequence[int]) -> Iterator[tuple[str, float, int]]:
    """(name, value, evaluations): the figures at the budgets, and every improvement."""
    for budget in budgets:
        best = curve.best[budget - 1]
        yield f"best_at_{budget}", best, budget
        yield f"test_at_{budget}", curve.test[budget - 1], budget
        yield f"rank_at_{budget}", rank(best, task.dataset, task.fitness), budget
    before = -1.0
    for evaluations, best in enumerate(curve.best, start=1):
        if best > before or evaluations == len(curve.best):
            yield "best", best, evaluations
        before = best


def _among(option: str, values: Sequence[str], allowed: Collection[str]) -> None:
    for value in values or ("",):
        _require(value in allowed, option, value, f"one of {', '.join(allowed)}")


def _require(condition: bool, option: str, value: object, allowed: str) -> None:
    if not condition:
        raise UserError(f"{option} {value}: must be {allowed}")
