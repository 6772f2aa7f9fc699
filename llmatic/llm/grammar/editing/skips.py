"""Residual connections: around what is there, or around layers written for them."""

from __future__ import annotations

from random import Random

from llmatic.llm.grammar.editing import parts
from llmatic.llm.grammar.editing.draft import Draft, Part, places, written_slots
from llmatic.llm.grammar.reading.repair import Network, repaired
from llmatic.llm.grammar.reading.trace import Point
from llmatic.llm.grammar.reading.values import BATCH, Layer, Shape

__all__ = ["add_residual", "add_residuals"]

TRIES = 4


def add_residual(network: Network, rng: Random, bold: float) -> str | None:
    """One residual connection, around layers that are there or around new ones."""
    draft = Draft(network)
    if rng.random() < 0.5:
        for around in rng.sample((around_statements, around_element), 2):
            if around(draft, rng):
                return draft.text()
    return draft.text() if branch(draft, rng, bold) else None


def add_residuals(network: Network, rng: Random, bold: float) -> str | None:
    """Two residual connections or more."""
    wanted = 2 + round(bold * rng.random() * 2)
    done = 0
    for _ in range(TRIES * wanted):
        text = add_residual(network, rng, bold)
        child = None if text is None else repaired(text, network.input_shape, network.classes)
        if child is not None:
            network, done = child, done + 1
        if done == wanted:
            break
    return network.text if done >= 2 else None


def around_statements(draft: Draft, rng: Random) -> bool:
    """Keep a variable and add it to what it has become some statements later."""
    points = [point for point in draft.network.trace.points if len(point.shape) in (2, 4)]
    pairs = [
        (early, late)
        for position, early in enumerate(points)
        for late in points[position + 1 :]
        if early.name == late.name and projectable(early.shape, late.shape)
    ]
    if not pairs:
        return False
    same = [pair for pair in pairs if pair[0].shape == pair[1].shape]
    early, late = rng.choice(same or pairs)
    name = draft.fresh("skip")
    draft.lines(early, [f"{name} = {early.name}"])
    term = draft.around(name, projection(early.shape, late.shape))
    draft.lines(late, [f"{late.name} = {late.name} + {term}"])
    return True


def projectable(before: Shape, after: Shape) -> bool:
    """Whether one convolution or dense layer can lead from a shape to the other."""
    if len(before) != len(after) or before[0] != BATCH or after[0] != BATCH:
        return False
    return all(
        small == large or (small > 1 and -(-large // 2) == small)
        for large, small in zip(before[2:], after[2:], strict=True)
    )


def projection(before: Shape, after: Shape) -> list[Part]:
    """The layer that leads from a shape to another; none where they are the same."""
    if before == after:
        return []
    if len(before) == 2:
        return [Part("project", f"nn.Linear({before[1]}, {after[1]})")]
    stride = ", stride=2" if before[2:] != after[2:] else ""
    code = f"nn.Conv2d({before[1]}, {after[1]}, kernel_size=1{stride})"
    return [Part("project", code)]


def around_element(draft: Draft, rng: Random) -> bool:
    """Wrap an element of a sequence that keeps the shape of its input."""
    slots = []
    for slot in written_slots(draft.network):
        item = slot.stack.items[slot.index]
        learns = not isinstance(item, Layer) or draft.network.trace.parameters.get(item, 0) > 0
        if slot.before == slot.after and learns:
            slots.append(slot)
    if not slots:
        return False
    node = rng.choice(slots)
    written = node.stack.call.args[node.index]
    code = draft.network.code.source.cut(written)
    draft.replace(written, f"{draft.helper('Residual')}({code})")
    return True


def branch(draft: Draft, rng: Random, bold: float) -> bool:
    """Write layers whose output is added to their input."""
    open_to = [place for place in places(draft.network) if len(place.shape) in (2, 4)]
    if not open_to:
        return False
    place = rng.choice(open_to)
    made = parts.residual(place.shape, rng, bold)
    if not made:
        return False
    codes = [part.code for part in made]
    if isinstance(place.at, Point):
        name = place.at.name
        body = f"nn.Sequential({', '.join(codes)})"
        added = draft.around(name, [Part("branch", body)])
        draft.lines(place.at, [f"{name} = {name} + {added}"])
    else:
        body = f"Residual({', '.join(codes)})"
        draft.insert(place, [Part("residual", body, helper="Residual")])
    return True
