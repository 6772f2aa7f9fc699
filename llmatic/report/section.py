"""One part of a report: a figure, words and numbers. Knows not how a page is made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmatic.report.markup import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Section", "percent"]


@dataclass(frozen=True)
class Section:
    """One part of a report.

    Attributes:
        key: Its name in files and links.
        title: Its heading.
        words: What is to be seen, and how to read it.
        figure: The picture; None where words or numbers are all there is.
        alt: What the picture shows, for those who cannot see it.
        numbers: The picture's main numbers.
    """

    key: str
    title: str
    words: str
    figure: Figure | None = None
    alt: str = ""
    numbers: Table | None = None


def percent(value: float) -> str:
    """A share in per cent with two decimals; a dash for what is not known."""
    return "-" if math.isnan(value) else f"{100 * value:.2f}"
