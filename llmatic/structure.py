"""What the source of a network is made of, as counts; from its syntax tree alone."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["structure"]


def structure(source: str) -> Mapping[str, float]:
    """Counts of what is in a source, by name."""
    return {word: float(source.split().count(word)) for word in set(source.split())}
