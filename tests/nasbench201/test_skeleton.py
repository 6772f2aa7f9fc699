"""The whole network of a cell: its size and cost are those of the table."""

import pytest
import torch
from nasbench201.cells import EMPTY, RICH

from llmatic.nasbench201.cell import Cell, Operation
from llmatic.nasbench201.skeleton import network_source
from llmatic.nasbench201.table import CLASSES, read_table
from llmatic.network.build import build
from llmatic.network.figures import Counter

SHAPES = {"cifar10": (3, 32, 32), "cifar100": (3, 32, 32), "imagenet16_120": (3, 16, 16)}
CELLS = (EMPTY, RICH, Cell((Operation.CONV_3X3,) * 6), Cell((Operation.CONV_1X1,) * 6))


@pytest.mark.parametrize("dataset", CLASSES)
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_parameters_and_flops_are_those_of_the_table(dataset, cell):
    classes = CLASSES[dataset]
    network = build(network_source(cell, classes), SHAPES[dataset]).eval()
    with torch.no_grad(), Counter() as counter:
        scores = network(torch.zeros(2, *SHAPES[dataset]))
    row = read_table(dataset)[str(cell)]
    assert scores.shape == (2, classes)
    assert sum(each.numel() for each in network.parameters()) == row.params
    # The table adds the classifier's biases to its multiply-accumulates.
    assert counter.flops / 2 + classes == row.flops


def test_the_source_stands_alone():
    source = network_source(RICH, 10)
    assert str(RICH) in source
    lines = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert lines == ["import torch", "import torch.nn as nn"]


def test_an_operation_makes_a_difference():
    torch.manual_seed(0)
    images = torch.randn(2, 3, 16, 16)
    empty = build(network_source(EMPTY, 10), (3, 16, 16)).eval()
    wide = build(network_source(EMPTY.with_edge(3, Operation.SKIP), 10), (3, 16, 16)).eval()
    wide.load_state_dict(empty.state_dict())
    assert torch.equal(empty(images)[0], empty(images)[1])  # nothing of the image gets through
    assert not torch.equal(wide(images)[0], wide(images)[1])
