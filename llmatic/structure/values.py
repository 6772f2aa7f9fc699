"""What the names of a network's source stand for while it is read.

Numbers, strings, lists and tuples stand for themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = [
    "LONGEST", "UNKNOWN", "Chain", "Class", "ExhaustedError", "Function", "Instance", "Layer",
    "Method", "Names", "Symbol", "Tensor", "Unknown", "arithmetic", "comparison",
]  # fmt: skip

Names = dict[str, object]
"""What names stand for."""

LARGEST = 10**12
LONGEST = 200


class ExhaustedError(Exception):
    """The source does more than it is worth reading."""


class Unknown:
    """What cannot be said without running the network."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Tensor:
    """What an operation puts out: its place in the graph."""

    place: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name from elsewhere: ``nn.Conv2d`` is known as ``Conv2d``."""

    name: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer that is not defined in the source."""

    name: str
    args: Sequence[object]
    named: Mapping[str, object]


@dataclass(slots=True)
class Chain:
    """Layers in sequence, as in ``nn.Sequential``."""

    layers: list[object]


@dataclass(frozen=True, slots=True)
class Function:
    """A function, or a lambda, with the names around it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    names: dict[str, object]


@dataclass(frozen=True, slots=True)
class Class:
    """A class that the source defines."""

    node: ast.ClassDef
    bases: Sequence[object]
    members: Mapping[str, object]

    def member(self, name: str) -> object:
        """A member of it or of the classes it derives from; None where there is none."""
        if name in self.members:
            return self.members[name]
        inherited = (base.member(name) for base in self.bases if isinstance(base, Class))
        return next((each for each in inherited if each is not None), None)

    @property
    def is_chain(self) -> bool:
        """Whether it derives from ``nn.Sequential``."""
        return any(
            base.is_chain if isinstance(base, Class) else base == Symbol("Sequential")
            for base in self.bases
        )


@dataclass(slots=True)
class Instance:
    """A module of a class that the source defines."""

    kind: Class
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """Something's attribute that is called: ``layers.append``, ``x.view``."""

    owner: object
    name: str


def arithmetic(kind: type[ast.operator], left: object, right: object) -> object:
    """The result for numbers and lists, unknown for anything else or larger than sensible."""
    if isinstance(left, list | tuple) or isinstance(right, list | tuple):
        return _joined(kind, left, right)
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return UNKNOWN
    result: object = UNKNOWN
    if kind is ast.Add:
        result = left + right
    elif kind is ast.Sub:
        result = left - right
    elif kind is ast.Mult:
        result = left * right
    elif kind in (ast.Div, ast.FloorDiv, ast.Mod) and right:
        result = (
            left / right if kind is ast.Div
            else left // right if kind is ast.FloorDiv
            else left % right
        )  # fmt: skip
    elif kind is ast.Pow and 0 < abs(left) <= 1024 and 0 <= right <= 16:
        result = left**right
    return result if isinstance(result, int | float) and abs(result) <= LARGEST else UNKNOWN


def comparison(kind: type[ast.cmpop], left: object, right: object) -> object:
    """Whether it holds, for numbers, strings and None."""
    plain = int | float | str | None
    if not (isinstance(left, plain) and isinstance(right, plain)):
        return UNKNOWN
    if kind in (ast.Eq, ast.Is):
        return left == right
    if kind in (ast.NotEq, ast.IsNot):
        return left != right
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return UNKNOWN
    order = {
        ast.Lt: left < right, ast.LtE: left <= right, ast.Gt: left > right, ast.GtE: left >= right
    }  # fmt: skip
    return order.get(kind, UNKNOWN)


def _joined(kind: type[ast.operator], left: object, right: object) -> object:
    if kind is ast.Add and isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return [*left, *right] if len(left) + len(right) <= LONGEST else UNKNOWN
    if kind is ast.Mult and isinstance(right, list | tuple):
        left, right = right, left
    if kind is ast.Mult and isinstance(left, list | tuple) and isinstance(right, int):
        return list(left) * right if len(left) * right <= LONGEST else UNKNOWN
    return UNKNOWN
