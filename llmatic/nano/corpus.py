"""What the small code model learns from: requests with the networks that answer them.

The grammar walks at random from the seed network or one from scratch; every step is a
prompt of the catalogue, carried out. Steps that do not obey, repeat their parent or do
not work in PyTorch are left out. Knows nothing of tokens and models.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
import warnings
from collections import Counter, deque
from collections.abc import Container, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import lru_cache, partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from random import Random

import torch

from llmatic import genome
from llmatic.llm import Request
from llmatic.llm.grammar import answer
from llmatic.llm.grammar.editing.limits import Limits
from llmatic.llm.grammar.reading.repair import Network, repaired
from llmatic.nano.beginnings import beginning
from llmatic.nano.obedience import obeys
from llmatic.nano.styles import Style, dressed, entered, naming
from llmatic.nasbench201.cell import EDGES, Cell, Operation
from llmatic.nasbench201.writer import CellWriter
from llmatic.network.build import build
from llmatic.prompts import Catalogue, Prompt, render
from llmatic.records import CandidateId

__all__ = [
    "CELLS",
    "NETWORKS",
    "Example",
    "cells",
    "examples",
    "fingerprint",
    "held_out",
    "load",
    "statistics",
    "texts",
    "write",
]

NETWORKS = "paper"
CELLS = "nasbench201"
CELLS_SHARE = 0.08
CELLS_INPUT, CELLS_CLASSES = (3, 32, 32), 100
SHAPES = (
    (1, 8, 8), (1, 12, 12), (1, 16, 16), (1, 28, 28), (1, 32, 32),
    (3, 8, 8), (3, 16, 16), (3, 24, 24), (3, 32, 32), (2, 16, 16), (4, 20, 20), (3, 48, 48),
)  # fmt: skip
CLASSES = (10, 10, 10, 2, 3, 4, 5, 7, 20, 26, 100)
LONGEST = 1_200
"""Characters of a network; a longer one ends its walk."""
STEPS = 24
STYLES = 3
"""How often each step is written, every time in another style."""
FROM_SEED, FROM_PEOPLE = 0.45, 0.35
"""Shares of walks that begin so; the others begin from scratch."""
CROSSED = 0.14
CREATED = 0.03
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
NUMBERS = re.compile(r"(?<![\w.])\d+(?![\w.])")
OUTPUTS = re.compile(r"nn\.(?:(?:Conv\w+|Linear|GRU|LSTM|RNN)\([\d* ]+, |Lazy\w+\()(\d+)")
FEWEST_CHARACTERS = 400
"""Of a held-out network; many walks pass through the smallest ones."""


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
    """What two networks share that differ in nothing but blank space."""
    return sha256(" ".join(source.split()).encode()).hexdigest()


def texts(example: Example, catalogues: Mapping[str, Catalogue]) -> tuple[str, str]:
    """An example as a language model finds it: the prompt, and what follows."""
    catalogue = catalogues[example.catalogue]
    prompts = {each.key: each for each in _prompts(catalogue)}
    instruction = catalogue.instruction(prompts[example.key], example.input_shape, example.classes)
    return render("completion", example.parents, instruction), example.child


def examples(catalogue: Catalogue, seed: int, held_out: Container[str] = ()) -> Iterator[Example]:
    """Examples without end, none of them twice.

    Args:
        catalogue: What is asked for.
        seed: Decides everything.
        held_out: Fingerprints of networks that must not occur.
    """
    rng = Random(f"corpus {seed}")
    seen: set[tuple[str, ...]] = set()
    pools: dict[tuple[tuple[int, int, int], int], deque[str]] = {}
    while True:
        shape, classes = rng.choice(SHAPES), rng.choice(CLASSES)
        pool = pools.setdefault((shape, classes), deque(maxlen=REMEMBERED))
        for example in _walk(catalogue, rng, shape, classes, pool):
            mark = (example.key, *map(fingerprint, (*example.parents, example.child)))
            if mark not in seen and not any(each in held_out for each in mark[1:]):
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
        key = rng.choice(_prompts(catalogue)).key
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


def _prompts(catalogue: Catalogue) -> tuple[Prompt, ...]:
    return (*catalogue.mutations, catalogue.crossover, catalogue.create)


def _walk(
    catalogue: Catalogue,
    rng: Random,
    shape: tuple[int, int, int],
    classes: int,
    pool: deque[str],
) -> Iterator[Example]:
    """The examples of one walk."""
    limits = Limits(10 ** rng.uniform(*FLOPS))
    start = rng.random()
    if start < FROM_SEED:
        current = genome.seed_source(shape, classes)
    elif start < FROM_SEED + FROM_PEOPLE:
        current = beginning(rng, shape, classes)
    else:
        current = answer(_asked(rng, "create", (), shape, classes), limits)
    if not _runs(current, shape, classes):
        return
    keys = [each.key for each in catalogue.mutations]
    for _ in range(rng.randint(1, STEPS)):
        key, parents = rng.choices(keys, [OFTEN.get(each, 1) for each in keys])[0], [current]
        luck = rng.random()
        if luck < CROSSED and pool:
            key, parents = "crossover", [current, rng.choice(pool)]
            rng.shuffle(parents)
        elif luck > 1 - CREATED:
            key = "create"
        child = answer(_asked(rng, key, tuple(parents), shape, classes), limits)
        if len(child) > LONGEST:
            return
        if _answers(key, parents, child, shape, classes):
            for _ in range(STYLES):
                example = _in_style(Style.drawn(rng), key, parents, child, shape, classes)
                differs = example.child not in example.parents
                if differs and _can_be_known(example) and _runs(example.child, shape, classes):
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
    return key in ("crossover", "create") or bool(
        obeys(key, parents[0], child, _growth(before, after))
    )


_read = lru_cache(REMEMBERED)(repaired)


def _growth(before: Network, after: Network) -> tuple[float, float]:
    return (
        after.parameters / max(before.parameters, 1),
        after.macs / max(before.macs, 1),
    )


def _runs(source: str, shape: tuple[int, int, int], classes: int) -> bool:
    """Whether PyTorch builds a network and gets scores from it."""
    try:
        network = build(source, shape).eval()
        with torch.inference_mode():
            found = network(torch.zeros(2, *shape))
    except Exception:  # generated code may raise anything
        return False
    return isinstance(found, torch.Tensor) and tuple(found.shape) == (2, classes)


def _in_style(
    style: Style,
    key: str,
    parents: list[str],
    child: str,
    shape: tuple[int, int, int],
    classes: int,
) -> Example:
    names = naming(style, parents, child)
    shown = tuple(dressed(each, style, names) for each in parents)
    known = {0}.union(*map(entered, shown))
    return Example(NETWORKS, key, shown, dressed(child, style, names, known), shape, classes)


def _can_be_known(example: Example) -> bool:
    """Whether every large number of the child stands in its prompt or is a width of its own."""
    child = set(map(int, NUMBERS.findall(example.child)))
    outputs = set(map(int, OUTPUTS.findall(example.child)))
    shown = {int(each) for text in example.parents for each in NUMBERS.findall(text)}
    channels, height, width = example.input_shape
    shown |= {channels, height, width, channels * height, channels * width, example.classes}
    return all(each <= LARGE for each in child - outputs - shown)


def held_out(
    catalogue: Catalogue, shape: tuple[int, int, int], classes: int, count: int
) -> list[str]:
    """Networks that no model that is trained here is shown, each from a walk of its own.

    Args:
        catalogue: What is asked for.
        shape: Channels, height and width of an image.
        classes: Size of the output.
        count: How many.
    """
    rng = Random(f"held out {shape} {classes}")
    found: list[str] = []
    while len(found) < count:
        fewest = rng.randint(FEWEST_CHARACTERS, LONGEST // 2)
        walk = _walk(catalogue, rng, shape, classes, deque())
        found += itertools.islice((each.child for each in walk if len(each.child) >= fewest), 1)
    return found


def write(
    path: Path,
    catalogues: Mapping[str, Catalogue],
    seed: int,
    count: int,
    kept_back: frozenset[str],
    workers: int,
) -> None:
    """Write a corpus to a file, in several processes.

    Args:
        path: Of the file: a JSON array in each line, compressed.
        catalogues: What is asked for, by name.
        seed: Together with `workers`, decides everything.
        count: Examples; `CELLS_SHARE` of them are of cells.
        kept_back: Fingerprints of networks that must not occur.
        workers: Processes.
    """
    of_cells = round(CELLS_SHARE * count)
    share = -(-(count - of_cells) // workers)
    some = partial(_some, catalogues[NETWORKS], share, kept_back)
    seeds = [seed * workers + worker for worker in range(workers)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as processes:
        lines = dict.fromkeys(itertools.chain(*processes.map(some, seeds)))
    partly = path.with_suffix(".part")
    with gzip.open(partly, "wt", compresslevel=4) as file:
        file.writelines(f"{line}\n" for line in itertools.islice(lines, count - of_cells))
        for example in itertools.islice(cells(catalogues[CELLS], seed), of_cells):
            file.write(f"{_line(example)}\n")
    partly.rename(path)


def load(path: Path) -> list[Example]:
    """The examples of a file that `write` wrote."""
    with gzip.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]
    return [
        Example(catalogue, key, tuple(parents), child, tuple(shape), classes)
        for catalogue, key, parents, child, shape, classes in rows
    ]


def _some(catalogue: Catalogue, count: int, kept_back: frozenset[str], seed: int) -> list[str]:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of PyTorch, about what it will not allow one day
    found = itertools.islice(examples(catalogue, seed, kept_back), count)
    return [_line(each) for each in found]


def _line(example: Example) -> str:
    return json.dumps(astuple(example))


def statistics(found: list[Example]) -> dict[str, Counter[str]]:
    """How many examples there are of each prompt, input shape and number of classes."""
    return {
        "prompts": Counter(each.catalogue for each in found),
        "prompt": Counter(each.key for each in found),
        "input shape": Counter("x".join(map(str, each.input_shape)) for each in found),
        "classes": Counter(str(each.classes) for each in found),
    }
