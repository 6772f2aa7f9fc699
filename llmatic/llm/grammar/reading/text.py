"""Cutting and pasting source text by the positions of its syntax tree.

Everything that no splice covers stays byte for byte as it was. Positions are
byte offsets, since that is what ``ast`` counts in. Knows nothing of networks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Source", "Span", "Splice", "spliced"]

Span = tuple[int, int]

LINE_END = re.compile(rb"\r\n|\r|\n")
BLANK = re.compile(rb"[ \t\f]*")
LINE_TAIL = re.compile(rb"[ \t,]*(?:#[^\r\n]*)?(?=\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Splice:
    """New text for a stretch of old text.

    Attributes:
        start: First byte replaced.
        end: One past the last byte replaced; equal to `start` for an insertion.
        text: What stands there afterwards.
    """

    start: int
    end: int
    text: str


def spliced(source: Source, splices: Iterable[Splice]) -> str:
    """The text with all splices carried out; one that lies inside another is dropped."""
    pieces: list[bytes] = []
    cursor = 0
    for splice in sorted(splices, key=lambda each: (each.start, each.end)):
        if splice.start >= cursor:
            pieces += [source.data[cursor : splice.start], splice.text.encode()]
            cursor = splice.end
    pieces.append(source.data[cursor:])
    return b"".join(pieces).decode()


class Source:
    """A text addressed by byte offsets.

    Attributes:
        data: The text in UTF-8.
    """

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self._lines = [0, *(found.end() for found in LINE_END.finditer(self.data))]

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Where a node stands."""
        last = node.end_lineno or node.lineno
        end = self._lines[last - 1] + (node.end_col_offset or 0)
        return self._lines[node.lineno - 1] + node.col_offset, end

    def cut(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node as its author wrote it."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def line_start(self, node: ast.expr | ast.stmt) -> int:
        """Where the first line of a node begins."""
        return self._lines[node.lineno - 1]

    def line_end(self, node: ast.expr | ast.stmt) -> int:
        """Where the line after a node begins."""
        last = node.end_lineno or node.lineno
        return self._lines[last] if last < len(self._lines) else len(self.data)

    def indent(self, node: ast.expr | ast.stmt) -> str:
        """The blanks before the first line of a node."""
        found = BLANK.match(self.data, self.line_start(node))
        return found[0].decode() if found else ""

    def leads(self, node: ast.expr | ast.stmt) -> bool:
        """Whether nothing but blanks stands before a node in its line."""
        found = BLANK.match(self.data, self.line_start(node))
        return found is not None and found.end() == self.span(node)[0]

    def alone(self, node: ast.expr | ast.stmt) -> bool:
        """Whether a node has its lines to itself, but for a comma or a comment."""
        return self.leads(node) and LINE_TAIL.match(self.data, self.span(node)[1]) is not None

    def whole_lines(self, node: ast.expr | ast.stmt) -> Splice:
        """Removes all lines of a node."""
        return Splice(self.line_start(node), self.line_end(node), "")

    def after_line(self, node: ast.expr | ast.stmt, lines: Iterable[str]) -> Splice:
        """Puts lines, indented as a node is, after the lines of that node."""
        end = self.line_end(node)
        indent = self.indent(node)
        text = "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
        lacks_newline = end == len(self.data) and not self.data.endswith((b"\n", b"\r"))
        return Splice(end, end, "\n" + text if lacks_newline else text)

    def before_line(self, node: ast.expr | ast.stmt, lines: Iterable[str]) -> Splice:
        """Puts lines, indented as a node is, before the first line of that node."""
        start = self.line_start(node)
        indent = self.indent(node)
        return Splice(
            start, start, "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
        )
