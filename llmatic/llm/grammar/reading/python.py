"""The part of Python that networks are computed with: operators, builtins and ``math``.

What is not known raises `UnreadableError`, and so does what could take more time or memory than a
network needs: the texts that are read are written by anybody.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from llmatic.llm.grammar.reading.values import Instance, Stack, Tensor, UnreadableError, Value

__all__ = [
    "BUILTINS",
    "LONGEST",
    "MATH",
    "OPERATORS",
    "key",
    "mapping",
    "nested",
    "sequence",
    "too_large",
    "whole",
]

LONGEST = 1_000
MOST_BITS = 400
MOST_DIGITS = 20


def sequence(value: Value) -> list[Value]:
    """The items of something that can be looped over.

    Raises:
        UnreadableError: If it cannot, or is too long.
    """
    if isinstance(value, Stack):
        return list(value.items)
    if isinstance(value, Instance) and value.body is not None:
        return list(value.body.items)
    if isinstance(value, Tensor) and value.shape and value.shape[0] <= LONGEST:
        return [Tensor(value.shape[1:]) for _ in range(value.shape[0])]
    if isinstance(value, range) and len(value) > LONGEST:
        raise UnreadableError("too long a sequence")
    if not isinstance(value, list | tuple | dict | range | enumerate | zip | str):
        raise UnreadableError("not a sequence")
    items: list[Value] = list(value)
    if len(items) > LONGEST:
        raise UnreadableError("too long a sequence")
    return items


def length(value: Value) -> int:
    """What ``len`` gives."""
    return value.shape[0] if isinstance(value, Tensor) and value.shape else len(sequence(value))


def whole(value: Value) -> int:
    """The value as a plain integer."""
    if not isinstance(value, int | float):
        raise UnreadableError("not a number")
    return int(value)


def nested(value: Value) -> bool:
    """Whether a value is a sequence of sequences, which may take for ever to compare."""
    if not isinstance(value, list | tuple | dict):
        return False
    items = value.values() if isinstance(value, dict) else value
    return any(isinstance(item, list | tuple | dict) for item in items)


def key(value: Value) -> Value:
    """The value as a key of a dictionary.

    Raises:
        UnreadableError: If it is a sequence of sequences, which may take for ever to hash.
    """
    if nested(value):
        raise UnreadableError("too deep a key")
    return value


def mapping(pairs: Value = (), **named: Value) -> dict[Value, Value]:
    """What ``dict`` gives."""
    items = pairs.items() if isinstance(pairs, dict) else map(sequence, sequence(pairs))
    return {key(name): value for name, value in (*items, *named.items())}


def numbers(items: Value) -> list[int | float]:
    """The items of a sequence of plain numbers."""
    found = [item for item in sequence(items) if isinstance(item, int | float)]
    if len(found) < len(sequence(items)):
        raise UnreadableError("not numbers")
    return found


def extreme(choose: Callable[..., Value]) -> Callable[..., Value]:
    """What ``max`` or ``min`` gives of numbers."""
    return lambda *many: choose(numbers(many[0] if len(many) == 1 else many))


def rounded(value: Value, digits: Value = None) -> Value:
    """What ``round`` gives."""
    if not isinstance(value, int | float) or not isinstance(digits, int | None):
        raise UnreadableError("not a number")
    if digits is not None and abs(digits) > MOST_DIGITS:
        raise UnreadableError("too many digits")
    return round(value, digits)


def too_large(value: Value) -> bool:
    """Whether a number or a sequence has grown beyond all that a network needs."""
    if isinstance(value, list | tuple | str):
        return len(value) > LONGEST
    return isinstance(value, int) and value.bit_length() > MOST_BITS


OPERATORS: dict[type[ast.AST], Callable[..., Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in sequence(right),
    ast.NotIn: lambda left, right: left not in sequence(right),
}
BUILTINS: dict[str, Callable[..., Value]] = {
    "len": length,
    "range": range,
    "enumerate": lambda items, start=0: enumerate(sequence(items), start),
    "zip": lambda *many: zip(*map(sequence, many), strict=False),
    "reversed": lambda items: sequence(items)[::-1],
    "list": lambda items=(): sequence(items),
    "tuple": lambda items=(): tuple(sequence(items)),
    "int": whole,
    "float": lambda value: float(whole(value)),
    "bool": bool,
    "max": extreme(max),
    "min": extreme(min),
    "sum": lambda items, start=0: sum(numbers([*sequence(items), start])),
    "abs": abs,
    "round": rounded,
    "print": lambda *_: None,
    "isinstance": lambda *_: False,
    "dict": mapping,
}
MATH: dict[str, Callable[..., Value]] = {
    **{name: getattr(math, name) for name in ("ceil", "floor", "trunc", "fabs", "gcd", "isqrt")},
    **{name: getattr(math, name) for name in ("exp", "log", "log2", "log10", "sqrt", "sin", "cos")},
    "prod": lambda items: math.prod(numbers(items)),
}
