"""Whether a network is what was asked for: the kind of layer is there, the size has moved.

Reads the dataflow of both sources; knows what each prompt of the catalogue asks for, and
nothing of who answered. What `improve` and a crossover ask for cannot be seen there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from llmatic.structure.graph import INPUT, JOIN
from llmatic.structure.reading import read

__all__ = ["JUDGED", "Look", "growth", "obeys"]

KINDS = {
    "add_linear": ("linear",),
    "add_convolution": ("conv",),
    "add_pooling": (
        "maxpool", "avgpool", "lppool", "adaptivemaxpool", "adaptiveavgpool", "fractionalmaxpool",
        "mean", "amax",
    ),
    "add_dropout": ("dropout", "alphadropout"),
    "add_normalization": (
        "batchnorm", "groupnorm", "instancenorm", "layernorm", "localresponsenorm", "rmsnorm",
    ),
    "add_recurrent": ("rnn", "gru", "lstm"),
}  # fmt: skip
JUDGED = (
    *KINDS,
    *("add_layer", "delete_layer", "improve_smaller", "improve_larger", "add_residual"),
    *("add_residuals", "widen", "deepen", "change_activation_or_kernel"),
)
"""Prompts of which can be seen whether they are obeyed."""
SHAPING = ("reshape", "transpose", "flatten", "unflatten", "permute", "squeeze", "unsqueeze")
WEIGHED = ("conv", "linear", "rnn", "gru", "lstm")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be seen of a network.

    Attributes:
        operations: How often each operation occurs, shapes and sums left out.
        sums: How many there are.
        width: Channels or features that a layer with weights puts out, in the mean.
        depth: Layers with weights.
    """

    operations: Counter[str]
    sums: int
    width: float
    depth: int

    @classmethod
    def at(cls, source: str) -> Self | None:
        """The look of a source; None where its dataflow cannot be followed."""
        graph = read(source)
        if graph is None:
            return None
        labels = [each.label for each in graph.operations]
        kept = [each for each in labels if each not in (INPUT, JOIN, *SHAPING)]
        widths = [
            each.width
            for each, label in zip(graph.operations, labels, strict=True)
            if label.startswith(WEIGHED)
        ]
        return cls(
            Counter(kept), labels.count(JOIN), sum(widths) / max(len(widths), 1), len(widths)
        )

    def count(self, kinds: tuple[str, ...]) -> int:
        """How many operations there are of some kinds."""
        return sum(
            count
            for label, count in self.operations.items()
            if label.rstrip("0123456789/.g") in kinds
        )


def growth(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[float, float]:
    """Parameters and FLOPs of a network that was measured, each by that of its parent."""
    return after["params"] / before["params"], after["flops"] / max(before["flops"], 1.0)


def obeys(key: str, parent: str, child: str, grown: tuple[float, float]) -> bool | None:
    """Whether a network does what its prompt asked for; None where that cannot be said.

    Args:
        key: Of the prompt, as in ``conf/prompts/paper.yaml``.
        parent: Source that the writer was shown; of a crossover the first.
        child: Source that it wrote.
        grown: Parameters and FLOPs of the child, each by that of the parent.
    """
    before, after = Look.at(parent), Look.at(child)
    if before is None or after is None:
        return None
    operations, operations_after = before.operations.total(), after.operations.total()
    if key in KINDS:
        return after.count(KINDS[key]) > before.count(KINDS[key])
    match key:
        case "add_layer":
            return operations_after > operations
        case "delete_layer":
            return operations_after < operations
        case "improve_smaller":
            return grown[0] * grown[1] < 1
        case "improve_larger":
            return grown[0] * grown[1] > 1
        case "add_residual":
            return after.sums > before.sums
        case "add_residuals":
            return after.sums > before.sums + 1
        case "widen":
            return after.width > before.width and after.depth <= before.depth
        case "deepen":
            return after.depth > before.depth
        case "change_activation_or_kernel":
            return operations_after == operations and after.operations != before.operations
    return None
