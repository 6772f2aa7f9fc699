"""What is known of each cell: accuracies after 200 epochs, FLOPs and parameters.

The whole table of NAS-Bench-201 (see ``README.md`` beside it). Knows neither source code
nor searches.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["CLASSES", "Row", "optimum", "read_table"]

CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet16_120": 120}
"""The data sets of the table and how many classes each has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One trained cell on one data set.

    Attributes:
        val_accuracy: In [0, 1], mean over the seeds of the table.
        test_accuracy: In [0, 1], mean over the seeds of the table.
        flops: Multiply-accumulates for one image, of convolutions and classifier.
        params: Trainable parameters.
    """

    val_accuracy: float
    test_accuracy: float
    flops: float
    params: int

    def fitness(self, name: str) -> float:
        """The accuracy that a search maximises: of ``validation`` or of ``test``."""
        return {"validation": self.val_accuracy, "test": self.test_accuracy}[name]


@cache
def read_table(dataset: str) -> Mapping[str, Row]:
    """All 15,625 cells by their official architecture string, in the official order.

    Args:
        dataset: One of `CLASSES`.
    """
    file = resources.files("llmatic.nasbench201") / "table.csv.gz"
    with file.open("rb") as packed, gzip.open(packed, "rt", encoding="ascii", newline="") as text:
        return {
            row["architecture"]: Row(
                val_accuracy=float(row[f"{dataset}_val_accuracy_percent"]) / 100,
                test_accuracy=float(row[f"{dataset}_test_accuracy_percent"]) / 100,
                flops=round(float(row[f"{dataset}_mflops"]) * 1e6),
                params=round(float(row[f"{dataset}_mparams"]) * 1e6),
            )
            for row in csv.DictReader(text)
        }


@cache
def optimum(dataset: str, fitness: str) -> float:
    """The highest `Row.fitness` of all cells, in [0, 1]."""
    return max(row.fitness(fitness) for row in read_table(dataset).values())
