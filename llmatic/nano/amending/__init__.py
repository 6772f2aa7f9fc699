"""Small edits of any network, whoever wrote it, that do what a prompt asks for.

Where the grammar reads a network, understands it and writes it anew, this changes a few
characters and tries whether that works: it needs no understanding of what it edits, and what
it does is as simple as it can be. The source must be trusted, for it is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from llmatic.nano.amending.additions import ACTIVATIONS, KINDS, Addition, additions
from llmatic.nano.amending.changes import (
    activations_of,
    factored,
    fitting,
    other_activations,
    other_kernels,
    other_widths,
    rewired,
    without,
)
from llmatic.nano.amending.places import Place, Seen, seen
from llmatic.nano.numbers import numbers

__all__ = ["Seen", "proposals", "seen"]

LARGE = 8
"""Smaller numbers can be written without being shown."""
EDGE = 0.45
"""Share of additions that are made to the network's input or output."""
TRIES = 20
BOLD = 0.75
"""Share of additions after which others may have to find out what they take."""
AT_THE_END = ("linear", "norm", "recurrent")
"""What scores can go through and still be scores."""
ASKED = {
    "add_layer": KINDS,
    "improve": ("conv", "linear", "norm", "dropout", "activation", "pool"),
    "improve_larger": ("conv", "linear", "recurrent"),
    "add_linear": ("linear",),
    "add_convolution": ("conv",),
    "add_pooling": ("pool",),
    "add_residual": ("conv", "conv", "linear", "norm", "activation"),
    "add_residuals": ("conv", "conv", "linear", "norm", "activation"),
    "add_dropout": ("dropout",),
    "add_normalization": ("norm",),
    "add_recurrent": ("recurrent",),
    "deepen": ("conv", "linear"),
}
TRAITS = {
    "conv": r"Conv2d\(", "linear": r"Linear\(", "pool": r"[Pp]ool", "norm": r"[Nn]orm",
    "dropout": r"[Dd]ropout", "recurrent": r"\.(GRU|LSTM|RNN)\(",
}  # fmt: skip


def proposals(
    rng: Random,
    key: str,
    parent: Seen,
    other: str | None,
    shape: tuple[int, int, int],
    classes: int,
) -> Iterator[str]:
    """Networks that might be what a prompt asks for, some of which may not work.

    Args:
        rng: Decides.
        key: Of the prompt, as in ``conf/prompts/paper.yaml``.
        parent: The network that is edited.
        other: For a crossover, the source of the second.
        shape: Channels, height and width of an image.
        classes: Size of the output.
    """
    source, fixed = parent.source, frozenset((*shape, classes))
    match key:
        case "widen":
            ways = [other_widths(rng, source, fixed, wider=True), rewired(rng, parent, wider=True)]
            yield from _in_any_order(rng, ways)
        case "improve_smaller":
            ways = [
                factored(rng, parent, smaller=True),
                rewired(rng, parent, wider=False),
                other_widths(rng, source, fixed, wider=False),
                without(rng, parent),
            ]
            yield from _in_any_order(rng, ways)
        case "delete_layer":
            yield from without(rng, parent)
        case "change_activation_or_kernel":
            ways = [other_activations(rng, source, ACTIVATIONS), other_kernels(rng, parent)]
            yield from _in_any_order(rng, ways)
        case "crossover" if other is not None:
            yield from _crossed(rng, parent, other, shape, classes)
        case "improve" if rng.random() < 0.5:
            yield from rng.choice(
                (
                    lambda: other_widths(rng, source, fixed, wider=True),
                    lambda: rewired(rng, parent),
                    lambda: other_activations(rng, source, ACTIVATIONS),
                    lambda: _wider_and_deeper(rng, parent, shape, classes),
                    lambda: _added(rng, "add_residual", parent, shape, classes),
                )
            )()
        case "improve_larger":
            ways = [
                factored(rng, parent, smaller=False),
                rewired(rng, parent, wider=True),
                other_widths(rng, source, fixed, wider=True),
                _wider_and_deeper(rng, parent, shape, classes),
                _wider_and_deeper(rng, parent, shape, classes),
            ]
            yield from _in_any_order(rng, ways)
        case "deepen" if rng.random() < 0.3:
            yield from factored(rng, parent, smaller=False)
    if key in ASKED:
        yield from _added(rng, key, parent, shape, classes)


def _crossed(
    rng: Random, parent: Seen, other: str, shape: tuple[int, int, int], classes: int
) -> Iterator[str]:
    """The first network with something of the second."""
    fixed = frozenset((*shape, classes))
    ways = []
    acts = tuple(
        each for each in activations_of(other) if each not in activations_of(parent.source)
    )
    if acts:
        ways.append(other_activations(rng, parent.source, acts))
    new = numbers(other) - numbers(parent.source) - fixed
    wanted = tuple(sorted(each for each in new if each > LARGE))
    if wanted:
        ways.append(other_widths(rng, parent.source, fixed, wider=True, wanted=wanted))
    kinds = [
        kind
        for kind, sign in TRAITS.items()
        if re.search(sign, other) and not re.search(sign, parent.source)
    ]
    for kind in kinds or [each for each, sign in TRAITS.items() if re.search(sign, other)]:
        ways.append(_put(rng, (kind,), parent, shape, classes, residual=rng.random() < 0.2))
    yield from _in_any_order(rng, ways)


def _in_any_order(rng: Random, ways: list[Iterator[str]]) -> Iterator[str]:
    rng.shuffle(ways)
    for way in ways:
        yield from way


def _wider_and_deeper(
    rng: Random, parent: Seen, shape: tuple[int, int, int], classes: int
) -> Iterator[str]:
    """The network with a wider layer and another one."""
    for text in rewired(rng, parent, wider=True):
        wider = seen(text, shape)
        if wider is not None and wider.works:
            yield from _added(rng, "deepen", wider, shape, classes)


def _added(
    rng: Random, key: str, parent: Seen, shape: tuple[int, int, int], classes: int
) -> Iterator[str]:
    residual = key.startswith("add_residual") or (key == "deepen" and rng.random() < 0.3)
    for text in _put(rng, ASKED[key], parent, shape, classes, residual=residual):
        if key != "add_residuals":
            yield text
            continue
        again = seen(text, shape)
        if again is not None:
            yield from _put(rng, ASKED[key], again, shape, classes, residual=True)


def _put(
    rng: Random,
    kinds: tuple[str, ...],
    parent: Seen,
    shape: tuple[int, int, int],
    classes: int,
    *,
    residual: bool,
) -> Iterator[str]:
    channels, height, width = shape
    shown = {channels, height, width, classes, channels * height, *numbers(parent.source)}
    edges = [each for each in parent.places if each.is_edge]
    inner = [each for each in parent.places if not each.is_edge]
    for _ in range(TRIES):
        place = rng.choice(edges if not inner or (edges and rng.random() < EDGE) else inner)
        kind = rng.choice(kinds)
        if place.is_edge_of_return and kind not in AT_THE_END:
            continue
        found = additions(
            rng,
            place.shape,
            [kind],
            lambda size: size <= LARGE or size in shown,
            parent.nn,
            parent.functional,
            bold=not residual and not place.is_edge_of_return and rng.random() < BOLD,
        )
        for addition in found:
            text = _with(rng, parent, place, addition, residual=residual)
            if text is None:
                continue
            if addition.keeps:
                yield text
            else:
                yield from fitting(text, parent.nn)


def _with(
    rng: Random, parent: Seen, place: Place, addition: Addition, *, residual: bool
) -> str | None:
    """The network with an addition at a place; None where it cannot stand there."""
    source = parent.source
    edits: list[tuple[int, int, str]] = []
    name = addition.name
    count = 2
    while f"self.{name}" in source:
        name = f"{addition.name}{count}"
        count += 1
    if place.way == "part":
        if residual or not addition.is_part:
            return None
        gap = ", " if place.indent < 0 else ",\n" + " " * place.indent
        return source[: place.start] + gap + addition.layer + source[place.start :]
    if addition.layer:
        at, indent = parent.made
        edits.append((at, at, f"{' ' * indent}self.{name} = {addition.layer}\n"))
    use = addition.use.replace("{m}", f"self.{name}")
    wrapped = addition.kind in ("conv", "linear") and rng.random() < 0.5
    if wrapped and (residual or not place.is_edge_of_return):
        act = rng.choice(("relu", "relu", "gelu", "tanh", "silu"))
        if parent.functional is not None:
            use = f"{parent.functional}.{act}({use})"
        else:
            use = f"torch.relu({use})" if "import torch\n" in source else f"{use}.relu()"
    if residual:
        use = f"{{x}} + {use}"
    pad = " " * place.indent
    match place.way:
        case "line":
            text = use.replace("{x}", place.text)
            edits.append((place.start, place.start, f"{pad}{place.text} = {text}\n"))
        case "around":
            if use.count("{x}") > 1:
                return None
            edits.append((place.start, place.end, use.replace("{x}", place.text)))
        case "return":
            simple = place.text.isidentifier()
            if simple or (use.count("{x}") == 1 and "\n" not in place.text and rng.random() < 0.5):
                edits.append((place.start, place.end, use.replace("{x}", place.text)))
            else:
                start = place.start - len("return ")
                text = f"x = {place.text}\n{pad}return {use.replace('{x}', 'x')}"
                edits.append((start, place.end, text))
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source
