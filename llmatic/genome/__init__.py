"""From what a language model wrote to one network: its source and its identity.

A network's source is its imports, what else it needs, and last its class, called
`CLASS_NAME`, each as the author wrote it; everything else in the text is left
out. Two networks with the same identity differ at most in layout, comments,
docstrings, quotes, imports nobody uses and the order of imports. Identity holds
within one minor version of Python.

Reads and never executes: whether the network builds, and what it does, is found
out in the sandbox, which is also the security boundary; the import policy here is
a courtesy.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from llmatic.genome import policy
from llmatic.genome.edits import merged
from llmatic.genome.extract import Allowance, extract
from llmatic.genome.pieces import Import, Piece, RefusedError, try_parse, walk
from llmatic.genome.readings import readings
from llmatic.genome.rename import renamed
from llmatic.genome.select import CLASS_NAME, Selection, select
from llmatic.records import Status

__all__ = ["CLASS_NAME", "Genome", "Rejection", "meant", "parse", "seed_source"]

LONGEST_SOURCE = 64_000
SUPER = re.compile(r"super\(\s*\w")

SEED = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d({channels}, 1, kernel_size=1)
        self.fc = nn.Linear({pixels}, {classes})

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.flatten(1)
        return self.fc(x)
"""


@dataclass(frozen=True, slots=True)
class Genome:
    """A network as source code.

    Attributes:
        source: Python that defines the class `CLASS_NAME`.
        sha256: Identity of the network.
    """

    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a text gives no network.

    Attributes:
        status: What its candidate ends with.
        reason: For people.
    """

    status: Status
    reason: str


def meant(
    text: str, parents: Sequence[str], parse: Callable[[str], Genome | Rejection]
) -> Genome | Rejection:
    """The network that a writer means, who wrote all of it or edits of its first parent.

    Args:
        text: What was written.
        parents: Sources that the writer was shown.
        parse: Finds the network in a text that holds all of it.
    """
    try:
        whole = merged(text, [f"{parent.rstrip()}\n" for parent in parents])
    except ValueError as error:
        return Rejection(Status.NO_CODE, str(error))
    return parse(whole)


def seed_source(input_shape: Sequence[int], classes: int) -> str:
    """The network that a search starts from: one convolution to one channel, one dense layer.

    Args:
        input_shape: Channels, height and width of an image.
        classes: Number of classes.
    """
    channels, height, width = input_shape
    return SEED.format(channels=channels, pixels=height * width, classes=classes)


def parse(text: str) -> Genome | Rejection:
    """Find the network in a text. Never raises and never executes.

    Args:
        text: Anything; only its first 200,000 characters are looked at.
    """
    first: Rejection | None = None
    allowance = Allowance()
    for reading in readings(text):
        found = read(reading, allowance)
        if isinstance(found, Genome) or found.status is not Status.NO_CODE:
            return found
        first = first or found
    assert first is not None
    return first


def read(text: str, allowance: Allowance) -> Genome | Rejection:
    """Find the network in one reading of a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = assemble(select(extract(text, allowance), text))
            return Genome(source, identity(source))
    except RefusedError as refused:
        return Rejection(refused.status, refused.reason)
    except (RecursionError, MemoryError):
        return Rejection(Status.NO_CODE, "the code is nested too deeply to be read")


def assemble(chosen: Selection) -> str:
    """The source of a network: imports, helpers, class.

    Raises:
        RefusedError: If it is too long or uses what is not allowed.
    """
    helpers = chosen.helpers
    length = sum(len(piece.text) + 3 for piece in [*helpers, chosen.net])
    if length > LONGEST_SOURCE:
        reason = f"the network's source has more than {LONGEST_SOURCE:,} characters"
        raise RefusedError(Status.OUTSIDE_LIMITS, reason)
    policy.check([*helpers, chosen.net], [*chosen.imports, *chosen.stars])
    imports, texts = called_net(chosen)
    body = texts[0]
    for (before, after), text in zip(pairwise([*helpers, chosen.net]), texts[1:], strict=True):
        together = is_constant(before) and is_constant(after)
        body += ("\n" if together else "\n\n\n") + text
    lines = sorted(set(imports), key=import_order)
    return "\n".join(lines) + "\n\n\n" + body + "\n"


def called_net(chosen: Selection) -> tuple[list[str], list[str]]:
    """The imports and statements of a network after its class was named `CLASS_NAME`."""
    pieces = [*chosen.helpers, chosen.net]
    imports = [*chosen.imports, *chosen.stars]
    texts = [piece.text for piece in pieces]
    assert isinstance(chosen.net.node, ast.ClassDef)
    name = chosen.net.node.name
    if name == CLASS_NAME:
        return [each.text for each in imports], texts
    other = CLASS_NAME + "_"
    while any(other in text for text in [*texts, *(each.text for each in imports)]):
        other += "_"
    texts = [renamed(renamed(text, CLASS_NAME, other), name, CLASS_NAME) for text in texts]
    return [
        bound_as(each, other) if each.name == CLASS_NAME else each.text for each in imports
    ], texts


def bound_as(found: Import, name: str) -> str:
    """The import with another name for what it binds."""
    return f"{found.text.partition(' as ')[0]} as {name}"


def is_constant(piece: Piece) -> bool:
    """Whether a statement is an assignment, or a choice of one."""
    return isinstance(piece.node, ast.Assign | ast.AnnAssign | ast.If)


def import_order(line: str) -> tuple[bool, bool, str]:
    """Future imports first, then plain ones, then members of modules."""
    return not line.startswith("from __future__"), line.startswith("from "), line


def identity(source: str) -> str:
    """The digest of a network's source without what makes no difference.

    Raises:
        RefusedError: If the source is not what it should be.
    """
    tree = try_parse(source)
    if isinstance(tree, SyntaxError):
        raise RefusedError(Status.NO_CODE, f"the network does not parse: {tree.msg}")
    net = tree.body[-1]
    if not (isinstance(net, ast.ClassDef) and net.name == CLASS_NAME):
        raise RefusedError(Status.NO_CODE, "the network's class could not be renamed")
    kept: list[ast.stmt] = []
    bound: list[str] = []
    for statement in tree.body:
        match statement:
            case ast.Import(names=[alias]):
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                bound.append(f"{name} as {alias.asname or name}")
            case ast.ImportFrom(module="__future__"):
                pass
            case ast.ImportFrom(module=module, names=[alias]):
                bound.append(f"{module}.{alias.name} as {alias.asname or alias.name}")
            case _:
                kept.append(statement)
    strip_strings(tree)
    if SUPER.search(source):
        shorten_supers(tree)
    try:
        body = ast.unparse(ast.Module(kept, []))
    except ValueError as error:
        raise RefusedError(Status.NO_CODE, f"the network cannot be read: {error}") from error
    text = "\n".join([*sorted(set(bound)), body])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def strip_strings(tree: ast.Module) -> None:
    """Remove strings that stand as statements in classes and functions."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [each for each in node.body if not is_string(each)] or [ast.Pass()]
            waiting += node.body


def shorten_supers(tree: ast.Module) -> None:
    """Make ``super(Net, self)`` in a method of Net ``super()``."""
    for owner in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        for method in owner.body:
            if not (isinstance(method, ast.FunctionDef) and method.args.args):
                continue
            for node in walk(method):
                match node:
                    case ast.Call(func=ast.Name("super"), args=[ast.Name(name), ast.Name(own)]):
                        if (name, own) == (owner.name, method.args.args[0].arg):
                            node.args = []


def is_string(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a string."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
