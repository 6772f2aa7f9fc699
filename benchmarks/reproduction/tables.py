"""The tables of the reproduction.

The figures quoted from the paper stand in `PAPER` and below it; every other number is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from llmatic.benchmark import statistics
from llmatic.benchmark.figures import DATASETS
from llmatic.benchmark.methods import CONTROLS
from llmatic.benchmark.statistics import Comparison, Results, rank, spread
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import optimum, read_table
from reproduction.measure import Beside, Outcome, Outcomes
from reproduction.pictures import ABLATIONS, PROBABILITIES

__all__ = [
    "COMPARED",
    "EARLY",
    "PAPER",
    "PAPER_MEAN",
    "PAPER_OPTIMUM",
    "PAPER_RANK",
    "ablations",
    "accuracies",
    "best_ranks",
    "difference",
    "differences",
    "early_results",
    "end",
    "end_of",
    "paired",
    "probabilities",
    "ranks_table",
    "said",
]

EARLY = (50, 100, 200)
GENERATIONS = (1, 2, 5, 10, 20)
COMPARED = (1, 5, 20)
PAPER = {
    "random search (the paper's)": ("93.70 ± 0.36", "71.04 ± 1.07", "44.57 ± 1.25"),
    "GENIUS (GPT-4)": ("93.79 ± 0.09", "70.91 ± 0.72", "44.96 ± 1.02"),
    "Λ-DARTS": ("94.36", "73.51", "46.34"),
    "LLMatic (the paper's)": ("94.26 ± 0.13", "71.62 ± 1.73", "45.87 ± 0.96"),
}
"""Nasir et al. 2024, Table 1: test accuracy in per cent, mean ± std of 10 runs."""
PAPER_OPTIMUM = ("94.47", "74.17", "47.33")
PAPER_MEAN = {"cifar10": 94.26, "cifar100": 71.62, "imagenet16_120": 45.87}
PAPER_RANK = {"cifar10": 2, "cifar100": 2, "imagenet16_120": 11}
"""Nasir et al. 2024, Table 2: rank of the best network by test accuracy."""


def accuracies(outcomes: Outcomes, beside: Beside, fitness: str) -> str:
    rows: list[Sequence[str]] = []
    if fitness == "test":
        rows += [(name, *quoted) for name, quoted in PAPER.items()]
    rows.append(
        (
            "**LLMatic, here**",
            *(f"**{_spread(end(outcomes['llmatic', d, fitness]))}**" for d in DATASETS),
        )
    )
    rows += [
        (said(control), *(_spread(end_of(beside[control, d, fitness])) for d in DATASETS))
        for control in CONTROLS
    ]
    rows.append(
        ("distinct evaluations, mean", *(_distinct(outcomes, d, fitness) for d in DATASETS))
    )
    rows.append((f"optimum by {fitness} accuracy", *(_optimum(d, fitness) for d in DATASETS)))
    return _table(("method", *DATASETS.values()), rows)


def _optimum(dataset: str, fitness: str) -> str:
    best = max(read_table(dataset).values(), key=lambda row: row.fitness(fitness))
    return f"{best.test_accuracy * 100:.2f}"


def _distinct(outcomes: Outcomes, dataset: str, fitness: str) -> str:
    runs = outcomes["llmatic", dataset, fitness].values()
    return f"{np.mean([len(each.curve.best) for each in runs]):.0f}"


def ranks_table(outcomes: Outcomes, beside: Beside) -> str:
    rows: list[Sequence[str]] = [
        ("LLMatic (the paper's)", *(str(PAPER_RANK[d]) for d in DATASETS)),
        (
            "**LLMatic, here**",
            *(
                f"**{min(ranks)}** ({np.median(ranks):g})"
                for d in DATASETS
                for ranks in [best_ranks(outcomes["llmatic", d, "test"], d)]
            ),
        ),
    ]
    for control in CONTROLS:
        ranks = [
            [rank(each.best[-1], d, "test") for each in beside[control, d, "test"].values()]
            for d in DATASETS
        ]
        rows.append((said(control), *(f"{min(each)} ({np.median(each):g})" for each in ranks)))
    return _table(("method", *DATASETS.values()), rows)


def early_results(early: Results) -> str:
    rows = []
    for budget in EARLY:
        for method in ("llmatic", *CONTROLS):
            shown = {(method, d): early[method, d] for d in DATASETS}
            found = statistics.rows(shown, [budget], "validation")
            cells = [f"{_spread((row.mean, row.std))} ({row.optimum_found:.0%})" for row in found]
            rows.append((str(budget), said(method), *cells))
    return _table(("after", "method", *DATASETS.values()), rows)


def paired(early: Results) -> str:
    found = {(c.control, c.dataset, c.budget): c for c in statistics.compare(early, EARLY)}
    rows = [
        (str(budget), said(control), *(_interval(found[control, d, budget]) for d in DATASETS))
        for budget in EARLY
        for control in CONTROLS
    ]
    return _table(("after", "control", *DATASETS.values()), rows)


def ablations(outcomes: Outcomes) -> str:
    parts = []
    for dataset, name in DATASETS.items():
        rows = []
        for method in ABLATIONS:
            runs = outcomes[method, dataset, "test"].values()
            best = optimum(dataset, "test")
            rows.append(
                (
                    said(method),
                    *(_spread(spread([each.best[g] for each in runs])) for g in GENERATIONS),
                    f"{np.mean([len(each.curve.best) for each in runs]):.0f}",
                    f"{np.mean([each.best[-1] >= best for each in runs]):.0%}",
                )
            )
        head = ("", *(f"after {g}" for g in GENERATIONS), "distinct", "optimum")
        parts.append(f"{name}:\n\n{_table(head, rows)}")
    return "\n\n".join(parts)


def differences(outcomes: Outcomes) -> str:
    rows = [
        (
            str(generation),
            said(method),
            *(_interval(difference(outcomes, method, d, generation)) for d in DATASETS),
        )
        for generation in COMPARED
        for method in ABLATIONS[1:]
    ]
    return _table(("after", "without a part", *DATASETS.values()), rows)


def probabilities(outcomes: Outcomes) -> str:
    rows = []
    for method, name in PROBABILITIES.items():
        for dataset, title in DATASETS.items():
            runs = outcomes[method, dataset, "test"].values()
            rows.append(
                (
                    name,
                    title,
                    f"{np.mean([each.trainable for each in runs]):.1f}",
                    f"{np.mean([each.new for each in runs]):.1f}",
                    *(_spread(spread([each.best[g] for each in runs])) for g in (5, 20)),
                )
            )
    head = ("mutation / crossover", "data set", "trainable", "new", "best after 5", "best after 20")
    return _table(head, rows)


def difference(outcomes: Outcomes, method: str, dataset: str, generation: int) -> Comparison:
    """Of a method and the whole method; that stands in the place of a control."""
    curves = {
        (method, dataset): _ends(outcomes[method, dataset, "test"], generation),
        ("random", dataset): _ends(outcomes["llmatic", dataset, "test"], generation),
    }
    (found,) = statistics.compare(curves, [1])
    return found


def _ends(runs: Mapping[int, Outcome], generation: int) -> dict[int, Curve]:
    return {seed: Curve((each.best[generation],), (0.0,)) for seed, each in runs.items()}


def best_ranks(runs: Mapping[int, Outcome], dataset: str) -> list[int]:
    return [rank(each.best[-1], dataset, "test") for each in runs.values()]


def end(runs: Mapping[int, Outcome]) -> tuple[float, float | None]:
    """Test accuracy of what was chosen in the end."""
    return end_of({seed: each.curve for seed, each in runs.items()})


def end_of(curves: Mapping[int, Curve]) -> tuple[float, float | None]:
    return spread([each.test[-1] for each in curves.values()])


def said(method: str) -> str:
    names = {"llmatic": "LLMatic", "map_elites": "MAP-Elites"}
    return names.get(method, method.replace("_", " "))


def _spread(pair: tuple[float, float | None]) -> str:
    mean, std = pair
    return f"{mean:.2f}" if std is None else f"{mean:.2f} ± {std:.2f}"


def _interval(found: Comparison) -> str:
    text = f"{found.difference:+.2f}"
    if found.low is not None:
        text += f" ({found.low:+.2f} to {found.high:+.2f})"
    return f"**{text}**" if found.is_better or found.is_worse else text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
