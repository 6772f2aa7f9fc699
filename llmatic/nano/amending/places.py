"""Where in a network something can be put, and what shape it gets there.

Runs the network once and looks on; the source must be trusted. Knows nothing of what is put
where.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from llmatic.genome import CLASS_NAME
from llmatic.nano.memory import bounded
from llmatic.network.build import build

__all__ = ["Place", "Seen", "calls_of", "forward_of", "line_starts", "seen", "span"]

WATCH = "__watched__"
IMAGES = 2
"""In the batch that a network is looked at with."""
Way = Literal["line", "return", "around", "part"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor can be made another of the same or another shape.

    Attributes:
        way: ``line``: a statement of `forward` can stand at `start`, for the variable `text`.
            ``return``: the expression `text`, from `start` to `end`, is returned.
            ``around``: the expression `text` is used within another. ``part``: a module can
            stand behind another in a sequence, at `start`.
        start: Offset in the source, in characters.
        end: Offset in the source, in characters.
        text: A variable or an expression.
        shape: Of the tensor, the batch left out.
        indent: Spaces; of a part that shares its line with others, -1.
        is_edge: Whether the tensor is the network's input or output.
    """

    way: Way
    start: int
    end: int
    text: str
    shape: tuple[int, ...]
    indent: int
    is_edge: bool = False

    @property
    def is_edge_of_return(self) -> bool:
        """Whether these are the network's scores."""
        return self.is_edge and self.way == "return"


@dataclass(frozen=True, slots=True)
class Seen:
    """A source with what its edits need.

    Attributes:
        source: The network.
        tree: Its syntax.
        starts: Offset of each line.
        places: Where something can be put.
        made: Offset of the line of `__init__` at which layers can be made, and its indent.
        nn: How the source spells `torch.nn`.
        functional: How it spells `torch.nn.functional`; None where it does not.
    """

    source: str
    tree: ast.Module
    starts: tuple[int, ...]
    places: tuple[Place, ...]
    made: tuple[int, int]
    nn: str
    functional: str | None

    @property
    def works(self) -> bool:
        """Whether it ran when it was looked at."""
        return len(self.places) > 1

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Offsets of a part of the syntax."""
        return span(self.starts, node)


def seen(source: str, shape: tuple[int, int, int]) -> Seen | None:
    """Look at a network; None where it is written so that nothing can be put into it.

    Args:
        source: A network that runs.
        shape: Channels, height and width of an image.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    may_not_end = any(isinstance(each, ast.While) for each in ast.walk(tree))
    if may_not_end or not source.isascii():
        return None
    starts = line_starts(source)
    methods, spelt = _methods(tree), _spelling(tree)
    if methods is None or spelt is None:
        return None
    ready = next((each for each in methods[0].body if _is_super(each)), None)
    if ready is None or ready.end_lineno is None:
        return None
    made = starts[ready.end_lineno], ready.col_offset
    places = tuple(_places(source, starts, tree, shape))
    return Seen(source, tree, starts, places, made, *spelt)


def _methods(tree: ast.Module) -> tuple[ast.FunctionDef, ast.FunctionDef] | None:
    """The constructor and `forward` of the network."""
    for each in tree.body:
        if isinstance(each, ast.ClassDef) and each.name == CLASS_NAME:
            own = {part.name: part for part in each.body if isinstance(part, ast.FunctionDef)}
            if "__init__" in own and "forward" in own and len(own["forward"].args.args) == 2:
                return own["__init__"], own["forward"]
    return None


def _spelling(tree: ast.Module) -> tuple[str, str | None] | None:
    layers = functional = None
    for each in tree.body:
        match each:
            case ast.Import(names=names):
                for one in names:
                    if one.name == "torch.nn":
                        layers = one.asname or "torch.nn"
                    elif one.name == "torch.nn.functional" and one.asname:
                        functional = one.asname
                    elif one.name == "torch" and layers is None and not one.asname:
                        layers = "torch.nn"
            case ast.ImportFrom(module="torch" | "torch.nn", names=names):
                for one in names:
                    if one.name == "nn":
                        layers = one.asname or one.name
                    elif one.name == "functional":
                        functional = one.asname or one.name
    return None if layers is None else (layers, functional)


def _is_super(statement: ast.stmt) -> bool:
    return ast.unparse(statement).startswith("super(")


def line_starts(source: str) -> tuple[int, ...]:
    """The offset of each line of a text, and of its end."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return tuple(starts)


def span(starts: tuple[int, ...], node: ast.expr | ast.stmt) -> tuple[int, int]:
    """The offsets of a part of the syntax of a text that is ASCII."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = starts[node.lineno - 1] + node.col_offset
    return start, starts[node.end_lineno - 1] + node.end_col_offset


class _Watcher(ast.NodeTransformer):
    """Makes the value of each call known to who watches."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return _watched(_key(node), self.generic_visit(node))

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        return node


class _Lister(ast.NodeVisitor):
    """Collects calls, an outer one before those in it."""

    def __init__(self) -> None:
        self.found: list[ast.Call] = []

    def visit_Call(self, node: ast.Call) -> None:
        self.found.append(node)
        self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass


def calls_of(forward: ast.FunctionDef) -> list[ast.Call]:
    """The calls in a method, but for those in lambdas."""
    lister = _Lister()
    for each in forward.body:
        lister.visit(each)
    return lister.found


def forward_of(tree: ast.Module) -> ast.FunctionDef:
    """The method `forward` of a network that can be looked at."""
    found = _methods(tree)
    assert found is not None
    return found[1]


def _key(call: ast.Call) -> str:
    """What a call is known by: where it stands, for others can begin or end there, but not both."""
    place = call.lineno, call.col_offset, call.end_lineno, call.end_col_offset
    return f"call {place}"


def _watched(key: str, node: Any) -> ast.Call:
    return ast.Call(ast.Name(WATCH, ast.Load()), [ast.Constant(key), node], [])


def _instrumented(tree: ast.Module) -> str:
    """The network with all that is watched made known: calls, variables, what is returned."""
    own = copy.deepcopy(tree)
    forward, watcher = forward_of(own), _Watcher()
    body: list[ast.stmt] = []
    for number, each in enumerate(forward.body):
        name = _target(each)
        body.append(watcher.visit(each))
        if name is not None:
            body.append(ast.Expr(_watched(f"line {number}", ast.Name(name, ast.Load()))))
        if isinstance(each, ast.Return) and each.value is not None:
            each.value = _watched(f"return {number}", each.value)
    forward.body = body
    return ast.unparse(ast.fix_missing_locations(own))


def _shapes(tree: ast.Module, shape: tuple[int, int, int]) -> dict[str, tuple[int, ...]]:
    """Shapes of all tensors that are watched, and of what the parts of sequences give.

    One that is not the same whenever it is seen is left out, and so is one without a batch.
    """
    found: dict[str, set[tuple[int, ...]]] = {}

    def watch(key: str, value: object) -> object:
        if isinstance(value, Tensor):
            is_batch = value.ndim > 1 and value.shape[0] == IMAGES
            found.setdefault(key, set()).add(tuple(value.shape[1:]) if is_batch else ())
        return value

    setattr(builtins, WATCH, watch)
    try:
        with bounded(), torch.inference_mode():
            network = build(_instrumented(tree), shape).eval()
            for name, module in network.named_children():
                if isinstance(module, nn.Sequential):
                    for number, part in enumerate(module):
                        key = f"{name} {number}"
                        part.register_forward_hook(lambda _, __, made, key=key: watch(key, made))
            network(torch.zeros(IMAGES, *shape))
    except Exception:  # sources may raise anything
        return {}
    finally:
        delattr(builtins, WATCH)
    return {key: each.pop() for key, each in found.items() if len(each) == 1 and () not in each}


def _places(
    source: str, starts: tuple[int, ...], tree: ast.Module, shape: tuple[int, int, int]
) -> Iterator[Place]:
    shapes = _shapes(tree, shape)
    methods = _methods(tree)
    assert methods is not None
    constructor, forward = methods
    first = next(each for each in forward.body if not _is_docstring(each))
    indent = first.col_offset
    argument = forward.args.args[1].arg
    yield Place("line", starts[first.lineno - 1], 0, argument, shape, indent, True)
    for number, each in enumerate(forward.body):
        name, got = _target(each), shapes.get(f"line {number}")
        if name is not None and got is not None and each.end_lineno is not None:
            yield Place("line", starts[each.end_lineno], 0, name, got, indent)
        got = shapes.get(f"return {number}")
        if isinstance(each, ast.Return) and each.value is not None and got is not None:
            start, end = span(starts, each.value)
            is_last = each is forward.body[-1]
            yield Place("return", start, end, source[start:end], got, indent, is_last)
    whole = [each.value for each in ast.walk(forward) if isinstance(each, ast.Assign | ast.Return)]
    for call in calls_of(forward):
        got = shapes.get(_key(call))
        if got is not None and call not in whole and call.lineno == call.end_lineno:
            start, end = span(starts, call)
            yield Place("around", start, end, source[start:end], got, 0)
    for statement in constructor.body:
        match statement:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)],
                value=ast.Call(func=ast.Attribute(attr="Sequential"), args=parts),
            ):
                yield from _behind_parts(starts, attribute, parts, shapes)


def _behind_parts(
    starts: tuple[int, ...],
    attribute: str,
    parts: Sequence[ast.expr],
    shapes: Mapping[str, tuple[int, ...]],
) -> Iterator[Place]:
    """The places behind the parts of a sequence."""
    if any(isinstance(each, ast.Starred) for each in parts):
        return
    on_one_line = len({each.lineno for each in parts}) == 1
    for number, part in enumerate(parts):
        got = shapes.get(f"{attribute} {number}")
        if got is not None:
            _, end = span(starts, part)
            yield Place("part", end, end, "", got, -1 if on_one_line else part.col_offset)


def _target(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
