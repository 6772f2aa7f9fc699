"""The search itself: Algorithm 1 of Nasir et al. 2024 as a pure ask/tell object.

Knows archives, operators and random numbers; not torch, MLflow, clocks or
files. The same object runs live, in replay and in simulation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llmatic.archive import Archive, Axis, Insertion, Niches, PromptArchive
from llmatic.config import Config
from llmatic.errors import UserError
from llmatic.frontier import Frontier
from llmatic.operators import (
    Parents,
    clip_temperature,
    create,
    crossover,
    explore,
    in_share,
    initialise,
    mutate,
    repair,
    seed_proposal,
)
from llmatic.population import Either, NetworkPopulation, PromptPopulation
from llmatic.records import (
    SEED_ID,
    Candidate,
    CandidateId,
    Measurement,
    Operator,
    Proposal,
    Status,
)

__all__ = [
    "Outcome",
    "Search",
    "SeedFailedError",
    "Written",
    "compute_niches",
    "network_axes",
    "prompt_axes",
]


class SeedFailedError(UserError):
    """The seed network is not trainable, so there is nothing to start from."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What telling a candidate changed."""

    candidate: Candidate
    insertion: Insertion | None


@dataclass(frozen=True, slots=True)
class Written:
    """A network that was written and can be measured.

    Attributes:
        proposal: What was asked for.
        source_sha256: Its identity.
        structure: What its source is made of, as `llmatic.structure` counts it.
    """

    proposal: Proposal
    source_sha256: str
    structure: Mapping[str, float]


def network_axes(config: Config) -> tuple[Axis, Axis]:
    """The network archive's descriptors: width-to-depth ratio and FLOPs."""
    ratio, flops = config.dataset.width_to_depth, config.dataset.flops
    return (
        Axis("width_to_depth", ratio.low, ratio.high, ratio.log),
        Axis("flops", flops.low, flops.high, flops.log),
    )


def prompt_axes(prompts: int) -> tuple[Axis, Axis]:
    """The prompt archive's descriptors: prompt id and temperature."""
    return Axis("prompt_id", 0, prompts - 1), Axis("temperature", 0, 1)


def compute_niches(config: Config, prompts: int) -> dict[str, Niches]:
    """Both archives' niches, keyed ``networks`` and ``prompts``; computed once per search."""
    axes = {"networks": network_axes(config), "prompts": prompt_axes(prompts)}
    constants = config.search
    return {
        name: Niches.compute(axis, constants.niches, constants.centroid_samples, config.seed)
        for name, axis in axes.items()
    }


class Search:
    """Ask for a generation's proposals, tell their candidates, and so on.

    Attributes:
        generation: The generation that `ask` proposes; 0 is the seed network alone.
        networks: The network archive; kept in every search, whether parents are taken from
            it or not.
        prompts: The prompt archive, or the population that takes its place.
    """

    def __init__(self, config: Config, niches: Mapping[str, Niches], prompts: int) -> None:
        self.generation = 0
        constants = config.search
        self.networks = Archive(niches["networks"])
        self.prompts: PromptArchive | PromptPopulation = (
            PromptArchive(niches["prompts"], prompts)
            if constants.prompts_from == "archive"
            else PromptPopulation(constants.population, prompts)
        )
        self._population = (
            None if constants.parents_from == "archive" else NetworkPopulation(constants.population)
        )
        self._config = constants
        self._catalogue = prompts
        self._frontier = Frontier()
        self._asked: list[Proposal] | None = None
        self._seed = config.seed
        self._known: dict[str, Candidate] = {}
        self._previous_best = -np.inf

    def ask(self) -> list[Proposal]:
        """This generation's proposals, in id order; the same until they are told."""
        if self._asked is None:
            self._asked = self._propose()
        return list(self._asked)

    def _propose(self) -> list[Proposal]:
        if self.generation == 0:
            return [seed_proposal(self._seed)]
        ids = [CandidateId(self.generation, i) for i in range(self._config.written)]
        constants = self._config
        if self.initialising and constants.init_from == "scratch":
            return create(ids, self._seed, constants)
        if self.initialising:
            return initialise(ids, self._seed, self._catalogue, constants)
        made, varied = _split(ids, constants.create_share)
        proposals = create(made, self._seed, constants)
        if constants.operator_draw == "generation":
            mutants, children = (varied, []) if self._draws_mutation(0) else ([], varied)
        else:
            draws = [(id, self._draws_mutation(id.index)) for id in varied]
            mutants = [id for id, mutates in draws if mutates]
            children = [id for id, mutates in draws if not mutates]
        proposals += self._mutate(mutants) if mutants else []
        proposals += self._crossover(children) if children else []
        return sorted(proposals, key=lambda proposal: proposal.id)

    def repairs(self, candidates: Sequence[Candidate]) -> list[Proposal]:
        """Further proposals for those of this generation's candidates that can be mended.

        None unless ``search.repair`` is set. A network is sent back once.

        Args:
            candidates: Of this generation's batch, all of them, in id order.
        """
        if not self._config.repair or self.generation == 0:
            return []
        failed = [
            each
            for each in candidates
            if each.measurement.status.is_repairable
            and each.twin is None
            and each.proposal.operator is not Operator.REPAIR
        ]
        return repair(failed, self._seed, self.generation, self._config.written)

    def choose(self, written: Sequence[Written]) -> set[CandidateId]:
        """Which of a generation's networks are to be measured.

        Args:
            written: All that are new, each once, in id order.
        """
        count = self._config.batch_size
        if len(written) <= count or len(self._frontier) < self._config.init_networks:
            return {each.proposal.id for each in written[:count]}
        pool = [each.structure for each in written]
        places = self._frontier.choose(pool, self.networks, count, self._config.map_share)
        return {written[place].proposal.id for place in places}

    def tell(self, candidates: Sequence[Candidate]) -> list[Outcome]:
        """Take in the whole generation, in id order (Alg. 1, l. 15-24).

        Raises:
            SeedFailedError: Generation 0's seed network is not trainable.
        """
        told = sorted(candidates, key=lambda candidate: candidate.proposal.id)
        asked = [proposal.id for proposal in (*self.ask(), *self.repairs(told))]
        assert [each.proposal.id for each in told] == asked, "tell what was asked"
        outcomes = [self._tell_one(candidate) for candidate in told]
        fitnesses = [c.measurement.fitness for c in told if c.measurement.fitness is not None]
        if fitnesses:
            self._previous_best = max(fitnesses)
        if self._is_stuck:
            self._begin_anew()
        self.generation += 1
        self._asked = None
        return outcomes

    def known(self, source_sha256: str) -> Candidate | None:
        """The first candidate that was told with this network."""
        return self._known.get(source_sha256)

    @property
    def chooses(self) -> bool:
        """Whether more networks are written than are measured."""
        return self._config.pool is not None

    @property
    def needs_structure(self) -> bool:
        """Whether candidates have to be told with their structure."""
        return self._population is not None or self.chooses

    @property
    def _parents(self) -> Parents:
        if self._population is None:
            return self.networks
        if self._config.parents_from == "both":
            return Either(self.networks, self._population)
        return self._population

    @property
    def initialising(self) -> bool:
        """Whether the next networks do not come from those found so far: there are too few."""
        enough = self._config.init_networks
        if self._population is not None:
            enough = min(enough, self._config.population)
        parents = len(self._parents)
        if self._config.init_from == "scratch":
            return parents < enough
        prompts = len(self.prompts)
        few = parents < enough and prompts < self._config.init_prompts
        return prompts == 0 or parents == 0 or few

    @property
    def _is_stuck(self) -> bool:
        """Whether the present attempt has found nothing better for long."""
        patience = self._config.patience
        return patience is not None and self._frontier.since_best >= patience

    def _begin_anew(self) -> None:
        """Another attempt, from scratch; the archives, and what was measured, stay."""
        self._frontier.begin_anew()
        if self._population is not None:
            self._population = NetworkPopulation(self._config.population)

    def _draws_mutation(self, index: int) -> bool:
        rng = np.random.default_rng([self._seed, self.generation, index, 2])
        alone = len(self._parents) < 2
        return alone or bool(rng.random() < self._config.mutation_probability)

    def _mutate(self, ids: Sequence[CandidateId]) -> list[Proposal]:
        share = self._config.fresh_share if len(self.prompts) else 1.0
        fresh, others = _split(ids, share)
        return [
            *explore(fresh, self._seed, self._parents, self._catalogue),
            *mutate(others, self._seed, self._parents, self.prompts, self._config),
        ]

    def _crossover(self, ids: Sequence[CandidateId]) -> list[Proposal]:
        return crossover(ids, self._seed, self._parents, self._config)

    def _tell_one(self, candidate: Candidate) -> Outcome:
        measurement = candidate.measurement
        if candidate.proposal.id == SEED_ID and not measurement.status.trainable:
            raise SeedFailedError(
                f"the seed network cannot be trained: {measurement.status}"
                + (f": {measurement.error}" if measurement.error else "")
            )
        if candidate.source_sha256 is not None and measurement.status.is_lasting:
            self._known.setdefault(candidate.source_sha256, candidate)
        if self.chooses and candidate.structure and candidate.twin is None:
            self._frontier.learn(candidate)
        insertion = self.networks.add(candidate) if measurement.status.trainable else None
        entered = insertion is not None
        if self._population is not None and measurement.status.trainable:
            entered = self._population.add(candidate)
        credited = candidate.proposal.prompt_id is not None
        if credited and measurement.status is not Status.NOT_CHOSEN:
            self._credit(candidate.proposal, measurement, entered)
        return Outcome(candidate, insertion)

    def _credit(self, proposal: Proposal, measurement: Measurement, entered: bool) -> None:
        """Curiosity, collective fitness and the new temperature of the prompt that was used."""
        assert proposal.prompt_id is not None
        assert proposal.temperature is not None
        fitness = -np.inf if measurement.fitness is None else measurement.fitness
        if fitness > self._previous_best:
            self.prompts.collective_fitness[proposal.prompt_id] += 1
        step = self._config.temperature_step
        temperature = clip_temperature(
            proposal.temperature + (step if fitness >= self._previous_best else -step)
        )
        curiosity = self._curiosity(measurement, entered)
        niche = proposal.prompt_niche
        if niche is None and isinstance(self.prompts, PromptArchive):
            niche = self.prompts.niche(proposal.prompt_id, temperature)
        if niche is not None:
            self.prompts.credit(niche, proposal.prompt_id, curiosity)
        self.prompts.offer(proposal.prompt_id, temperature, curiosity)

    def _curiosity(self, measurement: Measurement, entered: bool) -> float:
        if not measurement.status.works:
            return self._config.curiosity_untrainable
        return self._config.curiosity_entered if entered else self._config.curiosity_rejected


def _split(ids: Sequence[CandidateId], share: float) -> tuple[list[CandidateId], list[CandidateId]]:
    """A share of a batch, spread evenly over it, and the rest."""
    taken = [id for place, id in enumerate(ids) if in_share(place, share)]
    rest = [id for place, id in enumerate(ids) if not in_share(place, share)]
    return taken, rest
