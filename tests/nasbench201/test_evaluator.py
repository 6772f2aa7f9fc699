"""Looking a cell up: accuracies, descriptors, and the bounds that the settings give."""

import pytest
from nasbench201.cells import EMPTY, RICH

from llmatic.config import ConfigError, compose
from llmatic.evaluate import Evaluator
from llmatic.nasbench201.cell import EDGES, SEED, Cell, Operation
from llmatic.nasbench201.evaluator import TableEvaluator, depth, width
from llmatic.nasbench201.table import CLASSES, read_table
from llmatic.records import Status


def test_the_table_is_the_published_one():
    """Optima as everybody quotes them, in per cent."""
    best = {
        (dataset, fitness): round(
            100 * max(row.fitness(fitness) for row in read_table(dataset).values()), 2
        )
        for dataset in CLASSES
        for fitness in ("validation", "test")
    }
    assert best == {
        ("cifar10", "validation"): 91.61,
        ("cifar10", "test"): 94.37,
        ("cifar100", "validation"): 73.49,
        ("cifar100", "test"): 73.51,
        ("imagenet16_120", "validation"): 46.73,
        ("imagenet16_120", "test"): 47.31,
    }


@pytest.mark.parametrize("dataset", CLASSES)
@pytest.mark.parametrize("fitness", ["validation", "test"])
def test_a_measurement_is_a_row(dataset, fitness):
    evaluator: Evaluator = TableEvaluator(dataset, fitness)
    row = read_table(dataset)[str(RICH)]
    found = evaluator.evaluate(RICH.source, seed=3)
    assert found == evaluator.evaluate(RICH.source, seed=4)
    assert found.status is Status.OK
    assert found.fitness == row.fitness(fitness)
    assert found.metrics["val_accuracy"] == row.val_accuracy
    assert found.metrics["test_accuracy"] == row.test_accuracy
    assert found.metrics["params"] == row.params
    assert found.descriptors["flops"] == row.flops
    assert found.descriptors["width_to_depth"] == width(dataset) / depth(RICH)
    evaluator.close()


def test_depth_counts_weight_layers():
    assert depth(EMPTY) == depth(SEED) == 8
    assert depth(RICH) == 8 + 15 * 3
    assert [width(dataset) for dataset in CLASSES] == [64, 100, 120]


def test_what_is_no_cell_is_a_status():
    found = TableEvaluator("cifar10", "validation").evaluate("class Net:\n    pass\n", seed=0)
    assert found.status is Status.NOT_IN_TABLE
    assert found.fitness is None
    assert found.error == "the cell has no forward"


@pytest.mark.parametrize("dataset", CLASSES)
def test_the_bounds_of_the_map_are_those_of_the_table(dataset):
    settings = compose([f"experiment=nasbench201_{dataset}"]).dataset
    flops = [row.flops for row in read_table(dataset).values()]
    assert (settings.flops.low, settings.flops.high) == (min(flops), max(flops))
    ratios = [width(dataset) / depth(Cell((each,) * len(EDGES))) for each in Operation]
    assert settings.width_to_depth.low == pytest.approx(min(ratios))
    assert settings.width_to_depth.high == pytest.approx(max(ratios))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["experiment=nasbench201_cifar10", "evaluator.fitness=training"], "validation, test"),
        (["evaluator=nasbench201", "dataset=digits"], "nasbench201_cifar10, nasbench201_cifar100"),
        (["dataset=nasbench201_cifar10"], "goes with evaluator=nasbench201"),
    ],
)
def test_settings_that_do_not_go_together(overrides, said):
    with pytest.raises(ConfigError, match=said):
        compose(overrides)
