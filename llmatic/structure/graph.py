"""The dataflow of a network: operations, what each reads, and what the layers weigh.

Knows the arguments of PyTorch's own layers where they say how large a layer is.
Any other layer is known by its name alone. Knows no source code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["INPUT", "JOIN", "Graph", "Operation", "operation"]

INPUT = "input"
JOIN = "add"
KERNELS = {"conv": 2, "convtranspose": 2, "maxpool": 0, "avgpool": 0, "lppool": 1}
WIDTHS = {
    "conv": 1, "convtranspose": 1, "linear": 1, "embedding": 1,
    "rnn": 1, "gru": 1, "lstm": 1,
}  # fmt: skip
LAZY = "lazy"
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
NORMS = ("batchnorm", "groupnorm", "instancenorm", "layernorm")


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a forward pass.

    Attributes:
        label: What it does: ``conv3``, ``relu``, ``add``.
        width: How many channels or features it puts out, where its arguments say so.
        weights: How many numbers it learns, as far as its arguments say.
    """

    label: str
    width: float = 0
    weights: float = 0


@dataclass(slots=True)
class Graph:
    """Operations in the order in which they are carried out.

    Attributes:
        operations: The first is the input.
        reads: The places of the operations that each one reads.
    """

    operations: list[Operation] = field(default_factory=lambda: [Operation(INPUT)])
    reads: list[tuple[int, ...]] = field(default_factory=lambda: [()])

    def add(self, operation: Operation, reads: Sequence[int]) -> int:
        """Append an operation; its place."""
        self.operations.append(operation)
        self.reads.append(tuple(reads))
        return len(self.operations) - 1

    def leading_to(self, end: int) -> Graph:
        """Only what one operation depends on; that operation stands last, the input first."""
        needed, waiting = {0, end}, [end]
        while waiting:
            for place in self.reads[waiting.pop()]:
                if place not in needed:
                    needed.add(place)
                    waiting.append(place)
        kept = sorted(needed)
        moved = {place: new for new, place in enumerate(kept)}
        return Graph(
            [self.operations[place] for place in kept],
            [tuple(moved[each] for each in self.reads[place]) for place in kept],
        )


def operation(name: str, args: Sequence[object], named: Mapping[str, object]) -> Operation:
    """The operation that a layer or a function carries out.

    Args:
        name: As in the source without its module: ``Conv2d``, ``max_pool2d``.
        args: What it is given, without tensors; what is not a number counts as unknown.
        named: The same by keyword.
    """
    kind = name.lower().replace("_", "")
    if kind.startswith(LAZY):  # what it takes, which comes first, it finds out itself
        kind, args = kind.removeprefix(LAZY), (None, *args)
    kind = kind[:-2] if kind[-2:] in ("1d", "2d", "3d") else kind
    dimensions = int(name[-2]) if name[-2:] in ("1d", "2d", "3d") else 0

    def number(place: int, *keys: str) -> float:
        given = next((named[key] for key in keys if key in named), None)
        if given is None and 0 <= place < len(args):
            given = args[place]
        if isinstance(given, list | tuple) and given:
            given = given[0]
        plain = isinstance(given, int | float) and math.isfinite(given)
        return min(abs(float(given)), 1e12) if plain else 0.0  # type: ignore[arg-type]  # plain

    label = kind
    kernel = number(KERNELS.get(kind, -1), "kernel_size")
    if kernel:
        label += f"{kernel:g}"
    stride = number(KERNELS[kind] + 1 if "conv" in kind and kind in KERNELS else -1, "stride")
    if stride > 1 and "conv" in kind:
        label += f"/{stride:g}"
    width = number(WIDTHS.get(kind, -1), "out_channels", "out_features", "hidden_size")
    source = number(0, "in_channels", "in_features", "input_size", "num_embeddings")
    groups = max(number(-1, "groups"), 1.0)
    if groups > 1:
        label += "g"
    weights = 0.0
    if kind in GATES:
        layers = max(number(2, "num_layers"), 1.0)
        weights = GATES[kind] * width * (source + width + (layers - 1) * 2 * width)
    elif kind in WIDTHS:
        weights = source * width / groups * max(kernel, 1.0) ** max(dimensions, 1)
    elif kind in NORMS:
        weights = 2 * number(1 if kind == "groupnorm" else 0, "num_features", "num_channels")
    return Operation(label, width, weights)
