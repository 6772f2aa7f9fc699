"""Classes and functions that a network has beside itself, from templates.

Knows nothing of which there are.
"""

from __future__ import annotations

import re

from llmatic.nano.beginnings.draft import Draft

__all__ = ["any_of", "helper", "helper_class", "in_a_row"]

ARGUMENTS = ("x", "x", "x", "x", "inputs", "inp", "h", "t", "z")
CLASS = """class {name}(nn.Module):
    def __init__(self, %s):
        <super().__init__()|super().__init__()|super({name}, self).__init__()>
        %s

    def forward(self, $):
        %s
"""
LIST = re.compile(r"(?<=[(,])\n +|,?\n +(?=\))")


def any_of(draft: Draft, words: str) -> str:
    """One of some words."""
    return draft.rng.choice(words.split())


def helper(draft: Draft, names: str, text: str) -> dict[str, str]:
    """Add a class or a function, and say which names it has.

    Args:
        draft: What it is added to.
        names: What can have which names, such as `a=x y; b,c=x,y u,v`.
        text: `{a}` is a name, `<x|y>` one of two, `@` an activation, `#` a module of one, and
            `$` what forward gets.
    """
    known: dict[str, str] = {}
    for each in names.split("; "):
        keys, words = each.split("=")
        known |= dict(zip(keys.split(","), any_of(draft, words).split(","), strict=True))
    while "<" in text:
        text = re.sub("<([^<>]*)>", lambda found: draft.rng.choice(found[1].split("|")), text)
    text = text.format(**known).replace("#", draft.module)
    if draft.likely(0.4):
        text = LIST.sub(lambda found: " " if text[found.start() - 1] == "," else "", text)
    if "@" in text and "class " in text and draft.likely(0.45):
        act = "self." + any_of(draft, "act relu activation nonlin act_fn f")
        text = text.replace("\n\n    def f", f"\n        {act} = {draft.module}\n\n    def f", 1)
        text = text.replace("@", act)
    text = text.replace("@", draft.function)
    free = [each for each in ARGUMENTS if not re.search(rf"\b{each}\b", text)]
    draft.helpers.append(text.replace("$", draft.rng.choice(free)))
    return known


def helper_class(draft: Draft, names: str, given: str, layers: str, body: str) -> str:
    """Add a class, from lines that `; ` parts; its name."""
    parts = (re.sub(r"; ", "\n        ", each) for each in (layers, body))
    return helper(draft, names, CLASS % (given, *parts))["name"]


def in_a_row(draft: Draft, parts: list[str], made: str = "nn.Sequential") -> str:
    """Modules in a row, on one line or on several."""
    opened, closed = ("[", "]") if made == "nn.ModuleList" else ("", "")
    if len(parts) > 1 and draft.likely(0.6):
        rows, end = ",\n    ".join(parts), "," * draft.likely(0.6)
        return f"{made}({opened}\n    {rows}{end}\n{closed})"
    return f"{made}({opened}{', '.join(parts)}{closed})"
