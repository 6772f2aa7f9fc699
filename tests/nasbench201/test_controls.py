"""The classic searchers, against what was measured independently (DESIGN.md)."""

from statistics import mean

import pytest
from nasbench201.cells import RICH

from llmatic.errors import UserError
from llmatic.nasbench201 import controls
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import CLASSES, read_table

INDEPENDENT = {
    ("cifar10", "random"): (90.81, 91.05, 91.20),
    ("cifar10", "regularised_evolution"): (91.27, 91.48, 91.58),
    ("cifar10", "local_search"): (91.34, 91.52, 91.60),
    ("cifar100", "random"): (70.95, 71.46, 71.98),
    ("cifar100", "regularised_evolution"): (72.20, 73.06, 73.42),
    ("cifar100", "local_search"): (72.67, 73.31, 73.46),
    ("imagenet16_120", "random"): (44.85, 45.33, 45.76),
    ("imagenet16_120", "regularised_evolution"): (45.87, 46.32, 46.54),
    ("imagenet16_120", "local_search"): (45.92, 46.30, 46.50),
}
"""Best validation accuracy in per cent after 50, 100 and 200 evaluations, means of 200 seeds."""


@pytest.mark.parametrize(("dataset", "name"), INDEPENDENT)
def test_they_find_what_an_independent_implementation_found(dataset, name):
    curves = [controls.curve(name, dataset, "validation", seed, 200) for seed in range(200)]
    for budget, expected in zip((50, 100, 200), INDEPENDENT[dataset, name], strict=True):
        found = mean(each.best[budget - 1] for each in curves) * 100
        assert found == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize("name", controls.NAMES)
def test_a_curve_is_decided_by_its_seed_and_begins_with_the_shorter_one(name):
    long = controls.curve(name, "cifar100", "validation", 3, 60)
    short = controls.curve(name, "cifar100", "validation", 3, 20)
    assert long == controls.curve(name, "cifar100", "validation", 3, 60)
    assert long.best[:20] == short.best
    assert long.best != controls.curve(name, "cifar100", "validation", 4, 60).best
    assert len(long.best) == len(long.test) == 60
    assert list(long.best) == sorted(long.best)


@pytest.mark.parametrize("fitness", ["validation", "test"])
def test_the_test_accuracy_is_that_of_the_best_by_the_objective(fitness):
    found = controls.curve("random", "cifar10", fitness, 0, 500)
    rows = {(row.fitness(fitness), row.test_accuracy) for row in read_table("cifar10").values()}
    assert set(zip(found.best, found.test, strict=True)) <= rows
    assert (fitness == "test") == (found.best == found.test)


def test_random_search_sees_every_cell_once():
    found = controls.curve("random", "cifar10", "validation", 1, 15_625)
    best = max(row.val_accuracy for row in read_table("cifar10").values())
    assert found.best[-1] == best
    assert found.best.index(best) > 100


def test_a_searcher_that_has_converged_stays_where_it_is():
    """MAP-Elites knows every neighbour of its at most 28 elites after a while."""
    found = controls.curve("map_elites", "cifar10", "validation", 0, 3_000)
    assert len(found.best) == 3_000
    assert found.best[-1] == found.best[1_500]


def test_a_curve_from_few_measurements():
    curve = Curve.of([(0.5, 0.4), (0.4, 0.9), (0.6, 0.3)], 5)
    assert curve == Curve((0.5, 0.5, 0.6, 0.6, 0.6), (0.4, 0.4, 0.3, 0.3, 0.3))
    assert Curve.of([(0.5, 0.4), (0.6, 0.3)], 1) == Curve((0.5,), (0.4,))


def test_a_cell_has_24_neighbours():
    around = controls.neighbours(RICH)
    assert len(set(around)) == 24
    for each in around:
        pairs = zip(each.operations, RICH.operations, strict=True)
        assert sum(one is not other for one, other in pairs) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annealing", "cifar10", "test", 0, 5), "random, regularised_evolution, local_search"),
        (("random", "cifar", "test", 0, 5), ", ".join(CLASSES)),
        (("random", "cifar10", "train", 0, 5), "validation, test"),
        (("random", "cifar10", "test", 0, 0), "from 1 to the 15625"),
        (("random", "cifar10", "test", 0, 15_626), "from 1 to the 15625"),
    ],
)
def test_wrong_arguments_are_answered_with_what_is_allowed(arguments, said):
    with pytest.raises(UserError, match=said):
        controls.curve(*arguments)
