"""The part of Python that networks are computed with: operators and builtins.

What is not known raises `UnreadableError`.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from llmatic.llm.grammar.reading.values import Instance, Stack, Tensor, UnreadableError, Value

__all__ = ["BUILTINS", "LONGEST", "OPERATORS", "nested", "sequence", "too_large", "whole"]

LONGEST = 1_000
MOST_BITS = 400


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
    return list(value)


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
    return isinstance(value, list | tuple) and any(isinstance(i, list | tuple) for i in value)


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
    "max": max,
    "min": min,
    "sum": sum,
    "abs": abs,
    "round": round,
    "print": lambda *_: None,
    "isinstance": lambda *_: False,
    "dict": dict,
}
