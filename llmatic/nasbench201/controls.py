"""The classic searchers on the table, for the same number of distinct evaluations.

What any search of cells has to be compared with. Each searcher is a stream of the cells
it evaluates; `curve` counts the distinct ones. They know cells and the table, not how
cells are written as source.

Sources: Li and Talwalkar 2019 (random search), Real et al. 2019 (regularised evolution),
White et al. 2021 (local search), Mouret and Clune 2015 (MAP-Elites).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random
from typing import Self

from llmatic.archive import Niches
from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.nasbench201.cell import EDGES, Cell, Operation
from llmatic.nasbench201.evaluator import TableEvaluator
from llmatic.nasbench201.table import CLASSES, read_table
from llmatic.search import network_axes

__all__ = ["NAMES", "Curve", "curve", "neighbours"]

Objective = Callable[[Cell], float]
Searcher = Callable[[Random, Objective, Callable[[Cell], int]], Iterator[Cell]]

POPULATION = 10
SAMPLE = 5
PATIENCE = 20_000
"""A searcher that asks so often for cells it knows, and for none it does not, has converged."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What a search had found after each distinct evaluation.

    Attributes:
        best: The highest objective so far, in [0, 1].
        test: Test accuracy, in [0, 1], of the first cell that reached it.
    """

    best: tuple[float, ...]
    test: tuple[float, ...]

    @classmethod
    def of(cls, measured: Iterable[tuple[float, float]], evaluations: int) -> Self:
        """From (objective, test accuracy) of each distinct evaluation, in order.

        Args:
            measured: At least one; where there are fewer than `evaluations`, the search
                found nothing more.
            evaluations: Length of the curve.
        """
        best, test = [], []
        highest = (float("-inf"), 0.0)
        for pair in measured:
            if pair[0] > highest[0]:
                highest = pair
            best.append(highest[0])
            test.append(highest[1])
            if len(best) == evaluations:
                break
        missing = evaluations - len(best)
        return cls((*best, *best[-1:] * missing), (*test, *test[-1:] * missing))


def curve(name: str, dataset: str, fitness: str, seed: int, evaluations: int) -> Curve:
    """Run a searcher until it has evaluated so many distinct cells; repeats are free.

    Args:
        name: One of `NAMES`.
        dataset: One of `llmatic.nasbench201.table.CLASSES`.
        fitness: ``validation`` or ``test`` accuracy is the objective.
        seed: Decides the curve; a longer one with the same seed begins with the shorter.
        evaluations: Length of the curve, at most the 15,625 cells that there are.

    Raises:
        UserError: An argument is not one of these.
    """
    _check(name, dataset, fitness, evaluations)
    table = _accuracies(dataset, fitness)
    searcher = SEARCHERS[name](
        Random(f"{name} {seed}"),
        lambda cell: table[cell][0],
        lambda cell: _niche(cell, dataset, seed),
    )
    return Curve.of((table[cell] for cell in _distinct(searcher)), evaluations)


def neighbours(cell: Cell) -> list[Cell]:
    """The 24 cells that differ on one edge."""
    return [
        cell.with_edge(edge, operation)
        for edge in range(len(EDGES))
        for operation in Operation
        if operation is not cell.operations[edge]
    ]


def _random(rng: Random, objective: Objective, niche: Callable[[Cell], int]) -> Iterator[Cell]:
    """Uniformly, without replacement."""
    cells = list(_all_cells())
    while cells:
        place = rng.randrange(len(cells))
        cells[place], cells[-1] = cells[-1], cells[place]
        yield cells.pop()


def _regularised_evolution(
    rng: Random, objective: Objective, niche: Callable[[Cell], int]
) -> Iterator[Cell]:
    """The fittest of a sample has a child; the oldest of the population dies."""
    population: deque[Cell] = deque(maxlen=POPULATION)
    while len(population) < POPULATION:
        population.append(_any(rng))
        yield population[-1]
    while True:
        population.append(_mutant(max(rng.sample(list(population), SAMPLE), key=objective), rng))
        yield population[-1]


def _local_search(
    rng: Random, objective: Objective, niche: Callable[[Cell], int]
) -> Iterator[Cell]:
    """First improvement over the neighbours in random order; anew from a local optimum."""
    while True:
        at: Cell | None = _any(rng)
        while at is not None:
            yield at
            around = neighbours(at)
            rng.shuffle(around)
            here, at = objective(at), None
            for near in around:
                yield near
                if objective(near) > here:
                    at = near
                    break


def _map_elites(rng: Random, objective: Objective, niche: Callable[[Cell], int]) -> Iterator[Cell]:
    """A uniformly random elite of the niches that the method itself has, one edge changed."""
    elites: dict[int, Cell] = {}
    count = 0
    while True:
        cell = _any(rng) if count < POPULATION else _mutant(rng.choice(list(elites.values())), rng)
        count += 1
        yield cell
        place = niche(cell)
        if place not in elites or objective(cell) > objective(elites[place]):
            elites[place] = cell


SEARCHERS: Mapping[str, Searcher] = {
    "random": _random,
    "regularised_evolution": _regularised_evolution,
    "local_search": _local_search,
    "map_elites": _map_elites,
}
NAMES = tuple(SEARCHERS)


def _any(rng: Random) -> Cell:
    return Cell(tuple(rng.choice(tuple(Operation)) for _ in EDGES))


def _mutant(cell: Cell, rng: Random) -> Cell:
    edge = rng.randrange(len(EDGES))
    others = [each for each in Operation if each is not cell.operations[edge]]
    return cell.with_edge(edge, rng.choice(others))


@cache
def _all_cells() -> tuple[Cell, ...]:
    return tuple(Cell(operations) for operations in product(Operation, repeat=len(EDGES)))


def _distinct(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Each cell once; ends where a searcher asks for nothing new any more."""
    seen: set[Cell] = set()
    repeats = 0
    for cell in cells:
        if cell in seen:
            repeats += 1
            if repeats == PATIENCE:
                return
        else:
            repeats = 0
            seen.add(cell)
            yield cell


@cache
def _accuracies(dataset: str, fitness: str) -> Mapping[Cell, tuple[float, float]]:
    """(objective, test accuracy) of every cell."""
    return {
        Cell.from_string(architecture): (row.fitness(fitness), row.test_accuracy)
        for architecture, row in read_table(dataset).items()
    }


@cache
def _niches(dataset: str, seed: int) -> Niches:
    """Those that a search with the same seed has, unless it is told to have others."""
    config = compose([f"experiment=nasbench201_{dataset}"])
    constants = config.search
    axes = network_axes(config)
    return Niches.compute(axes, constants.niches, constants.centroid_samples, seed)


@cache
def _niche(cell: Cell, dataset: str, seed: int) -> int:
    niches = _niches(dataset, seed)
    return niches.niche(niches.point(_descriptors(cell, dataset)))


@cache
def _descriptors(cell: Cell, dataset: str) -> Mapping[str, float]:
    return TableEvaluator(dataset, "validation").evaluate(cell.source, seed=0).descriptors


def _check(name: str, dataset: str, fitness: str, evaluations: int) -> None:
    for what, value, allowed in (
        ("control", name, NAMES),
        ("dataset", dataset, CLASSES),
        ("fitness", fitness, ("validation", "test")),
    ):
        if value not in allowed:
            raise UserError(f"{what} {value}: must be one of {', '.join(allowed)}")
    if not 1 <= evaluations <= len(Operation) ** len(EDGES):
        raise UserError(
            f"evaluations {evaluations}: must be from 1 to the {len(Operation) ** len(EDGES)} "
            "cells that there are"
        )
