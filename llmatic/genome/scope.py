"""What the top-level names of a text mean.

Knows names, base classes and imports, and the modules that networks take for
granted. Does not know which class is the network.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from llmatic.genome.gaps import gap
from llmatic.genome.pieces import Import, Piece, dotted

__all__ = ["BUILTINS", "Definition", "Scope", "assigned_by"]

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
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


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
