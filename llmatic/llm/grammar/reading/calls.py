"""Calls: of layers, of what torch and Python offer, of what the text defines."""

from __future__ import annotations

import ast
import math
from abc import abstractmethod

from llmatic.llm.grammar.reading import functions, layers
from llmatic.llm.grammar.reading.expressions import Evaluator
from llmatic.llm.grammar.reading.names import KEEPS_NOTHING, KEEPS_OUTPUT, SAME_NUMBERS
from llmatic.llm.grammar.reading.python import (
    BUILTINS,
    MATH,
    key,
    mapping,
    sequence,
    too_large,
    whole,
)
from llmatic.llm.grammar.reading.signatures import make
from llmatic.llm.grammar.reading.trace import Slot
from llmatic.llm.grammar.reading.values import (
    Bound,
    Function,
    Instance,
    Layer,
    Ref,
    Stack,
    Tensor,
    UnreadableError,
    Value,
)

__all__ = ["Caller"]

IGNORED = ("torch.nn.init.", "torch.manual_seed", "torch.no_grad", "torch.backends")


class Caller(Evaluator):
    """Carries out calls."""

    @abstractmethod
    def _construct(self, cls: ast.ClassDef, args: list[Value], named: dict[str, Value]) -> Value:
        """Make an object of a class of the text."""

    @abstractmethod
    def _function(self, called: Function, args: list[Value], named: dict[str, Value]) -> Value:
        """Call a function of the text."""

    def _apply(
        self,
        function: Value,
        args: list[Value],
        named: dict[str, Value],
        node: ast.Call,
        top: bool = False,
    ) -> Value:
        match function:
            case Layer():
                result = layers.apply(function, args, self.mender)
                self._keep(function.kind, args[0], result.value, function.args)
                self.trace.parameters[function] = result.parameters
                self._seen(function.kind, function, node if top else None, args[0], result.value)
                self.trace.macs += result.macs
                return result.value
            case Ref(path=path):
                return self._library(path, args, named, node, top)
            case Bound(owner=owner, name=name):
                return self._bound(owner, name, args, named, node, top)
            case Function():
                return self._function(function, args, named)
            case Stack(callable=True):
                value = args[0]
                for index, item in enumerate(function.items):
                    self._step()
                    before = value
                    value = self._apply(item, [value], {}, node)
                    if isinstance(before, Tensor) and isinstance(value, Tensor):
                        self.trace.slots.append(Slot(function, index, before.shape, value.shape))
                if top:
                    self._seen("Sequential", None, node, args[0], value)
                return value
            case Instance(cls=cls, body=body):
                forward = self._find(cls, "forward")
                if forward is not None:
                    called = Function(forward.node, function, forward.cls)
                    value = self._function(called, args, named)
                elif body is not None:
                    value = self._apply(body, args, named, node)
                else:
                    raise UnreadableError("nothing to call")
                if top and args:
                    self._seen(cls.name, None, node, args[0], value)
                return value
            case ast.ClassDef():
                return self._construct(function, args, named)
        raise UnreadableError("cannot be called")

    def _keep(self, name: str, before: Value, after: Value, named: dict[str, Value]) -> None:
        """Note whose numbers the gradient needs.

        Raises:
            UnreadableError: If numbers that it needs are overwritten.
        """
        if not isinstance(before, Tensor) or not isinstance(after, Tensor):
            return
        lower = name.lower()
        in_place = bool(named.get("inplace")) or name.endswith("_")
        if in_place and before.kept:
            raise UnreadableError("numbers that the gradient needs are overwritten")
        if lower in SAME_NUMBERS:
            after.kept = before.kept
        else:
            after.kept = in_place or lower in KEEPS_OUTPUT
            before.kept |= lower not in KEEPS_NOTHING and not after.kept

    def _library(
        self, path: str, args: list[Value], named: dict[str, Value], node: ast.Call, top: bool
    ) -> Value:
        name = path.rpartition(".")[2]
        if (
            path == "builtins.sum"
            and args
            and any(isinstance(x, Tensor) for x in sequence(args[0]))
        ):
            return self._total(sequence(args[0]))
        if path.startswith("builtins."):
            made = BUILTINS[name](*args, **named)
            self._step(made)
            return made
        if path.startswith("math."):
            found = MATH[name](*args)
            if too_large(found):
                raise UnreadableError("too large a number")
            return found
        if path.startswith(IGNORED):
            return None
        if path == "collections.OrderedDict":
            return mapping(*args)
        if path in ("torch.nn.ModuleDict", "torch.nn.ParameterDict"):
            inner = args[0] if args else {}
            return inner if isinstance(inner, dict) else mapping(inner)
        if path in ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ParameterList"):
            if path.endswith("List") or (len(args) == 1 and isinstance(args[0], dict)):
                inner = args[0] if args else []
                args = list(inner.values()) if isinstance(inner, dict) else sequence(inner)
            return Stack(args, node, path.endswith("Sequential"))
        if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
            return args[0]
        if path.startswith("torch.nn.") and name[0].isupper():
            return make(name, node, args, named)
        if not path.startswith("torch."):
            raise UnreadableError(f"unknown function {path}")
        value = functions.call(name, args, named, self.mender)
        self._keep(name, args[0] if args else None, value, named)
        self._seen(name, None, node if top else None, args[0] if args else None, value)
        return value

    def _changed(self, items: list[Value], name: str, args: list[Value]) -> Value:
        """What a method of a list gives, which changes it."""
        result = getattr(items, name)(*(map(sequence, args) if name == "extend" else args))
        self._step(items if name == "extend" else None)
        if too_large(items):
            raise UnreadableError("too long a list")
        return result

    def _total(self, items: list[Value]) -> Value:
        result = items[0]
        for item in items[1:]:
            result = self._binary(ast.Add, result, item)
        return result

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
            case Tensor():
                called = "unfold_axis" if name == "unfold" else name
                value = functions.call(called, [owner, *args], named, self.mender)
                self._keep(name, owner, value, named)
                self._seen(name, None, node if top else None, owner, value)
                return value
            case list() if name in ("append", "extend", "insert", "pop"):
                return self._changed(owner, name, args)
            case Stack(items=items) if name in ("append", "extend"):
                self._changed(items, name, args)
                return owner
            case Stack(items=items) if name == "add_module":
                self._changed(items, "append", args[1:])
                return None
            case tuple() if name == "numel":
                return math.prod(whole(size) for size in owner)
            case dict() if name in ("items", "values", "keys", "get"):
                found = getattr(owner, name)(*map(key, args))
                return found if name == "get" else list(found)
            case Instance(fields=fields) if name in ("add_module", "register_module"):
                if not isinstance(args[0], str):
                    raise UnreadableError("unknown attribute")
                fields[args[0]] = args[1]
                return None
            case Instance(fields=fields) if name in ("register_buffer", "register_parameter"):
                if not isinstance(args[0], str):
                    raise UnreadableError("unknown attribute")
                fields[args[0]] = args[1] if len(args) > 1 else next(iter(named.values()))
                return None
            case Instance() | Layer() | Stack() if name in ("modules", "parameters", "children"):
                return []
            case Instance() | Layer() | Stack() if name in ("apply", "train", "eval", "to"):
                return owner
        raise UnreadableError(f"unknown method {name}")
