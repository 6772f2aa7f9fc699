"""What the readers of a text share: statements cut out of it, and how one is refused.

Knows what names a statement binds and uses; not where statements come from nor
which of them are wanted.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from llmatic.records import Status

__all__ = ["Import", "Names", "Piece", "RefusedError", "dotted", "try_parse", "walk"]

COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
LEAVES = frozenset({ast.Name, ast.Constant})
LONGEST_PATH = 8


class RefusedError(Exception):
    """The text holds no acceptable network; becomes a `Rejection`."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Names(NamedTuple):
    """Global names that a statement needs.

    Attributes:
        at_definition: Needed when the statement is executed.
        at_all: Those and the ones its functions need when called.
    """

    at_definition: frozenset[str]
    at_all: frozenset[str]


@dataclass
class Piece:
    """One top-level statement.

    Attributes:
        text: Its source as the author wrote it.
        node: Its syntax tree.
        offset: Added to a line number of the tree, gives the line in the whole text.
    """

    text: str
    node: ast.stmt
    offset: int

    @cached_property
    def names(self) -> Names:
        """The global names that the statement needs.

        Raises:
            RefusedError: If only Python's compiler finds that the statement is wrong.
        """
        now: set[str] = set()
        later: set[str] = set()
        try:
            tables = [(symtable.symtable(self.text, "<text>", "exec"), now)]
        except SyntaxError as error:
            reason = f"{error.msg} (line {self.line_of(self.node) + (error.lineno or 1) - 1})"
            raise RefusedError(Status.DOES_NOT_BUILD, reason) from error
        while tables:
            table, needed = tables.pop()
            outermost = table.get_type() == "module"
            for symbol in table.get_symbols():
                if symbol.is_referenced() and (outermost or symbol.is_global()):
                    needed.add(symbol.get_name())
            for child in table.get_children():
                at_once = child.get_type() == "class" or child.get_name() in COMPREHENSIONS
                tables.append((child, needed if at_once else later))
        return Names(frozenset(now), frozenset(now | later))

    def line_of(self, node: ast.stmt | ast.expr) -> int:
        """The line of a node of this piece in the whole text."""
        return self.offset + node.lineno


@dataclass(frozen=True, slots=True)
class Import:
    """One name bound by an import.

    Attributes:
        name: The name.
        path: Dotted path of what it stands for.
        text: The statement that binds this name only.
        line: Its line in the whole text; 0 where the text lacks it.
    """

    name: str
    path: str
    text: str
    line: int = 0


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` for an attribute of an attribute of a name, otherwise None."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < LONGEST_PATH:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def try_parse(text: str) -> ast.Module | SyntaxError:
    """The syntax tree, or why there is none."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return SyntaxError("nested too deeply or not text", ("<text>", 1, 1, ""))


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a syntax tree but those that only say load or store; faster than `ast.walk`."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) in LEAVES:
            continue
        for value in vars(node).values():
            if type(value) is list:
                waiting += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                waiting.append(value)
