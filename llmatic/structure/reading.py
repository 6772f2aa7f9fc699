"""The dataflow of a network, read from its source: statements and expressions.

Follows what the constructor stores and what ``forward`` does with it: layers,
functions, methods of tensors, ``nn.Sequential``, lists, loops over what is known,
helper modules and helper functions. Nothing is imported or executed. Knows no
shapes; where a condition cannot be decided, its first branch is followed, and
what cannot be followed is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from llmatic.structure.calls import Calls, Returned
from llmatic.structure.containers import is_known, items, part, tensors
from llmatic.structure.graph import JOIN, Graph, operation
from llmatic.structure.values import (
    UNKNOWN,
    Class,
    ExhaustedError,
    Function,
    Instance,
    Method,
    Names,
    Symbol,
    Tensor,
    arithmetic,
    comparison,
)

__all__ = ["read"]

MOST_STEPS = 20_000
HINDRANCES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
FIGURES = ("shape", "ndim", "device", "dtype", "size", "dim", "numel", "item")


def read(source: str) -> Graph | None:
    """The dataflow from a network's input to its output, or None where it has no end.

    Args:
        source: Python that defines an `nn.Module`, by preference one named ``Net``.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    reader = Reader()
    graph = reader.calls.graph
    try:
        output = reader.network(tree)
    except (ExhaustedError, *HINDRANCES):
        output = UNKNOWN
    ends = _ends(output) or [len(graph.operations) - 1]
    end = ends[0] if len(ends) == 1 else graph.add(operation("tuple", (), {}), ends)
    return graph.leading_to(end) if end else None


def _ends(output: object) -> list[int]:
    try:
        return tensors(output)
    except ExhaustedError:
        return []


class Reader:
    """Reads one source once.

    Attributes:
        calls: Calls what the source calls.
    """

    def __init__(self) -> None:
        self.calls = Calls(self)
        self._steps = MOST_STEPS

    def network(self, tree: ast.Module) -> object:
        """What the network puts out."""
        names: Names = {}
        self.run(tree.body, names)
        classes = [
            each
            for each in names.values()
            if isinstance(each, Class) and (each.is_chain or each.member("forward"))
        ]
        if not classes:
            return UNKNOWN
        net = next((each for each in classes if each.node.name == "Net"), classes[-1])
        return self.calls.call(self.calls.call(net, [], {}), [Tensor(0)], {})

    def run(self, body: Sequence[ast.stmt], names: Names) -> object:
        """Carry out statements; a `Returned`, a break, or None."""
        for statement in body:
            try:
                said = self._statement(statement, names)
            except HINDRANCES:
                continue
            if said is not None:
                return said
        return None

    def _statement(self, node: ast.stmt, names: Names) -> object:
        match node:
            case ast.Assign():
                value = self.value(node.value, names)
                for target in node.targets:
                    self._bind(target, value, names)
            case ast.Expr():
                self.value(node.value, names)
            case ast.Return(value=given):
                return Returned(None if given is None else self.value(given, names))
            case ast.AugAssign():
                terms = [self.value(each, names) for each in (node.target, node.value)]
                self._bind(node.target, self._combined(node.op, terms), names)
            case ast.AnnAssign(value=ast.expr() as given):
                self._bind(node.target, self.value(given, names), names)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names[node.name] = Function(node, names)
            case ast.ClassDef():
                names[node.name] = self._class(node, names)
            case ast.If():
                return self._branch(node, names)
            case ast.For():
                return self._loop(node, names)
            case ast.While() | ast.With() | ast.Try():
                said = self.run(node.body, names)
                return said if isinstance(said, Returned) else None
            case ast.Break() | ast.Continue():
                return node
        return None

    def _class(self, node: ast.ClassDef, names: Names) -> Class:
        members: Names = {}
        self.run(node.body, members)
        for name, each in members.items():
            if isinstance(each, Function):
                members[name] = Function(each.node, names)
        return Class(node, [self.value(base, names) for base in node.bases], members)

    def _branch(self, node: ast.If, names: Names) -> object:
        test = self.value(node.test, names)
        if is_known(test):
            return self.run(node.body if test else node.orelse, names)
        said = self.run(node.body, names)
        return said if node.orelse or not isinstance(said, Returned) else None

    def _loop(self, node: ast.For, names: Names) -> object:
        for item in items(self.value(node.iter, names)):
            self._bind(node.target, item, names)
            said = self.run(node.body, names)
            if isinstance(said, Returned):
                return said
            if isinstance(said, ast.Break):
                break
        return None

    def _bind(self, target: ast.expr, value: object, names: Names) -> None:
        match target:
            case ast.Name():
                names[target.id] = value
            case ast.Attribute():
                owner = self.value(target.value, names)
                if isinstance(owner, Instance):
                    owner.attributes[target.attr] = value
            case ast.Subscript():
                owner, key = self.value(target.value, names), self.value(target.slice, names)
                if isinstance(owner, dict):
                    owner[key] = value
            case ast.Tuple() | ast.List():
                several = value if isinstance(value, list | tuple) else [value] * len(target.elts)
                for each, given in zip(target.elts, several, strict=False):
                    self._bind(each, given, names)

    def value(self, node: ast.expr, names: Names) -> object:
        """What an expression stands for."""
        self._steps -= 1
        if self._steps < 0:
            raise ExhaustedError
        match node:
            case ast.Name():
                return names[node.id] if node.id in names else Symbol(node.id)
            case ast.Attribute():
                return self._attribute(self.value(node.value, names), node.attr)
            case ast.Call():
                what, args = self.value(node.func, names), self._elements(node.args, names)
                return self.calls.call(what, args, self._keywords(node.keywords, names))
            case ast.Constant():
                return node.value
            case ast.BinOp():
                return self._combined(node.op, self._operands(node, names))
            case ast.Tuple() | ast.List():
                return self._elements(node.elts, names)
            case ast.Subscript():
                owner = self.value(node.value, names)
                return owner if isinstance(owner, Tensor) else self._part(owner, node.slice, names)
            case ast.UnaryOp():
                return self._unary(node.op, self.value(node.operand, names))
            case ast.IfExp():
                test = self.value(node.test, names)
                first = bool(test) or not is_known(test)
                return self.value(node.body if first else node.orelse, names)
            case ast.Compare(ops=[kind], comparators=[right]):
                return comparison(
                    type(kind), self.value(node.left, names), self.value(right, names)
                )
            case ast.ListComp() | ast.GeneratorExp():
                return list(self._comprehended(node.elt, node.generators, names))
            case ast.Dict():
                pairs = zip(node.keys, node.values, strict=True)
                return {self.value(k, names): self.value(v, names) for k, v in pairs if k}
            case ast.Lambda():
                return Function(node, names)
            case ast.NamedExpr():
                value = self.value(node.value, names)
                self._bind(node.target, value, names)
                return value
        return UNKNOWN

    def _elements(self, nodes: Sequence[ast.expr], names: Names) -> list[object]:
        found: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += items(self.value(node.value, names))
            else:
                found.append(self.value(node, names))
        return found

    def _keywords(self, keywords: Sequence[ast.keyword], names: Names) -> Names:
        found: Names = {}
        for keyword in keywords:
            value = self.value(keyword.value, names)
            if keyword.arg is not None:
                found[keyword.arg] = value
            elif isinstance(value, dict):
                found |= value
        return found

    def _comprehended(
        self, element: ast.expr, generators: Sequence[ast.comprehension], names: Names
    ) -> Iterator[object]:
        if not generators:
            yield self.value(element, names)
            return
        inner, first = dict(names), generators[0]
        for item in items(self.value(first.iter, inner)):
            self._bind(first.target, item, inner)
            tests = [self.value(test, inner) for test in first.ifs]
            if all(test or not is_known(test) for test in tests):
                yield from self._comprehended(element, generators[1:], inner)

    def _operands(self, node: ast.BinOp, names: Names) -> list[object]:
        """Both sides; all terms of a sum."""
        terms, left = [node.right], node.left
        while isinstance(node.op, ast.Add) and isinstance(left, ast.BinOp):
            if not isinstance(left.op, ast.Add):
                break
            terms.append(left.right)
            left = left.left
        return [self.value(each, names) for each in (left, *reversed(terms))]

    def _combined(self, kind: ast.operator, values: Sequence[object]) -> object:
        if any(isinstance(value, Tensor) for value in values):
            name = JOIN if isinstance(kind, ast.Add | ast.Sub) else type(kind).__name__
            return self.calls.operation(name, values, {})
        total = values[0]
        for value in values[1:]:
            total = arithmetic(type(kind), total, value)
        return total

    def _unary(self, kind: ast.unaryop, value: object) -> object:
        if isinstance(kind, ast.Not):
            return not value if is_known(value) else UNKNOWN
        if isinstance(kind, ast.USub) and not isinstance(value, Tensor):
            return arithmetic(ast.Sub, 0, value)
        return value

    def _attribute(self, owner: object, name: str) -> object:
        match owner:
            case Instance():
                if name in owner.attributes:
                    return owner.attributes[name]
                member = owner.kind.member(name)
                return Method(owner, name) if isinstance(member, Function) else member
            case Symbol():
                return Symbol(name)
            case Tensor() if name in FIGURES:
                return UNKNOWN
        return Method(owner, name)

    def _part(self, owner: object, index: ast.expr, names: Names) -> object:
        if not isinstance(index, ast.Slice):
            return part(owner, self.value(index, names))
        bounds = [
            None if each is None else self.value(each, names)
            for each in (index.lower, index.upper, index.step)
        ]
        known = [each for each in bounds if each is None or isinstance(each, int)]
        return part(owner, slice(*known)) if len(known) == len(bounds) else UNKNOWN
