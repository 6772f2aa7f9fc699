"""An evaluator that looks the trained network up instead of training it.

Knows the table and reads cells from source; executes nothing, so nothing has to be
kept apart.
"""

from __future__ import annotations

from llmatic.nasbench201.cell import Cell, read_cell
from llmatic.nasbench201.reading import NoCellError
from llmatic.nasbench201.table import CLASSES, Row, read_table
from llmatic.pruning import Pruner
from llmatic.records import Measurement, Status

__all__ = ["TableEvaluator", "depth", "width"]

STEM_WIDTHS = (16, 32, 64)
CELLS = 15
FIXED_LAYERS = 8
"""Weight layers outside the cells: stem, three in each of two residual blocks, classifier."""


class TableEvaluator:
    """Measures cells of NAS-Bench-201 on one data set."""

    def __init__(self, dataset: str, fitness: str) -> None:
        """Read the table.

        Args:
            dataset: One of `llmatic.nasbench201.table.CLASSES`.
            fitness: ``validation``, or ``test`` (the paper's protocol).
        """
        self._dataset = dataset
        self._fitness = fitness
        self._table = read_table(dataset)

    def evaluate(self, source: str, seed: int, pruner: Pruner | None = None) -> Measurement:
        """Look a cell up; the seed makes no difference."""
        try:
            cell = read_cell(source)
        except NoCellError as error:
            return Measurement(Status.NOT_IN_TABLE, error=str(error))
        return self._measurement(cell, self._table[str(cell)])

    def close(self) -> None:
        """Nothing is held."""

    def _measurement(self, cell: Cell, row: Row) -> Measurement:
        widest, layers = width(self._dataset), depth(cell)
        return Measurement(
            Status.OK,
            fitness=row.fitness(self._fitness),
            descriptors={"width_to_depth": widest / layers, "flops": row.flops},
            metrics={
                "val_accuracy": row.val_accuracy,
                "test_accuracy": row.test_accuracy,
                "flops": row.flops,
                "params": row.params,
                "width": widest,
                "depth": layers,
                "width_to_depth": widest / layers,
            },
        )


def width(dataset: str) -> int:
    """Output features of the widest layer of the whole network, the classifier included."""
    return max(*STEM_WIDTHS, CLASSES[dataset])


def depth(cell: Cell) -> int:
    """Weight layers of the whole network."""
    convolutions = sum(operation.is_convolution for operation in cell.operations)
    return FIXED_LAYERS + CELLS * convolutions
