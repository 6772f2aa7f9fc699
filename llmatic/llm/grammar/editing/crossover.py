"""A network out of two.

Either the first statements of one forward method followed by the last of the
other, each with what it needs of its constructor; or layers of one, copied into
the other. Both bring along the classes and functions they name. Statements that
call methods of their own network are not moved.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from random import Random

from llmatic.llm.grammar.editing.draft import Draft, Part, places
from llmatic.llm.grammar.editing.transfer import Donation, loads, needed, outside, reindented
from llmatic.llm.grammar.reading.repair import Network
from llmatic.llm.grammar.reading.text import Splice, spliced
from llmatic.llm.grammar.reading.trace import Point
from llmatic.llm.grammar.reading.values import Layer

__all__ = ["crossover"]


def crossover(first: Network, second: Network, rng: Random) -> str | None:
    """A text with parts of both, or None where this try found no way."""
    ways = (joined, grafted) if rng.random() < 0.7 else (grafted, joined)
    one, other = (first, second) if rng.random() < 0.5 else (second, first)
    return ways[0](one, other, rng) or ways[1](one, other, rng)


def joined(front: Network, back: Network, rng: Random) -> str | None:
    """The front of one forward method and the back of the other."""
    if front.code.forward is None or back.code.forward is None:
        return None
    pairs = [
        (one, other)
        for one in front.trace.points
        for other in back.trace.points
        if len(one.shape) == len(other.shape)
        and one.statement is not None
        and learns(front, one, before=True)
        and learns(back, other, before=False)
    ]
    if not pairs:
        return None
    one, other = rng.choice(pairs)
    tail = statements_after(back.code.forward, other)
    names, _ = loads(tail)
    known = outside(back.code) | {other.name, own(back)}
    if (names - assigned(tail)) - known:
        return None
    return assemble(front, one, back, other, tail)


def learns(network: Network, point: Point, before: bool) -> bool:
    """Whether forward uses an attribute of the network on one side of a point."""
    forward = network.code.forward
    assert forward is not None
    tail = statements_after(forward, point)
    side = [each for each in forward.body if each not in tail] if before else tail
    return bool(loads(side, own(network))[1])


def own(network: Network) -> str:
    """What forward calls the network."""
    forward = network.code.forward
    return forward.args.args[0].arg if forward and forward.args.args else "self"


def statements_after(forward: ast.FunctionDef, point: Point) -> list[ast.stmt]:
    """The statements of forward behind a point."""
    if point.statement is None:
        return forward.body
    if point.statement not in forward.body:
        return []
    return forward.body[forward.body.index(point.statement) + 1 :]


def assigned(statements: Iterable[ast.stmt]) -> set[str]:
    """Names that statements bind."""
    return {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def assemble(
    front: Network, one: Point, back: Network, other: Point, tail: list[ast.stmt]
) -> str | None:
    """Write the front network with the back of the other in the place of its own."""
    forward, init = front.code.forward, front.code.init
    if forward is None or init is None or back.code.init is None or not tail:
        return None
    source = front.code.source
    rest = statements_after(forward, one)
    if not rest or one.statement not in forward.body:
        return None
    donation = Donation(front.code, back.code)
    _, attributes = loads(tail, own(back))
    kept = needed(back.code.init, attributes, back.code.me)
    if kept is None:
        return None
    head = forward.body[: forward.body.index(rest[0])]
    mine = needed(init, loads(head, own(front))[1], front.code.me)
    if mine is None:
        return None
    moved_in = attributes | loads(kept, back.code.me)[1]
    clashing = moved_in & loads(mine, front.code.me)[1] - {"training"}
    renames = {name: donation.fresh(name) for name in sorted(clashing)}
    lines = reindented(donation.texts(kept, renames, back.code.me), source.indent(init.body[0]))
    body = donation.texts(tail, renames, own(back))
    if one.name != other.name:
        body = [f"{other.name} = {one.name}", *body]
    moved = reindented(body, source.indent(forward.body[0]))
    splices = [
        Splice(source.line_start(rest[0]), source.line_end(rest[-1]), moved),
        *(
            source.whole_lines(each)
            for each in init.body
            if each not in mine and source.alone(each)
        ),
    ]
    end = source.line_end(init.body[-1])
    splices.append(Splice(end, end, lines))
    helpers = donation.helpers([*kept, *tail])
    if helpers is None:
        return None
    return spliced(source, [*splices, *helpers])


def grafted(host: Network, donor: Network, rng: Random) -> str | None:
    """A few successive layers of one network, copied into the other."""
    layers = [
        (operation, operation.layer)
        for operation in donor.trace.operations
        if operation.layer is not None and closed(operation.layer.call)
    ]
    starts = [
        index for index, (_, layer) in enumerate(layers) if donor.trace.parameters.get(layer, 0) > 0
    ]
    inner = [index for index in starts if layers[index][0].after != donor.trace.output]
    if not starts:
        return None
    start = rng.choice(inner or starts)
    run = layers[start : start + rng.randint(1, 4)]
    rank = len(run[0][0].before)
    parts = [
        copied(donor, layer)
        for operation, layer in run
        if len(operation.before) == len(operation.after) == rank
    ]
    open_to = [place for place in places(host) if len(place.shape) == rank]
    if not open_to or not parts:
        return None
    draft = Draft(host)
    draft.insert(rng.choice(open_to), parts)
    return draft.text()


def copied(donor: Network, layer: Layer) -> Part:
    """A layer as the donor wrote it."""
    source = donor.code.source
    arguments = source.cut(layer.call)[len(source.cut(layer.call.func)) :]
    code = f"nn.{layer.kind}{arguments}"
    if layer.kind in ("RNN", "GRU", "LSTM"):
        return Part("rnn", f"Tokens({code})", helper="Tokens")
    return Part(layer.kind.rstrip("123d").lower(), code)


def closed(call: ast.Call) -> bool:
    """Whether the expression that makes a layer names nothing but the layer and numbers."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return not any(
        isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Starred)
        for argument in arguments
        for node in ast.walk(argument)
    )
