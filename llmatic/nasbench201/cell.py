"""A cell of NAS-Bench-201: six operations between four nodes, and how it is written.

Reads a cell from the syntax tree of a network's source and writes it as source; the
code is never executed. Does not know what a cell is worth.

Source: Dong and Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural
Architecture Search", ICLR 2020.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Self

from llmatic import genome
from llmatic.genome import Genome, Rejection
from llmatic.nasbench201.reading import NoCellError, read
from llmatic.records import Status

__all__ = ["EDGES", "SEED", "Cell", "Operation", "parse", "read_cell"]

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""From which node to which, in the order of the official architecture string."""
OUTPUT = 3
REMEMBERED = 5**6
"""Texts that need not be read again; a search writes many a cell more than once."""


class Operation(StrEnum):
    """What can be on an edge: its official name. `layer` is what source code calls it."""

    ZEROIZE = "none"
    SKIP = "skip_connect"
    CONV_1X1 = "nor_conv_1x1"
    CONV_3X3 = "nor_conv_3x3"
    AVG_POOL = "avg_pool_3x3"

    @property
    def layer(self) -> str:
        """Its name in source code."""
        return LAYERS[self]

    @property
    def is_convolution(self) -> bool:
        """Whether it has weights."""
        return self in (Operation.CONV_1X1, Operation.CONV_3X3)


LAYERS = {
    Operation.ZEROIZE: "Zeroize",
    Operation.SKIP: "SkipConnection",
    Operation.CONV_1X1: "Conv1x1",
    Operation.CONV_3X3: "Conv3x3",
    Operation.AVG_POOL: "AvgPool3x3",
}
BY_LAYER = {layer: operation for operation, layer in LAYERS.items()}

SOURCE = """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.edge_0_1 = {}()
        self.edge_0_2 = {}()
        self.edge_1_2 = {}()
        self.edge_0_3 = {}()
        self.edge_1_3 = {}()
        self.edge_2_3 = {}()

    def forward(self, x0):
        x1 = self.edge_0_1(x0)
        x2 = self.edge_0_2(x0) + self.edge_1_2(x1)
        x3 = self.edge_0_3(x0) + self.edge_1_3(x1) + self.edge_2_3(x2)
        return x3
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the 15,625 cells.

    Attributes:
        operations: One for each of `EDGES`.
    """

    operations: tuple[Operation, ...]

    def __post_init__(self) -> None:
        assert len(self.operations) == len(EDGES)

    def __str__(self) -> str:
        """The official architecture string."""
        parts = zip(EDGES, self.operations, strict=True)
        nodes = groupby(parts, key=lambda part: part[0][1])
        return "+".join(
            "|" + "".join(f"{operation.value}~{start}|" for (start, _), operation in edges)
            for _, edges in nodes
        )

    @classmethod
    def from_string(cls, architecture: str) -> Self:
        """Read an official architecture string.

        Raises:
            ValueError: It is none.
        """
        parts = [part for part in architecture.replace("+", "").split("|") if part]
        operations = tuple(Operation(part.partition("~")[0]) for part in parts)
        if len(operations) != len(EDGES) or str(cls(operations)) != architecture:
            raise ValueError(f"{architecture!r} is no architecture of NAS-Bench-201")
        return cls(operations)

    @property
    def source(self) -> str:
        """The cell as a class."""
        return SOURCE.format(*(operation.layer for operation in self.operations))

    def with_edge(self, edge: int, operation: Operation) -> Cell:
        """The same cell but for one edge."""
        before, after = self.operations[:edge], self.operations[edge + 1 :]
        return replace(self, operations=(*before, operation, *after))


SEED = Cell((Operation.ZEROIZE,) * 3 + (Operation.SKIP,) + (Operation.ZEROIZE,) * 2)
"""What a search starts from: the input alone goes to the output, nothing is learnt in between."""


@lru_cache(REMEMBERED)
def parse(text: str) -> Genome | Rejection:
    """Find the cell in a text. Never raises and never executes.

    The identity of a genome is that of its cell: two ways to write it are the same network.

    Args:
        text: Anything, as for `llmatic.genome.parse`.
    """
    found = genome.parse(text)
    if isinstance(found, Rejection):
        return found
    try:
        cell = read_cell(found.source)
    except NoCellError as error:
        return Rejection(Status.NOT_IN_TABLE, str(error))
    except RecursionError:
        return Rejection(Status.NOT_IN_TABLE, "the cell is nested too deeply to be read")
    return Genome(found.source, hashlib.sha256(str(cell).encode()).hexdigest())


@lru_cache(REMEMBERED)
def read_cell(source: str) -> Cell:
    """The cell that a source describes; an edge that is not there is zeroize.

    Raises:
        NoCellError: It describes none.
    """
    nodes = read(source, BY_LAYER)
    inner = nodes[1:-1]
    if len(inner) > OUTPUT - 1:
        raise NoCellError(
            f"the cell has {len(nodes)} nodes, each the sum of what leads to it; "
            f"those in the table have {OUTPUT + 1}"
        )
    place = {id(nodes[0]): 0, id(nodes[-1]): OUTPUT}
    place |= {id(node): index for index, node in enumerate(inner, start=1)}
    found: dict[tuple[int, int], Operation] = {}
    for node in nodes[1:]:
        for layer, start in node.terms:
            assert layer is not None, "sums are resolved"
            edge = (place[id(start)], place[id(node)])
            if edge in found:
                raise NoCellError(f"two operations lead from node {edge[0]} to node {edge[1]}")
            found[edge] = BY_LAYER[layer]
    return Cell(tuple(found.get(edge, Operation.ZEROIZE) for edge in EDGES))
