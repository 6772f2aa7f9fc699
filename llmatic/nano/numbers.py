"""Whole numbers in the text of a network: which stand in it, and others in their place.

Knows nothing of what they mean.
"""

from __future__ import annotations

import re

__all__ = ["numbers", "replaced"]

NUMBER = r"(?<![\w.]){}(?![\w.])"


def numbers(source: str) -> set[int]:
    """The whole numbers that stand by themselves in a text."""
    return {int(each) for each in re.findall(NUMBER.format(r"\d+"), source)}


def replaced(source: str, number: int, other: int) -> str:
    """A text with another number wherever one stands by itself."""
    return re.sub(NUMBER.format(number), str(other), source)
