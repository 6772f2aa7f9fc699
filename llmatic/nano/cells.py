"""Examples in which cells of NAS-Bench-201 are edited, as their writer does.

Knows nothing of tokens and models.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from llmatic.llm import Request
from llmatic.nano.examples import CELLS, Example
from llmatic.nasbench201.cell import EDGES, Cell, Operation
from llmatic.nasbench201.writer import CellWriter
from llmatic.prompts import Catalogue
from llmatic.records import CandidateId

__all__ = ["cells"]

INPUT_SHAPE, CLASSES = (3, 32, 32), 100
BOLDEST = 0.4


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
        bold, own_seed = rng.uniform(0.0, BOLDEST), rng.getrandbits(63)
        request = Request(CandidateId(0, 0), parents, key, "", bold, own_seed, INPUT_SHAPE, CLASSES)
        ((_, completion),) = next(writer.write([request]))
        mark = (key, *parents, completion.text)
        if completion.text not in parents and mark not in seen:
            seen.add(mark)
            yield Example(CELLS, key, parents, completion.text, INPUT_SHAPE, CLASSES)
