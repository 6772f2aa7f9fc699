"""What was seen while a network ran on shapes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from llmatic.llm.grammar.reading.values import Layer, Shape, Stack

__all__ = ["Operation", "Point", "Slot", "Trace"]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something applied to a tensor.

    Attributes:
        name: Name of the layer's class or of the function.
        layer: The layer, if it was one.
        node: The expression in the network's own forward method, if it stands there.
        before: Shape of its input.
        after: Shape of its output.
    """

    name: str
    layer: Layer | None
    node: ast.Call | None
    before: Shape
    after: Shape


@dataclass(frozen=True, slots=True)
class Point:
    """Where a statement of forward has left a tensor in a variable.

    Attributes:
        statement: The statement; None before the first.
        name: The variable.
        shape: Its shape.
    """

    statement: ast.stmt | None
    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Slot:
    """An element of a sequence of layers, and the shapes before and after it."""

    stack: Stack
    index: int
    before: Shape
    after: Shape


@dataclass(slots=True)
class Trace:
    """All that was seen.

    Attributes:
        operations: Layers and functions in the order of their application.
        points: Variables of the forward method.
        slots: Elements of sequences.
        parameters: Learnt numbers by layer.
        macs: Multiply-accumulates for one image.
        output: Shape of the network's output.
    """

    operations: list[Operation] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    parameters: dict[Layer, int] = field(default_factory=dict)
    macs: int = 0
    output: Shape = ()
