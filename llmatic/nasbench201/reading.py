"""The dataflow of a cell's source: which operation leads from which value to which.

Follows assignments, sums and calls through ``forward``; whatever else stands there
makes it no cell. Reads the syntax tree and executes nothing. Does not know how many
nodes a cell of the table has.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

__all__ = ["IDENTITY", "NoCellError", "Node", "read"]

IDENTITY = "SkipConnection"
"""The layer that a value goes through which is added as it is."""
DEEPEST = 100


class NoCellError(ValueError):
    """The source describes no cell; says why."""


@dataclass(eq=False, slots=True)
class Node:
    """A value in ``forward``: a sum of what comes out of layers.

    Attributes:
        terms: Layers, by name, and the values that go into them; no layer where another
            value is added as it is.
        is_shown: Whether it goes into a layer, so that it must be a node of the graph.
        is_used: Whether anything is made of it.
    """

    terms: list[tuple[str | None, Node]] = field(default_factory=list)
    is_shown: bool = False
    is_used: bool = False


def read(source: str, layers: Collection[str]) -> list[Node]:
    """The nodes of a cell: the input, others in the order of ``forward``, the output.

    Args:
        source: Of a network, as `llmatic.genome.parse` gives it.
        layers: Names of the layers that a cell is made of.

    Raises:
        NoCellError: The source does something else.
    """
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    if not classes:
        raise NoCellError("there is no class")
    methods = {each.name: each for each in classes[-1].body if isinstance(each, ast.FunctionDef)}
    if "forward" not in methods:
        raise NoCellError("the cell has no forward")
    reader = _Reader(layers)
    if "__init__" in methods:
        reader.read_layers(methods["__init__"])
    return reader.read_forward(methods["forward"])


class _Reader:
    def __init__(self, layers: Collection[str]) -> None:
        self._known = layers
        self._layers: dict[str, str] = {}
        self._values: dict[str, Node] = {}
        self._nodes: list[Node] = []

    def read_layers(self, init: ast.FunctionDef) -> None:
        for statement in init.body:
            match statement:
                case ast.Assign(targets=[ast.Attribute(ast.Name("self"), name)], value=value):
                    self._layers[name] = self._layer(value)
                case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"))):
                    pass
                case ast.Expr(ast.Constant()) | ast.Pass():
                    pass
                case _:
                    raise _no_part(statement)

    def read_forward(self, forward: ast.FunctionDef) -> list[Node]:
        if len(forward.args.args) != 2:
            raise NoCellError("forward of a cell takes one value")
        given = Node(is_shown=True, is_used=True)
        self._nodes.append(given)
        self._values[forward.args.args[1].arg] = given
        for statement in forward.body:
            match statement:
                case ast.Assign(targets=[ast.Name(name)], value=value):
                    self._values[name] = self._value(value)
                case ast.AugAssign(target=ast.Name(name) as target, op=ast.Add(), value=value):
                    self._values[name] = self._sum([_loaded(target), value])
                case ast.Return(value=ast.expr() as value):
                    returned = self._value(value)
                    if returned.is_shown:
                        returned = Node([(None, returned)])
                    return self._graph(returned)
                case ast.Expr(ast.Constant()) | ast.Pass():
                    pass
                case _:
                    raise _no_part(statement)
        raise NoCellError("forward of the cell returns nothing")

    def _graph(self, output: Node) -> list[Node]:
        """What is a node of the graph, each with layers alone as its terms."""
        output.is_used = True
        shown = [node for node in self._nodes if node.is_shown or not node.is_used]
        for node in shown:
            node.is_shown = True
        graph = [*(node for node in shown if node is not output), output]
        for node in graph:
            node.terms = list(_flat(node))
        return graph

    def _value(self, expression: ast.expr) -> Node:
        match expression:
            case ast.Name(name) if name in self._values:
                return self._values[name]
            case ast.BinOp(left, ast.Add(), right):
                return self._sum([left, right])
            case ast.Call(ast.Name("sum"), [ast.List(parts) | ast.Tuple(parts)], []) if parts:
                return self._sum(parts)
            case ast.Call(ast.Attribute(ast.Name("self"), name), [argument], []):
                if name not in self._layers:
                    raise NoCellError(f"self.{name} is called, but is no layer of the cell")
                return self._through(self._layers[name], argument)
            case ast.Call(ast.Call() as layer, [argument], []):
                return self._through(self._layer(layer), argument)
        raise _no_part(expression)

    def _sum(self, parts: list[ast.expr]) -> Node:
        terms: list[tuple[str | None, Node]] = []
        for part in parts:
            value = self._value(part)
            value.is_used = True
            terms.append((None, value))
        return self._made(Node(terms))

    def _through(self, layer: str, argument: ast.expr) -> Node:
        start = self._value(argument)
        start.is_shown = start.is_used = True
        return self._made(Node([(layer, start)]))

    def _made(self, node: Node) -> Node:
        self._nodes.append(node)
        return node

    def _layer(self, value: ast.expr) -> str:
        match value:
            case ast.Call(ast.Name(name) | ast.Attribute(_, name)) if name in self._known:
                return name
        raise NoCellError(
            f"{_shortened(value)} is none of the operations {', '.join(sorted(self._known))}"
        )


def _flat(node: Node, depth: int = 0) -> Iterator[tuple[str, Node]]:
    """A value's terms, with those of what is added to it in the place of that."""
    if depth > DEEPEST:
        raise NoCellError("the cell's sums are nested too deeply")
    for layer, start in node.terms:
        if layer is not None:
            yield layer, start
        elif start.is_shown:
            yield IDENTITY, start
        else:
            yield from _flat(start, depth + 1)


def _loaded(name: ast.Name) -> ast.Name:
    return ast.Name(name.id, ast.Load())


def _no_part(node: ast.AST) -> NoCellError:
    return NoCellError(f"{_shortened(node)} is no part of a cell: operations, sums, assignments")


def _shortened(node: ast.AST) -> str:
    line = " ".join(ast.unparse(node).split())
    return line if len(line) <= 80 else line[:77] + "..."
