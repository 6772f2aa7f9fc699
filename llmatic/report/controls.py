"""The classic searchers on the table of a search, as long as that has searched."""

from __future__ import annotations

from collections.abc import Sequence

from llmatic.config import TableConfig
from llmatic.report.facts import Facts, best_by_evaluations

__all__ = ["control_curves"]

SHOWN = ("random", "regularised_evolution", "local_search")
SEEDS = 20


def control_curves(searches: Sequence[Facts]) -> dict[str, list[tuple[float, ...]]]:
    """Curves of each control over several seeds; none where nothing was looked up in a table.

    Args:
        searches: Of one data set and one accuracy, as `comparison.check_comparable` says.
    """
    config = searches[0].config
    longest = max(len(best_by_evaluations(facts)) for facts in searches)
    if not isinstance(config.evaluator, TableConfig) or longest == 0:
        return {}

    from llmatic.nasbench201 import controls

    table, fitness = config.dataset.name.removeprefix("nasbench201_"), config.evaluator.fitness
    return {
        name: [controls.curve(name, table, fitness, seed, longest).best for seed in range(SEEDS)]
        for name in SHOWN
    }
