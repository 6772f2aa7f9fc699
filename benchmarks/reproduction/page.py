"""The page of the reproduction: prose with places for what was measured.

Whether the paper's claims hold is decided by what was measured, here and in `tables`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

import numpy as np

from llmatic.benchmark import statistics
from llmatic.benchmark.figures import DATASETS
from llmatic.benchmark.methods import CONTROLS
from llmatic.benchmark.statistics import Results
from llmatic.nasbench201.cell import Cell
from llmatic.nasbench201.table import optimum, read_table
from reproduction import tables
from reproduction.measure import Beside, Outcomes
from reproduction.pictures import ABLATIONS, PROBABILITIES
from reproduction.tables import (
    COMPARED,
    EARLY,
    PAPER_MEAN,
    PAPER_OPTIMUM,
    PAPER_RANK,
    best_ranks,
    difference,
    end,
    end_of,
    said,
)

__all__ = ["write"]

PAGE = """\
# The paper, reproduced on NAS-Bench-201

Made by `python benchmarks/reproduce.py {seeds}`: {searches} searches, each of 20 generations of 100
candidates, and the classic searchers beside them at the same number of distinct evaluations. No
number on this page is typed by hand but for those quoted from the paper (Nasir et al., GECCO 2024).
Accuracies are in per cent, mean ± standard deviation (n - 1) over {seeds} seeds.

## In short

{short}

## What differs from the paper

{differences}

## Table 1: test accuracy

Searched by **test accuracy**, the paper's protocol:

{table_test}

Searched by **validation accuracy**; the test accuracy of the cell that it chose:

{table_validation}

The last line is the test accuracy of the cell with the highest validation accuracy: a perfect
searcher would end there.

## Table 2: rank by test accuracy

Rank of the best cell among all 15,625, searched by test accuracy: best of the runs, and in brackets
their median. 1 is the optimum.

{table_ranks}

## Where evaluations are few

Who trains networks cares about the first hundred evaluations. Best *validation* accuracy after so
many distinct evaluations, which is what these searches maximise; in brackets the share of seeds
that found the optimum.

{tables_early}

The method less each control on the same seeds, in percentage points: mean and 95% interval
(Student's t), in **bold** where that leaves out 0.

{table_paired}

![Best validation accuracy over distinct evaluations](reproduction/searchers_accuracy.png)

![Rank of the best over distinct evaluations](reproduction/searchers_rank.png)

More seeds and other budgets:
`llmatic benchmark nasbench201 --dataset cifar10,cifar100,imagenet16_120 --seeds 50`.

## Ablations (Fig. 2)

Best test accuracy so far after so many generations, searched by test accuracy. *Distinct* is the
number of different cells among the 2,000 candidates, *optimum* the share of seeds that found the
optimum.

{tables_ablation}

![Best accuracy per generation](reproduction/ablations.png)

An ablation asks whether a part is needed. Each less the whole method on the same seeds, likewise:

{table_differences}

{ablation_verdict}

## Probabilities of mutation and crossover (Fig. 4)

{probability_verdict}

{table_probability}

![Trainable and new networks per generation](reproduction/probabilities.png)

## Made by

```sh
python benchmarks/reproduce.py {seeds}
llmatic search experiment=nasbench201_cifar100 evaluator.fitness=test   # one, with its journal
llmatic search experiment=nasbench201_cifar10 ablation=mutation_only    # an ablation
```
"""
DIFFERENCES = (
    "**The writer is a grammar and no language model.** The paper's networks are written by "
    "CodeGen-6.1B, ours by a program that carries out each prompt on the six edges of a cell. It "
    "never writes what is no cell, and knows nothing of what is good.",
    "**The table.** Accuracies are means over the seeds with which a cell was trained for 200 "
    "epochs; the optimum is {optima}. The paper gives {paper_optima}.",
    "**Descriptors.** Width is that of the widest layer of the whole network, the classifier "
    "included, and the same for every cell; depth counts the weight layers of the whole network. "
    "So both descriptors only count convolutions: there are {ratios} different ratios and {flops} "
    "different FLOPs, and at most {flops} of 100 niches can be filled; {niches} were, on average.",
    "**Repeats are free.** A cell that was measured is not measured again: of the 2,000 candidates "
    "that a search writes, {distinct} are distinct. The controls get as many distinct evaluations "
    "as the search with the same seed.",
    "**Validation beside test.** The paper searches by the accuracy that it reports. We show that, "
    "and a search by validation accuracy with the test accuracy of what it chose.",
)


def write(outcomes: Outcomes, beside: Beside, early: Results) -> str:
    """The whole page.

    Args:
        outcomes: Of the searches.
        beside: Of the controls.
        early: Curves by validation accuracy over the first evaluations.
    """
    return PAGE.format(
        seeds=len(outcomes["llmatic", "cifar10", "test"]),
        searches=sum(len(runs) for runs in outcomes.values()),
        short=_bullets(_short(outcomes, beside, early)),
        differences=_bullets(_differences_from_the_paper(outcomes)),
        table_test=tables.accuracies(outcomes, beside, "test"),
        table_validation=tables.accuracies(outcomes, beside, "validation"),
        table_ranks=tables.ranks_table(outcomes, beside),
        tables_early=tables.early_results(early),
        table_paired=tables.paired(early),
        tables_ablation=tables.ablations(outcomes),
        table_differences=tables.differences(outcomes),
        ablation_verdict=_ablation_verdict(outcomes),
        table_probability=tables.probabilities(outcomes),
        probability_verdict=_probability_verdict(outcomes),
    )


def _differences_from_the_paper(outcomes: Outcomes) -> list[str]:
    ours = {d: outcomes["llmatic", d, "test"].values() for d in DATASETS}
    rows = read_table("cifar10")
    cells = [Cell.from_string(architecture) for architecture in rows]
    measured = {
        "optima": " / ".join(f"{optimum(d, 'test') * 100:.2f}" for d in DATASETS),
        "paper_optima": " / ".join(PAPER_OPTIMUM),
        "ratios": len({sum(each.is_convolution for each in cell.operations) for cell in cells}),
        "flops": len({row.flops for row in rows.values()}),
        "niches": f"{np.mean([each.niches for runs in ours.values() for each in runs]):.0f}",
        "distinct": _and(
            f"{np.mean([len(each.curve.best) for each in runs]):.0f} on {DATASETS[d]}"
            for d, runs in ours.items()
        ),
    }
    return [each.format(**measured) for each in DIFFERENCES]


def _short(outcomes: Outcomes, beside: Beside, early: Results) -> list[str]:
    means = {d: end(outcomes["llmatic", d, "test"])[0] for d in DATASETS}
    reached = [d for d in DATASETS if means[d] >= PAPER_MEAN[d]]
    ranks = [best_ranks(outcomes["llmatic", d, "test"], d) for d in DATASETS]
    lines = [
        f"The paper's accuracies are {_reached(reached)}: {_three(means.values())} "
        f"({_names(DATASETS)}; searched by test accuracy, as there) against "
        f"{_three(PAPER_MEAN.values())}.",
        f"The best rank of {len(ranks[0])} runs is {' / '.join(str(min(each)) for each in ranks)}, "
        f"their median {' / '.join(f'{np.median(each):g}' for each in ranks)}; the paper's is "
        f"{' / '.join(str(each) for each in PAPER_RANK.values())}.",
    ]
    ends = [
        f"{said(c)} {_three(end_of(beside[c, d, 'test'])[0] for d in DATASETS)}" for c in CONTROLS
    ]
    lines.append(f"With as many distinct evaluations, the controls reach: {_and(ends)}.")
    ahead = [means[d] - end_of(beside["random", d, "test"])[0] for d in DATASETS]
    lines.append(
        "The paper's table has the method ahead of random search; here it is "
        f"{' / '.join(f'{each:+.2f}' for each in ahead)} points from it at equal numbers of "
        "distinct evaluations."
    )
    needed = [
        said(m)
        for m in ABLATIONS[1:]
        if any(difference(outcomes, m, d, COMPARED[-1]).is_worse for d in DATASETS)
    ]
    lines.append(
        f"Of {len(ABLATIONS) - 1} ablations, those worse in the end on any data set are: "
        f"{_and(needed) or 'none'}. The others reach what the whole method reaches."
    )
    for budget in EARLY:
        found = list(statistics.compare(early, [budget]))
        worse = _pairs([(c.dataset, c.control) for c in found if c.is_worse])
        better = _pairs([(c.dataset, c.control) for c in found if c.is_better])
        lines.append(
            f"After {budget} distinct evaluations, by validation accuracy, the method is worse "
            f"than {worse}, and better than {better} (95% intervals without 0)."
        )
    return lines


def _ablation_verdict(outcomes: Outcomes) -> str:
    """Where the table gives a reason for a part, and where it does not."""
    lines = []
    for method in ABLATIONS[1:]:
        found = {(d, g): difference(outcomes, method, d, g) for d in DATASETS for g in COMPARED[1:]}
        worse = _places([place for place, each in found.items() if each.is_worse])
        better = _places([place for place, each in found.items() if each.is_better])
        told = [f"worse {worse}"] * bool(worse) + [f"better {better}"] * bool(better)
        verdict = f"is {_and(told)}" if told else "cannot be told apart from the whole method"
        lines.append(f"**{said(method).capitalize()}** {verdict}.")
    intro = _filled(
        "Where an ablation is worse, the table agrees with the paper's choice of parts; where it "
        "is better, or cannot be told apart, it does not:"
    )
    return f"{intro}\n\n{_bullets(lines)}"


def _places(places: Sequence[tuple[str, int]]) -> str:
    """Data sets, by generation."""
    by_generation = {g: [d for d, there in places if there == g] for g in COMPARED}
    parts = [f"after {g} generations on {_names(d)}" for g, d in by_generation.items() if d]
    return _and(parts) if parts else ""


def _probability_verdict(outcomes: Outcomes) -> str:
    runs = {
        method: [each for d in DATASETS for each in outcomes[method, d, "test"].values()]
        for method in PROBABILITIES
    }
    trainable = np.mean([each.trainable for found in runs.values() for each in found])
    new = [
        f"{np.mean([each.new for each in runs[method]]):.1f} at {name}"
        for method, name in PROBABILITIES.items()
    ]
    return _filled(
        "The paper's figure asks how many networks of a generation are trainable. **With the "
        f"grammar the table has no answer to that**: {trainable:.1f} of 100 are, whatever the "
        "probabilities, as it only writes cells that there are. What the probabilities change is "
        f"how many of a generation are *new*: {_and(new)}, on average over generations and data "
        "sets. Whether a language model's mutations are trainable more often than its crossovers "
        "has to be measured with one."
    )


def _reached(datasets: Sequence[str]) -> str:
    if len(datasets) == len(DATASETS):
        return "reached on all three data sets"
    return f"reached on {_names(datasets)} only" if datasets else "not reached"


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    by_control = {c: [d for d, control in pairs if control == c] for _, c in pairs}
    return _and(f"{said(c)} on {_names(d)}" for c, d in by_control.items()) or "none"


def _names(datasets: Iterable[str]) -> str:
    return _and(DATASETS[each] for each in datasets)


def _and(parts: Iterable[str]) -> str:
    *first, last = [*parts] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _three(percentages: Iterable[float]) -> str:
    return " / ".join(f"{each:.2f}" for each in percentages)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(_filled(line, "- ", "  ") for line in lines)


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text, 100, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
