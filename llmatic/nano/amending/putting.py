"""Where layers are put, and how that is written.

Knows which layers there are only by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from llmatic.nano.amending.additions import Addition, addition
from llmatic.nano.amending.changes import with_lazy_layers
from llmatic.nano.amending.places import Place, Seen
from llmatic.nano.examples import LARGE
from llmatic.nano.numbers import numbers

__all__ = ["put"]

EDGE = 0.45
"""Share of additions that are made to the network's input or output."""
TRIES = 20
BOLD = 0.75
"""Share of additions after which others may have to find out what they take."""
AT_THE_END = ("linear", "norm", "recurrent")
"""What scores can go through and still be scores."""
Edit = tuple[int, int, str]
"""Offsets of what is replaced, and what stands there then."""


def put(
    rng: Random,
    kinds: tuple[str, ...],
    parent: Seen,
    shape: tuple[int, int, int],
    classes: int,
    *,
    residual: bool,
) -> Iterator[str]:
    """Networks with one layer more, some of which may not work.

    Args:
        rng: Decides.
        kinds: What can be put in, some of `KINDS`.
        parent: The network.
        shape: Channels, height and width of an image.
        classes: Size of the output.
        residual: Whether what goes in is added to what comes out.
    """
    channels, height, width = shape
    shown = {channels, height, width, classes, channels * height, *numbers(parent.source)}
    edges = [each for each in parent.places if each.is_edge]
    inner = [each for each in parent.places if not each.is_edge]
    for _ in range(TRIES):
        place = rng.choice(edges if not inner or (edges and rng.random() < EDGE) else inner)
        kind = rng.choice(kinds)
        if place.is_edge_of_return and kind not in AT_THE_END:
            continue
        made = addition(
            rng,
            place.shape,
            kind,
            lambda size: size <= LARGE or size in shown,
            parent.nn,
            parent.functional,
            bold=not residual and not place.is_edge_of_return and rng.random() < BOLD,
        )
        if made is None:
            continue
        text = _put_at(rng, parent, place, made, residual=residual)
        if text is None:
            continue
        if made.keeps:
            yield text
        else:
            yield from with_lazy_layers(text, parent.nn)


def _put_at(
    rng: Random, parent: Seen, place: Place, addition: Addition, *, residual: bool
) -> str | None:
    """The network with an addition at a place; None where it cannot stand there."""
    if place.way == "part":
        return None if residual else _behind_part(parent.source, place, addition)
    name = _free_name(parent.source, addition.name)
    use = addition.use.replace("{m}", f"self.{name}")
    if _is_activated(rng, place, addition, residual=residual):
        use = _activated(rng, parent, use)
    if residual:
        use = f"{{x}} + {use}"
    edit = _used(rng, place, use)
    if edit is None:
        return None
    made, indent = parent.made
    layer = f"{' ' * indent}self.{name} = {addition.layer}\n" if addition.layer else ""
    return _edited(parent.source, [(made, made, layer), edit])


def _behind_part(source: str, place: Place, addition: Addition) -> str | None:
    """The network with a module behind another in a sequence."""
    if not addition.is_part:
        return None
    gap = ", " if place.indent < 0 else ",\n" + " " * place.indent
    return _edited(source, [(place.start, place.start, gap + addition.layer)])


def _free_name(source: str, wanted: str) -> str:
    name, count = wanted, 2
    while f"self.{name}" in source:
        name = f"{wanted}{count}"
        count += 1
    return name


def _is_activated(rng: Random, place: Place, addition: Addition, *, residual: bool) -> bool:
    wished = addition.kind in ("conv", "linear") and rng.random() < 0.5
    return wished and (residual or not place.is_edge_of_return)


def _activated(rng: Random, parent: Seen, use: str) -> str:
    act = rng.choice(("relu", "relu", "gelu", "tanh", "silu"))
    if parent.functional is not None:
        return f"{parent.functional}.{act}({use})"
    return f"torch.relu({use})" if "import torch\n" in parent.source else f"{use}.relu()"


def _used(rng: Random, place: Place, use: str) -> Edit | None:
    """What uses a layer in `forward`; None where it would need a variable that is not there."""
    pad = " " * place.indent
    once = use.count("{x}") == 1
    if place.way == "line":
        text = use.replace("{x}", place.text)
        return place.start, place.start, f"{pad}{place.text} = {text}\n"
    if place.way == "around":
        return (place.start, place.end, use.replace("{x}", place.text)) if once else None
    simple = place.text.isidentifier()
    if simple or (once and "\n" not in place.text and rng.random() < 0.5):
        return place.start, place.end, use.replace("{x}", place.text)
    text = f"x = {place.text}\n{pad}return {use.replace('{x}', 'x')}"
    return place.start - len("return "), place.end, text


def _edited(source: str, edits: list[Edit]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source
