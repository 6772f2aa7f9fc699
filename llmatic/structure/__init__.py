"""What a network is like, in numbers, from its source alone: features to learn from.

Counts what a network consists of: operations, neighbours in the dataflow, small
surroundings, paths from input to output, how far an operation is from either end, and
sizes. Knows no framework at run time, executes nothing and never fails: a source that
cannot be followed has the names that it calls, and one that cannot be parsed nothing.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from zlib import crc32

from llmatic.structure.graph import JOIN, Graph
from llmatic.structure.reading import read

__all__ = ["structure"]

FARTHEST = 4
REMEMBERED = 2**14
MOST_PATHS = 64
ROUNDS = 2


@lru_cache(REMEMBERED)
def structure(source: str) -> Mapping[str, float]:
    """The features of a network, by name.

    A name is ``group:what``. Groups: ``op`` counts operations, ``at`` operations with
    their distance from the input and to the output, ``pair`` direct neighbours, ``path``
    ways from input to output, ``wl`` surroundings (Weisfeiler-Lehman labels in both
    directions; Ru et al. 2021, NAS-BOWL), ``wide`` operations with the power of two next
    to their width, ``size`` logarithms of weights, width, depth and operations.

    Args:
        source: Python that defines an `nn.Module`; nothing of it is executed.
    """
    graph = read(source)
    if graph is None:
        return {f"op:{name}": float(count) for name, count in _called(source).items()}
    found: Counter[str] = Counter()
    labels = [each.label for each in graph.operations]
    found.update(f"op:{label}" for label in labels[1:])
    found.update(_places(graph))
    found.update(f"pair:{first}>{second}" for first, second in _neighbours(graph))
    found.update(f"path:{path}" for path in _paths(graph))
    found.update(_surroundings(graph))
    found.update(
        f"wide:{each.label}*{2 ** round(math.log2(each.width))}"
        for each in graph.operations
        if each.width >= 1
    )
    return {**{name: float(count) for name, count in found.items()}, **_sizes(graph)}


def _called(source: str) -> Counter[str]:
    """The names that a source calls."""
    try:
        calls = [each.func for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Counter()
    names = [getattr(call, "attr", getattr(call, "id", "")) for call in calls]
    return Counter(name.lower() for name in names if name)


def _distances(graph: Graph) -> tuple[list[int], list[int]]:
    """The longest way from the input and to the output of each operation; sums cost nothing."""
    count = len(graph.operations)
    steps = [int(each.label != JOIN) for each in graph.operations]
    before, after = [0] * count, [0] * count
    for place in range(1, count):
        reads = [before[each] for each in graph.reads[place]]
        before[place] = steps[place] + max(reads, default=0)
    for place in range(count - 1, 0, -1):
        for each in graph.reads[place]:
            after[each] = max(after[each], after[place] + steps[place])
    return before, after


def _places(graph: Graph) -> list[str]:
    before, after = _distances(graph)
    return [
        f"at:{each.label}@{min(first, FARTHEST)},{min(last, FARTHEST)}"
        for each, first, last in zip(graph.operations[1:], before[1:], after[1:], strict=True)
        if each.label != JOIN
    ]


def _neighbours(graph: Graph) -> list[tuple[str, str]]:
    """Operations next to each other; what is added up is next to what reads the sum."""
    labels = [each.label for each in graph.operations]
    pairs = []
    for place in range(1, len(labels)):
        if labels[place] == JOIN and place != len(labels) - 1:
            continue
        for source in graph.reads[place]:
            apart = graph.reads[source] if labels[source] == JOIN else (source,)
            pairs += [(labels[each], labels[place]) for each in apart]
    return pairs


def _paths(graph: Graph) -> list[str]:
    """The operations on each way from the input to the output, the first `MOST_PATHS` ways."""
    labels = [each.label for each in graph.operations]
    paths: list[str] = []
    waiting: list[tuple[int, tuple[str, ...]]] = [(len(labels) - 1, ())]
    while waiting and len(paths) < MOST_PATHS:
        place, after = waiting.pop()
        if place == 0:
            paths.append(">".join(after))
            continue
        along = after if labels[place] == JOIN else (labels[place], *after)
        waiting += [(each, along) for each in graph.reads[place]]
    return paths


def _surroundings(graph: Graph) -> list[str]:
    """Each operation with what it reads and what reads it, to a distance of `ROUNDS`."""
    readers: list[list[int]] = [[] for _ in graph.operations]
    for place, reads in enumerate(graph.reads):
        for each in reads:
            readers[each].append(place)
    labels = [each.label for each in graph.operations]
    found = []
    for radius in range(1, ROUNDS + 1):
        texts = [
            f"{label}<{sorted(labels[each] for each in reads)}>"
            f"{sorted(labels[each] for each in reading)}"
            for label, reads, reading in zip(labels, graph.reads, readers, strict=True)
        ]
        labels = [f"{crc32(text.encode()):08x}" for text in texts]
        found += [f"wl:{radius}.{label}" for label in labels]
    return found


def _sizes(graph: Graph) -> dict[str, float]:
    before, _ = _distances(graph)
    sizes = {
        "weights": sum(each.weights for each in graph.operations),
        "widest": max(each.width for each in graph.operations),
        "depth": float(max(before)),
        "operations": float(len(graph.operations) - 1),
    }
    return {f"size:{name}": math.log2(1 + size) for name, size in sizes.items()}
