"""Functions that make a tensor from numbers: of which shape it is.

Knows no tensor that was there before.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from llmatic.llm.grammar.reading.shapes import integer
from llmatic.llm.grammar.reading.values import Shape, UnreadableError, Value

__all__ = ["FRESH", "flat"]

Named = dict[str, Value]
LONGEST = 1 << 20
DEEPEST = 8


def flat(args: list[Value]) -> list[Value]:
    """Sizes given one by one or as one sequence."""
    if len(args) == 1 and isinstance(args[0], list | tuple):
        return list(args[0])
    return args


def of_size(args: list[Value], named: Named) -> Shape:
    """``zeros``, ``randn``, ...: sizes and nothing else."""
    return tuple(integer(size) for size in flat(args or [named.get("size", ())]))


def full(args: list[Value], named: Named) -> Shape:
    """``full``: sizes and a number."""
    return of_size(args[:1], named)


def randint(args: list[Value], named: Named) -> Shape:
    """``randint``: one or two bounds, then sizes."""
    return of_size([named.get("size", args[-1] if args else ())], {})


def arange(args: list[Value], named: Named) -> Shape:
    """``arange``: a start, an end and a step, of which the end alone must be there."""
    numbers = [number(each) for each in args]
    start, end = numbers[:2] if len(numbers) > 1 else (0.0, *numbers) if numbers else (0.0, 0.0)
    start, end = (number(named.get(key, x)) for key, x in (("start", start), ("end", end)))
    step = number(named.get("step", numbers[2] if len(numbers) > 2 else 1.0))
    if step == 0 or not 0 < (end - start) / step <= LONGEST:
        raise UnreadableError("no such range")
    if len(args) == 1 and isinstance(args[0], int):
        return (args[0],)
    return (math.ceil((end - start) / step),)


def linspace(args: list[Value], named: Named) -> Shape:
    """``linspace``: two ends and the number of steps."""
    return (integer(args[2] if len(args) > 2 else named.get("steps")),)


def eye(args: list[Value], named: Named) -> Shape:
    """``eye``: rows, and columns where there are not as many."""
    rows = integer(args[0])
    return rows, integer(args[1]) if len(args) > 1 else rows


def listed(args: list[Value], named: Named) -> Shape:
    """``tensor``: numbers in lists of lists."""
    data = args[0] if args else named.get("data")
    shape: list[int] = []
    while isinstance(data, list | tuple):
        if len(shape) == DEEPEST:
            raise UnreadableError("too deep a list")
        shape.append(len(data))
        data = data[0] if data else 0.0
    number(data)
    return tuple(shape)


def number(value: Value) -> float:
    """A plain number.

    Raises:
        UnreadableError: It is none.
    """
    if not isinstance(value, int | float):
        raise UnreadableError("not a number")
    return float(value)


FRESH: dict[str, Callable[[list[Value], Named], Shape]] = {
    **dict.fromkeys(("zeros", "ones", "randn", "rand", "empty"), of_size),
    **dict.fromkeys(("linspace", "logspace"), linspace),
    **dict.fromkeys(("tensor", "as_tensor"), listed),
    "arange": arange,
    "eye": eye,
    "full": full,
    "randint": randint,
    "randperm": of_size,
}
