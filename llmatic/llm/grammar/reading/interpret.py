"""Runs a network on shapes instead of numbers.

A small part of Python, enough for what networks are made of: assignments, loops
over short sequences, conditions that are known, helper classes and functions.
What lies outside raises `UnreadableError`; so do programs that would fail, as far
as shapes tell. Knows neither devices nor dtypes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from llmatic.llm.grammar.reading.calls import Caller
from llmatic.llm.grammar.reading.expressions import MISSING, Frame
from llmatic.llm.grammar.reading.python import key, sequence
from llmatic.llm.grammar.reading.read import Code, method
from llmatic.llm.grammar.reading.trace import Point
from llmatic.llm.grammar.reading.values import (
    BATCH,
    PLACEHOLDER,
    Bound,
    Function,
    Instance,
    Ref,
    Stack,
    Tensor,
    UnreadableError,
    Value,
)

__all__ = ["Interpreter"]

DEPTH = 24


class Interpreter(Caller):
    """One run of one text."""

    def __init__(self, code: Code, *, merges: bool = False) -> None:
        super().__init__(code, merges=merges)
        self._depth = 0

    def run(self, input_shape: tuple[int, int, int], classes: int) -> None:
        """Build the network and apply it to a batch.

        Raises:
            UnreadableError: If it does something unknown or would fail.
        """
        frame = Frame(self._globals)
        for statement in self._code.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign | ast.FunctionDef):
                self._statement(statement, frame)
        net = self._construct(self._code.net, [], {})
        self.trace.operations.clear()
        self.trace.slots.clear()
        self.trace.macs = 0
        result = self._apply(net, [Tensor((BATCH, *input_shape))], {}, PLACEHOLDER)
        if not isinstance(result, Tensor) or len(result.shape) != 2 or result.shape[0] != BATCH:
            raise UnreadableError("the output is not one score for each class")
        self.trace.output = result.shape
        self.mender.settle(result.shape[1], classes)

    def _construct(self, cls: ast.ClassDef, args: list[Value], named: dict[str, Value]) -> Value:
        made = Instance(cls)
        made.fields |= {**self._constants(cls), "training": True}
        init = self._find(cls, "__init__")
        if init is not None:
            self._function(Function(init.node, made, init.cls), args, named)
        elif self._is_sequential(cls):
            made.body = Stack(args, PLACEHOLDER, True)
        return made

    def _bases(self, cls: ast.ClassDef) -> Iterator[Value]:
        for base in cls.bases:
            yield self._value(base, Frame(self._globals))

    def _is_sequential(self, cls: ast.ClassDef) -> bool:
        return any(
            base == Ref("torch.nn.Sequential")
            or (isinstance(base, ast.ClassDef) and base is not cls and self._is_sequential(base))
            for base in self._bases(cls)
        )

    def _find(self, cls: ast.ClassDef, name: str) -> Function | None:
        found = method(cls, name)
        return self._inherited(cls, name) if found is None else Function(found, cls=cls)

    def _constants(self, cls: ast.ClassDef) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for base in self._bases(cls):
            if isinstance(base, ast.ClassDef) and base is not cls:
                found |= self._constants(base)
        frame = Frame(found)
        for statement in cls.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                self._statement(statement, frame)
        return found

    def _inherited(self, cls: ast.ClassDef, name: str) -> Function | None:
        for base in self._bases(cls):
            if isinstance(base, ast.ClassDef) and base is not cls:
                found = self._find(base, name)
                if found is not None:
                    return found
        return None

    def _parent(self, frame: Frame, node: ast.Call) -> Value:
        """A function that constructs, a method, or nothing."""
        return Bound(frame.function, "super")

    def _bound(
        self,
        owner: Value,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.Call,
        top: bool,
    ) -> Value:
        match owner:
            case Bound(owner=Function(owner=Instance() as made, cls=ast.ClassDef() as cls)):
                found = self._inherited(cls, name)
                if found is not None:
                    return self._function(Function(found.node, made, found.cls), args, named)
                if name == "__init__":
                    if self._is_sequential(cls):
                        made.body = self._stack(args, node)
                    return None
                if name == "forward" and made.body is not None:
                    return self._apply(made.body, args, named, node)
                raise UnreadableError("unknown method")
        return super()._bound(owner, name, args, named, node, top)

    def _stack(self, args: list[Value], node: ast.Call) -> Stack:
        made = self._library("torch.nn.Sequential", args, {}, node, False)
        assert isinstance(made, Stack)
        return made

    def _function(self, called: Function, args: list[Value], named: dict[str, Value]) -> Value:
        self._depth += 1
        if self._depth > DEPTH:
            raise UnreadableError("calls too deep")
        node = called.node
        frame = Frame(
            self._arguments(called, args, named),
            called,
            once=node is self._code.init,
            top=node is self._code.forward,
        )
        if frame.top and len(node.args.args) > 1:
            name = node.args.args[1].arg
            value = frame.names[name]
            if isinstance(value, Tensor):
                self.trace.points.append(Point(None, name, value.shape))
        result = self._block(node.body, frame)
        self._depth -= 1
        return None if result is MISSING else result

    def _arguments(
        self, called: Function, args: list[Value], named: dict[str, Value]
    ) -> dict[str, Value]:
        """The variables with which a call begins."""
        spec = called.node.args
        given = args if called.owner is None else [called.owner, *args]
        names = [each.arg for each in [*spec.posonlyargs, *spec.args]]
        keywords = [each.arg for each in spec.kwonlyargs]
        found: dict[str, Value] = dict(zip(names, given, strict=False))
        if spec.vararg:
            found[spec.vararg.arg] = tuple(given[len(names) :])
        elif len(given) > len(names):
            raise UnreadableError("too many arguments")
        known = {*names, *keywords}
        found.update((key, value) for key, value in named.items() if key in known)
        extra = {key: value for key, value in named.items() if key not in known}
        if spec.kwarg:
            found[spec.kwarg.arg] = extra
        elif extra:
            raise UnreadableError("unknown argument")
        defaults = [
            *zip(names[::-1], spec.defaults[::-1], strict=False),
            *zip(keywords, spec.kw_defaults, strict=True),
        ]
        for name, default in defaults:
            if name not in found and default is not None:
                found[name] = self._value(default, Frame(self._globals))
        if known - found.keys():
            raise UnreadableError("an argument is missing")
        return found

    def _block(self, body: list[ast.stmt], frame: Frame) -> Value:
        """Run statements; gives what they return, or `MISSING`."""
        for statement in body:
            result = self._statement(statement, frame)
            if result is not MISSING:
                return result
        return MISSING

    def _statement(self, statement: ast.stmt, frame: Frame) -> Value:
        self._step()
        match statement:
            case ast.Assign(targets=targets, value=expression):
                value = self._value(expression, frame)
                for target in targets:
                    self._assign(target, value, frame)
                    if frame.top:
                        self._point(statement, target, frame)
            case ast.Return(value=expression):
                return None if expression is None else self._value(expression, frame)
            case ast.Expr(value=expression):
                if not isinstance(expression, ast.Constant):
                    self._value(expression, frame)
            case ast.AugAssign(target=target, op=operation, value=expression):
                old = self._value(target, frame)
                if isinstance(old, Tensor) and old.kept:
                    raise UnreadableError("numbers that the gradient needs are overwritten")
                new = self._binary(type(operation), old, self._value(expression, frame))
                self._assign(target, new, frame)
                if frame.top:
                    self._point(statement, target, frame)
            case ast.AnnAssign(target=target, value=ast.expr() as expression):
                self._assign(target, self._value(expression, frame), frame)
            case ast.If(test=test, body=body, orelse=orelse):
                chosen = self._value(test, frame)
                if isinstance(chosen, Tensor):
                    raise UnreadableError("depends on numbers")
                return self._block(body if chosen else orelse, frame)
            case ast.For(target=target, iter=iterated, body=body, orelse=[]):
                return self._loop(target, iterated, body, frame)
            case ast.With(body=body):
                return self._block(body, frame)
            case ast.FunctionDef(name=name):
                frame.names[name] = Function(statement)
            case ast.Pass() | ast.Assert() | ast.AnnAssign() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                raise UnreadableError("unknown statement")
        return MISSING

    def _loop(
        self, target: ast.expr, iterated: ast.expr, body: list[ast.stmt], frame: Frame
    ) -> Value:
        items = sequence(self._value(iterated, frame))
        once, top = frame.once, frame.top
        frame.once = frame.top = False
        result: Value = MISSING
        for item in items:
            self._assign(target, item, frame)
            result = self._block(body, frame)
            if result is not MISSING:
                break
        frame.once, frame.top = once, top
        return result

    def _point(self, statement: ast.stmt, target: ast.expr, frame: Frame) -> None:
        """Note a variable to which the network's own forward has bound a tensor."""
        if isinstance(target, ast.Name):
            value = frame.names[target.id]
            if isinstance(value, Tensor):
                self.trace.points.append(Point(statement, target.id, value.shape))

    def _assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        match target:
            case ast.Name(id=name):
                frame.names[name] = value
            case ast.Attribute(value=owner, attr=attr):
                instance = self._value(owner, frame)
                if not isinstance(instance, Instance):
                    raise UnreadableError("unknown target")
                instance.fields[attr] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part, item in zip(parts, sequence(value), strict=True):
                    self._assign(part, item, frame)
            case ast.Subscript(value=owner, slice=index):
                container = self._value(owner, frame)
                if not isinstance(container, dict):
                    raise UnreadableError("unknown target")
                container[key(self._value(index, frame))] = value
            case _:
                raise UnreadableError("unknown target")
