"""Walks of small edits: requests that are carried out in any network, whoever wrote it.

They begin with networks written by hand and with those of other examples, in as many
variations as can be had. Knows nothing of tokens and models.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Container, Iterator, Sequence
from importlib import resources
from itertools import islice
from random import Random

from llmatic import genome
from llmatic.genome import Genome
from llmatic.genome.edits import edits
from llmatic.nano.amending import proposals, seen
from llmatic.nano.amending.changes import other_widths
from llmatic.nano.names import drawn_words, renaming
from llmatic.nano.obedience import JUDGED, obeys
from llmatic.nano.walks import CLASSES, NETWORKS, Example, fingerprint, parameters
from llmatic.prompts import Catalogue

__all__ = ["Shape", "amended", "handwritten", "varied"]

Shape = tuple[int, int, int]
HAND = 0.5
"""Share of walks that begin with a network written by hand."""
STEPS, FEWER_STEPS = 6, 3
"""Of a walk from one written by hand, and from another example."""
WENT_ON = 0.6
OTHER_CLASSES, OTHER_WIDTHS, OTHER_NAMES = 0.3, 0.5, 0.6
CROSSED = 0.1
LONGEST = 1_500
"""Characters of a network; a longer one ends its walk."""
LARGEST = 2_000_000
"""Parameters."""
TRIED = 40
"""Proposals; when none of them works, the request is given up."""
REMEMBERED = 64
GROWN, SHRUNK = 2.0, 0.7
"""How many times as many parameters a network has that was made larger or smaller, which is asked
for drastically."""


def handwritten() -> list[tuple[str, Shape, int]]:
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
    known: dict[tuple[Shape, int], deque[str]] = {}
    yielded: set[tuple[str, ...]] = set()
    while True:
        if rng.random() < HAND or not others:
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
        if parameters(source, shape, classes) is None or fingerprint(source) in left_out:
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
    shape: Shape,
    classes: int,
    pool: Sequence[str],
    steps: int,
    left_out: Container[str],
) -> Iterator[Example]:
    """The examples of one walk; it ends where it comes upon a network that is left out."""
    before = parameters(source, shape, classes)
    assert before is not None
    keys = [each.key for each in catalogue.mutations]
    for _ in range(steps):
        others = [each for each in pool if each != source]
        crossed = bool(others) and rng.random() < CROSSED
        key = "crossover" if crossed else rng.choice(keys)
        parents = (source, rng.choice(others)) if crossed else (source,)
        made = _carried_out(rng, key, parents, shape, classes, before)
        if made is None:
            continue
        child, after = made
        if len(child) > LONGEST or fingerprint(child) in left_out:
            return
        yield Example(NETWORKS, key, parents, child, shape, classes)
        if rng.random() < WENT_ON:
            source, before = child, after


def _carried_out(
    rng: Random, key: str, parents: tuple[str, ...], shape: Shape, classes: int, before: int
) -> tuple[str, int] | None:
    """A network that is what was asked for, and its parameters; None where none was found."""
    source = parents[0]
    look, own = seen(source, shape), genome.parse(source)
    if look is None or not isinstance(own, Genome):
        return None
    other = parents[1] if len(parents) > 1 else None
    for child in islice(proposals(rng, key, look, other, shape, classes), TRIED):
        found = genome.parse(child)
        if not isinstance(found, Genome) or found.sha256 == own.sha256:
            continue
        after = parameters(child, shape, classes, LARGEST)
        if after is None or edits(source, child) is None:
            continue
        growth = after / before
        if key == "improve_larger" and growth < GROWN:
            continue
        if key == "improve_smaller" and growth > SHRUNK:
            continue
        if key not in JUDGED or obeys(key, source, child, (growth, 1.0)) is not False:
            return child, after
    return None


def _for_other_classes(rng: Random, source: str, shape: Shape, classes: int) -> tuple[str, int]:
    """A network for another number of classes, where it still works then; and the number."""
    count = rng.choice(CLASSES)
    other = re.sub(rf"(?<![\w.]){classes}(?![\w.])", str(count), source)
    return (source, classes) if parameters(other, shape, count) is None else (other, count)


def varied(rng: Random, source: str, shape: Shape, classes: int) -> str:
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
            if parameters(other, shape, classes, LARGEST) is not None:
                source = other
                break
    if rng.random() < OTHER_NAMES:
        other = _renamed(rng, source)
        if parameters(other, shape, classes) is not None:
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
