"""Puts the parts of one search together, and runs it: new or resumed.

The only place where configuration chooses implementations. Knows how to make
and give back each part; what they do is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from llmatic import genome, prompts
from llmatic.archive import Niches
from llmatic.config import Config, ConfigError, from_yaml, to_yaml
from llmatic.evaluate import Evaluator
from llmatic.executor import LocalExecutor
from llmatic.llm import LLM
from llmatic.loop import Loop, Progress
from llmatic.records import Measurement
from llmatic.sandbox import choose
from llmatic.search import Search, compute_niches, network_axes, prompt_axes

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal

__all__ = ["amend", "evaluate_source", "evaluators", "new_search", "replay", "run", "seed_network"]

Observer = Callable[[Progress], None]
MakeEvaluator = Callable[[], Evaluator]


def new_search(config: Config) -> MlflowJournal:
    """Begin a search in the tracking store: settings and centroids are stored once."""
    from llmatic.tracking import create_search

    seed_network(config)
    niches = compute_niches(config, len(prompts.MUTATIONS))
    return create_search(
        config.tracking,
        config.name,
        to_yaml(_public(config)),
        _flat(_public(config)),
        {name: each.centroids.tolist() for name, each in niches.items()},
        {
            "search": config.name,
            "dataset": config.dataset.name,
            "llm": config.llm.name,
            "seed": str(config.seed),
            "sandbox": str(choose(config.sandbox.name)),
        },
    )


def amend(journal: MlflowJournal, config: Config, overrides: Sequence[str]) -> None:
    """Store what was changed when a search was resumed, so that it holds from now on."""
    told = [each for each in overrides if not each.startswith("tracking")]
    if told:
        journal.amend(to_yaml(_public(config)), " ".join(told))


def run(
    journal: MlflowJournal, config: Config, make_evaluator: MakeEvaluator, observe: Observer
) -> Search:
    """Run a search to its end, from wherever its journal stands.

    Args:
        journal: The open journal of a new or an interrupted search.
        config: Its settings.
        make_evaluator: From `evaluators`.
        observe: Called after every candidate.

    Returns:
        The search with its final archives.
    """
    search = _search(journal, config)
    llm = _llm(config)
    with LocalExecutor(make_evaluator, config.executor.slots) as executor:
        Loop(config, search, journal, llm, executor, lambda: seed_network(config), observe).run()
    return search


def replay(journal: MlflowJournal) -> Search:
    """The archives as the journal's committed generations made them. Nothing is run."""
    config = from_yaml(journal.config())
    search = _search(journal, config)
    for generation in range(journal.committed + 1):
        search.tell(list(journal.finished(generation).values()))
    return search


def evaluate_source(config: Config, text: str) -> tuple[genome.Genome | None, Measurement]:
    """Measure one network, as a search would."""
    parsed = genome.parse(text)
    if isinstance(parsed, genome.Rejection):
        return None, Measurement(parsed.status, error=parsed.reason)
    with evaluators(config) as make:
        evaluator = make()
        try:
            return parsed, evaluator.evaluate(parsed.source, config.seed)
        finally:
            evaluator.close()


def seed_network(config: Config) -> str:
    """Source of the network to start from: the user's file, or the paper's.

    Raises:
        ConfigError: The file cannot be read or holds no network.
    """
    channels, height, width = config.dataset.input_shape
    path = config.dataset.seed_network
    if path is None:
        return genome.seed_source((channels, height, width), config.dataset.classes)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"dataset.seed_network={path}: cannot be read ({error})") from None
    parsed = genome.parse(text)
    if isinstance(parsed, genome.Rejection):
        raise ConfigError(f"dataset.seed_network={path}: {parsed.status}: {parsed.reason}")
    return parsed.source


def _public(config: Config) -> Config:
    """What others may read in the tracking store."""
    return replace(config, tracking=config.tracking.public)


def _search(journal: MlflowJournal, config: Config) -> Search:
    stored = journal.centroids()
    axes = {"networks": network_axes(config), "prompts": prompt_axes(len(prompts.MUTATIONS))}
    niches = {name: Niches(axes[name], np.array(points)) for name, points in stored.items()}
    return Search(config, niches, len(prompts.MUTATIONS))


def _llm(config: Config) -> LLM:
    match config.llm.name:
        case "grammar":
            from llmatic.llm.grammar import GrammarWriter

            return GrammarWriter(max_flops=config.dataset.flops.high)
        case _:
            raise ConfigError(f"llm.name={config.llm.name}: no such writer")


@contextmanager
def evaluators(config: Config) -> Iterator[MakeEvaluator]:
    """A way to make one evaluator per slot; they share the prepared data set.

    Raises:
        DataError: The data set is not there, or not as its configuration says.
        SandboxError: Generated code cannot be kept apart here.
    """
    from llmatic.evaluate.trained import TrainedEvaluator, prepare

    isolation = choose(config.sandbox.name)
    with prepare(config.dataset) as data:
        yield lambda: TrainedEvaluator(data, config.trainer, config.evaluator, isolation)


def _flat(config: Config) -> dict[str, str]:
    from omegaconf import OmegaConf

    tree = OmegaConf.create(to_yaml(config))
    flat: dict[str, str] = {}

    def visit(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                visit(f"{prefix}.{key}" if prefix else str(key), child)
        else:
            flat[prefix] = str(value)

    visit("", OmegaConf.to_container(tree))
    return flat
