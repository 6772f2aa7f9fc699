"""Rules for what a JSON may say: each gives what may be written instead, or refuses.

Knows nothing of what is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

__all__ = [
    "RefusedError",
    "Rule",
    "exactly",
    "flag",
    "many",
    "mapping",
    "natural",
    "number",
    "one",
    "or_null",
    "record",
    "refuse",
    "shown",
    "text",
    "whole",
]

Rule = Callable[[object], object]


class RefusedError(Exception):
    """Something is not on the list; says what, to go on after ``it would hold``."""


def shown(value: object) -> str:
    """Something of a stranger's, short and in ASCII without control characters."""
    said = ascii(value)
    return said if len(said) <= 80 else f"{said[:80]}..."


def refuse(value: object, place: str) -> NoReturn:
    """Say that a value is not for this place."""
    raise RefusedError(f"{shown(value)} as {place}")


def flag(value: object) -> bool:
    """True or false."""
    return value if isinstance(value, bool) else refuse(value, "a flag")


def whole(value: object) -> int:
    """A whole number of 64 bits."""
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    refuse(value, "a whole number")


def natural(value: object) -> int:
    """A whole number that is not negative."""
    found = whole(value)
    return found if found >= 0 else refuse(value, "a size")


def number(value: object) -> object:
    """A number, those by name included that JSON does not have."""
    if value in ("Infinity", "-Infinity", "NaN"):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    return whole(value)


def text(place: str, pattern: str) -> Rule:
    """A string that matches a pattern, of ASCII characters."""
    compiled = re.compile(pattern, re.ASCII)

    def rule(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        refuse(value, place)

    return rule


def exactly(only: object, place: str) -> Rule:
    """One value."""

    def rule(value: object) -> object:
        return only if type(value) is type(only) and value == only else refuse(value, place)

    return rule


def or_null(rule: Rule) -> Rule:
    """What a rule says, or nothing."""
    return lambda value: None if value is None else rule(value)


def many(rule: Rule) -> Rule:
    """A list."""

    def every(value: object) -> list[object]:
        if isinstance(value, list):
            return [rule(each) for each in value]
        refuse(value, "a list")

    return every


def mapping(keys: Rule, values: Rule) -> Rule:
    """An object with any number of fields."""

    def every(value: object) -> dict[object, object]:
        return {keys(key): values(each) for key, each in _fields(value).items()}

    return every


def record(**rules: Rule) -> Rule:
    """An object with exactly these fields."""

    def every(value: object) -> dict[str, object]:
        fields = _fields(value)
        for key in sorted(fields.keys() - rules.keys()):
            refuse(key, "a field")
        for key in sorted(rules.keys() - fields.keys()):
            raise RefusedError(f"no field {key}")
        return {key: rule(fields[key]) for key, rule in rules.items()}

    return every


def one(**rules: Rule) -> Rule:
    """An object with exactly one field, which is one of these."""

    def chosen(value: object) -> dict[str, object]:
        fields = _fields(value)
        if len(fields) != 1 or not fields.keys() <= rules.keys():
            refuse(list(fields), "a kind of value")
        return {key: rules[key](each) for key, each in fields.items()}

    return chosen


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else refuse(value, "an object")
