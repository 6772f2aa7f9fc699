"""Whether a network is what was asked for: the kind of layer is there, the size has moved.

Reads the dataflow of both sources; knows what each prompt of the catalogue asks for, and
nothing of who answered. A network that merely differs obeys `improve`.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import Self

from llmatic.structure.graph import INPUT, JOIN
from llmatic.structure.reading import read

__all__ = ["Look", "obeys"]

KINDS = {
    "add_linear": ("linear", "lazylinear"),
    "add_convolution": ("conv", "lazyconv"),
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
SHAPING = ("reshape", "transpose", "flatten", "unflatten", "permute", "squeeze", "unsqueeze")
WEIGHED = ("conv", "linear", "lazy", "rnn", "gru", "lstm", "convtranspose")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be seen of a network.

    Attributes:
        operations: How often each operation occurs, shapes and sums left out.
        sums: How many there are.
        widths: Channels and features that its layers put out, all together.
        depth: Layers with weights.
        layers: How many constructors of layers its source calls.
    """

    operations: Counter[str]
    sums: int
    widths: float
    depth: int
    layers: int

    @classmethod
    def at(cls, source: str) -> Self | None:
        """The look of a source; None where its dataflow cannot be followed."""
        graph = read(source)
        if graph is None:
            return None
        labels = [each.label for each in graph.operations]
        kept = [each for each in labels if each not in (INPUT, JOIN, *SHAPING)]
        weighed = [each for each in graph.operations if each.label.startswith(WEIGHED)]
        return cls(
            Counter(kept),
            labels.count(JOIN),
            sum(each.width for each in weighed),
            len(weighed),
            sum(_makes_a_layer(each) for each in ast.walk(ast.parse(source))),
        )

    def count(self, kinds: tuple[str, ...]) -> int:
        """How many operations there are of some kinds."""
        return sum(
            count
            for label, count in self.operations.items()
            if label.rstrip("0123456789/.g") in kinds
        )


def _makes_a_layer(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "nn"
        and node.func.attr[:1].isupper()
        and node.func.attr not in ("Sequential", "ModuleList")
    )


def obeys(key: str, parent: str, child: str, growth: tuple[float, float]) -> bool | None:
    """Whether a network does what its prompt asked for; None where that cannot be said.

    Args:
        key: Of the prompt, as in ``conf/prompts/paper.yaml``.
        parent: Source that the writer was shown; of a crossover the first.
        child: Source that it wrote.
        growth: Parameters and FLOPs of the child, each by that of the parent.
    """
    before, after = Look.at(parent), Look.at(child)
    if before is None or after is None:
        return None
    total, total_after = before.operations.total(), after.operations.total()
    if key in KINDS:
        return after.count(KINDS[key]) > before.count(KINDS[key])
    match key:
        case "add_layer":
            return total_after > total or after.layers > before.layers
        case "delete_layer":
            return total_after < total or after.layers < before.layers
        case "improve_smaller":
            return min(growth) < 1
        case "improve_larger":
            return max(growth) > 1
        case "add_residual":
            return after.sums > before.sums
        case "add_residuals":
            return after.sums > before.sums + 1
        case "widen":
            return after.widths > before.widths
        case "deepen":
            return after.depth > before.depth
        case "change_activation_or_kernel":
            return after.operations != before.operations
    return child != parent
