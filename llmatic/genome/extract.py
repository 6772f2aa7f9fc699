"""From a text to the complete Python statements in it.

Knows Markdown fences, prose and code that stops in the middle. Does not know what
a network is; executes nothing.
"""

from __future__ import annotations

import ast
import bisect
import re
from dataclasses import dataclass, field

from llmatic.genome.pieces import Piece, try_parse

__all__ = ["Allowance", "Broken", "Extract", "extract"]

MOST_PARSED = 400_000
COST = 100
MOST_JOINED = 8
MOST_CUTS = 8

FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[ \t]*\{?\.?([\w+#-]*)[^`]*$")
PYTHON = frozenset({"", "python", "py", "python3", "py3", "pycon", "ipython", "pytorch", "torch"})
CLASS = re.compile(r"class\s+(\w+)\s*[(:]")
INNER_CLASS = re.compile(r"^( *)class\s+\w+\s*[(:]", re.MULTILINE)
NOT_A_START = re.compile(r"[\s)\]}#]|(?:else|elif|except|finally)\b")
STATEMENT = re.compile(
    r"(?:import|from|class|def|async\s+def)\s|@\w|[^\W\d][\w, ]*(?::[^=]+)?=[^=]"
)
COMMENT = re.compile(rb"[ \t]*#.*")
UNFINISHED = ("was never closed", "unterminated", "expected an indented block", "unexpected EOF")


@dataclass
class Allowance:
    """How much may be parsed for one text, so that none takes long.

    Attributes:
        left: Number of characters.
    """

    left: int = MOST_PARSED

    def parse(self, lines: list[str]) -> ast.Module | SyntaxError:
        """The syntax tree of some lines, or why there is none."""
        text = "\n".join(lines)
        self.left -= len(text) + COST
        if self.left < 0:
            return SyntaxError("there is too much code to be read")
        return try_parse(text)


@dataclass(frozen=True, slots=True)
class Broken:
    """A class that could not be read.

    Attributes:
        name: Its name.
        reason: What is wrong with it, for people.
        line: Where it begins.
        text: What there is of it.
        cut_off: Whether it was cut off at the end of its fence or of the text.
    """

    name: str
    reason: str
    line: int
    text: str
    cut_off: bool


@dataclass
class Extract:
    """What a text holds.

    Attributes:
        allowance: How much more may be parsed.
        pieces: Complete statements in the order of the text.
        broken: Classes that could not be read.
        fences: Number of lines before each Markdown fence; none if the code stood in none.
    """

    allowance: Allowance
    pieces: list[Piece] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    fences: list[int] = field(default_factory=list)

    def fence(self, line: int) -> int:
        """Which of the fences a line of the whole text stands in."""
        return bisect.bisect_left(self.fences, line)

    def read(self, lines: list[str], start: int) -> None:
        """Add what a block of lines holds.

        Args:
            lines: The block.
            start: Number of lines before it in the whole text.
        """
        tree = self.allowance.parse(lines)
        moved = dedented(lines)
        if isinstance(tree, SyntaxError) and moved != lines:
            lines = moved
            tree = self.allowance.parse(lines)
        if isinstance(tree, ast.Module):
            self.pieces += cut(tree, lines, start)
        else:
            self.recover(lines, start)

    def recover(self, lines: list[str], start: int) -> None:
        """Add the statements of a block that is not Python as a whole."""
        starts = chunk_starts(lines)
        position = 0
        while position < len(starts) and self.allowance.left > 0:
            begin = starts[position]
            taken = 1
            if STATEMENT.match(lines[begin]):
                taken = self.recover_one(
                    lines, starts[position : position + MOST_JOINED + 1], start
                )
            position += taken

    def recover_one(self, lines: list[str], starts: list[int], start: int) -> int:
        """Add the statement that begins at the first of some starts.

        Returns:
            How many starts it took up.
        """
        begin = starts[0]
        for taken in range(1, len(starts) + 1):
            end = starts[taken] if taken < len(starts) else None
            if end is None and taken == MOST_JOINED + 1:
                break
            chunk = lines[begin:end]
            tree = self.allowance.parse(chunk)
            if isinstance(tree, ast.Module):
                self.pieces += cut(tree, chunk, start + begin)
                return taken
            if not any(sign in tree.msg for sign in UNFINISHED):
                break
        chunk = lines[begin : starts[1] if len(starts) > 1 else None]
        if match := class_line(chunk):
            self.mend(chunk, start + begin, match[1], at_end=len(starts) == 1)
        return 1

    def mend(self, lines: list[str], start: int, name: str, *, at_end: bool) -> None:
        """Add a class without the methods that cannot be read, if it can do without them."""
        members = member_starts(lines)
        kept: list[str] | None = lines
        errors: list[SyntaxError] = []
        while kept is not None and len(errors) < MOST_CUTS:
            tree = self.allowance.parse(kept)
            if isinstance(tree, ast.Module):
                self.pieces += cut(tree, kept, start)
                return
            errors.append(tree)
            kept = without_member(kept, members, (tree.lineno or 1) - 1)
        first = errors[0]
        cut_off = at_end and any(sign in first.msg for sign in UNFINISHED)
        if cut_off:
            reason = f"class {name} was cut off in the middle"
        else:
            reason = (
                f"class {name} does not parse: {first.msg} (line {start + (first.lineno or 1)})"
            )
        self.broken.append(Broken(name, reason, start + 1, "\n".join(lines), cut_off))


def extract(text: str, allowance: Allowance) -> Extract:
    """The complete Python statements of a text.

    Args:
        text: Anything with plain line ends and spaces for indentation.
        allowance: How much may be parsed.
    """
    lines = text.split("\n")
    fences, unfenced = blocks(lines)
    if fences:
        tree = allowance.parse(lines)
        if isinstance(tree, ast.Module) and has_class(pieces := cut(tree, lines, 0)):
            return Extract(allowance, pieces)
        found = Extract(allowance, fences=[start for start, _ in fences])
        for start, block in fences:
            found.read(block, start)
        if found.broken or has_class(found.pieces):
            return found
    found = Extract(allowance)
    found.read(unfenced, 0)
    return found


def has_class(pieces: list[Piece]) -> bool:
    """Whether one of some statements defines a class."""
    return any(isinstance(piece.node, ast.ClassDef) for piece in pieces)


def blocks(lines: list[str]) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """The fenced blocks with the number of lines before each, and all lines without fences."""
    found: list[tuple[int, list[str], str]] = []
    unfenced = list(lines)
    inside = False
    for number, line in enumerate(lines):
        if fence := FENCE.match(line):
            language = fence[1].lower()
            inside = not inside or bool(language)
            if inside:
                found.append((number + 1, [], language))
            unfenced[number] = ""
        elif inside:
            found[-1][1].append(line)
    python = [block for block in found if block[2] in PYTHON] or found
    return [(start, block) for start, block, _ in python], unfenced


def dedented(lines: list[str]) -> list[str]:
    """The lines moved left so that the outermost class, or else some line, is at the margin."""
    depths = [len(depth) for depth in INNER_CLASS.findall("\n".join(lines))]
    depth = min(depths or [depth_of(line) for line in lines if line.strip()], default=0)
    return [line[min(depth, depth_of(line)) :] for line in lines] if depth else lines


def depth_of(line: str) -> int:
    """Number of spaces before the first other character."""
    return len(line) - len(line.lstrip(" "))


def chunk_starts(lines: list[str]) -> list[int]:
    """The lines where a top-level statement may begin; a decorator goes with what it decorates."""
    starts: list[int] = []
    decorated = False
    for number, line in enumerate(lines):
        if line and not NOT_A_START.match(line):
            if not decorated:
                starts.append(number)
            decorated = line.startswith("@")
    return starts


def class_line(lines: list[str]) -> re.Match[str] | None:
    """The match of the line that opens a class, below its decorators."""
    for line in lines:
        if not line.startswith("@"):
            return CLASS.match(line)
    return None


def member_starts(lines: list[str]) -> list[int]:
    """The lines where a member of a class may begin."""
    indented = [
        (number, depth_of(line))
        for number, line in enumerate(lines)
        if line.startswith(" ") and line.strip() and not line.lstrip().startswith("#")
    ]
    return [number for number, depth in indented if depth <= indented[0][1]]


def without_member(lines: list[str], members: list[int], bad: int) -> list[str] | None:
    """The lines of a class up to the member with a bad line, or else with that one left blank."""
    place = bisect.bisect_right([each for each in members if each < len(lines)], bad)
    if place == 0:
        return None
    after = members[place] if place < len(members) else len(lines)
    while place > 1 and lines[members[place - 2]].lstrip().startswith("@"):
        place -= 1
    first = members[place - 1]
    if not missed(lines[:first], lines[first:]):
        return lines[:first]
    kept = lines[:first] + [""] * (after - first) + lines[after:]
    return None if missed(kept, lines[first:after]) else kept


def missed(kept: list[str], lost: list[str]) -> bool:
    """Whether a class cannot do without the members that were cut away."""
    text = "\n".join(kept)
    names = re.findall(r"^ *(?:async +)?def +(\w+)", "\n".join(lost), re.MULTILINE)
    return any(name in ("__init__", "forward") or re.search(rf"\.{name}\b", text) for name in names)


def cut(tree: ast.Module, lines: list[str], offset: int) -> list[Piece]:
    """The statements of a syntax tree, each with its slice of the lines."""
    pieces = []
    encoded: dict[int, bytes] = {}
    for node in tree.body:
        decorators = getattr(node, "decorator_list", [])
        first = decorators[0].lineno if decorators else node.lineno
        last = node.end_lineno or first
        line = encoded.setdefault(last, lines[last - 1].encode())
        end = node.end_col_offset or 0
        if comment := COMMENT.match(line, end):
            end = comment.end()
        if first == last:
            text = line[node.col_offset : end].decode()
        else:
            start = 0 if decorators else node.col_offset
            head = lines[first - 1].encode()[start:].decode()
            text = "\n".join([head, *lines[first : last - 1], line[:end].decode()])
        pieces.append(Piece(text, node, offset))
    return pieces
