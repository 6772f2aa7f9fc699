"""What calling something gives: a tensor, a layer, an instance or a value.

Follows constructors, methods and functions that the source defines, and records what
layers and functions from elsewhere do with tensors. Knows no syntax but parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from llmatic.structure.containers import HELD, builtin, container_method, layers, tensors
from llmatic.structure.graph import JOIN, Graph, operation
from llmatic.structure.values import (
    UNKNOWN,
    Chain,
    Class,
    ExhaustedError,
    Function,
    Instance,
    Layer,
    Method,
    Names,
    Symbol,
    Tensor,
)

__all__ = ["Calls", "Interpreter", "Returned"]

MOST_OPERATIONS = 1_000
DEEPEST = 24
SAME = ("contiguous", "clone", "detach", "float", "to", "type_as")
SYNONYMS = {"view": "reshape", "flatten": "reshape", "Flatten": "reshape", "concat": "cat"}


@dataclass(frozen=True, slots=True)
class Super:
    """``super()`` in a method of a class."""

    instance: Instance
    kind: Class


@dataclass(frozen=True, slots=True)
class Returned:
    """What a ``return`` hands out."""

    value: object


class Interpreter(Protocol):
    """Carries out syntax."""

    def run(self, body: Sequence[ast.stmt], names: Names) -> object:
        """Carry out statements; what they return, if they do."""

    def value(self, node: ast.expr, names: Names) -> object:
        """What an expression stands for."""


class Calls:
    """Calls things.

    Attributes:
        graph: What was found so far.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self.graph = Graph()
        self._interpreter = interpreter
        self._depth = 0

    def call(self, what: object, args: list[object], named: Names) -> object:
        """What calling something gives."""
        match what:
            case Layer():
                return self.operation(what.name, args, named, what)
            case Symbol(name=name):
                if tensors([args, list(named.values())]):
                    return self.operation(name, args, named)
                value = builtin(name, args, named)
                return Layer(name, args, named) if value is None else value
            case Method(owner=owner, name=name):
                return self._attribute(owner, name, args, named)
            case Chain():
                return self._through(what.layers, args)
            case Class():
                made = Instance(what)
                self._method(made, what, "__init__", args, named)
                return made
            case Instance():
                return self._method(what, what.kind, "forward", args, named)
            case Function():
                return self._function(what, args, named)
            case Super():
                return what
        return UNKNOWN

    def operation(
        self,
        name: str,
        args: Sequence[object],
        named: Mapping[str, object],
        layer: Layer | None = None,
    ) -> object:
        """Record what a layer or a function does with tensors."""
        reads = tensors([*args, *named.values()])
        if not reads:
            return UNKNOWN
        if len(self.graph.operations) >= MOST_OPERATIONS:
            raise ExhaustedError
        if name == "sum" and isinstance(args[0], list):
            name = JOIN
        name = SYNONYMS.get(name, name)
        if layer is not None:
            done = operation(name, layer.args, layer.named)
        else:
            done = operation(name, [each for each in args if not tensors(each)], named)
        return Tensor(self.graph.add(done, reads))

    def _attribute(self, owner: object, name: str, args: list[object], named: Names) -> object:
        match owner:
            case Tensor():
                return owner if name in SAME else self.operation(name, [owner, *args], named)
            case Instance():
                return self._method(owner, owner.kind, name, args, named)
            case Super():
                return self._inherited(owner.instance, owner.kind, name, args, named)
            case list() | dict() | Chain():
                return container_method(owner, name, args)
        return UNKNOWN

    def _method(
        self, owner: Instance, kind: Class, name: str, args: list[object], named: Names
    ) -> object:
        """Call a method as a class or one that it derives from defines it."""
        member = kind.members.get(name)
        if member is None:
            return self._inherited(owner, kind, name, args, named)
        if not isinstance(member, Function):
            return UNKNOWN
        bound = Function(member.node, {**member.names, "super": Super(owner, kind)})
        decorators = getattr(member.node, "decorator_list", [])
        static = any(getattr(each, "id", "") == "staticmethod" for each in decorators)
        return self._function(bound, args if static else [owner, *args], named)

    def _inherited(
        self, owner: Instance, kind: Class, name: str, args: list[object], named: Names
    ) -> object:
        for base in kind.bases:
            if isinstance(base, Class) and (base.is_chain or base.member(name) is not None):
                return self._method(owner, base, name, args, named)
        if not kind.is_chain:
            return UNKNOWN
        if name == "__init__":
            owner.attributes[HELD] = layers(args)
            return None
        held = owner.attributes.get(HELD)
        return self._through(held, args) if isinstance(held, list) else UNKNOWN

    def _through(self, held: Sequence[object], args: Sequence[object]) -> object:
        value = args[0] if args else UNKNOWN
        for layer in held:
            value = self.call(layer, [value], {})
        return value

    def _function(self, function: Function, args: list[object], named: Names) -> object:
        if self._depth >= DEEPEST:
            return UNKNOWN
        self._depth += 1
        try:
            node = function.node
            names = {**function.names, **self._parameters(function, args, named)}
            if isinstance(node, ast.Lambda):
                return self._interpreter.value(node.body, names)
            said = self._interpreter.run(node.body, names)
            return said.value if isinstance(said, Returned) else None
        finally:
            self._depth -= 1

    def _parameters(self, function: Function, args: list[object], named: Names) -> Names:
        """What a function's parameters stand for in one call."""
        taken = function.node.args
        places = [each.arg for each in (*taken.posonlyargs, *taken.args)]
        names: Names = dict.fromkeys([*places, *(each.arg for each in taken.kwonlyargs)], UNKNOWN)
        defaults = [
            *zip(reversed(places), reversed(taken.defaults), strict=False),
            *(
                (each.arg, given)
                for each, given in zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
            ),
        ]
        for name, default in defaults:
            if default is not None:
                names[name] = self._interpreter.value(default, function.names)
        if taken.vararg:
            names[taken.vararg.arg] = args[len(places) :]
        if taken.kwarg:
            names[taken.kwarg.arg] = dict(named)
        return names | dict(zip(places, args, strict=False)) | named
