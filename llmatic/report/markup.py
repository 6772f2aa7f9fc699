"""HTML in which nothing that was written by others can be anything but text.

Every plain string is escaped; only what `element` returns is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

__all__ = ["Markup", "Table", "element", "join", "table"]

_VOID = ("img", "meta")


class Markup(str):
    """HTML that needs no escaping any more."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as texts; columns of numbers are set to the right.

    Attributes:
        columns: Headings.
        rows: As many texts in each as there are headings.
        words: Columns that hold words, by position.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)


def element(name: str, /, *content: str, **attributes: str) -> Markup:
    """An element; an attribute that is a Python keyword ends in an underscore."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(content)}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def table(data: Table, caption: str) -> Markup:
    """A table that scrolls by itself where it is wider than the page."""
    head = element(
        "tr", *(_cell("th", text, i, data, scope="col") for i, text in enumerate(data.columns))
    )
    body = [
        element("tr", *(_cell("td", text, i, data) for i, text in enumerate(row)))
        for row in data.rows
    ]
    whole = element(
        "table", element("caption", caption), element("thead", head), element("tbody", *body)
    )
    return element("div", whole, class_="wide", tabindex="0", role="region", aria_label=caption)


def _cell(name: str, text: str, place: int, data: Table, **attributes: str) -> Markup:
    if place in data.words:
        return element(name, text, **attributes)
    return element(name, text, class_="number", **attributes)
