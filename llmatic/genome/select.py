"""Which of the classes in a text is the network, and which statements it needs.

Knows names, base classes and imports. Does not know what is allowed.
"""

from __future__ import annotations

import ast
import builtins
import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmatic.genome.extract import Extract
from llmatic.genome.pieces import Import, Piece, RefusedError, dotted, walk
from llmatic.records import Status

__all__ = ["CLASS_NAME", "Scope", "Selection", "select"]

CLASS_NAME = "Net"
"""What every network is called."""

MOST_BASES = 50
WITHOUT_FORWARD = frozenset({"torch.nn.Module", "torch.nn.ModuleList", "torch.nn.ModuleDict"})
IMPLIED = {
    implied.name: implied
    for implied in (
        Import("F", "torch.nn.functional", "import torch.nn.functional as F"),
        Import("Module", "torch.nn.Module", "from torch.nn import Module"),
        Import("OrderedDict", "collections.OrderedDict", "from collections import OrderedDict"),
        Import("Tensor", "torch.Tensor", "from torch import Tensor"),
        Import("math", "math", "import math"),
        Import("nn", "torch.nn", "import torch.nn as nn"),
        Import("np", "numpy", "import numpy as np"),
        Import("torch", "torch", "import torch"),
    )
}
BUILTINS = frozenset(dir(builtins))
OTHER_FRAMEWORK = re.compile(
    r"^[ >.]*(?:from|import)\s+(tensorflow|keras|flax|jax|mxnet|paddle)\b|\b(tf\.keras)\.", re.M
)
LEFT_OUT = re.compile(r"^[ \t]*(#[ \t]*(?:\.{3}|…)(?:.*(?:\.{3}|…))?)[ \t]*$", re.MULTILINE)
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


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


class Scope:
    """The top-level names of a text; the last definition of a name counts.

    But neither a class that leaves out code nor an import replaces what is defined.

    Attributes:
        bound: Classes, functions and imports by name.
        constants: Assignments by name; they never replace one of `bound`.
        stars: Wildcard imports.
        submodules: Imports of the form ``import a.b``, each bound to ``a``.
        futures: Imports from ``__future__``.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.bound: dict[str, Piece | Import] = {}
        self.constants: dict[str, Piece] = {}
        self.stars: list[Import] = []
        self.submodules: list[Import] = []
        self.futures: list[Import] = []
        for piece in pieces:
            node = piece.node
            if isinstance(node, Definition):
                self.bind(node.name, piece)
            elif isinstance(node, ast.Import):
                self.bind_modules(node, piece.line_of(node))
            elif isinstance(node, ast.ImportFrom):
                self.bind_members(node, piece.line_of(node))
            else:
                for name in assigned_by(node):
                    self.constants[name] = piece

    def bind(self, name: str, meaning: Piece | Import) -> None:
        """Let a name mean something, as the latest to be bound."""
        defined = isinstance(self.bound.get(name), Piece)
        if defined and (isinstance(meaning, Import) or gap(meaning)):
            return
        self.bound.pop(name, None)
        self.bound[name] = meaning

    def bind_modules(self, node: ast.Import, line: int) -> None:
        """Bind what ``import a.b, c as d`` binds."""
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if alias.asname:
                text = f"import {alias.name} as {alias.asname}"
                self.bind(alias.asname, Import(alias.asname, alias.name, text, line))
                continue
            self.bind(root, Import(root, root, f"import {root}", line))
            if root != alias.name:
                text = f"import {alias.name}"
                self.submodules.append(Import(root, alias.name, text, line))

    def bind_members(self, node: ast.ImportFrom, line: int) -> None:
        """Bind what ``from a import b, c as d`` binds."""
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            name = alias.asname or alias.name
            text = f"from {module} import {alias.name}"
            if alias.asname:
                text += f" as {alias.asname}"
            found = Import(name, f"{module}.{alias.name}", text, line)
            if module == "__future__":
                self.futures.append(found)
            elif name == "*":
                self.stars.append(found)
            else:
                self.bind(name, found)

    def meaning(self, name: str) -> Piece | Import | None:
        """What a name stands for; well-known modules need no import to be known."""
        found = self.bound.get(name) or self.constants.get(name)
        return found or (None if name in BUILTINS else IMPLIED.get(name))

    def class_of(self, name: str) -> ast.ClassDef | None:
        """The class that a name stands for."""
        found = self.bound.get(name)
        node = found.node if isinstance(found, Piece) else None
        return node if isinstance(node, ast.ClassDef) else None

    def path(self, expression: ast.expr) -> str | None:
        """Dotted path of what an expression takes from an imported module."""
        root, dot, rest = (dotted(expression) or "").partition(".")
        found = self.meaning(root)
        return found.path + dot + rest if isinstance(found, Import) else None

    def lineage(self, name: str) -> Iterator[ast.ClassDef | str]:
        """A class, its ancestors in the text and the paths of those from elsewhere."""
        waiting, seen = [name], set[str]()
        while waiting and len(seen) < MOST_BASES:
            name = waiting.pop()
            node = self.class_of(name)
            if name in seen or node is None:
                continue
            seen.add(name)
            yield node
            for base in node.bases:
                if path := self.path(base):
                    yield path
            waiting += [base.id for base in reversed(node.bases) if isinstance(base, ast.Name)]

    def is_module(self, name: str) -> bool:
        """Whether a class derives from one of torch.nn."""
        return any(
            isinstance(ancestor, str) and ancestor.startswith("torch.nn.")
            for ancestor in self.lineage(name)
        )

    def method(self, class_name: str, name: str) -> ast.stmt | str | None:
        """Where a class gets a method: a statement of the text or the path of a base class."""
        for ancestor in self.lineage(class_name):
            if isinstance(ancestor, str):
                if ancestor.startswith("torch.nn.") and ancestor not in WITHOUT_FORWARD:
                    return ancestor
                continue
            for node in reversed(ancestor.body):
                if isinstance(node, Definition) and node.name == name:
                    return node
                if isinstance(node, ast.Assign) and name in assigned(node.targets):
                    return node
        return None


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
    line = net.line_of(net.node)
    for broken in found.broken:
        again = broken.name == CLASS_NAME and found.fences and broken.line > line
        if again or (broken.cut_off and found.fence(broken.line) > found.fence(line)):
            raise RefusedError(Status.NO_CODE, broken.reason)
    check_methods(scope, name)
    return with_needs(scope, net, found.pieces)


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


def gap(piece: Piece) -> str | None:
    """What a class lacks to be whole: code that its author left out, or what forward returns."""
    if not isinstance(piece.node, ast.ClassDef):
        return None
    name = piece.node.name
    methods = [node for node in piece.node.body if isinstance(node, ast.FunctionDef)]
    methods = [node for node in methods if node.name in ("__init__", "forward")]
    if "..." in piece.text and any(is_ellipsis(node) for each in methods for node in walk(each)):
        return f"class {name} leaves out code (...)"
    if methods and (comment := LEFT_OUT.search(piece.text)):
        return f"class {name} leaves out code ({comment[1]})"
    if any(method.name == "forward" and not returns(method) for method in methods):
        return nothing_returned(name)
    return None


def nothing_returned(name: str) -> str:
    """Says that a network gives no scores."""
    return f"forward of class {name} returns nothing; it may have been cut off"


def is_ellipsis(node: ast.AST) -> bool:
    """Whether a node is a statement that is nothing but ``...``."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value is Ellipsis
    )


def returns(function: ast.FunctionDef) -> bool:
    """Whether a function has a way to give something back, or to refuse."""
    return any(isinstance(node, ast.Return | ast.Raise | ast.Yield) for node in walk(function))


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


def assigned_by(node: ast.stmt) -> list[str]:
    """The names that an assignment binds, or a choice between assignments and nothing else."""
    match node:
        case ast.Assign(targets=targets):
            return assigned(targets)
        case ast.AnnAssign(target=target, value=ast.expr()):
            return assigned([target])
        case ast.If(body=body, orelse=orelse):
            bound = [assigned_by(each) for each in [*body, *orelse]]
            return [name for names in bound for name in names] if all(bound) else []
    return []


def assigned(targets: Iterable[ast.expr]) -> list[str]:
    """The plain names among the targets of an assignment, those in tuples included."""
    names: list[str] = []
    for target in targets:
        if isinstance(target, ast.Name):
            names.append(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            names += assigned(target.elts)
    return names
