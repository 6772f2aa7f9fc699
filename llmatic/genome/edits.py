"""A network as edits of its parent: which lines to find, and what to put in their place.

The blocks are those that code models know from merge conflicts (as in AlphaEvolve, Novikov et
al. 2025). Knows nothing of Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

__all__ = ["CLOSE", "MIDDLE", "OPEN", "edits", "merged", "shortest"]

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
