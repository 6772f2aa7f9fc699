"""What the curves of a study say: figures at the budgets, and paired comparisons.

Accuracies go in as fractions and come out in per cent, as tables of results have them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from llmatic.benchmark.methods import is_control
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import read_table

__all__ = ["Comparison", "Results", "Row", "compare", "rank", "rows", "spread"]

Results = Mapping[tuple[str, str], Mapping[int, Curve]]
"""Curves by (method, data set), by seed."""

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """A method on a data set after so many distinct evaluations, over seeds.

    Attributes:
        method: Its name.
        dataset: Its name.
        budget: Distinct evaluations.
        mean: Of the best objective found, in per cent.
        std: Its standard deviation (n - 1); None for one seed.
        median: As `mean`.
        q1: Lower quartile.
        q3: Upper quartile.
        optimum_found: Share of seeds that found the highest objective of all cells.
        n: Seeds.
        test_mean: Test accuracy of the best by the objective, in per cent.
        test_std: As `std`.
        rank_median: Median rank of the best among all cells by the objective; 1 is the optimum.
    """

    method: str
    dataset: str
    budget: int
    mean: float
    std: float | None
    median: float
    q1: float
    q3: float
    optimum_found: float
    n: int
    test_mean: float
    test_std: float | None
    rank_median: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A method against a control on the same seeds.

    Attributes:
        method: Its name.
        control: The other's name.
        dataset: Where.
        budget: Distinct evaluations.
        difference: Mean of the method's best objective less the control's, in percentage points.
        low: Lower end of its 95% interval (Student's t over seeds); None for one seed.
        high: Upper end.
        better: Seeds on which the method's is higher.
        worse: Seeds on which it is lower.
        n: Seeds that both have.
    """

    method: str
    control: str
    dataset: str
    budget: int
    difference: float
    low: float | None
    high: float | None
    better: int
    worse: int
    n: int

    @property
    def is_better(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.low is not None and self.low > 0

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval is below 0."""
        return self.high is not None and self.high < 0


def rows(results: Results, budgets: Sequence[int], fitness: str) -> Iterator[Row]:
    """Every method on every data set at every budget, in the order of the results."""
    for (method, dataset), curves in results.items():
        for budget in budgets:
            best = [curve.best[budget - 1] for curve in curves.values()]
            test = [curve.test[budget - 1] for curve in curves.values()]
            mean, std = spread(best)
            test_mean, test_std = spread(test)
            q1, median, q3 = (float(each) * 100 for each in np.percentile(best, (25, 50, 75)))
            ranks = [rank(each, dataset, fitness) for each in best]
            yield Row(
                method=method,
                dataset=dataset,
                budget=budget,
                mean=mean,
                std=std,
                median=median,
                q1=q1,
                q3=q3,
                optimum_found=ranks.count(1) / len(ranks),
                n=len(best),
                test_mean=test_mean,
                test_std=test_std,
                rank_median=float(np.median(ranks)),
            )


def compare(results: Results, budgets: Sequence[int]) -> Iterator[Comparison]:
    """Every search against every control, over the seeds that both have."""
    for (method, dataset), ours in results.items():
        for (control, there), theirs in results.items():
            if is_control(method) or not is_control(control) or there != dataset:
                continue
            seeds = [seed for seed in ours if seed in theirs]
            for budget in budgets:
                differences = np.array(
                    [ours[s].best[budget - 1] - theirs[s].best[budget - 1] for s in seeds]
                )
                low, high = _interval(differences * 100)
                yield Comparison(
                    method=method,
                    control=control,
                    dataset=dataset,
                    budget=budget,
                    difference=float(differences.mean()) * 100,
                    low=low,
                    high=high,
                    better=int((differences > 0).sum()),
                    worse=int((differences < 0).sum()),
                    n=len(seeds),
                )


def spread(accuracies: Sequence[float]) -> tuple[float, float | None]:
    """Mean and standard deviation (n - 1), in per cent; None for one value."""
    values = np.array(accuracies) * 100
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None


def rank(accuracy: float, dataset: str, fitness: str) -> int:
    """Place of an objective among all cells; 1 is the highest, equals share a place."""
    ascending = _ascending(dataset, fitness)
    return 1 + len(ascending) - bisect_right(ascending, accuracy)


@cache
def _ascending(dataset: str, fitness: str) -> list[float]:
    return sorted(row.fitness(fitness) for row in read_table(dataset).values())


def _interval(differences: npt.NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Of the mean, by Student's t: with few seeds a bootstrap's is too narrow."""
    if len(differences) < 2:
        return None, None
    mean = float(differences.mean())
    deviation = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    reach = float(stdtrit(len(differences) - 1, (1 + CONFIDENCE) / 2)) * deviation
    return mean - reach, mean + reach
