"""What the small code model learns from: examples in a file, and as the texts it will see.

Knows what is kept back to try models on; how examples come about is a matter of the walks.
"""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from functools import partial
from hashlib import sha256
from importlib import resources
from multiprocessing import get_context
from pathlib import Path

import torch

from llmatic.genome.edits import shortest
from llmatic.nano.amended import amended
from llmatic.nano.cells import cells
from llmatic.nano.examples import CELLS, NETWORKS, Example
from llmatic.nano.walks import walked
from llmatic.prompts import Catalogue, render

__all__ = ["kept_back", "load", "statistics", "texts", "write"]

CELLS_SHARE = 0.08
AMENDED_SHARE = 0.7
"""Of the examples of networks, those that are small edits of any network."""
PART, PARTS = 5_000, 1_000
"""Examples that are written together, and how often that can be without a seed of another corpus.
"""
KEPT_BACK = "kept_back.json"
"""Networks of 440 to 1,280 characters by input shape; walks of their own led to them."""


def texts(example: Example, catalogues: Mapping[str, Catalogue]) -> tuple[str, str]:
    """An example as a language model finds it: the prompt, and what follows.

    That is edits of the first parent, but where the network is written anew or that is shorter.
    """
    catalogue = catalogues[example.catalogue]
    instruction = catalogue.instruction(
        catalogue.by_key[example.key], example.input_shape, example.classes
    )
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
    """Write a corpus to a file, in several processes; interrupted, it goes on at the last part.

    Args:
        path: Of the file: a JSON array in each line, compressed. Its parts are in a folder
            beside it until all are there; what they must hold and must not is in its name.
        catalogues: What is asked for, by name.
        seed: Decides everything.
        count: Examples, of which `CELLS_SHARE` are of cells; those that two parts share are
            written once, so that there can be fewer.
        left_out: Fingerprints of networks that must not occur.
        workers: Processes.
    """
    of_cells = round(CELLS_SHARE * count)
    of_networks = count - of_cells
    folder = _folder(path, catalogues, left_out)
    folder.mkdir(exist_ok=True)
    sizes = [min(PART, of_networks - start) for start in range(0, of_networks, PART)]
    parts = [folder / f"{number}.gz" for number in range(len(sizes))]
    seeds = [seed * PARTS + number for number in range(len(sizes))]
    write_part = partial(_write_part, catalogues[NETWORKS], left_out)
    with ProcessPoolExecutor(workers, get_context("spawn")) as processes:
        list(processes.map(write_part, parts, sizes, seeds))
    lines = dict.fromkeys(itertools.chain(*map(_lines, parts)))
    lines |= dict.fromkeys(
        _line(each) for each in itertools.islice(cells(catalogues[CELLS], seed), of_cells)
    )
    _write_lines(path, lines)
    shutil.rmtree(folder)


def load(path: Path) -> list[Example]:
    """The examples of a file that `write` wrote."""
    return [
        Example(catalogue, key, tuple(parents), child, tuple(shape), classes)
        for catalogue, key, parents, child, shape, classes in map(json.loads, _lines(path))
    ]


def _folder(path: Path, catalogues: Mapping[str, Catalogue], left_out: frozenset[str]) -> Path:
    asked = json.dumps([sorted(left_out), *map(repr, catalogues.values())])
    return path.with_name(f"{path.name}.{sha256(asked.encode()).hexdigest()[:12]}.parts")


def _write_part(
    catalogue: Catalogue, left_out: frozenset[str], path: Path, count: int, seed: int
) -> None:
    if path.exists():
        return
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of PyTorch, about what it will not allow one day
    small = round(AMENDED_SHARE * count)
    found = list(itertools.islice(walked(catalogue, seed, left_out), count - small))
    edited = list(itertools.islice(amended(catalogue, seed, tuple(found), left_out), small))
    early = found[: len(found) // 2] + edited[: len(edited) // 2]
    late = _mixed(found[len(found) // 2 :], edited[len(edited) // 2 :])
    _write_lines(path, map(_line, [*early, *late]))


def _mixed(some: list[Example], others: list[Example]) -> list[Example]:
    """Both evenly, each in its order, so that a corpus ends with whole walks of both kinds."""
    placed = [
        (place / len(each), example)
        for each in (some, others)
        for place, example in enumerate(each)
    ]
    return [example for _, example in sorted(placed, key=lambda one: one[0])]


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    unfinished = path.with_suffix(".unfinished")
    with gzip.open(unfinished, "wt", compresslevel=4) as file:
        file.writelines(f"{line}\n" for line in lines)
    unfinished.rename(path)


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()


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
