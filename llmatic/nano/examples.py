"""What the small code model learns from: a request, and the network that answers it.

Knows nothing of how examples come about, and of tokens.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from llmatic.nano.numbers import numbers
from llmatic.nano.styles import canonical

__all__ = [
    "CELLS",
    "CLASSES",
    "LARGE",
    "NETWORKS",
    "SHAPES",
    "Example",
    "InputShape",
    "can_be_known",
    "crosses",
    "fingerprint",
]

InputShape = tuple[int, int, int]
"""Channels, height and width of an image."""
NETWORKS = "paper"
CELLS = "nasbench201"
SHAPES = (
    (1, 8, 8), (1, 12, 12), (1, 16, 16), (1, 28, 28), (1, 32, 32),
    (3, 8, 8), (3, 16, 16), (3, 24, 24), (3, 32, 32), (2, 16, 16), (4, 20, 20), (3, 48, 48),
)  # fmt: skip
CLASSES = (10, 10, 10, 2, 3, 4, 5, 7, 20, 26, 100)
LARGE = 8
"""Smaller numbers are kernels, strides, groups and axes, and can be written without being shown."""
OUTPUTS = re.compile(r"nn\.(?:(?:Conv\w+|Linear|GRU|LSTM|RNN)\([\d* ]+, |Lazy\w+\()(\d+)")


@dataclass(frozen=True, slots=True)
class Example:
    """A request and the network that answers it.

    Attributes:
        catalogue: Which prompts: ``paper`` for networks, ``nasbench201`` for cells.
        key: Of the prompt.
        parents: Sources that are shown: one, or two for a crossover.
        child: The source that answers.
        input_shape: Channels, height and width of an image.
        classes: Of the data set.
    """

    catalogue: str
    key: str
    parents: tuple[str, ...]
    child: str
    input_shape: InputShape
    classes: int


def fingerprint(source: str) -> str:
    """What two networks share that differ in nothing but style."""
    return sha256(canonical(source).encode()).hexdigest()


def crosses(parents: Sequence[str], child: str) -> bool:
    """Whether a network makes layers of each parent that the other parent does not make."""
    made = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(child))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("nn.")
    }
    first, second = ({each for each in made if each in text} for text in parents)
    return bool(first - second) and bool(second - first)


def can_be_known(example: Example) -> bool:
    """Whether every large number of the child stands in its prompt or is a width of its own."""
    outputs = set(map(int, OUTPUTS.findall(example.child)))
    shown = {each for text in example.parents for each in numbers(text)}
    channels, height, width = example.input_shape
    shown |= {channels, height, width, channels * height, channels * width, example.classes}
    return all(each <= LARGE for each in numbers(example.child) - outputs - shown)
