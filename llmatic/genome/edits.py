"""A network as edits of its parent: which lines to find, and what to put in their place.

The blocks are those that code models know from merge conflicts (as in AlphaEvolve, Novikov et
al. 2025). Knows nothing of Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

__all__ = [
    "CLOSE",
    "MIDDLE",
    "OPEN",
    "changes_nothing",
    "edits",
    "following",
    "is_open",
    "merged",
    "shortest",
]

OPEN = "<<<<<<< SEARCH\n"
MIDDLE = "=======\n"
CLOSE = ">>>>>>> REPLACE\n"


def merged(text: str, parents: Sequence[str]) -> str:
    """What a writer means who writes edits: the first parent with all of them made.

    Args:
        text: Blocks from top to bottom, each of which finds the first place after the one
            before it. A text without blocks is meant as it stands.
        parents: Sources that the writer was shown.

    Raises:
        ValueError: A block is not whole, or looks for what is not there; the text says which.
    """
    blocks = text.split(OPEN)[1:]
    if not blocks or not parents:
        return text
    parent, found, place = parents[0], "", 0
    for number, block in enumerate(blocks, 1):
        body, closed, _ = f"{block}\n".partition(CLOSE)
        old, divided, new = body.partition(MIDDLE)
        if not closed or not divided:
            raise ValueError(f"edit {number} of {len(blocks)} is not whole")
        start = parent.find(old, place) if old else -1
        if start < 0:
            raise ValueError(f"edit {number} looks for what the network does not have: {old!r}")
        found += parent[place:start] + new
        place = start + len(old)
    return found + parent[place:]


def is_open(text: str) -> bool:
    """Whether a text ends within an edit."""
    _, opened, block = text.rpartition(OPEN)
    return bool(opened) and CLOSE not in f"{block}\n"


def changes_nothing(text: str) -> bool:
    """Whether a text ends within an edit that so far puts back what it found."""
    _, opened, block = text.rpartition(OPEN)
    old, divided, new = block.partition(MIDDLE)
    return bool(opened and divided) and old == new


def following(text: str, parents: Sequence[str]) -> list[str] | None:
    """What can follow in a text that says what an edit looks for, so that it is found.

    That is whole lines of the first parent, below those of the edit before, and then the
    mark that ends them.

    Args:
        text: What has been written so far.
        parents: Sources that the writer was shown.

    Returns:
        Texts with which, or with the beginning of which, it can go on; None where anything
        can follow.
    """
    blocks = text.split(OPEN)[1:]
    if not blocks or not parents or MIDDLE in blocks[-1]:
        return None
    parent, place, old = parents[0], 0, blocks[-1]
    for block in blocks[:-1]:
        found = block.partition(MIDDLE)[0]
        place = parent.find(found, place) + len(found)
    for length in range(1, len(MIDDLE)):
        if old.endswith(f"\n{MIDDLE[:length]}"):
            return [MIDDLE[length:]]
    starts = [0, *(each.end() for each in re.finditer("\n", parent))]
    places = [each for each in starts if each >= place and parent.startswith(old, each)]
    rests = [parent[each + len(old) :] for each in places]
    return [*filter(None, rests), *[MIDDLE] * old.endswith("\n")]


def shortest(before: str, after: str) -> str:
    """What is written to make one text of another: edits, or all of it where that is no longer."""
    text = edits(before, after)
    return text if text and len(text) < len(after) else after


def edits(before: str, after: str) -> str | None:
    """The blocks that make one text of another, each with as few lines as find its place.

    None where lines that are alike leave no way to say it.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    text, done = "", 0
    for kind, first, last, start, end in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind == "equal":
            continue
        lead = first if first < last else first - 1
        while lead >= done and before.find("".join(old[lead:last]), starts[done]) != starts[lead]:
            lead -= 1
        if lead < done:
            return None
        kept, put = "".join(old[lead:first]), "".join(new[start:end])
        text += f"{OPEN}{''.join(old[lead:last])}{MIDDLE}{kept}{put}{CLOSE}"
        done = last
    return text
