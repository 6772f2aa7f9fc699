"""What the layers and variables of a network are called, by other people and by nobody.

Knows nothing of how else a network may be written.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from random import Random

from torch import nn

from llmatic.genome import CLASS_NAME

__all__ = ["SYNONYMS", "drawn_words", "layer", "layers", "renaming", "variables"]

SYNONYMS = {
    "conv": ("c", "convolution", "cnn"),
    "fc": ("lin", "dense", "classify"),
    "bn": ("normalise", "batch_norm", "n"),
    "pool": ("down", "p", "pooling"),
    "drop": ("dropout", "d"),
    "layers": ("net", "model", "stack"),
    "rnn": ("gru", "recurrent"),
    "branch": ("side", "extra"),
}
"""What names of layers begin with, and what other people call them."""
WORDS = (
    "stem", "body", "encoder", "mix", "proj", "expand", "reduce", "small", "large", "wide",
    "narrow", "left", "right", "first", "second", "third", "entry", "main", "output", "embed",
    "inner", "outer", "lift", "merge", "a", "b", "f", "g", "h", "layer_a", "layer_b", "conv_in",
    "conv_out", "fc_out", "to_scores", "to_hidden", "feat", "backbone", "scorer", "final", "act",
    "layer1", "layer2", "layer3", "conv1a", "conv1b", "block_one", "block_two", "depth", "point",
)  # fmt: skip
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
TAKEN = frozenset(dir(nn.Module))


def renaming(
    parents: Sequence[str],
    child: str,
    synonyms: Mapping[str, str],
    words: Sequence[str],
    *,
    all_of_them: bool,
) -> dict[str, str]:
    """What the layers of an example are called, and its variables and classes where asked for.

    Those of the parents may have any name. What the child adds is called by its kind, with
    the first number that is free: it could not be foreseen otherwise.

    Args:
        parents: Sources; none where the child is made from nothing.
        child: The source that is made of them.
        synonyms: What names begin with, where it is something else.
        words: For what stands in the parents, whatever it was called; none to keep names.
        all_of_them: Variables and classes of helpers, too.
    """

    def named(source: str) -> list[str]:
        tree = ast.parse(source)
        return [*layers(tree), *(variables(tree) if all_of_them else ())]

    shown = dict.fromkeys(name for each in parents for name in named(each))
    found: dict[str, str] = {}
    for name, word in zip(shown, words, strict=False):
        found[name] = word
    for name in [*shown, *named(child)]:
        if name not in found:
            stem = name.rstrip("0123456789")
            number = name[len(stem) :] if name in shown else ""
            found[name] = _free(synonyms.get(stem, stem), number, set(found.values()))
    return found


def drawn_words(rng: Random) -> tuple[str, ...]:
    """Names, some that people use and some that nobody does."""
    invented = {
        "".join(
            rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.randint(1, 3))
        ) + rng.choice(("", "", "1", "2", "_x", "er"))
        for _ in range(len(WORDS) // 2)
    }  # fmt: skip
    found = [*WORDS, *sorted(invented - TAKEN)]
    rng.shuffle(found)
    return tuple(found)


def layers(tree: ast.Module) -> list[str]:
    """Attributes that `__init__` of any class gives its object."""
    found: dict[str, None] = {}
    for each in ast.walk(tree):
        if isinstance(each, ast.stmt) and (name := layer(each)) is not None:
            found.setdefault(name)
    return list(found)


def variables(tree: ast.Module) -> list[str]:
    """Names that the source itself gives: variables, parameters, helper classes and functions."""
    found: dict[str, None] = {}
    for each in ast.walk(tree):
        match each:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.ClassDef(name=name):
                found.setdefault(name)
    for each in tree.body:
        if isinstance(each, ast.FunctionDef):
            found.setdefault(each.name)
    return [name for name in found if name not in ("self", "_", CLASS_NAME)]


def layer(statement: ast.stmt) -> str | None:
    """The attribute that a statement gives its object."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]):
            return name
    return None


def _free(stem: str, number: str, taken: Collection[str]) -> str:
    wanted = f"{stem}{number}"
    count = 2
    while wanted in taken:
        wanted = f"{stem}{count}"
        count += 1
    return wanted
