"""Finding one's way in the text of a network: its class, its methods, its imports.

Reads syntax only; what the network computes is the interpreter's affair.
"""

from __future__ import annotations

import ast
import re
import warnings

from llmatic.llm.grammar.reading.text import Source, Splice
from llmatic.llm.grammar.reading.values import Ref

__all__ = ["Code", "method"]

NET = "Net"
WORD = re.compile(r"\w+")


class Code:
    """A parsed text.

    Attributes:
        source: The text, addressed by position.
        tree: Its syntax tree.
        refs: What its imports bind.
        net: The class of the network.
        init: Its constructor, if it has one.
        forward: Its forward method, if it has one.
    """

    def __init__(self, text: str) -> None:
        """Parse a text.

        Raises:
            SyntaxError: If it is not Python.
            ValueError: If it holds characters that cannot be encoded, or no class.
        """
        self.source = Source(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(text)
        self.refs: dict[str, Ref] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        for statement in self.tree.body:
            match statement:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        top = alias.name.partition(".")[0]
                        self.refs[alias.asname or top] = Ref(alias.name if alias.asname else top)
                case ast.ImportFrom(module=str(module), names=aliases):
                    for alias in aliases:
                        self.refs[alias.asname or alias.name] = Ref(f"{module}.{alias.name}")
                case ast.ClassDef(name=name):
                    self.classes[name] = statement
        if not self.classes:
            raise ValueError("no class")
        self.net = self.classes.get(NET) or list(self.classes.values())[-1]
        self.init = method(self.net, "__init__")
        self.forward = method(self.net, "forward")

    @property
    def me(self) -> str:
        """What the constructor calls the network, mostly ``self``."""
        arguments = self.init.args.args if self.init else []
        return arguments[0].arg if arguments else "self"

    def alias(self, path: str) -> str | None:
        """The name under which the text knows a module or a member of torch."""
        found = [
            (len(ref.path), name + path[len(ref.path) :])
            for name, ref in self.refs.items()
            if path == ref.path or path.startswith(ref.path + ".")
        ]
        return max(found)[1] if found else None

    def imports(self, path: str, name: str) -> Splice:
        """Adds ``import path as name`` to the text."""
        last = None
        for statement in self.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                last = statement
        line = f"import {path} as {name}"
        if last is None:
            return Splice(0, 0, line + "\n")
        return self.source.after_line(last, [line])

    def words(self) -> set[str]:
        """All words that occur: what a fresh name must not be."""
        return set(WORD.findall(self.source.data.decode()))


def method(cls: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    """A method that a class itself defines."""
    for statement in cls.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return statement
    return None
