"""When a text that is being written holds a whole network, so that writing can stop.

Reads text as it grows, line by line; knows nothing of tokens and models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmatic.genome import CLASS_NAME
from llmatic.genome.edits import OPEN

__all__ = ["is_complete"]

FENCE = re.compile(r"\s*(```|~~~)")
DEFINITION = re.compile(r"(?:class|def|async def)\s+(\w+)\s*[(:]")
BEFORE_A_CLASS = re.compile(r"(?:class|def|async def|import|from)\s|@|\w+\s*=[^=]")
GOES_ON = re.compile(r"\s|[#)\]}]")
"""What a line begins with that does not end the class above it."""


def is_complete(text: str, parents: Sequence[str] = ()) -> bool:
    """Whether a network's class was written to its end.

    That is so when the code fence it stands in is closed, unless what stands there is a
    parent repeated; or when after the class comes a line that belongs to no network;
    after other classes, when nothing follows that leads to one. A helper that is defined
    below the class that uses it belongs to the network.

    Args:
        text: What a model has written so far; its last, unfinished line is not read.
        parents: Sources that the model was shown.
    """
    if OPEN in text:
        return False  # who writes edits ends by itself
    shown = {parent.strip() for parent in parents}
    _, thought, said = text.rpartition("</think>")
    if not thought and "<think>" in text:
        return False
    current: str | None = None
    fence: list[str] | None = None
    read: list[str] = []
    for line in said.split("\n")[:-1]:
        definition = DEFINITION.match(line)
        if FENCE.match(line):
            if fence is not None and _holds_net(fence) and "\n".join(fence).strip() not in shown:
                return True
            fence = [] if fence is None else None
            current = None
            continue
        if fence is not None:
            fence.append(line)
        if current is not None and line.strip() and not GOES_ON.match(line):
            if current == CLASS_NAME:
                if not (definition and _mentions(read, definition[1])):
                    return True
            elif not BEFORE_A_CLASS.match(line):
                return True
            else:
                current = None
        if line.startswith("class ") and definition and current != CLASS_NAME:
            current = definition[1]
        read.append(line)
    return False


def _holds_net(lines: list[str]) -> bool:
    return any(re.match(rf"\s*class {CLASS_NAME}\b", line) for line in lines)


def _mentions(lines: list[str], name: str) -> bool:
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(line) for line in lines)
