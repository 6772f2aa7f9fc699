"""The ways to read an answer before code is looked for in it.

Knows what writers and the programs around them do to text: thinking, marks of chat
templates, interactive sessions, typography, HTML, JSON, patches, margins. Does not know
Python.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

__all__ = ["readings"]

LONGEST_TEXT = 200_000
LONGEST_OTHERS = 100_000

INDENT = re.compile(r"^[ \t\f\xa0\u3000]+", re.MULTILINE)
INVISIBLE = str.maketrans(dict.fromkeys("\0\ufeff\u200b"))
THINKING = re.compile(
    r".*(?:</(?:think|thinking|thought|reasoning)>|<\|channel\|>final<\|message\|>)",
    re.DOTALL | re.IGNORECASE,
)
END = re.compile("<\\|endoftext\\|>|</s>|<\uff5cend\u2581of\u2581sentence\uff5c>")
MARK = re.compile(
    r"(?:<[|\uff5c][\w\u2581]{1,40}[|\uff5c]>|</?s>|<(?:start|end)_of_turn>|<fim_\w{1,9}>)\n?"
)
TAG = re.compile(r"</?[a-zA-Z][\w:-]*(?:\s[^<>\n]*)?>")
TYPED = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\xa0\u2002\u2003\u2009\u200a\u202f\u3000", " "),
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        "\u3001": ",",
    }
)
"""Quotes, hyphens, spaces and full-width characters, and what a keyboard has for them."""

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)"?')
HUNK = re.compile(r"^@@ ", re.MULTILINE)
ADDED = re.compile(r"^\+", re.MULTILINE)
PROMPT = re.compile(r"(?:>>>|\.\.\.|In \[\d+\]:| +\.\.\.:) ?")
FIRST_PROMPT = re.compile(r"^(?:>>>|In \[\d+\]:) ", re.MULTILINE)
MARGIN = re.compile(r"^(?:(?:> ?)+| {0,5}\d{1,5}(?: ?[:|] ?|\.? {1,2}|$))", re.MULTILINE)
CLASS = re.compile(r"\bclass\s+\w")


def readings(text: str) -> Iterator[str]:
    """The text as it stands, then read in other ways, in case that nothing was found so far.

    Args:
        text: Anything; only its first 200,000 characters are looked at, and 100,000 in all
            the other ways together.
    """
    text = text[:LONGEST_TEXT]
    seen = {reading := answer(text)}
    yield reading
    left = LONGEST_OTHERS
    for way in (entered, typed, wide_tabs, without_margin, patched, strings, strings_in_strings):
        reading = answer(way(text))
        if reading not in seen and CLASS.search(reading) and len(reading) <= left:
            seen.add(reading)
            left -= len(reading)
            yield reading


def answer(text: str) -> str:
    """What was answered, in plain characters and lines, indented with spaces.

    Without thinking, without what follows its end and without marks of chat templates.
    """
    text = text.encode("utf-8", "replace").decode("utf-8").translate(INVISIBLE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if thought := THINKING.match(text):
        text = "\n" * thought[0].count("\n") + text[thought.end() :]
    for end in END.finditer(text):
        if CLASS.search(text, 0, end.start()):
            text = text[: end.start()]
            break
    return INDENT.sub(spaces, MARK.sub("\n", text))


def spaces(indent: re.Match[str]) -> str:
    """Indentation made of spaces."""
    plain = indent[0].replace("\f", "").replace("\xa0", " ").replace("\u3000", " ")
    return plain.expandtabs(4)


def entered(text: str) -> str:
    """What was entered in an interactive session; the text itself if it shows none."""
    if not FIRST_PROMPT.search(text):
        return text
    lines = [(PROMPT.match(line), line) for line in text.splitlines()]
    return "\n".join(line[len(prompt[0]) :] if prompt else "" for prompt, line in lines)


def typed(text: str) -> str:
    """The text as it would have been typed: no HTML and none of a typesetter's characters."""
    return html.unescape(TAG.sub("", text)).translate(TYPED)


def wide_tabs(text: str) -> str:
    """The text with tabs eight columns wide."""
    return text.expandtabs(8)


def without_margin(text: str) -> str:
    """The text without marks of quotation or numbers before its lines."""
    return MARGIN.sub("", text)


def patched(text: str) -> str:
    """What a patch leaves behind; the text itself if that is not all in it."""
    if len(HUNK.findall(text)) > 1 or not ADDED.search(text):
        return text
    lines = [line for line in text.split("\n") if not line.startswith("-")]
    return "\n".join(line[1:] if line.startswith(("+", " ")) else line for line in lines)


def strings(text: str) -> str:
    """The contents of all JSON strings of a text, each on lines of its own."""
    found = [decoded(match[1]) for match in STRING.finditer(text)] if "\\n" in text else []
    return "".join(each if each.endswith("\n") else each + "\n" for each in found)


def strings_in_strings(text: str) -> str:
    """The contents of all JSON strings within JSON strings."""
    return strings(strings(text))


def decoded(string: str) -> str:
    """What a JSON string says; itself if it is none."""
    try:
        return str(json.loads(f'"{string}"', strict=False))
    except ValueError:
        return string
