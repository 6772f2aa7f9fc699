"""Answers of language models, each with the outcome that a sensible person would want.

The answers are files as a writer would hand them over, byte for byte; `expected.toml`
beside them says what is expected of each.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "answers"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer and what is expected of it; `expected.toml` explains the fields."""

    text: str
    outcome: str
    reason: str | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    classes: int = 1
    builds: tuple[int, int, int] | None = None


def read(name, expected):
    return Answer(text=(FOLDER / f"{name}.txt").read_bytes().decode(), **expected)


EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
ANSWERS = {name: read(name, expected) for name, expected in EXPECTED.items()}
