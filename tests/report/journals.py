"""Searches in memory, and facts made by hand, to make reports of."""

from datetime import UTC, datetime
from functools import cache

import numpy as np
from core import FakeExecutor, small_config

from llmatic import launch, parts, stored
from llmatic.archive import Archive, Axis, Niches, PromptArchive
from llmatic.config import to_yaml
from llmatic.llm import Completion
from llmatic.loop import Loop
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.report.facts import Facts
from llmatic.report.family import trace
from llmatic.report.reading import facts_of
from llmatic.search import Search, compute_niches
from llmatic.simulation import DirectExecutor, MemoryJournal

TABLE = "experiment=nasbench201_cifar100"


@cache
def composed(*overrides):
    """Composing takes time."""
    return small_config(*overrides)


class KeptJournal(MemoryJournal):
    """In memory, with what a report reads besides."""

    run_id = "0123456789abcdef" * 2
    name = "a search"
    begun_ms = 1_700_000_000_000

    def __init__(self, config):
        super().__init__()
        self.made_with = {"Python": "3.11.0", "commit": "abc123"}
        self._config = config
        self.niches = compute_niches(config, len(launch.mutations(config)))

    def config(self):
        return to_yaml(self._config)

    def centroids(self):
        return {name: each.centroids.tolist() for name, each in self.niches.items()}


def searched(*overrides, executor=None, writer=None):
    """The journal of a small search that has been run."""
    config = composed("search.generations=3", "search.batch_size=6", *overrides)
    journal = KeptJournal(config)
    if executor is None and config.evaluator.kind == "nasbench201":
        with parts.evaluators(config) as make:
            executor = DirectExecutor(make())
    Loop(
        config,
        Search(config, journal.niches, len(launch.mutations(config))),
        journal,
        writer or parts.writer(config, None, print),
        executor or FakeExecutor(),
        parts.seed_network(config),
        parts.parser(config),
        lambda progress: None,
    ).run()
    return journal


def facts(*overrides, **parts):
    return facts_of(searched(*overrides, **parts), "finished")


def made(id, fitness=None, flops=100.0, **given):
    """A candidate; one without fitness diverged."""
    where = CandidateId.parse(id)
    fields = {
        "operator": Operator.MUTATION,
        "parents": (CandidateId(0, 0),),
        "prompt_id": 1,
        "temperature": 0.5,
        "prompt_niche": None,
        "seed": 7,
    }
    if id == "0-0":
        seed = {"operator": Operator.SEED, "parents": (), "prompt_id": None, "temperature": None}
        fields |= seed
    changed = {name: given.pop(name) for name in list(given) if name in fields}
    status = given.pop("status", Status.DIVERGED if fitness is None else Status.OK)
    accuracies = {"val_accuracy": fitness, "test_accuracy": fitness}
    metrics = {**accuracies, "flops": flops, "params": 10.0, "train_seconds": 2.0}
    measurement = Measurement(status)
    if fitness is not None:
        descriptors = {"width_to_depth": 5.0, "flops": flops}
        measurement = Measurement(status, fitness, descriptors, metrics)
    sha256 = given.pop("source_sha256", f"{id:0>64}")
    return Candidate(Proposal(where, **{**fields, **changed}), sha256, measurement, **given)


def handmade(*candidates, sources=None, **changes):
    """Facts of candidates, all of complete generations."""
    config = composed(*changes.pop("overrides", ()))
    axes = (Axis("width_to_depth", 1, 10), Axis("flops", 0, 1_000))
    archive = Archive(Niches(axes, np.array([[0.5, 0.1], [0.5, 0.9]])))
    insertions = {}
    for each in candidates:
        if each.measurement.fitness is not None:
            insertion = archive.add(each)
            if insertion is not None:
                insertions[each.proposal.id] = insertion
    prompts = launch.mutations(config)
    known = {each.proposal.id: each for each in candidates}
    family = None
    if len(archive):
        texts = sources or {}
        family = trace(
            archive.best().candidate, known, lambda id: texts.get(str(id), f"source of {id}\n")
        )
    axes = (Axis("prompt_id", 0, len(prompts) - 1), Axis("temperature", 0, 1))
    niches = Niches(axes, np.array([[0.2, 0.5], [0.8, 0.5]]))
    given = {
        "run_id": "0123456789abcdef" * 2,
        "name": "handmade",
        "state": "finished",
        "begun": datetime(2026, 1, 2, tzinfo=UTC),
        "made_with": {},
        "config": config,
        "settings": stored.parameters(config),
        "committed": max((id.generation for id in known), default=-1),
        "spent": {"evaluations": 3, "hours": 0.5},
        "mutations": prompts,
        "candidates": candidates,
        "waiting": (),
        "completions": {id: Completion("", 10, 20, 0.5, "stop", "a model", 0.25) for id in known},
        "insertions": insertions,
        "networks": archive,
        "prompts": PromptArchive(niches, len(prompts)),
        "family": family,
    }
    return Facts(**{**given, **changes})
