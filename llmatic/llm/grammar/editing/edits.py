"""The prompts, each as an edit.

An edit takes a network and gives a text, or None where it found nothing to do; it
does not make sure that the text works. `EDITS` has one for every key of the
catalogue of mutations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from llmatic.llm.grammar.editing import parts
from llmatic.llm.grammar.editing.changes import (
    delete,
    other_activations,
    other_kernels,
    scale_widths,
    widths,
)
from llmatic.llm.grammar.editing.draft import Draft, Part, Place, places
from llmatic.llm.grammar.editing.skips import add_residual, add_residuals
from llmatic.llm.grammar.reading.repair import Network
from llmatic.llm.grammar.reading.values import BATCH, Shape

__all__ = ["EDITS", "Edit"]

Edit = Callable[[Network, Random, float], str | None]
Maker = Callable[[Shape, Random, float], Sequence[Part]]


def insertion(
    network: Network, rng: Random, bold: float, maker: Maker, rank: int = 0
) -> str | None:
    """Write what a maker makes at a random place, of some rank if one is given."""
    open_to = [place for place in places(network) if rank in (0, len(place.shape))]
    if not open_to:
        return None
    place = rng.choice(open_to)
    made = maker(place.shape, rng, bold)
    if not made:
        return None
    draft = Draft(network)
    draft.insert(place, made)
    return draft.text()


def add_layer(network: Network, rng: Random, bold: float) -> str | None:
    """One layer of a kind that suits its place."""
    maker = rng.choice(
        (
            parts.block,
            parts.block,
            parts.normalization,
            parts.dropout,
            parts.pooling,
            one_activation,
        )
    )
    return insertion(network, rng, bold, maker)


def one_activation(shape: Shape, rng: Random, bold: float) -> Sequence[Part]:
    """An activation function, as a maker."""
    return [parts.activation(rng, bold)]


def add_linear(network: Network, rng: Random, bold: float) -> str | None:
    """A dense layer behind the features, or in front of the scores where these have no place."""

    def maker(shape: Shape, rng: Random, bold: float) -> Sequence[Part]:
        made = parts.linear(shape, rng, bold)
        return [*made, parts.activation(rng, bold)] if made and rng.random() < 0.8 else made

    flat = [place for place in places(network) if len(place.shape) == 2]
    return insertion(network, rng, bold, maker, rank=2) if flat else dense_head(network)


def dense_head(network: Network) -> str | None:
    """A dense layer behind a network that ends without one."""
    last = [point for point in network.trace.points if point.shape == (BATCH, network.classes)]
    nodes = [
        operation.node
        for operation in network.trace.operations
        if operation.node is not None and operation.after == (BATCH, network.classes)
    ]
    if not last and not nodes:
        return None
    draft = Draft(network)
    shape = (BATCH, network.classes)
    made = [Part("fc", f"nn.Linear({network.classes}, {network.classes})")]
    draft.insert(Place(shape, nodes[-1] if nodes else last[-1]), made)
    return draft.text()


def add_convolution(network: Network, rng: Random, bold: float) -> str | None:
    """A convolution, mostly with a normalisation or an activation."""

    def maker(shape: Shape, rng: Random, bold: float) -> Sequence[Part]:
        if rng.random() < 0.25:
            return parts.convolution(shape, rng, bold)
        return parts.block(shape, rng, bold)

    return insertion(network, rng, bold, maker, rank=4)


def add_pooling(network: Network, rng: Random, bold: float) -> str | None:
    """A pooling layer."""
    return insertion(network, rng, bold, parts.pooling, rank=4)


def add_dropout(network: Network, rng: Random, bold: float) -> str | None:
    """A dropout layer."""
    return insertion(network, rng, bold, parts.dropout)


def add_normalization(network: Network, rng: Random, bold: float) -> str | None:
    """A normalisation."""
    return insertion(network, rng, bold, parts.normalization)


def add_recurrent(network: Network, rng: Random, bold: float) -> str | None:
    """A recurrent layer."""
    return insertion(network, rng, bold, parts.recurrent)


def widen(network: Network, rng: Random, bold: float) -> str | None:
    """Wider layers: one at least, all of them when bold."""
    return scale_widths(
        network, rng, 0.3 + 0.7 * bold * rng.random(), lambda: rng.uniform(1.25, 1.5 + 2.5 * bold)
    )


def deepen(network: Network, rng: Random, bold: float) -> str | None:
    """One more block."""
    return insertion(network, rng, bold, parts.block)


def change_activation_or_kernel(network: Network, rng: Random, bold: float) -> str | None:
    """Another kernel size or another activation."""
    first, second = rng.sample((other_activations, other_kernels), 2)
    return first(network, rng, bold) or second(network, rng, bold)


def improve(network: Network, rng: Random, bold: float) -> str | None:
    """Something that tends to help."""
    choices: tuple[Edit, ...] = (
        deepen,
        better_kernel,
        widen,
        strong_block,
        strong_block,
        add_residual,
        add_normalization,
        hidden_layer,
    )
    return rng.choice(choices)(network, rng, bold)


def strong_block(network: Network, rng: Random, bold: float) -> str | None:
    """A 3x3 convolution to many channels with all that goes with it."""

    def maker(shape: Shape, rng: Random, bold: float) -> Sequence[Part]:
        wide = rng.choice((16, 32, 32, 64, 64, 96, 128))
        kernel = min(3, *shape[2:]) // 2 * 2 + 1 if min(shape[2:]) > 1 else 1
        made = [
            Part(
                "conv",
                f"nn.Conv2d({shape[1]}, {wide}, kernel_size={kernel}, padding={kernel // 2})",
            ),
            Part("bn", f"nn.BatchNorm2d({wide})"),
            parts.activation(rng, bold * 0.5),
        ]
        if min(shape[2:]) >= 4 and rng.random() < 0.5:
            made.append(Part("pool", "nn.MaxPool2d(2)"))
        return made

    return insertion(network, rng, bold, maker, rank=4)


def hidden_layer(network: Network, rng: Random, bold: float) -> str | None:
    """A hidden dense layer with an activation and mostly dropout."""

    def maker(shape: Shape, rng: Random, bold: float) -> Sequence[Part]:
        made = [*parts.linear(shape, rng, bold), parts.activation(rng, bold * 0.5)]
        return made + (parts.dropout(shape, rng, bold) if rng.random() < 0.5 else [])

    return insertion(network, rng, bold, maker, rank=2)


def better_kernel(network: Network, rng: Random, bold: float) -> str | None:
    """Another kernel where there is one, else another activation."""
    return other_kernels(network, rng, bold) or other_activations(network, rng, bold)


def improve_smaller(network: Network, rng: Random, bold: float) -> str | None:
    """Far narrower layers, one layer less, or fewer pixels."""
    chance = rng.random()
    if chance < 0.5 and any(width > 2 for width in widths(network)):
        return scale_widths(network, rng, 0.5 + 0.5 * bold, lambda: rng.uniform(0.15, 0.5))
    if chance < 0.75:
        return delete(network, rng, bold)
    return add_pooling(network, rng, bold)


def improve_larger(network: Network, rng: Random, bold: float) -> str | None:
    """Far wider layers or a block more."""
    if rng.random() < 0.5:
        return scale_widths(network, rng, 0.6 + 0.4 * bold, lambda: rng.uniform(2, 2 + 2 * bold))
    return rng.choice((strong_block, deepen, hidden_layer))(network, rng, bold)


EDITS: dict[str, Edit] = {
    "add_layer": add_layer,
    "delete_layer": delete,
    "improve": improve,
    "improve_smaller": improve_smaller,
    "improve_larger": improve_larger,
    "add_linear": add_linear,
    "add_convolution": add_convolution,
    "add_pooling": add_pooling,
    "add_residual": add_residual,
    "add_residuals": add_residuals,
    "add_dropout": add_dropout,
    "add_normalization": add_normalization,
    "add_recurrent": add_recurrent,
    "widen": widen,
    "deepen": deepen,
    "change_activation_or_kernel": change_activation_or_kernel,
}
