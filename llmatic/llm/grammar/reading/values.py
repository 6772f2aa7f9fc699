"""What expressions of a network are worth to the interpreter.

Sizes remember which piece of text they came from, so that whoever finds a wrong
one knows where to mend it. Knows no layer in particular.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from llmatic.llm.grammar.reading.text import Span

__all__ = [
    "BATCH",
    "PLACEHOLDER",
    "Bound",
    "Function",
    "Instance",
    "Layer",
    "Ref",
    "Shape",
    "Size",
    "Stack",
    "Tensor",
    "UnreadableError",
    "Value",
]

Value = object
PLACEHOLDER = ast.Call(ast.Name("F"), [], [])
"""What made something that no call in the text made."""
Shape = tuple[int, ...]

BATCH = 7919
"""The batch size of the abstract run: a prime that no layer would have as its width."""


MOST_AXES = 16
LONGEST_AXIS = 1 << 60


class UnreadableError(Exception):
    """The network does something that the interpreter does not know, or that would fail."""


class Size(int):
    """An integer that knows the stretch of text to replace in order to change it."""

    at: Span

    def __new__(cls, value: int, at: Span) -> Size:
        """An integer written at a place."""
        made = super().__new__(cls, value)
        made.at = at
        return made


@dataclass(frozen=True, slots=True)
class Ref:
    """Something imported, by its full dotted name."""

    path: str


@dataclass(eq=False, slots=True)
class Tensor:
    """A tensor of which hardly more than the shape is known.

    Attributes:
        shape: Its shape.
        kept: Whether its numbers are needed for the gradient, so that they must not be
            overwritten.
    """

    shape: Shape
    kept: bool = False

    def __post_init__(self) -> None:
        """Refuse what no network needs.

        Raises:
            UnreadableError: There are too many axes, or one is too long.
        """
        if len(self.shape) > MOST_AXES or max(self.shape, default=0) > LONGEST_AXIS:
            raise UnreadableError("too large a tensor")


@dataclass(eq=False, slots=True)
class Layer:
    """A layer of torch.nn.

    Attributes:
        kind: Name of its class, such as ``Conv2d``.
        args: Arguments by parameter name, defaults included.
        call: The expression that made it.
    """

    kind: str
    args: dict[str, Value]
    call: ast.Call


@dataclass(eq=False, slots=True)
class Stack:
    """An ``nn.Sequential`` or ``nn.ModuleList``.

    Attributes:
        items: What it holds.
        call: The expression that made it.
        callable: Whether it can be applied to a tensor.
    """

    items: list[Value]
    call: ast.Call
    callable: bool


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class that the text defines.

    Attributes:
        cls: Its class.
        fields: Its attributes.
        body: What it holds where the class derives from ``nn.Sequential``.
    """

    cls: ast.ClassDef
    fields: dict[str, Value] = field(default_factory=dict)
    body: Stack | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function or a method of the text; `owner` is what it is bound to."""

    node: ast.FunctionDef
    owner: Instance | None = None
    cls: ast.ClassDef | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of a value that is not an instance: a tensor's, a list's, a module's."""

    owner: Value
    name: str
