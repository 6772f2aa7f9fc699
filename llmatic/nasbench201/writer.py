"""A writer without weights for cells: it carries out each prompt on the six edges.

The counterpart of `llmatic.llm.grammar` on this small language: no language model. It
reads its parents' source and a prompt's key, writes source, and knows nothing of what
a cell is worth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from random import Random

from llmatic.llm import Completion, Request, Written
from llmatic.nasbench201.cell import EDGES, Cell, Operation, read_cell

__all__ = ["CellWriter"]

EXTRA_EDIT_SHARE = 0.5
"""At temperature 1, the probability of each further edit beyond the first."""
MOST_EDITS = 3
STRONG_EDITS = 3
"""Edits where a prompt asks for a drastic change."""

Edit = Callable[[Cell, Random], Cell]
COST = {
    Operation.ZEROIZE: 0,
    Operation.SKIP: 0,
    Operation.AVG_POOL: 0,
    Operation.CONV_1X1: 1,
    Operation.CONV_3X3: 9,
}
CHAIN = (EDGES.index((0, 1)), EDGES.index((1, 2)), EDGES.index((2, 3)))
SHORTCUTS = (EDGES.index((0, 2)), EDGES.index((0, 3)), EDGES.index((1, 3)))


class CellWriter:
    """Writes cells by rule; it is not a language model and has no weights.

    A request's seed and prompt key decide everything; the temperature says how many
    edges change at once. A prompt that it has no rule for changes any operation.
    """

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One cell per request, in order."""
        for request in requests:
            start = time.perf_counter()
            text = _answer(request).source
            seconds = time.perf_counter() - start
            yield [(request, Completion(text, 0, 0, seconds, "stop", "grammar"))]


def _answer(request: Request) -> Cell:
    rng = Random(f"{request.seed} {request.prompt_key}")
    parents = [cell for text in request.parents if (cell := _cell(text)) is not None]
    if request.prompt_key in ("create", "repair") or not parents:
        return Cell(tuple(rng.choice(list(Operation)) for _ in EDGES))
    if request.prompt_key == "crossover" and len(parents) > 1:
        return _crossed(parents[0], parents[1], rng)
    edit = EDITS.get(request.prompt_key, _change)
    cell = edit(parents[0], rng)
    for _ in range(MOST_EDITS - 1):
        if rng.random() < EXTRA_EDIT_SHARE * request.temperature:
            cell = edit(cell, rng)
    return cell if cell != parents[0] else _change(cell, rng)


def _cell(source: str) -> Cell | None:
    try:
        return read_cell(source)
    except (ValueError, SyntaxError, RecursionError):
        return None


def _crossed(one: Cell, other: Cell, rng: Random) -> Cell:
    """Each edge from one of two; where that is one of the two, with an edge changed."""
    pairs = zip(one.operations, other.operations, strict=True)
    child = Cell(tuple(rng.choice(pair) for pair in pairs))
    return _change(child, rng) if child in (one, other) else child


def _change(cell: Cell, rng: Random) -> Cell:
    """Another operation on any edge."""
    edge = rng.randrange(len(EDGES))
    others = [each for each in Operation if each is not cell.operations[edge]]
    return cell.with_edge(edge, rng.choice(others))


def _put(*wanted: Operation, among: Sequence[int] = range(len(EDGES))) -> Edit:
    """One of some operations on an edge that has none of them."""

    def edit(cell: Cell, rng: Random) -> Cell:
        edges = [edge for edge in among if cell.operations[edge] not in wanted]
        if not edges:
            return _change(cell, rng)
        return cell.with_edge(rng.choice(edges), rng.choice(wanted))

    return edit


def _replace(old: Sequence[Operation], new: Sequence[Operation]) -> Edit:
    """One of some operations where one of others was."""

    def edit(cell: Cell, rng: Random) -> Cell:
        edges = [edge for edge, each in enumerate(cell.operations) if each in old]
        if not edges:
            return _change(cell, rng)
        edge = rng.choice(edges)
        return cell.with_edge(edge, rng.choice([e for e in new if e is not cell.operations[edge]]))

    return edit


def _resize(direction: int) -> Edit:
    """Several edges cheaper (-1) or dearer (1)."""

    def once(cell: Cell, rng: Random) -> Cell:
        moves = [
            (edge, each)
            for edge, now in enumerate(cell.operations)
            for each in Operation
            if direction * (COST[each] - COST[now]) > 0
        ]
        return cell.with_edge(*rng.choice(moves)) if moves else cell

    def edit(cell: Cell, rng: Random) -> Cell:
        for _ in range(rng.randint(1, STRONG_EDITS)):
            cell = once(cell, rng)
        return cell

    return edit


def _swap(cell: Cell, rng: Random) -> Cell:
    """The operations of two edges exchanged."""
    pairs = [
        (a, b)
        for a in range(len(EDGES))
        for b in range(a)
        if cell.operations[a] is not cell.operations[b]
    ]
    if not pairs:
        return _change(cell, rng)
    a, b = rng.choice(pairs)
    first, second = cell.operations[a], cell.operations[b]
    return cell.with_edge(a, second).with_edge(b, first)


def _twice(edit: Edit) -> Edit:
    return lambda cell, rng: edit(edit(cell, rng), rng)


WORKING = tuple(each for each in Operation if each is not Operation.ZEROIZE)
CONVOLUTIONS = (Operation.CONV_1X1, Operation.CONV_3X3)

EDITS: dict[str, Edit] = {
    "add_operation": _replace((Operation.ZEROIZE,), WORKING),
    "delete_operation": _replace(WORKING, (Operation.ZEROIZE,)),
    "improve": _change,
    "improve_smaller": _resize(-1),
    "improve_larger": _resize(1),
    "add_conv_1x1": _put(Operation.CONV_1X1),
    "add_conv_3x3": _put(Operation.CONV_3X3),
    "add_pooling": _put(Operation.AVG_POOL),
    "add_skip": _put(Operation.SKIP),
    "add_skips": _twice(_put(Operation.SKIP, among=SHORTCUTS)),
    "delete_pooling": _replace((Operation.AVG_POOL,), tuple(Operation)),
    "delete_skip": _replace((Operation.SKIP,), tuple(Operation)),
    "widen": _put(*CONVOLUTIONS, among=SHORTCUTS),
    "deepen": _put(*CONVOLUTIONS, among=CHAIN),
    "change_kernel": _replace(CONVOLUTIONS, CONVOLUTIONS),
    "swap": _swap,
}
