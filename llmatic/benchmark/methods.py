"""What is compared: the classic searchers, and searches by their settings.

Runs one search of one method in memory. Knows nothing of studies, statistics or the
tracking store.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from llmatic import launch
from llmatic.config import Config, TransformersConfig
from llmatic.nasbench201 import controls
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import optimum

__all__ = ["CONTROLS", "NAMES", "SEARCHES", "Task", "code_version", "is_control", "run"]

CONTROLS = controls.NAMES
SEARCHES: Mapping[str, tuple[str, ...]] = {
    "llmatic": (),
    "frontier": ("search=frontier", "search.pool=600", "search.map_share=0.2"),
    "network_archive_only": ("ablation=network_archive_only",),
    "prompt_archive_only": ("ablation=prompt_archive_only",),
    "mutation_only": ("ablation=mutation_only",),
    "crossover_only": ("ablation=crossover_only",),
    "random_generation": ("ablation=random_generation",),
    "mutation_50": ("ablation=mutation_50",),
    "mutation_30": ("ablation=mutation_30",),
}
"""Searches by name, each with the settings that make it.

What is compared is the best accuracy, so that `frontier` measures one network in five for the
map; and in a table writing costs next to nothing, so that its pool is large.
"""
NAMES = (*CONTROLS, *SEARCHES)

HASHED = (".py", ".gz", ".json", ".safetensors")

PATIENCE = 20
"""A search that has written so many times what it may evaluate has nothing new to say."""


@dataclass(frozen=True, slots=True)
class Task:
    """One search of a study.

    Attributes:
        method: One of `NAMES`.
        dataset: One of `llmatic.nasbench201.table.CLASSES`.
        seed: Of the search.
        fitness: ``validation`` or ``test``.
        evaluations: Distinct ones, after which it ends.
        config: Settings of a search; those of the data set alone count for a control.
    """

    method: str
    dataset: str
    seed: int
    fitness: str
    evaluations: int
    config: Config = field(compare=False)

    def __str__(self) -> str:
        return f"{self.method} on {self.dataset}, seed {self.seed}"

    @property
    def key(self) -> str:
        """The same for two tasks of which one's curve begins with the other's."""
        config = self.config
        settings = (
            (config.dataset,)
            if is_control(self.method)
            else (config.dataset, config.search, config.prompts, config.llm)
        )
        found = (self.method, self.dataset, self.seed, self.fitness, settings)
        text = repr((code_version(), *found, *self._weights()))
        return hashlib.sha256(text.encode()).hexdigest()

    def _weights(self) -> list[str]:
        """Hashes of a local model's files, which may be written anew in the same place."""
        llm = self.config.llm
        if is_control(self.method) or not isinstance(llm, TransformersConfig):
            return []
        folders = [Path(each).expanduser() for each in (llm.model, llm.adapter) if each is not None]
        return [_hash(each, None) for each in folders if each.is_dir()]


def is_control(method: str) -> bool:
    """Whether a method is one of the classic searchers."""
    return method in CONTROLS


def run(task: Task) -> Curve:
    """Carry out one search to its last evaluation, or until it has found the optimum.

    What would come after that changes nothing of its curve.
    """
    if is_control(task.method):
        return controls.curve(task.method, task.dataset, task.fitness, task.seed, task.evaluations)
    constants = task.config.search
    config = replace(
        task.config,
        seed=task.seed,
        search=replace(
            constants,
            generations=math.ceil(PATIENCE * task.evaluations / constants.batch_size),
            budget=replace(constants.budget, evaluations=task.evaluations),
        ),
    )
    journal = launch.simulate(config, _say, enough=optimum(task.dataset, task.fitness))
    measured = (
        (each.measurement.fitness, each.measurement.metrics["test_accuracy"])
        for each in journal.candidates()
        if each.measurement.status.trainable and each.twin is None
    )
    return Curve.of(((fitness or 0.0, test) for fitness, test in measured), task.evaluations)


@cache
def code_version() -> str:
    """A hash of this package's source, tables and weights: others may find other curves."""
    return _hash(Path(__file__).parent.parent, HASHED)


@cache
def _hash(folder: Path, suffixes: tuple[str, ...] | None) -> str:
    """Of a folder's files, or those with certain suffixes."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and (suffixes is None or file.suffix in suffixes):
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()[:12]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
