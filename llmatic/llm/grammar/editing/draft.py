"""Writing into a network: where something can be inserted, and inserting it.

A `Place` is between two statements of forward, around an expression in it, or
between two elements of a sequence of layers. A `Draft` gathers the splices of one
edit. Neither knows whether the result makes sense.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmatic.llm.grammar.editing.helpers import HELPERS
from llmatic.llm.grammar.reading.repair import Network
from llmatic.llm.grammar.reading.text import Splice, spliced
from llmatic.llm.grammar.reading.trace import Point, Slot
from llmatic.llm.grammar.reading.values import BATCH, Shape, Stack

__all__ = ["Draft", "Part", "Place", "places"]


@dataclass(frozen=True, slots=True)
class Part:
    """A layer to be written.

    Attributes:
        stem: What its attribute is called, but for a number.
        code: The expression that makes it, with ``nn.`` for torch.nn.
        function: The function of torch.nn.functional that does the same, if one does.
        helper: The helper class that the expression names, if it names one.
    """

    stem: str
    code: str
    function: str | None = None
    helper: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer can be inserted.

    Attributes:
        shape: Shape of the tensor there.
        at: The variable, the expression, or the element that stands behind.
        last: Whether the place is behind the element instead of before it.
    """

    shape: Shape
    at: Point | ast.Call | Slot
    last: bool = False


def places(network: Network) -> list[Place]:
    """All places but those behind the scores."""
    found = [Place(point.shape, point) for point in network.trace.points]
    found += [
        Place(operation.after, operation.node)
        for operation in network.trace.operations
        if operation.node is not None
    ]
    for slot in written_slots(network):
        found.append(Place(slot.before, slot))
        if slot.index == len(slot.stack.items) - 1:
            found.append(Place(slot.after, slot, last=True))
    scores = (BATCH, network.classes)
    return [place for place in found if place.shape != scores and place.shape[:1] == (BATCH,)]


def written_slots(network: Network) -> list[Slot]:
    """Elements that stand one by one in the text, in a sequence that is made once."""
    makers: dict[ast.Call, set[Stack]] = {}
    for slot in network.trace.slots:
        makers.setdefault(slot.stack.call, set()).add(slot.stack)
    return [
        slot
        for slot in network.trace.slots
        if len(makers[slot.stack.call]) == 1
        and len(slot.stack.call.args) == len(slot.stack.items)
        and not any(isinstance(each, ast.Starred) for each in slot.stack.call.args)
        and hasattr(slot.stack.call, "lineno")
    ]


class Draft:
    """An edit of a network in the making.

    Attributes:
        network: The network as it was.
        splices: What has been written so far.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.splices: list[Splice] = []
        self._code = network.code
        self._words = network.code.words()
        self._helpers: dict[str, str] = {}
        self._nn = self._code.alias("torch.nn")
        if self._nn is None:
            self._nn = "nn" if "nn" not in self._words else self.fresh("nn")
            self.splices.append(self._code.imports("torch.nn", self._nn))

    def text(self) -> str:
        """The whole text with the edit carried out."""
        return spliced(self._code.source, self.splices)

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        """Write something in the place of a node."""
        self.splices.append(Splice(*self._code.source.span(node), text))

    def fresh(self, stem: str) -> str:
        """A name that does not occur yet."""
        name, number = stem, 1
        while name in self._words:
            number += 1
            name = f"{stem}{number}"
        self._words.add(name)
        return name

    def code(self, part: Part) -> str:
        """The expression that makes a layer, in the names of this text."""
        text = part.code
        if self._nn != "nn":
            text = text.replace("nn.", f"{self._nn}.")
        if part.helper is not None:
            text = text.replace(part.helper, self.helper(part.helper))
        return text

    def helper(self, name: str) -> str:
        """The name under which the text has a helper class, after writing it if need be."""
        if name not in self._helpers:
            body = HELPERS[name].replace("nn.", f"{self._nn}.")
            present = self._code.classes.get(name)
            if present is not None and self._code.source.cut(present) == body:
                self._helpers[name] = name
            else:
                self._helpers[name] = self.fresh(name)
                body = body.replace(f"class {name}(", f"class {self._helpers[name]}(", 1)
                lines = [*body.split("\n"), "", ""]
                self.splices.append(self._code.source.before_line(self._code.net, lines))
        return self._helpers[name]

    def attribute(self, stem: str, code: str) -> str:
        """Make a layer in the constructor; gives the expression that stands for it."""
        name = self.fresh(stem)
        self.construct([f"{self._code.me}.{name} = {code}"])
        return f"{self._own}.{name}"

    def construct(self, lines: Iterable[str]) -> None:
        """Put lines at the end of the constructor."""
        if self._code.init is not None:
            last = self._code.init.body[-1]
            self.splices.append(self._code.source.after_line(last, lines))
        else:
            body = self._code.net.body[0]
            opening = ["def __init__(self):", "    super().__init__()"]
            lines = [*opening, *(f"    {line}" for line in lines), ""]
            self.splices.append(self._code.source.before_line(body, lines))

    @property
    def _own(self) -> str:
        """What forward calls the network."""
        arguments = self._code.forward.args.args if self._code.forward else []
        return arguments[0].arg if arguments else "self"

    def around(self, text: str, parts: Sequence[Part]) -> str:
        """An expression with layers applied to it."""
        functional = self._code.alias("torch.nn.functional")
        for part in parts:
            if part.function is not None and functional is not None:
                text = f"{functional}.{part.function}({text})"
            else:
                text = f"{self.attribute(part.stem, self.code(part))}({text})"
        return text

    def insert(self, place: Place, parts: Sequence[Part]) -> None:
        """Write layers at a place."""
        match place.at:
            case Point() as point:
                self.lines(point, [f"{point.name} = {self.around(point.name, parts)}"])
            case Slot() as slot:
                self._elements(slot, [self.code(part) for part in parts], place.last)
            case ast.Call() as node:
                self.replace(node, self.around(self._code.source.cut(node), parts))

    def lines(self, point: Point, lines: Iterable[str]) -> None:
        """Put statements into forward."""
        source = self._code.source
        if point.statement is not None:
            self.splices.append(source.after_line(point.statement, lines))
        elif self._code.forward is not None:
            body = self._code.forward.body
            comment = isinstance(body[0], ast.Expr) and len(body) > 1
            self.splices.append(source.before_line(body[1 if comment else 0], lines))

    def _elements(self, slot: Slot, codes: list[str], last: bool) -> None:
        source = self._code.source
        node = slot.stack.call.args[slot.index]
        start, end = source.span(node)
        between = f",\n{source.indent(node)}" if source.leads(node) else ", "
        if last:
            text = "".join(between + code for code in codes)
            self.splices.append(Splice(end, end, text))
        else:
            text = "".join(code + between for code in codes)
            self.splices.append(Splice(start, start, text))
