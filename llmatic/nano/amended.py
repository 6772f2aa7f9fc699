"""Walks of small edits: requests that are carried out in any network, whoever wrote it.

They begin with the seed network, with networks written by hand in as many variations as can be
had, and with those of other examples. Knows nothing of tokens and models.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Container, Iterator, Sequence
from importlib import resources
from itertools import islice
from random import Random

from llmatic import genome
from llmatic.genome import Genome
from llmatic.genome.edits import edits
from llmatic.nano.amending import Seen, proposals, seen
from llmatic.nano.amending.changes import other_widths, rewired
from llmatic.nano.cost import Cost, cost
from llmatic.nano.examples import (
    CLASSES,
    NETWORKS,
    SHAPES,
    Example,
    InputShape,
    fingerprint,
)
from llmatic.nano.names import drawn_words, renaming
from llmatic.nano.numbers import replaced
from llmatic.nano.obedience import JUDGED, obeys
from llmatic.prompts import Catalogue

__all__ = ["amended", "carried_out", "dearest", "handwritten", "varied"]

SEED, HAND = 0.2, 0.45
"""Shares of walks that begin with the seed network, which a search edits until its archive has
others, and with one written by hand."""
STEPS, FEWER_STEPS = 6, 3
"""Of a walk from one written by hand, and from another network."""
WENT_ON = 0.6
OTHER_CLASSES, OTHER_WIDTHS, OTHER_NAMES = 0.3, 0.5, 0.6
CROSSED = 0.1
LONGEST_NETWORK = 1_500
"""Characters of a network; a longer one ends its walk."""
LARGEST = 2_000_000
"""Parameters."""
TRIED = 60
"""Proposals; when none of them works, the request is given up."""
WORKING, TAKEN = 6, 2
"""Edits that are found for a request, and of them those that are taken."""
REMEMBERED = 64
GROWN, SHRUNK = 2.0, 0.7
"""How many times as many parameters a network has that was made larger or smaller, which is asked
for drastically."""
GROWING = frozenset(
    {
        "add_layer", "add_linear", "add_convolution", "add_residual", "add_residuals",
        "add_recurrent", "crossover", "deepen", "improve", "improve_larger", "widen",
    }
)  # fmt: skip
"""What may make a network as large as it can be: a search needs networks of every size."""
WIDER_TOO = 0.4
"""Share of edits after which a layer is made wider, too."""
DEAREST = 16_000
"""FLOPs of a network by pixels of its images."""


def handwritten() -> list[tuple[str, InputShape, int]]:
    """Networks that people wrote: source, input shape and number of classes of each."""
    found = []
    folder = resources.files("llmatic.nano") / "handwritten"
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        if made_for := re.fullmatch(r"\w+-(\d+)x(\d+)x(\d+)-(\d+)\.py", each.name):
            channels, height, width, classes = map(int, made_for.groups())
            found.append((each.read_text(encoding="utf-8"), (channels, height, width), classes))
    return found


def amended(
    catalogue: Catalogue, seed: int, others: Sequence[Example], left_out: Container[str] = ()
) -> Iterator[Example]:
    """Examples without end, none of them twice, whose answers are small edits.

    Args:
        catalogue: What is asked for.
        seed: Decides everything.
        others: Examples of networks, whose parents are edited as well.
        left_out: Fingerprints of networks that must not occur, in whatever style.
    """
    rng = Random(f"amended {seed}")
    by_hand = handwritten()
    known: dict[tuple[InputShape, int], deque[str]] = {}
    yielded: set[tuple[str, ...]] = set()
    while True:
        start = rng.random()
        if start < SEED:
            shape, classes = rng.choice(SHAPES), rng.choice(CLASSES)
            source, steps = genome.seed_source(shape, classes), FEWER_STEPS
        elif start < SEED + HAND or not others:
            source, shape, classes = rng.choice(by_hand)
            if rng.random() < OTHER_CLASSES:
                source, classes = _for_other_classes(rng, source, shape, classes)
            source = varied(rng, source, shape, classes)
            steps = STEPS
        else:
            example = rng.choice(others)
            source = rng.choice(example.parents) if example.parents else example.child
            shape, classes = example.input_shape, example.classes
            steps = FEWER_STEPS
        pool = known.setdefault((shape, classes), deque(maxlen=REMEMBERED))
        if cost(source, shape, classes) is None or fingerprint(source) in left_out:
            continue
        for each in _walk(rng, catalogue, source, shape, classes, pool, steps, left_out):
            mark = (each.key, *each.parents, each.child)
            if mark not in yielded:
                yielded.add(mark)
                yield each
        pool.append(source)


def _walk(
    rng: Random,
    catalogue: Catalogue,
    source: str,
    shape: InputShape,
    classes: int,
    pool: Sequence[str],
    steps: int,
    left_out: Container[str],
) -> Iterator[Example]:
    """The examples of one walk; it ends where it comes upon a network that is left out."""
    before = cost(source, shape, classes)
    assert before is not None
    keys = [each.key for each in catalogue.mutations]
    for _ in range(steps):
        others = [each for each in pool if each != source]
        crossed = bool(others) and rng.random() < CROSSED
        key = "crossover" if crossed else rng.choice(keys)
        parents = (source, rng.choice(others)) if crossed else (source,)
        made = carried_out(rng, key, parents, shape, classes, before)
        for child, _ in made:
            if len(child) > LONGEST_NETWORK or fingerprint(child) in left_out:
                return
            yield Example(NETWORKS, key, parents, child, shape, classes)
        if made and rng.random() < WENT_ON:
            source, before = rng.choice(made)


def carried_out(
    rng: Random, key: str, parents: tuple[str, ...], shape: InputShape, classes: int, before: Cost
) -> list[tuple[str, Cost]]:
    """Some networks that are what was asked for, and what they cost.

    Those that may grow are as large as chance has it, up to the largest there can be, so far as
    edits of that size are found.

    Args:
        rng: Decides.
        key: Of the prompt.
        parents: Sources that are edited: one, or two for a crossover.
        shape: Channels, height and width of an image.
        classes: Size of the output.
        before: What the first parent costs.
    """
    source = parents[0]
    look, own = seen(source, shape), genome.parse(source)
    if look is None or not isinstance(own, Genome):
        return []
    other = parents[1] if len(parents) > 1 else None
    most = dearest(shape, before.flops)
    known, found = {own.sha256}, list[tuple[str, Cost]]()
    texts = proposals(rng, key, look, other, shape, classes)
    if key in GROWING:
        texts = _wider_too(rng, texts, shape)
    for child in islice(texts, TRIED):
        read = genome.parse(child)
        if not isinstance(read, Genome) or read.sha256 in known:
            continue
        after = cost(child, shape, classes, LARGEST)
        if after is None or after.flops > most or edits(source, child) is None:
            continue
        growth = after.parameters / before.parameters
        if key == "improve_larger" and growth < GROWN:
            continue
        if key == "improve_smaller" and growth > SHRUNK:
            continue
        if key not in JUDGED or obeys(key, source, child, (growth, 1.0)) is not False:
            known.add(read.sha256)
            found.append((child, after))
            if len(found) == (WORKING if key in GROWING else TAKEN):
                break
    if key not in GROWING:
        return found
    taken: list[tuple[str, Cost]] = []
    for _ in range(min(TAKEN, len(found))):
        wanted = _size(rng, before.flops, most)
        nearest = min(found, key=lambda each: abs(math.log((each[1].flops + 1) / wanted)))
        found.remove(nearest)
        taken.append(nearest)
    return taken


def dearest(shape: InputShape, before: float) -> float:
    """FLOPs that a network may have whose parent has so many."""
    return max(DEAREST * shape[1] * shape[2], before)


def _size(rng: Random, least: float, most: float) -> float:
    """FLOPs: even in their logarithm, or in their root, which gives more large ones."""
    if rng.random() < 0.3:
        return math.exp(rng.uniform(math.log(least + 1), math.log(most)))
    return rng.uniform(math.sqrt(least), math.sqrt(most)) ** 2 + 1


def _wider_too(rng: Random, texts: Iterator[str], shape: InputShape) -> Iterator[str]:
    """Networks, and some of them with another layer made wider."""
    for text in texts:
        yield text
        look: Seen | None = seen(text, shape) if rng.random() < WIDER_TOO else None
        if look is not None and look.works:
            yield from islice(rewired(rng, look, wider=True), 2)


def _for_other_classes(
    rng: Random, source: str, shape: InputShape, classes: int
) -> tuple[str, int]:
    """A network for another number of classes, where it still works then; and the number."""
    count = rng.choice(CLASSES)
    other = replaced(source, classes, count)
    return (source, classes) if cost(other, shape, count) is None else (other, count)


def varied(rng: Random, source: str, shape: InputShape, classes: int) -> str:
    """A network with other widths and other names, where it still works then.

    Args:
        rng: Decides.
        source: Of the network.
        shape: Channels, height and width of an image.
        classes: Size of the output.
    """
    if rng.random() < OTHER_WIDTHS:
        kept = frozenset((*shape, classes))
        for other in other_widths(rng, source, kept, wider=rng.random() < 0.5):
            if cost(other, shape, classes, LARGEST) is not None:
                source = other
                break
    if rng.random() < OTHER_NAMES:
        other = _renamed(rng, source)
        if cost(other, shape, classes) is not None:
            source = other
    return source


def _renamed(rng: Random, source: str) -> str:
    """A network whose layers, and perhaps variables and helpers, have other names.

    Names are replaced wherever they stand, which goes wrong where one is a keyword, too.
    """
    words = drawn_words(rng)
    names = renaming([source], source, {}, words, all_of_them=rng.random() < 0.5)
    for old, new in names.items():
        if re.search(rf"\b{new}\b", source):
            continue
        if re.search(rf"\bself\.{old}\b", source):
            source = re.sub(rf"(?<=\bself\.){old}\b", new, source)
        else:
            source = re.sub(rf"(?<![\w.]){old}\b", new, source)
    return source
