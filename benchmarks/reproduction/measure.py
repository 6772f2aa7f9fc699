"""The searches of the reproduction, and what is kept of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

from llmatic import launch
from llmatic.benchmark.figures import DATASETS
from llmatic.benchmark.methods import CONTROLS, SEARCHES
from llmatic.config import Config, TableConfig, compose
from llmatic.nasbench201 import controls
from llmatic.nasbench201.controls import Curve
from llmatic.records import Candidate

__all__ = ["PAPERS", "Beside", "Outcome", "Outcomes", "Search", "beside", "measure", "planned"]


@dataclass(frozen=True)
class Search:
    """One search to be measured."""

    method: str
    dataset: str
    fitness: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a search of 20 generations of 100 candidates found.

    Attributes:
        curve: Over its distinct evaluations.
        best: Best fitness so far after each generation, the seed network's first.
        trainable: Trainable candidates of each generation but the first.
        new: Those of them that were not known.
        niches: Filled at the end.
    """

    curve: Curve
    best: tuple[float, ...]
    trainable: tuple[int, ...]
    new: tuple[int, ...]
    niches: int


PAPERS = tuple(method for method in SEARCHES if method != "frontier")
"""The method, its ablations and other probabilities."""
Outcomes: TypeAlias = Mapping[tuple[str, str, str], Mapping[int, Outcome]]
"""By (method, data set, fitness), by seed."""
Beside: TypeAlias = Mapping[tuple[str, str, str], Mapping[int, Curve]]
"""The controls' curves, as long as that of the search with the same seed."""


def planned(seeds: int) -> Iterator[Search]:
    """The paper's protocol for every method, and validation for the method itself."""
    for dataset in DATASETS:
        for seed in range(seeds):
            yield Search("llmatic", dataset, "validation", seed)
            for method in PAPERS:
                yield Search(method, dataset, "test", seed)


def measure(search: Search) -> Outcome:
    """Run one search."""
    config = _settings(search)
    journal = launch.simulate(config, print)
    generations: list[list[Candidate]] = [[] for _ in range(config.search.generations + 1)]
    for each in journal.candidates():
        if each.measurement.status.trainable:
            generations[each.proposal.id.generation].append(each)
    best, highest = [], 0.0
    for generation in generations:
        highest = max([highest, *(each.measurement.fitness or 0.0 for each in generation)])
        best.append(highest)
    new = [[each for each in generation if each.twin is None] for generation in generations]
    measured = [
        (each.measurement.fitness or 0.0, each.measurement.metrics["test_accuracy"])
        for generation in new
        for each in generation
    ]
    return Outcome(
        curve=Curve.of(measured, len(measured)),
        best=tuple(best),
        trainable=tuple(len(each) for each in generations[1:]),
        new=tuple(len(each) for each in new[1:]),
        niches=int(journal.summaries[config.search.generations]["niches_filled"]),
    )


def beside(outcomes: Outcomes) -> Beside:
    """Every control with the seeds and the distinct evaluations that the method had."""
    return {
        (control, dataset, fitness): {
            seed: controls.curve(control, dataset, fitness, seed, len(outcome.curve.best))
            for seed, outcome in runs.items()
        }
        for (method, dataset, fitness), runs in outcomes.items()
        if method == "llmatic"
        for control in CONTROLS
    }


def _settings(search: Search) -> Config:
    """The paper's, for this method on this data set; data sets differ in nothing else."""
    config = _composed("cifar10", *SEARCHES[search.method])
    assert isinstance(config.evaluator, TableConfig)
    return replace(
        config,
        seed=search.seed,
        dataset=_composed(search.dataset).dataset,
        evaluator=replace(config.evaluator, fitness=search.fitness),
    )


@cache
def _composed(dataset: str, *choices: str) -> Config:
    return compose([f"experiment=nasbench201_{dataset}", *choices])
