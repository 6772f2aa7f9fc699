"""Which of the classes in a text is the network, and which statements it needs.

Knows what makes a class the network. Does not know what is allowed.
"""

from __future__ import annotations

import ast
import heapq
import re
from dataclasses import dataclass

from llmatic.genome.extract import Broken, Extract
from llmatic.genome.gaps import gap, nothing_returned, returns
from llmatic.genome.pieces import Import, Piece, RefusedError, dotted, walk
from llmatic.genome.scope import BUILTINS, Definition, Scope, assigned_by
from llmatic.records import Status

__all__ = ["CLASS_NAME", "Selection", "select"]

CLASS_NAME = "Net"
"""What every network is called."""

MODULE = re.compile(r"^class\s+\w+\s*\(.*Module", re.MULTILINE)
OTHER_FRAMEWORK = re.compile(
    r"^[ >.]*(?:from|import)\s+(tensorflow|keras|flax|jax|mxnet|paddle)\b|\b(tf\.keras)\.", re.M
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The network and all that it needs.

    Attributes:
        imports: Imports of the names it uses, each once.
        stars: Wildcard imports, where it uses names that nothing else binds.
        helpers: Other statements, in an order in which they can be executed.
        net: The class of the network.
    """

    imports: list[Import]
    stars: list[Import]
    helpers: list[Piece]
    net: Piece


def select(found: Extract, text: str) -> Selection:
    """Choose the network among the statements of a text, with all that it needs.

    Args:
        found: The statements.
        text: The text they come from.

    Raises:
        RefusedError: If there is no network, or one that cannot be built without arguments.
    """
    scope = Scope(found.pieces)
    name = choose(scope, found, text)
    net = scope.bound[name]
    assert isinstance(net, Piece)
    for broken in found.broken:
        if is_meant_instead(broken, name, net.line_of(net.node), found):
            raise RefusedError(Status.NO_CODE, broken.reason)
    check_methods(scope, name)
    return with_needs(scope, net, found.pieces)


def is_meant_instead(broken: Broken, name: str, line: int, found: Extract) -> bool:
    """Whether the network was to be a class that could not be read, and not the one found.

    Args:
        broken: The class that could not be read.
        name: The class found.
        line: Where that begins.
        found: What the text holds.
    """
    if broken.name == CLASS_NAME and broken.line > line:
        return name != CLASS_NAME or bool(found.fences)
    if not MODULE.search(broken.text):
        return False
    if broken.cut_off and found.fence(broken.line) > found.fence(line):
        return True
    return name != CLASS_NAME and re.search(rf"\b{name}\b", broken.text) is not None


def choose(scope: Scope, found: Extract, text: str) -> str:
    """The name of the class that is the network.

    `CLASS_NAME` if it is there, no other network derives from it and none in a later
    fence can take its place, else the last network that no other one uses.
    """
    classes = [name for name in scope.bound if scope.class_of(name)]
    modules = [name for name in classes if scope.is_module(name)]
    nets = [name for name in modules if scope.method(name, "forward")]
    if not nets:
        raise RefusedError(Status.NO_CODE, why_none(found, text, classes, modules))
    derived = any(
        isinstance(ancestor, ast.ClassDef) and ancestor.name == CLASS_NAME
        for name in nets
        if name != CLASS_NAME
        for ancestor in scope.lineage(name)
    )
    if CLASS_NAME in nets and not derived and not found.fences:
        return CLASS_NAME
    pieces = {name: piece for name in modules if isinstance(piece := scope.bound[name], Piece)}
    used = {each for name, piece in pieces.items() for each in piece.names.at_all - {name}}
    last = ([name for name in nets if name not in used] or nets)[-1]
    if CLASS_NAME not in nets or derived:
        return last
    fences = [found.fence(pieces[name].line_of(pieces[name].node)) for name in (CLASS_NAME, last)]
    replaced = CLASS_NAME not in used and fences[0] < fences[1]
    return last if replaced and not missing_arguments(scope, last) else CLASS_NAME


def why_none(found: Extract, text: str, classes: list[str], modules: list[str]) -> str:
    """What stands in the text instead of a network."""
    if other := OTHER_FRAMEWORK.search(text):
        return f"the code is written for {other[1] or other[2]}, not for PyTorch"
    if found.broken:
        return found.broken[-1].reason
    if modules:
        return f"class {modules[-1]} has no forward method"
    if classes:
        return f"class {classes[-1]} does not derive from nn.Module"
    return "the text holds no class" if text.strip() else "the text is empty"


def check_methods(scope: Scope, name: str) -> None:
    """Refuse a network that leaves out code, returns nothing or needs arguments to be built."""
    net = scope.bound[name]
    forward = scope.method(name, "forward")
    reason = gap(net) if isinstance(net, Piece) else None
    if isinstance(forward, ast.FunctionDef) and not returns(forward):
        reason = reason or nothing_returned(name)
    if reason:
        raise RefusedError(Status.NO_CODE, reason)
    if missing := missing_arguments(scope, name):
        reason = f"the constructor of class {name} needs arguments: {', '.join(missing)}"
        raise RefusedError(Status.DOES_NOT_BUILD, reason)


def missing_arguments(scope: Scope, name: str) -> list[str]:
    """The arguments without which a class cannot be built."""
    init = scope.method(name, "__init__")
    return required(init.args) if isinstance(init, ast.FunctionDef) else []


def required(arguments: ast.arguments) -> list[str]:
    """Arguments after ``self`` that have no default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    free = positional[1 : len(positional) - len(arguments.defaults)]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [argument.arg for argument in free] + [
        argument.arg for argument, default in keywords if default is None
    ]


def with_needs(scope: Scope, net: Piece, pieces: list[Piece]) -> Selection:
    """The network with the statements and imports that it needs, directly or not."""
    needed = {id(net): net}
    imports: dict[str, Import] = {}
    stars: list[Import] = []
    waiting = [net]
    while waiting:
        for name in waiting.pop().names.at_all:
            found = scope.meaning(name)
            if isinstance(found, Import):
                imports[name] = found
            elif found is None:
                stars = stars if name in BUILTINS else scope.stars
            elif id(found) not in needed:
                needed[id(found)] = found
                waiting.append(found)
    helpers = [piece for piece in pieces if id(piece) in needed and piece is not net]
    wanted = [
        module
        for module in scope.submodules
        if imports.get(module.name) == scope.bound.get(module.name)
    ]
    if wanted:
        chains = {
            dotted(node)
            for piece in needed.values()
            for node in walk(piece.node)
            if isinstance(node, ast.Attribute)
        }
        wanted = [module for module in wanted if module.path in chains]
    unique = {each.text: each for each in [*scope.futures, *imports.values(), *wanted]}
    return Selection(list(unique.values()), stars, executable(helpers), net)


def executable(pieces: list[Piece]) -> list[Piece]:
    """The pieces with each after those it needs when executed, otherwise in their order."""
    where = {
        name: number
        for number, piece in enumerate(pieces)
        for name in (
            [piece.node.name] if isinstance(piece.node, Definition) else assigned_by(piece.node)
        )
    }
    needs = [
        {where[name] for name in piece.names.at_definition if name in where} - {number}
        for number, piece in enumerate(pieces)
    ]
    needed_by: list[list[int]] = [[] for _ in pieces]
    for number, needed in enumerate(needs):
        for other in needed:
            needed_by[other].append(number)
    ready = [number for number, needed in enumerate(needs) if not needed]
    order: list[int] = []
    done: set[int] = set()
    stuck = iter(range(len(pieces)))
    while len(order) < len(pieces):
        number = heapq.heappop(ready) if ready else next(n for n in stuck if n not in done)
        if number in done:
            continue
        done.add(number)
        order.append(number)
        for other in needed_by[number]:
            needs[other].discard(number)
            if not needs[other]:
                heapq.heappush(ready, other)
    return [pieces[number] for number in order]
