"""When a text that is being written holds a whole network, so that writing can stop.

Reads text as it grows, line by line; knows nothing of tokens and models.
"""

from __future__ import annotations

import re

from llmatic.genome import CLASS_NAME

__all__ = ["is_complete"]

FENCE = re.compile(r"\s*(```|~~~)")
DEFINITION = re.compile(r"(?:class|def|async def)\s+(\w+)")
BEFORE_A_CLASS = re.compile(r"(?:class|def|async def|import|from)\s|@|\w+\s*=[^=]")
GOES_ON = (" ", "\t", "#", ")", "]", "}")
"""What a line begins with that does not end the class above it."""


def is_complete(text: str) -> bool:
    """Whether a network's class was written to its end.

    That is so when its code fence is closed, or when after the class comes a line that
    belongs to no network; after other classes, when nothing follows that leads to one.
    A helper that is defined below the class that uses it belongs to the network.

    Args:
        text: What a model has written so far; its last, unfinished line is not read.
    """
    _, thought, said = text.rpartition("</think>")
    if not thought and "<think>" in text:
        return False
    current: str | None = None
    seen = False
    read: list[str] = []
    for line in said.split("\n")[:-1]:
        definition = DEFINITION.match(line)
        if FENCE.match(line) and seen:
            return True
        if current is not None and line.strip() and not line.startswith(GOES_ON):
            if current == CLASS_NAME:
                if not (definition and _mentions(read, definition[1])):
                    return True
            elif not BEFORE_A_CLASS.match(line):
                return True
            else:
                current = None
        if line.startswith("class ") and definition and current != CLASS_NAME:
            current, seen = definition[1], True
        read.append(line)
    return False


def _mentions(lines: list[str], name: str) -> bool:
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(line) for line in lines)
