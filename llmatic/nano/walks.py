"""Random walks of the grammar, every step a request with the network that answers it.

A walk begins with the seed network, with one that people might have written, or from
scratch; each step is a prompt of the catalogue, carried out. Steps that do not obey, repeat
their parent or do not work in PyTorch are left out. Knows nothing of tokens and models.
"""

from __future__ import annotations

import ast
import math
import re
from collections import deque
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from random import Random

import torch

from llmatic import genome
from llmatic.llm import Request
from llmatic.llm.grammar import answer
from llmatic.llm.grammar.editing.limits import Limits
from llmatic.llm.grammar.reading.repair import Network, repaired
from llmatic.nano.beginnings import beginning
from llmatic.nano.memory import bounded
from llmatic.nano.numbers import numbers
from llmatic.nano.obedience import JUDGED, obeys
from llmatic.nano.styles import Style, canonical, dressed, remarked
from llmatic.nasbench201.cell import EDGES, Cell, Operation
from llmatic.nasbench201.writer import CellWriter
from llmatic.network.build import build
from llmatic.network.figures import Counter
from llmatic.prompts import Catalogue
from llmatic.records import CandidateId

__all__ = [
    "CELLS",
    "NETWORKS",
    "Cost",
    "Example",
    "can_be_known",
    "cells",
    "cost",
    "crosses",
    "examples",
    "fingerprint",
]

NETWORKS = "paper"
CELLS = "nasbench201"
CELLS_INPUT, CELLS_CLASSES = (3, 32, 32), 100
SHAPES = (
    (1, 8, 8), (1, 12, 12), (1, 16, 16), (1, 28, 28), (1, 32, 32),
    (3, 8, 8), (3, 16, 16), (3, 24, 24), (3, 32, 32), (2, 16, 16), (4, 20, 20), (3, 48, 48),
)  # fmt: skip
CLASSES = (10, 10, 10, 2, 3, 4, 5, 7, 20, 26, 100)
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
WALK = CandidateId(0, 0)
LARGE = 8
"""Smaller numbers are kernels, strides, groups and axes."""
OUTPUTS = re.compile(r"nn\.(?:(?:Conv\w+|Linear|GRU|LSTM|RNN)\([\d* ]+, |Lazy\w+\()(\d+)")


@dataclass(frozen=True, slots=True)
class Example:
    """A request and the network that answers it.

    Attributes:
        catalogue: Which prompts: ``paper`` for networks, ``nasbench201`` for cells.
        key: Of the prompt.
        parents: Sources that are shown: one, or two for a crossover.
        child: The source that answers.
        input_shape: Channels, height and width of an image.
        classes: Of the data set.
    """

    catalogue: str
    key: str
    parents: tuple[str, ...]
    child: str
    input_shape: tuple[int, int, int]
    classes: int


def fingerprint(source: str) -> str:
    """What two networks share that differ in nothing but style."""
    return sha256(canonical(source).encode()).hexdigest()


def examples(catalogue: Catalogue, seed: int, left_out: Container[str] = ()) -> Iterator[Example]:
    """Examples without end, none of them twice.

    Args:
        catalogue: What is asked for.
        seed: Decides everything.
        left_out: Fingerprints of networks that must not occur, in whatever style.
    """
    rng = Random(f"corpus {seed}")
    seen: set[tuple[str, ...]] = set()
    pools: dict[tuple[tuple[int, int, int], int], deque[str]] = {}
    while True:
        shape, classes = rng.choice(SHAPES), rng.choice(CLASSES)
        pool = pools.setdefault((shape, classes), deque(maxlen=REMEMBERED))
        for example in _walk(catalogue, rng, shape, classes, pool, left_out):
            mark = (example.key, *example.parents, example.child)
            if mark not in seen:
                seen.add(mark)
                yield example


def cells(catalogue: Catalogue, seed: int) -> Iterator[Example]:
    """Examples without end in which cells of NAS-Bench-201 are edited, none of them twice.

    Args:
        catalogue: What is asked for.
        seed: Decides everything.
    """
    rng = Random(f"cells {seed}")
    writer, seen = CellWriter(), set[tuple[str, ...]]()
    operations = list(Operation)
    while True:
        key = rng.choice(catalogue.prompts).key
        count = 2 if key == catalogue.crossover.key else 1
        parents = tuple(
            Cell(tuple(rng.choice(operations) for _ in EDGES)).source for _ in range(count)
        )
        request = _asked(rng, key, parents, CELLS_INPUT, CELLS_CLASSES)
        ((_, completion),) = next(writer.write([request]))
        mark = (key, *parents, completion.text)
        if completion.text not in parents and mark not in seen:
            seen.add(mark)
            yield Example(CELLS, key, parents, completion.text, CELLS_INPUT, CELLS_CLASSES)


def _walk(
    catalogue: Catalogue,
    rng: Random,
    shape: tuple[int, int, int],
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
                example = _in_style(Style.drawn(rng), key, parents, child, shape, classes)
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
    rng: Random, key: str, parents: tuple[str, ...], shape: tuple[int, int, int], classes: int
) -> Request:
    bold, seed = rng.uniform(0.0, BOLDEST), rng.getrandbits(63)
    return Request(WALK, parents, key, "", bold, seed, shape, classes)


def _answers(
    key: str, parents: list[str], child: str, shape: tuple[int, int, int], classes: int
) -> bool:
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


def crosses(parents: Sequence[str], child: str) -> bool:
    """Whether a network makes layers of each parent that the other parent does not make."""
    made = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(child))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("nn.")
    }
    first, second = ({each for each in made if each in text} for text in parents)
    return bool(first - second) and bool(second - first)


def _growth(before: Network, after: Network) -> tuple[float, float]:
    return (
        after.parameters / max(before.parameters, 1),
        after.macs / max(before.macs, 1),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network needs.

    Attributes:
        parameters: Learnt numbers.
        flops: Multiply-accumulates of one image, those of fused recurrent layers left out.
    """

    parameters: int
    flops: float


def cost(
    source: str, shape: tuple[int, int, int], classes: int, largest: float = math.inf
) -> Cost | None:
    """What a network costs; None where PyTorch gets no scores from it, or in 2 GiB none.

    Args:
        source: Of the network.
        shape: Channels, height and width of an image.
        classes: Scores of each.
        largest: A network with more parameters is not run, and None.
    """
    try:
        with bounded():
            network = build(source, shape).eval()
            count = sum(each.numel() for each in network.parameters())
            if count > largest:
                return None
            with torch.no_grad(), Counter() as counter:
                found = network(torch.zeros(2, *shape))
    except Exception:  # generated code may raise anything
        return None
    is_scores = isinstance(found, torch.Tensor) and tuple(found.shape) == (2, classes)
    return Cost(count, counter.flops / 2) if is_scores else None


def _in_style(
    style: Style,
    key: str,
    parents: list[str],
    child: str,
    shape: tuple[int, int, int],
    classes: int,
) -> Example:
    names = style.names(parents, child)
    shown = tuple(dressed(each, style, names) for each in parents)
    return Example(NETWORKS, key, shown, dressed(child, style, names, parents), shape, classes)


def can_be_known(example: Example) -> bool:
    """Whether every large number of the child stands in its prompt or is a width of its own."""
    outputs = set(map(int, OUTPUTS.findall(example.child)))
    shown = {each for text in example.parents for each in numbers(text)}
    channels, height, width = example.input_shape
    shown |= {channels, height, width, channels * height, channels * width, example.classes}
    return all(each <= LARGE for each in numbers(example.child) - outputs - shown)
