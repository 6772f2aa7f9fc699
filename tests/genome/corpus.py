"""Texts to parse: answers of language models, each with the outcome that a sensible person
would want, and networks that the grammar wrote.

The answers are files as a writer would hand them over, byte for byte; `expected.toml`
beside them says what is expected of each.
"""

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

from llmatic.config import compose
from llmatic.genome import seed_source
from llmatic.llm import Request
from llmatic.llm.grammar import GrammarWriter
from llmatic.prompts import Catalogue
from llmatic.records import SEED_ID

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


def grammar_written(count, seed=0):
    """Networks of many shapes, each made from the one before by a random prompt."""
    rng = random.Random(seed)
    writer = GrammarWriter(max_flops=5e9)
    keys = [prompt.key for prompt in Catalogue.of(compose().prompts).mutations]
    texts = [seed_source((3, 32, 32), 10)]
    while len(texts) < count:
        key = rng.choice([*keys, "create", "crossover"])
        parents = (texts[-1], rng.choice(texts))
        temperature, seed = rng.random(), rng.randrange(10**6)
        request = Request(SEED_ID, parents, key, "", temperature, seed, (3, 32, 32), 10)
        texts += [said.text for written in writer.write([request]) for _, said in written]
    return texts
