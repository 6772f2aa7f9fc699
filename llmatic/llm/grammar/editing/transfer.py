"""Moving statements from one network to another with all that they need.

What a statement needs is found by name. Names of attributes that would collide
get new ones; helper classes and constants come along, under another name where the
other text has something else of that name.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping

from llmatic.llm.grammar.reading.read import Code
from llmatic.llm.grammar.reading.text import Splice

__all__ = ["Donation", "loads", "needed", "outside", "reindented"]


def loads(statements: Iterable[ast.stmt], own: str = "self") -> tuple[set[str], set[str]]:
    """The names and the attributes of the network that occur in statements."""
    names: set[str] = set()
    attributes: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == own:
                    attributes.add(attr)
                case ast.Name(id=name):
                    names.add(name)
    return names, attributes


def outside(code: Code) -> set[str]:
    """Names that mean something everywhere in a text."""
    found = {*code.refs, *code.classes, *dir(builtins)}
    for statement in code.tree.body:
        found |= bound(statement)
    return found


def bound(statement: ast.stmt) -> set[str]:
    """Names that a statement at the level of the module binds."""
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for each in targets if isinstance(each, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def needed(init: ast.FunctionDef, wanted: set[str], own: str) -> list[ast.stmt] | None:
    """The statements of a constructor that make some attributes, in order.

    None where an attribute is made elsewhere: by a method or by a base class.
    """
    names: set[str] = set()
    attributes = set(wanted)
    kept: list[ast.stmt] = []
    made: set[str] = set()
    for statement in reversed(init.body):
        used, held = loads([statement], own)
        stores = {
            node.attr
            for node in ast.walk(statement)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }
        is_super = "super" in used
        if is_super or (used - {own}) & names or held & attributes:
            made |= stores
            if not is_super:
                names |= used - {own}
                attributes |= held
            kept.append(statement)
    if attributes - made - {"training"}:
        return None
    return kept[::-1]


def reindented(texts: Iterable[str], indent: str) -> str:
    """Lines with an indentation, each text's later lines relative to its first."""
    return "".join(
        f"{indent}{line}\n" if line.strip() else "\n" for text in texts for line in text.split("\n")
    )


class Donation:
    """What one text gives to another.

    Args:
        host: The text that receives.
        donor: The text that gives.
    """

    def __init__(self, host: Code, donor: Code) -> None:
        self._host = host
        self._donor = donor
        self._words = host.words() | donor.words()

    def fresh(self, name: str) -> str:
        """A name that neither text uses."""
        number = 2
        while f"{name}{number}" in self._words:
            number += 1
        self._words.add(f"{name}{number}")
        return f"{name}{number}"

    def texts(
        self, statements: Iterable[ast.stmt], renames: Mapping[str, str], own: str
    ) -> list[str]:
        """Statements as written, relative to their indentation, with attributes renamed."""
        return [
            self._text(statement, renames, own)
            for statement in statements
            if not is_super_call(statement)
        ]

    def _text(self, statement: ast.stmt, renames: Mapping[str, str], own: str) -> str:
        source = self._donor.source
        start, end = source.span(statement)
        splices = []
        for node in ast.walk(statement):
            match node:
                case ast.Attribute(value=ast.Name(id=name) as value, attr=attr):
                    if name == own and attr in renames:
                        stop = source.span(node)[1]
                        splices.append(Splice(stop - len(attr.encode()), stop, renames[attr]))
                        splices.append(Splice(*source.span(value), self._host.me))
                    elif name == own:
                        splices.append(Splice(*source.span(value), self._host.me))
        pieces, cursor = [], start
        for splice in sorted(splices, key=lambda each: each.start):
            pieces += [source.data[cursor : splice.start].decode(), splice.text]
            cursor = splice.end
        text = "".join(pieces) + source.data[cursor:end].decode()
        indent = source.indent(statement)
        return text.replace("\r\n", "\n").replace("\n" + indent, "\n")

    def helpers(self, statements: list[ast.stmt]) -> list[Splice] | None:
        """What the module of the donor has to give for statements to work in the other.

        None where both have something different of one name.
        """
        wanted = loads(statements)[0]
        chosen: list[ast.stmt] = []
        for statement in reversed(self._donor.tree.body):
            if statement is not self._donor.net and bound(statement) & wanted:
                chosen.append(statement)
                wanted |= loads([statement])[0] - bound(statement)
        splices: list[Splice] = []
        for name in sorted(wanted & self._donor.refs.keys()):
            ref = self._donor.refs[name]
            if name in self._host.refs:
                if self._host.refs[name] != ref:
                    return None
            else:
                splices.append(self._host.imports(ref.path, name))
        present = {
            name: self._host.source.cut(statement)
            for statement in self._host.tree.body
            for name in bound(statement)
        }
        lines: list[str] = []
        for statement in reversed(chosen):
            text = self._donor.source.cut(statement)
            names = bound(statement)
            if all(present.get(name) == text for name in names):
                continue
            if any(name in present or name in self._host.refs for name in names):
                return None
            lines += [*text.split("\n"), "", ""]
        if lines:
            splices.append(self._host.source.before_line(self._host.net, lines))
        return splices


def is_super_call(statement: ast.stmt) -> bool:
    """Whether a statement is ``super().__init__()``."""
    match statement:
        case ast.Expr(ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))))):
            return True
    return False
