"""Expressions of a network, run on shapes.

Calls are `llmatic.llm.grammar.reading.calls`', statements and classes
`llmatic.llm.grammar.reading.interpret`'s; the three are one machine in three files. What is
not known raises `UnreadableError`.
"""

from __future__ import annotations

import ast
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable

from llmatic.llm.grammar.reading import functions
from llmatic.llm.grammar.reading.python import (
    BUILTINS,
    LONGEST,
    OPERATORS,
    key,
    mapping,
    nested,
    sequence,
    too_large,
    whole,
)
from llmatic.llm.grammar.reading.read import Code
from llmatic.llm.grammar.reading.several import product
from llmatic.llm.grammar.reading.shapes import Mender
from llmatic.llm.grammar.reading.trace import Operation, Trace
from llmatic.llm.grammar.reading.values import (
    PLACEHOLDER,
    Bound,
    Function,
    Instance,
    Layer,
    Ref,
    Size,
    Stack,
    Tensor,
    UnreadableError,
    Value,
)

__all__ = ["Evaluator", "Frame"]

SMALL = 64
LARGE, SQUARE = 1 << 40, 2
"""A number, and to what power it may be raised, where `SMALL` is too little."""
STEPS = 20_000
"""Expressions, statements and items of sequences; networks that people write need a tenth."""

MISSING = object()


class Frame:
    """The variables of one call.

    Attributes:
        names: What they are bound to.
        once: Whether each expression is evaluated once, so that a number may stand in its place.
        top: Whether this is the network's own forward method.
        function: What was called; None at the level of the module.
    """

    __slots__ = ("function", "names", "once", "top")

    def __init__(
        self,
        names: dict[str, Value],
        function: Function | None = None,
        once: bool = False,
        top: bool = False,
    ) -> None:
        self.names = names
        self.function = function
        self.once = once
        self.top = top


class Evaluator(ABC):
    """Evaluates expressions.

    Attributes:
        mender: The numbers that have to be replaced for the network to work.
        trace: What was seen.
    """

    def __init__(self, code: Code, *, merges: bool) -> None:
        self.mender = Mender(merges=merges)
        self.trace = Trace()
        self._code = code
        self._steps = STEPS
        self._globals: dict[str, Value] = {**code.refs, **code.classes}

    @abstractmethod
    def _apply(
        self,
        function: Value,
        args: list[Value],
        named: dict[str, Value],
        node: ast.Call,
        top: bool = False,
    ) -> Value:
        """Call something; `top` says whether the network's own forward does so."""

    @abstractmethod
    def _find(self, cls: ast.ClassDef, name: str) -> Function | None:
        """A method, inherited ones included, not bound to anything."""

    @abstractmethod
    def _constants(self, cls: ast.ClassDef) -> dict[str, Value]:
        """What a class itself binds, inherited ones included."""

    @abstractmethod
    def _parent(self, frame: Frame, node: ast.Call) -> Value:
        """What ``super()`` gives."""

    @abstractmethod
    def _assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target."""

    def _step(self, value: Value = None) -> None:
        """Count something that can be repeated, and the items of a sequence that was made.

        Raises:
            UnreadableError: If it was repeated too often.
        """
        self._steps -= 1 + (len(value) if isinstance(value, list | tuple) else 0)
        if self._steps < 0:
            raise UnreadableError("too long a run")

    def _value(self, node: ast.expr, frame: Frame) -> Value:
        self._step()
        evaluate = EVALUATORS.get(type(node))
        if evaluate is None:
            raise UnreadableError("unknown expression")
        return evaluate(self, node, frame)

    def _sized(self, node: ast.expr, value: int) -> Value:
        return Size(value, self._code.source.span(node))

    def _constant(self, node: ast.Constant, frame: Frame) -> Value:
        value = node.value
        return self._sized(node, value) if type(value) is int else value

    def _name(self, node: ast.Name, frame: Frame) -> Value:
        value = frame.names.get(node.id, MISSING)
        if value is MISSING:
            value = self._globals.get(node.id, MISSING)
        if value is MISSING:
            if node.id not in BUILTINS and node.id != "super":
                raise UnreadableError(f"unknown name {node.id}")
            return Ref("builtins." + node.id)
        return self._sized(node, value) if frame.once and isinstance(value, Size) else value

    def _attribute(self, node: ast.Attribute, frame: Frame) -> Value:
        owner = self._value(node.value, frame)
        if owner == Ref("math") and isinstance(getattr(math, node.attr, None), float):
            return getattr(math, node.attr)
        if isinstance(owner, tuple) and node.attr in ("values", "indices"):
            return owner[node.attr == "indices"]
        if isinstance(owner, Ref):
            return Ref(f"{owner.path}.{node.attr}")
        if isinstance(owner, Instance):
            if node.attr in owner.fields:
                value = owner.fields[node.attr]
                return self._sized(node, value) if frame.once and isinstance(value, Size) else value
            found = self._find(owner.cls, node.attr)
            if found is not None:
                return self._method(found, owner)
        if isinstance(owner, ast.ClassDef):
            constants = self._constants(owner)
            if node.attr in constants:
                return constants[node.attr]
            found = self._find(owner, node.attr)
            if found is not None:
                return found
        if isinstance(owner, Tensor):
            if node.attr == "T" and len(owner.shape) < 3:
                return Tensor(owner.shape[::-1])
            if node.attr == "mT" and len(owner.shape) > 1:
                return Tensor((*owner.shape[:-2], owner.shape[-1], owner.shape[-2]))
            if node.attr == "data":
                return owner
            if node.attr == "shape":
                return owner.shape
            if node.attr == "ndim":
                return len(owner.shape)
            if node.attr in ("device", "dtype"):
                return None
        if isinstance(owner, Layer) and node.attr in owner.args:
            return owner.args[node.attr]
        return Bound(owner, node.attr)

    def _method(self, found: Function, owner: Instance) -> Value:
        """A method of an instance, as its decorator wants it."""
        wanted = {each.id for each in found.node.decorator_list if isinstance(each, ast.Name)}
        if "staticmethod" in wanted:
            return found
        bound = Function(found.node, owner, found.cls)
        return self._apply(bound, [], {}, PLACEHOLDER) if "property" in wanted else bound

    def _binop(self, node: ast.BinOp, frame: Frame) -> Value:
        left, right = self._value(node.left, frame), self._value(node.right, frame)
        value = self._binary(type(node.op), left, right)
        return self._sized(node, value) if type(value) is int else value

    def _binary(self, kind: type[ast.AST], left: Value, right: Value) -> Value:
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            if kind is ast.MatMult:
                return product(left, right, self.mender)
            result = functions.elementwise(left, right, self.mender)
            if kind is ast.Add and isinstance(left, Tensor) and isinstance(right, Tensor):
                self._seen("add", None, None, left, result)
            return result
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if kind is ast.Pow and isinstance(left, int | float) and isinstance(right, int | float):
            if max(abs(left), abs(right)) <= SMALL or (0 < left <= LARGE and abs(right) <= SQUARE):
                return operator.pow(left, right)
            raise UnreadableError("too large a number")
        if kind is ast.Mult and not numbers:
            factor = left if isinstance(left, int) else right
            if not isinstance(factor, int) or factor > LONGEST:
                raise UnreadableError("too long a sequence")
        is_text = kind is ast.Mod and not numbers  # which may be padded
        if kind not in OPERATORS or is_text or (nested(left) and nested(right)):
            raise UnreadableError("unknown operator")
        result = OPERATORS[kind](left, right)
        if too_large(result):
            raise UnreadableError("too large a value")
        self._step(result)
        return result

    def _unary(self, node: ast.UnaryOp, frame: Frame) -> Value:
        value = self._value(node.operand, frame)
        match node.op:
            case ast.USub() if isinstance(value, int | float):
                return -value
            case ast.Not() if not isinstance(value, Tensor):
                return not value
            case ast.USub() | ast.UAdd() if isinstance(value, Tensor):
                return value
        raise UnreadableError("unknown operator")

    def _compare(self, node: ast.Compare, frame: Frame) -> Value:
        left = self._value(node.left, frame)
        for kind, expression in zip(node.ops, node.comparators, strict=True):
            right = self._value(expression, frame)
            if not self._binary(type(kind), left, right):
                return False
            left = right
        return True

    def _logic(self, node: ast.BoolOp, frame: Frame) -> Value:
        value: Value = None
        for expression in node.values:
            value = self._value(expression, frame)
            if bool(value) is isinstance(node.op, ast.Or):
                break
        return value

    def _choice(self, node: ast.IfExp, frame: Frame) -> Value:
        return self._value(node.body if self._value(node.test, frame) else node.orelse, frame)

    def _items(self, nodes: list[ast.expr], frame: Frame) -> list[Value]:
        items: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items += sequence(self._value(node.value, frame))
                self._step(items)
                if too_large(items):
                    raise UnreadableError("too long a sequence")
            else:
                items.append(self._value(node, frame))
        return items

    def _tuple(self, node: ast.Tuple, frame: Frame) -> Value:
        return tuple(self._items(node.elts, frame))

    def _list(self, node: ast.List, frame: Frame) -> Value:
        return self._items(node.elts, frame)

    def _dict(self, node: ast.Dict, frame: Frame) -> Value:
        keys = [None if each is None else key(self._value(each, frame)) for each in node.keys]
        return dict(zip(keys, self._items(node.values, frame), strict=True))

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, frame: Frame) -> Value:
        if len(node.generators) != 1:
            raise UnreadableError("nested comprehension")
        generator = node.generators[0]
        items = sequence(self._value(generator.iter, frame))
        inner = Frame(dict(frame.names), frame.function)
        result: list[Value] = []
        for item in items:
            self._step()
            self._assign(generator.target, item, inner)
            if all(self._value(test, inner) for test in generator.ifs):
                result.append(self._value(node.elt, inner))
        return result

    def _dict_comprehension(self, node: ast.DictComp, frame: Frame) -> Value:
        pairs = ast.ListComp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
        return mapping(self._comprehension(pairs, frame))

    def _formatted(self, node: ast.JoinedStr, frame: Frame) -> Value:
        parts = [
            part.value.value
            if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Constant)
            else self._value(part.value if isinstance(part, ast.FormattedValue) else part, frame)
            for part in node.values
        ]
        plain = [str(part)[:SMALL] for part in parts if isinstance(part, str | int | float)]
        return "".join(plain)

    def _slice(self, node: ast.Slice, frame: Frame) -> Value:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self._value(part, frame) for part in parts))

    def _subscript(self, node: ast.Subscript, frame: Frame) -> Value:
        owner, index = self._value(node.value, frame), self._value(node.slice, frame)
        if isinstance(owner, Tensor):
            return functions.indexed(owner.shape, index)
        if isinstance(owner, dict):
            return owner[key(index)]
        items = sequence(owner)
        if isinstance(index, slice):
            chosen = items[index]
            self._step(chosen)
            if isinstance(owner, Stack):
                return Stack(chosen, PLACEHOLDER, owner.callable)
            return tuple(chosen) if isinstance(owner, tuple) else chosen
        return items[whole(index)]

    def _call(self, node: ast.Call, frame: Frame) -> Value:
        function = self._value(node.func, frame)
        if function == Ref("builtins.super"):
            return self._parent(frame, node)
        args = self._items(node.args, frame)
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self._value(keyword.value, frame)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named.update(value)
        return self._apply(function, args, named, node, frame.top)

    def _seen(
        self, name: str, layer: Layer | None, node: ast.Call | None, before: Value, after: Value
    ) -> None:
        after = after[0] if isinstance(after, tuple) and after else after
        if isinstance(before, Tensor) and isinstance(after, Tensor):
            operation = Operation(name, layer, node, before.shape, after.shape)
            self.trace.operations.append(operation)


EVALUATORS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: Evaluator._constant,
    ast.Name: Evaluator._name,
    ast.Attribute: Evaluator._attribute,
    ast.Call: Evaluator._call,
    ast.BinOp: Evaluator._binop,
    ast.UnaryOp: Evaluator._unary,
    ast.Compare: Evaluator._compare,
    ast.BoolOp: Evaluator._logic,
    ast.IfExp: Evaluator._choice,
    ast.Tuple: Evaluator._tuple,
    ast.List: Evaluator._list,
    ast.Dict: Evaluator._dict,
    ast.ListComp: Evaluator._comprehension,
    ast.GeneratorExp: Evaluator._comprehension,
    ast.DictComp: Evaluator._dict_comprehension,
    ast.JoinedStr: Evaluator._formatted,
    ast.Slice: Evaluator._slice,
    ast.Subscript: Evaluator._subscript,
}
