"""What the small code model learns from: examples in a file, and as the texts it will see.

Knows what is kept back to try models on; how examples come about is a matter of the walks.
"""

from __future__ import annotations

import gzip
import itertools
import json
import warnings
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from functools import partial
from importlib import resources
from multiprocessing import get_context
from pathlib import Path

import torch

from llmatic.genome.edits import shortest
from llmatic.nano.amended import amended
from llmatic.nano.walks import CELLS, NETWORKS, Example, cells, examples
from llmatic.prompts import Catalogue, render

__all__ = ["kept_back", "load", "statistics", "texts", "write"]

CELLS_SHARE = 0.08
AMENDED_SHARE = 0.7
"""Of the examples of networks, those that are small edits of any network."""
KEPT_BACK = "kept_back.json"
"""Networks of 440 to 1,280 characters by input shape; walks of their own led to them."""


def texts(example: Example, catalogues: Mapping[str, Catalogue]) -> tuple[str, str]:
    """An example as a language model finds it: the prompt, and what follows.

    That is edits of the first parent, but where the network is written anew or that is shorter.
    """
    catalogue = catalogues[example.catalogue]
    prompts = {each.key: each for each in catalogue.prompts}
    instruction = catalogue.instruction(prompts[example.key], example.input_shape, example.classes)
    prompt = render("edits", example.parents, instruction)
    if example.key == "create":
        return prompt, example.child
    return prompt, shortest(example.parents[0], example.child)


def kept_back() -> dict[tuple[int, ...], list[str]]:
    """Networks of the grammar for ten classes that no example holds, in whatever style.

    Returns:
        Sources by input shape: channels, height and width of an image.
    """
    text = resources.files("llmatic.nano").joinpath(KEPT_BACK).read_text(encoding="utf-8")
    return {tuple(map(int, key.split("x"))): sources for key, sources in json.loads(text).items()}


def write(
    path: Path,
    catalogues: Mapping[str, Catalogue],
    seed: int,
    count: int,
    left_out: frozenset[str],
    workers: int,
) -> None:
    """Write a corpus to a file, in several processes; walks stay together.

    Args:
        path: Of the file: a JSON array in each line, compressed.
        catalogues: What is asked for, by name.
        seed: Together with `workers`, decides everything.
        count: Examples; `CELLS_SHARE` of them are of cells.
        left_out: Fingerprints of networks that must not occur.
        workers: Processes.
    """
    of_cells = round(CELLS_SHARE * count)
    share = -(-(count - of_cells) // workers)
    some = partial(_some, catalogues[NETWORKS], share, left_out)
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


def _some(catalogue: Catalogue, count: int, left_out: frozenset[str], seed: int) -> list[str]:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of PyTorch, about what it will not allow one day
    small = round(AMENDED_SHARE * count)
    found = list(itertools.islice(examples(catalogue, seed, left_out), count - small))
    found += itertools.islice(amended(catalogue, seed, tuple(found), left_out), small)
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
