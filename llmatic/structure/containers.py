"""What Python's own functions and containers do with layers and numbers.

Knows lists, dictionaries, ``nn.Sequential`` and its like, ``range``, ``zip`` and the
plain arithmetic that networks are built with. Knows no syntax and no dataflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmatic.structure.values import LONGEST, UNKNOWN, Chain, ExhaustedError, Instance, Tensor

__all__ = ["HELD", "builtin", "container_method", "is_known", "items", "layers", "part", "tensors"]

MOST_PARTS = 10_000
HELD = "layers of the chain"
"""Where an instance of a class derived from ``nn.Sequential`` has its layers."""

Number = int | float
NUMERIC: Mapping[str, Callable[[list[Number]], Number]] = {
    "int": lambda numbers: int(numbers[0]),
    "float": lambda numbers: float(numbers[0]),
    "round": lambda numbers: round(numbers[0]),
    "abs": lambda numbers: abs(numbers[0]),
    "max": max,
    "min": min,
}
LISTS = ("ModuleList", "ParameterList", "list", "tuple", "reversed")
DICTIONARIES = ("ModuleDict", "OrderedDict", "dict")


def is_known(value: object) -> bool:
    """Whether a condition on a value can be decided."""
    return isinstance(value, int | float | str | list | tuple | dict | None)


def tensors(value: object) -> list[int]:
    """The places of all tensors in a value, in order.

    Raises:
        ExhaustedError: There are very many, or the value holds itself.
    """
    places, left, seen = [], [value], 0
    while left:
        each = left.pop()
        seen += 1
        if seen > MOST_PARTS:
            raise ExhaustedError
        if isinstance(each, Tensor):
            places.append(each.place)
        elif isinstance(each, list | tuple):
            left.extend(reversed(each))
    return places


def items(value: object) -> list[object]:
    """What a loop over a value sees, as far as that is known."""
    if isinstance(value, Chain):
        return list(value.layers)
    if isinstance(value, Instance):
        return items(value.attributes.get(HELD))
    return list(value)[:LONGEST] if isinstance(value, list | tuple | dict) else []


def layers(args: Sequence[object]) -> list[object]:
    """The layers that ``nn.Sequential`` is given one by one or in a dictionary."""
    if len(args) == 1 and isinstance(args[0], dict):
        return list(args[0].values())
    return list(args)


def part(owner: object, key: object) -> object:
    """An element, or a slice, of a list, a dictionary or a chain."""
    if isinstance(owner, Chain):
        owner = owner.layers
    if isinstance(owner, dict):
        return owner.get(key, UNKNOWN)
    return owner[key] if isinstance(owner, list) and isinstance(key, int | slice) else UNKNOWN


def builtin(name: str, args: list[object], named: Mapping[str, object]) -> object:
    """What one of Python's or PyTorch's containers or functions gives; None for any other."""
    first = args[0] if args else None
    if name == "Sequential":
        return Chain(layers(args))
    if name in LISTS:
        return items(first)[:: -1 if name == "reversed" else 1]
    if name in DICTIONARIES:
        pairs = named if first is None else first
        return {**pairs} if isinstance(pairs, Mapping) else _dictionary(pairs)
    if name == "range":
        numbers = [each for each in args if isinstance(each, int)]
        return list(range(*numbers)[:LONGEST]) if len(numbers) == len(args) else UNKNOWN
    if name == "enumerate":
        return [[*pair] for pair in enumerate(items(first))]
    if name == "zip":
        return [[*row] for row in zip(*map(items, args), strict=False)]
    if name == "len":
        return len(items(first))
    if name in NUMERIC and args:
        given = first if isinstance(first, list) else args
        plain = [each for each in given if isinstance(each, int | float)]
        return NUMERIC[name](plain) if len(plain) == len(given) else UNKNOWN
    return None


def container_method(owner: object, name: str, args: list[object]) -> object:
    """The methods of lists, dictionaries and chains that networks are built with."""
    if isinstance(owner, dict):
        match name:
            case "items":
                return [[key, value] for key, value in owner.items()]
            case "values":
                return list(owner.values())
            case "keys":
                return list(owner)
            case "get":
                return owner.get(args[0], UNKNOWN)
        return UNKNOWN
    held = owner.layers if isinstance(owner, Chain) else owner
    if isinstance(held, list) and len(held) < LONGEST:
        match name:
            case "append":
                held.append(args[0])
            case "add_module":
                held.append(args[1])
            case "extend":
                held.extend(items(args[0]))
            case "insert" if isinstance(args[0], int):
                held.insert(args[0], args[1])
            case "children" | "modules":
                return list(held)
    return None


def _dictionary(pairs: object) -> dict[object, object]:
    both = [items(pair) for pair in items(pairs)]
    return {pair[0]: pair[1] for pair in both if len(pair) == 2}
