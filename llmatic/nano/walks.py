"""Random walks of the grammar, every step a request with the network that answers it.

A walk begins with the seed network, with one that people might have written, or from
scratch; each step is a prompt of the catalogue, carried out. Steps that do not obey, repeat
their parent or do not work in PyTorch are left out. Knows nothing of tokens and models.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from dataclasses import replace
from functools import lru_cache
from random import Random

from llmatic import genome
from llmatic.llm import Request
from llmatic.llm.grammar import answer
from llmatic.llm.grammar.editing.limits import Limits
from llmatic.llm.grammar.reading.repair import Network, repaired
from llmatic.nano.beginnings import beginning
from llmatic.nano.cost import cost
from llmatic.nano.examples import (
    CLASSES,
    NETWORKS,
    SHAPES,
    Example,
    InputShape,
    can_be_known,
    crosses,
    fingerprint,
)
from llmatic.nano.obedience import JUDGED, obeys
from llmatic.nano.styles import CodingStyle, dressed, remarked
from llmatic.prompts import Catalogue
from llmatic.records import CandidateId

__all__ = ["walked"]

LONGEST_NETWORK = 1_200
"""Characters of a network; a longer one ends its walk."""
STEPS = 24
STYLES = 3
"""How often each step is written, every time in another style."""
FROM_SEED, FROM_PEOPLE = 0.3, 0.55
"""Shares of walks that begin so; the others begin from scratch."""
CROSSED = 0.14
CREATED = 0.03
REMARKED = 0.2
OFTEN = {"add_recurrent": 3, "add_linear": 2, "add_convolution": 2, "improve_larger": 2}
"""How much more often some requests are made, of which fewer are carried out in full."""
REMEMBERED = 64
"""Networks of earlier walks with the same shapes, to cross with."""
BOLDEST = 0.4
FLOPS = 3.5, 7.3
"""Powers of ten: what the networks of a walk may cost."""


def walked(catalogue: Catalogue, seed: int, left_out: Container[str] = ()) -> Iterator[Example]:
    """Examples without end, none of them twice.

    Args:
        catalogue: What is asked for.
        seed: Decides everything.
        left_out: Fingerprints of networks that must not occur, in whatever style.
    """
    rng = Random(f"corpus {seed}")
    seen: set[tuple[str, ...]] = set()
    pools: dict[tuple[InputShape, int], deque[str]] = {}
    while True:
        shape, classes = rng.choice(SHAPES), rng.choice(CLASSES)
        pool = pools.setdefault((shape, classes), deque(maxlen=REMEMBERED))
        for example in _walk(catalogue, rng, shape, classes, pool, left_out):
            mark = (example.key, *example.parents, example.child)
            if mark not in seen:
                seen.add(mark)
                yield example


def _walk(
    catalogue: Catalogue,
    rng: Random,
    shape: InputShape,
    classes: int,
    pool: deque[str],
    left_out: Container[str],
) -> Iterator[Example]:
    """The examples of one walk; it ends where it comes upon a network that is left out."""
    limits = Limits(10 ** rng.uniform(*FLOPS))
    start = rng.random()
    if start < FROM_SEED:
        current = genome.seed_source(shape, classes)
    elif start < FROM_SEED + FROM_PEOPLE:
        current = beginning(rng, shape, classes)
    else:
        current = answer(_asked(rng, "create", (), shape, classes), limits)
    if cost(current, shape, classes) is None or fingerprint(current) in left_out:
        return
    keys = [each.key for each in catalogue.mutations]
    for _ in range(rng.randint(1, STEPS)):
        key, parents = rng.choices(keys, [OFTEN.get(each, 1) for each in keys])[0], [current]
        luck = rng.random()
        others = [each for each in pool if each != current]
        if luck < CROSSED and others:
            key, parents = "crossover", [current, rng.choice(others)]
            rng.shuffle(parents)
        elif luck > 1 - CREATED:
            key = "create"
        child = answer(_asked(rng, key, tuple(parents), shape, classes), limits)
        if len(child) > LONGEST_NETWORK or fingerprint(child) in left_out:
            return
        if _answers(key, parents, child, shape, classes):
            for _ in range(STYLES):
                example = _in_style(CodingStyle.drawn(rng), key, parents, child, shape, classes)
                if len(parents) == 1 and key != "create" and rng.random() < REMARKED:
                    shown, written = remarked(example.parents[0], example.child, rng)
                    example = replace(example, parents=(shown,), child=written)
                differs = example.child not in example.parents
                works = differs and cost(example.child, shape, classes) is not None
                if works and can_be_known(example):
                    yield example
            if key != "create":
                current = child
            pool.append(child)


def _asked(
    rng: Random, key: str, parents: tuple[str, ...], shape: InputShape, classes: int
) -> Request:
    bold, seed = rng.uniform(0.0, BOLDEST), rng.getrandbits(63)
    return Request(CandidateId(0, 0), parents, key, "", bold, seed, shape, classes)


def _answers(key: str, parents: list[str], child: str, shape: InputShape, classes: int) -> bool:
    """Whether the grammar can go on from a network, and it is what was asked for."""
    if child in parents:
        return False
    before, after = _read(parents[0], shape, classes), _read(child, shape, classes)
    if before is None or after is None or after.text != child:
        return False
    if key == "crossover":
        return crosses(parents, child)
    return key not in JUDGED or obeys(key, parents[0], child, _growth(before, after)) is True


_read = lru_cache(2)(repaired)
"""What has been read of the step before need not be read again."""


def _growth(before: Network, after: Network) -> tuple[float, float]:
    return (
        after.parameters / max(before.parameters, 1),
        after.macs / max(before.macs, 1),
    )


def _in_style(
    style: CodingStyle,
    key: str,
    parents: list[str],
    child: str,
    shape: InputShape,
    classes: int,
) -> Example:
    names = style.names(parents, child)
    shown = tuple(dressed(each, style, names) for each in parents)
    return Example(NETWORKS, key, shown, dressed(child, style, names, parents), shape, classes)
