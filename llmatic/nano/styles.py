"""The same network in another hand: order, names, nesting and sizes as different people write.

Rewrites syntax trees and nothing of what a network computes. Knows nothing of what is
asked for, of models and of how networks are made.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from random import Random
from typing import Self

from llmatic.genome import CLASS_NAME
from llmatic.nano.names import SYNONYMS, drawn_words, layer, layers, renaming, variables
from llmatic.nano.sizes import Lazy, size

__all__ = ["CodingStyle", "canonical", "dressed", "plain", "remarked"]

FUNCTIONS = "F"
MODULES = ("self", "torch", "nn", FUNCTIONS)
LONG_SPELLINGS = re.compile(r"\b(?:torch\.)?nn\.functional\.(\w)")
SPELLINGS = ("F", "nn.functional", "torch.nn.functional")
COMMENTS = ("# layers", "# the layers of the network", "# every layer that learns or pools")
DOCSTRINGS = ("A small network.", "Scores of an image.", "Classifies images.", "A candidate.")
VARIABLES = ("h", "out", "z", "y", "images", "inputs")


@dataclass(frozen=True, slots=True)
class CodingStyle:
    """How somebody writes.

    Attributes:
        ordered: Layers stand in the order in which they are used.
        unnested: One call in a line.
        positional: Kernel sizes have no keyword.
        lazy: PyTorch is left to find out what layers take: none of them, linear ones where that
            has to be computed, or all of them.
        broken: Every part of a sequence has a line of its own.
        from_torch: It says ``from torch import nn``.
        spelling: How functions are reached.
        synonyms: What the names of layers begin with, where it is something else.
        words: Names that layers are given, whatever they were called; none to keep names.
        renames_all: Variables and helper classes are given such names, too.
        variable: What `x` is called, where it is not given such a name.
        comment: A comment above the layers, or none.
        docstring: Of the network, or none.
    """

    ordered: bool
    unnested: bool
    positional: bool
    lazy: Lazy
    broken: bool
    from_torch: bool
    spelling: str
    synonyms: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    renames_all: bool
    variable: str
    comment: str
    docstring: str

    @classmethod
    def drawn(cls, rng: Random) -> Self:
        """A style at random; six in ten give layers any names."""
        names = rng.choices(("kept", "synonyms", "words"), (25, 15, 60))[0]
        return cls(
            ordered=rng.random() < 0.7,
            unnested=rng.random() < 0.3,
            positional=rng.random() < 0.3,
            lazy=rng.choices(("none", "computed", "all"), (40, 35, 25))[0],
            broken=rng.random() < 0.8,
            from_torch=rng.random() < 0.2,
            spelling=rng.choices(SPELLINGS, (18, 1, 1))[0],
            synonyms=tuple(
                (key, rng.choice(them)) for key, them in SYNONYMS.items() if names == "synonyms"
            ),
            words=drawn_words(rng) if names == "words" else (),
            renames_all=names == "words" and rng.random() < 0.5,
            variable=rng.choice(VARIABLES) if rng.random() < 0.1 else "x",
            comment=rng.choice(COMMENTS) if rng.random() < 0.1 else "",
            docstring=rng.choice(DOCSTRINGS) if rng.random() < 0.07 else "",
        )

    def names(self, parents: Sequence[str], child: str) -> dict[str, str]:
        """What the layers and variables of parents and their child are called."""
        found = renaming(
            parents, child, dict(self.synonyms), self.words, all_of_them=self.renames_all
        )
        word = re.compile(rf"\b{self.variable}\b")
        if not any(word.search(each) for each in (*parents, child)):
            found.setdefault("x", self.variable)
        return found


PLAINEST = CodingStyle(
    ordered=True,
    unnested=True,
    positional=True,
    lazy="all",
    broken=False,
    from_torch=False,
    spelling=FUNCTIONS,
    synonyms=(),
    words=tuple(f"name_{number}" for number in range(200)),
    renames_all=True,
    variable="x",
    comment="",
    docstring="",
)


def canonical(source: str) -> str:
    """What a network is in every style: two that differ in style alone have it in common."""
    tree = ast.parse(LONG_SPELLINGS.sub(rf"{FUNCTIONS}.\1", source))
    made = set(layers(tree))
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef() if ast.get_docstring(node) is not None:
                del node.body[0]
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in made:
                node.attr = f"its_own_{name}"  # a variable may have the same name
    once = dressed(ast.unparse(tree), PLAINEST, {})
    return dressed(once, PLAINEST, PLAINEST.names((once,), once))


def dressed(
    source: str, style: CodingStyle, names: Mapping[str, str], parents: Sequence[str] | None = None
) -> str:
    """A network in a style.

    Args:
        source: Of a network that works.
        style: How it is to be written.
        names: What its layers and variables are called.
        parents: Its parents, as they were before they were dressed. What they do not have is
            written so that it is easily right: layers are left to find out what they take,
            and there is one call in a line. None for a parent itself.
    """
    known = None if parents is None else {x for each in parents for x in _said(ast.parse(each))}
    tree = ast.parse(source)
    net = next(
        each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == CLASS_NAME
    )
    init, forward = _method(net, "__init__"), _method(net, "forward")
    if init is not None and forward is not None:
        forward.body = [
            part
            for each in forward.body
            for part in (_unnested(each) if style.unnested or _is_longer(each, known) else [each])
        ]
        _tidy(init, forward, ordered=style.ordered)
    size(tree, style.lazy, known, positional=style.positional)
    if style.docstring and not isinstance(net.body[0], ast.Expr):
        net.body.insert(0, ast.Expr(ast.Constant(style.docstring)))
    tree = _Renamed(style, names, frozenset(variables(tree))).visit(tree)
    _import(tree, style)
    text = plain(tree)
    if style.broken:
        text = _broken(tree, text)
    return _commented(text, style.comment)


def remarked(parent: str, child: str, rng: Random) -> tuple[str, str]:
    """A parent and its child with the same remarks behind or above lines that they share."""
    before, after = parent.splitlines(), child.splitlines()
    shared = [
        (block.a + place, block.b + place)
        for block in SequenceMatcher(None, before, after, False).get_matching_blocks()
        for place in range(block.size)
        if before[block.a + place].startswith("        ")
    ]
    words = drawn_words(rng)
    for place, other in sorted(rng.sample(shared, min(rng.randint(1, 3), len(shared))))[::-1]:
        said = "# " + " ".join(rng.sample(words, rng.randint(1, 4)))
        line = before[place]
        room = line[: len(line) - len(line.lstrip())]
        remark = f"{room}{said}\n{line}" if rng.random() < 0.4 else f"{line}  {said}"
        before[place] = after[other] = remark
    return "\n".join(before) + "\n", "\n".join(after) + "\n"


def plain(tree: ast.Module) -> str:
    """A syntax tree as text, with the blank lines that people expect."""
    lines: list[str] = []
    for line in ast.unparse(ast.fix_missing_locations(tree)).split("\n"):
        if line.startswith("class ") and lines:
            lines = [*_stripped(lines), "", ""]
        elif line.startswith("    def "):
            lines = _stripped(lines)
            lines += [] if lines[-1].startswith("class ") else [""]
        lines.append(line)
    return "\n".join(lines) + "\n"


def _stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def _commented(text: str, comment: str) -> str:
    call = "        super().__init__()\n"
    head, found, tail = text.rpartition(call)
    return f"{head}{call}        {comment}\n{tail}" if comment and found else text


def _method(net: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((x for x in net.body if isinstance(x, ast.FunctionDef) and x.name == name), None)


def _said(tree: ast.Module) -> Iterator[str]:
    """The text of every call, and of every statement without what stands in it."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call | ast.Assign | ast.Return):
            yield ast.unparse(each)


def _is_longer(statement: ast.stmt, known: Collection[str] | None) -> bool:
    """Whether a statement is not known, nor one that differs in names and numbers alone."""
    if known is None or ast.unparse(statement) in known:
        return False
    return _shape(ast.unparse(statement)) not in {_shape(each) for each in known}


def _shape(text: str) -> str:
    """What statements have in common that differ in names and numbers."""
    return re.sub(r"[\w.]+", "_", text)


def _unnested(statement: ast.stmt) -> list[ast.stmt]:
    """A statement of nested calls as one statement for each call."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as outer):
            pass
        case ast.Return(value=ast.Call() as outer):
            name = ""
        case _:
            return [statement]
    calls = [outer]
    while calls[-1].args and isinstance(inner := calls[-1].args[0], ast.Call):
        calls.append(inner)
    read = (each.id for each in ast.walk(calls[-1]) if isinstance(each, ast.Name))
    name = name or next((each for each in read if each not in MODULES), "x")
    rest = [each for call in calls for each in (*call.args[1:], *(k.value for k in call.keywords))]
    if not all(isinstance(each, ast.Constant | ast.Tuple) for each in rest):
        return [statement]
    said: list[ast.stmt] = []
    for call in reversed(calls[1:]):
        said.append(ast.Assign([ast.Name(name, ast.Store())], call))
    for call in calls[:-1]:
        call.args[0] = ast.Name(name, ast.Load())
    return [*said, statement]


def _tidy(init: ast.FunctionDef, forward: ast.FunctionDef, *, ordered: bool) -> None:
    """Drop layers that are not used, and have the others made in the order of their use."""
    used: dict[str, int] = {}
    for name in _used(forward):
        used.setdefault(name, len(used))
    layers = [each for each in init.body if layer(each) is not None]
    if any(len(list(_used(each))) > 1 for each in layers):
        return  # one is made of another
    kept = {each: used[name] for each in layers if (name := layer(each) or "") in used}
    ranked = sorted(kept, key=lambda each: kept[each]) if ordered else list(kept)
    init.body = [each for each in init.body if layer(each) is None] + ranked


def _used(node: ast.AST) -> Iterator[str]:
    """Attributes of `self`, in the order in which they are evaluated."""
    if isinstance(node, ast.Call):
        for each in (*node.args, *node.keywords, node.func):
            yield from _used(each)
        return
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id == "self":
            yield node.attr
        return
    for child in ast.iter_child_nodes(node):
        yield from _used(child)


class _Renamed(ast.NodeTransformer):
    """Gives layers, functions and variables the names that a style has for them."""

    def __init__(
        self, style: CodingStyle, names: Mapping[str, str], variables: Collection[str]
    ) -> None:
        self._spelling = style.spelling
        self._names = names
        self._variables = variables

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            node.attr = self._names.get(node.attr, node.attr)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == FUNCTIONS and self._spelling != FUNCTIONS:
            return ast.parse(self._spelling, mode="eval").body
        return ast.Name(self._name(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._name(node.arg))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._name(node.name)
        return node

    def _name(self, name: str) -> str:
        return self._names.get(name, name) if name in self._variables else name


def _import(tree: ast.Module, style: CodingStyle) -> None:
    """Import what is used, in the order in which a genome has it."""
    used = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    plain = not style.from_torch and "nn" in used
    needed: list[ast.stmt] = [
        *[ast.Import([ast.alias("torch")])] * ("torch" in used),
        *[ast.Import([ast.alias("torch.nn", "nn")])] * plain,
        *[ast.Import([ast.alias("torch.nn.functional", FUNCTIONS)])] * (FUNCTIONS in used),
        *[ast.ImportFrom("torch", [ast.alias("nn")], 0)] * (style.from_torch and "nn" in used),
    ]
    others = [each for each in tree.body if not _is_of_torch(each)]
    tree.body = [*needed, *others]


def _is_of_torch(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import(names=[alias]):
            return alias.name.split(".")[0] == "torch"
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] == "torch"
    return False


def _broken(tree: ast.Module, text: str) -> str:
    """Sequences over several lines."""
    for each in ast.walk(tree):
        match each:
            case ast.Assign(value=ast.Call(func=ast.Attribute(attr="Sequential")) as call):
                whole = f"{' ' * 8}{ast.unparse(each)}\n"
                head = whole[: whole.index("Sequential(") + len("Sequential(")]
                parts = "".join(f"{' ' * 12}{ast.unparse(part)},\n" for part in call.args)
                if len(call.args) > 2 and not call.keywords:
                    text = text.replace(whole, f"{head}\n{parts}{' ' * 8})\n")
    return text
