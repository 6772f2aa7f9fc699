"""Puts the parts of one search together, and runs it: new or resumed.

Knows neither how the parts are made nor what they do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from llmatic import parts
from llmatic.archive import Niches
from llmatic.config import Config, TrainedConfig, to_yaml
from llmatic.evaluate import Evaluator
from llmatic.genome import Genome, Rejection
from llmatic.llm import LLM
from llmatic.loop import Loop, Progress, finished_candidates
from llmatic.prompts import Catalogue, Prompt
from llmatic.records import Measurement
from llmatic.search import Outcome, Search, compute_niches, network_axes, prompt_axes
from llmatic.simulation import DirectExecutor, MemoryJournal
from llmatic.stored import parameters, public, settings

if TYPE_CHECKING:
    from llmatic.evaluate.prepare import Prepared
    from llmatic.pruning import Pruner
    from llmatic.tracking import MlflowJournal

__all__ = [
    "evaluate_source",
    "mutations",
    "new_search",
    "replay",
    "retold",
    "run",
    "simulate",
    "simulate_by",
    "train_on",
]

Observer = Callable[[Progress], None]


def new_search(config: Config) -> MlflowJournal:
    """Begin a search in the tracking store: settings and centroids are stored once."""
    from llmatic.tracking import create_search, made_with_tags

    niches = compute_niches(config, len(mutations(config)))
    return create_search(
        config.tracking,
        config.name,
        to_yaml(public(config)),
        parameters(config),
        {name: each.centroids.tolist() for name, each in niches.items()},
        {
            "search": config.name,
            "dataset": config.dataset.name,
            "llm": config.llm.name,
            "seed": str(config.seed),
            **made_with_tags(),
        },
        {name: str(value) for name, value in vars(config.dataset).items()},
    )


def run(
    journal: MlflowJournal,
    config: Config,
    llm: LLM,
    seed: str,
    make_executor: parts.MakeExecutor,
    observe: Observer,
) -> tuple[Search, str | None]:
    """Run a search to its end, from wherever its journal stands.

    Args:
        journal: The open journal of a new or an interrupted search.
        config: Its settings.
        llm: From `writer`.
        seed: From `seed_network`.
        make_executor: From `executors`.
        observe: Called after every candidate.

    Returns:
        The search with its archives, and which budget ended it early, if one did.
    """
    if isinstance(config.evaluator, TrainedConfig):  # nothing else executes what was written
        journal.tag("sandbox", parts.sandbox_of(config))  # may be another
    search = _search(journal, config)
    with make_executor() as executor:
        loop = Loop(config, search, journal, llm, executor, seed, parts.parser(config), observe)
        return search, loop.run()


def simulate(config: Config, say: Callable[[str], None], enough: float = math.inf) -> MemoryJournal:
    """Run a whole search in memory; nothing of it is stored.

    Args:
        config: Its settings.
        say: Called with what the user should read.
        enough: A fitness that ends the search, with the generation in which it is found.

    Returns:
        The journal, with all candidates.
    """
    with parts.evaluators(config) as make:
        evaluator = make()
        try:
            return simulate_by(evaluator, config, say, enough)
        finally:
            evaluator.close()


def simulate_by(
    evaluator: Evaluator, config: Config, say: Callable[[str], None], enough: float = math.inf
) -> MemoryJournal:
    """Like `simulate`, with an evaluator that the caller has made."""
    journal = MemoryJournal()
    count = len(mutations(config))
    search = Search(config, compute_niches(config, count), count)
    llm, seed = parts.writer(config, None, say), parts.seed_network(config)
    executor = DirectExecutor(evaluator)
    loop = Loop(config, search, journal, llm, executor, seed, parts.parser(config), _until(enough))
    with suppress(_Enough):
        loop.run()
    return journal


def mutations(config: Config) -> tuple[Prompt, ...]:
    """The prompts of a search, by prompt id."""
    return Catalogue.of(config.prompts).mutations


def replay(journal: MlflowJournal) -> Search:
    """The archives as the journal's committed generations made them. Nothing is run.

    Raises:
        JournalMismatchError: The journal lacks a candidate.
    """
    return retold(journal)[0]


def retold(journal: MlflowJournal) -> tuple[Search, list[Outcome]]:
    """Like `replay`, with what each candidate changed, in id order."""
    search = _search(journal, settings(journal))
    outcomes: list[Outcome] = []
    for generation in range(journal.committed + 1):
        outcomes += search.tell(finished_candidates(journal, generation, search))
    return search, outcomes


def evaluate_source(config: Config, text: str) -> tuple[Genome | None, Measurement]:
    """Measure one network, as a search would."""
    parsed = parts.parser(config)(text)
    if isinstance(parsed, Rejection):
        return None, Measurement(parsed.status, error=parsed.reason)
    with parts.evaluators(config) as make:
        evaluator = make()
        try:
            return parsed, evaluator.evaluate(parsed.source, config.seed)
        finally:
            evaluator.close()


def train_on(
    data: Prepared,
    config: Config,
    source: str,
    observe: Callable[[int, float], None],
    pruner: Pruner | None = None,
) -> Measurement:
    """Train one network of a search by a recipe of its own, through the same evaluation.

    Args:
        data: From `prepared`.
        config: Of the search, with the recipe in `trainer`.
        source: Of the network.
        observe: Called with each epoch, from 1, and the validation accuracy after it; what it
            raises stops the training and comes out of here.
        pruner: Stops the training early where it promises nothing.

    Raises:
        SandboxError: Generated code cannot be kept apart here.
    """
    from llmatic.evaluate.trained import TrainedEvaluator

    isolation = parts.isolation_of(config)
    evaluator = TrainedEvaluator(data, config.trainer, parts.limits_of(config), isolation, observe)
    try:
        return evaluator.evaluate(source, config.seed, pruner)
    finally:
        evaluator.close()


class _Enough(Exception):  # noqa: N818, it is none
    """A network was found that is as good as was asked for."""


def _until(fitness: float) -> Callable[[Progress], None]:
    def observe(progress: Progress) -> None:
        if progress.best_fitness is not None and progress.best_fitness >= fitness:
            raise _Enough

    return observe


def _search(journal: MlflowJournal, config: Config) -> Search:
    stored = journal.centroids()
    count = len(mutations(config))
    axes = {"networks": network_axes(config), "prompts": prompt_axes(count)}
    niches = {name: Niches(axes[name], np.array(points)) for name, points in stored.items()}
    return Search(config, niches, count)
