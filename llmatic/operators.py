"""Selection: which parents, which prompt, at which temperature.

Each operator fills one generation's batch from the archives. Pure: the same
archives and random numbers give the same proposals. Knows no source code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from llmatic.archive import PromptIndividual
from llmatic.config import SearchConfig
from llmatic.records import SEED_ID, Candidate, CandidateId, Operator, Proposal

__all__ = [
    "Parents",
    "Prompts",
    "clip_temperature",
    "create",
    "crossover",
    "explore",
    "in_share",
    "initialise",
    "mutate",
    "proposal_rng",
    "repair",
    "seed_proposal",
]

MIN_TEMPERATURE = 0.01
"""Temperatures are clipped to (0, 1]; this is the open end."""


class Parents(Protocol):
    """Networks to be parents: an archive or a population."""

    def __len__(self) -> int: ...

    def sample(self, rng: np.random.Generator, n: int) -> list[Candidate]:
        """Uniformly random ones."""
        ...

    def neighbours(self, candidate: Candidate, k: int) -> list[Candidate]:
        """The k others that are most like a candidate."""
        ...


class Prompts(Protocol):
    """Prompts at a temperature: an archive or a population."""

    def __getitem__(self, niche: int) -> PromptIndividual: ...

    def most_curious(self) -> int:
        """Where the most curious individual is."""
        ...

    def __len__(self) -> int: ...

    def sample(self, rng: np.random.Generator) -> int:
        """Where a uniformly random individual is."""
        ...


def proposal_rng(seed: int, id: CandidateId) -> np.random.Generator:
    """Random numbers that depend on (search seed, generation, index) and nothing else."""
    return np.random.default_rng([seed, id.generation, id.index])


def clip_temperature(temperature: float) -> float:
    """Clip to (0, 1]."""
    return min(max(temperature, MIN_TEMPERATURE), 1.0)


def seed_proposal(seed: int) -> Proposal:
    """Generation 0: the seed network."""
    rng = proposal_rng(seed, SEED_ID)
    return Proposal(SEED_ID, Operator.SEED, (), None, None, None, _draw_seed(rng))


def initialise(
    ids: Sequence[CandidateId], seed: int, prompts: int, config: SearchConfig
) -> list[Proposal]:
    """Mutate the seed network with random prompts (Nasir et al. 2024, Alg. 1, l. 4-6)."""

    def propose(id: CandidateId) -> Proposal:
        rng = proposal_rng(seed, id)
        prompt_id = int(rng.integers(prompts))
        temperature = config.init_temperature
        return Proposal(
            id, Operator.MUTATION, (SEED_ID,), prompt_id, temperature, None, _draw_seed(rng)
        )

    return [propose(id) for id in ids]


def create(ids: Sequence[CandidateId], seed: int, config: SearchConfig) -> list[Proposal]:
    """Every network from scratch, beside the seed network (Nasir et al. 2024, Sec. 5)."""

    def propose(id: CandidateId) -> Proposal:
        draw, temperature = _draw_seed(proposal_rng(seed, id)), config.init_temperature
        return Proposal(id, Operator.CREATE, (SEED_ID,), None, temperature, None, draw)

    return [propose(id) for id in ids]


def mutate(
    ids: Sequence[CandidateId],
    seed: int,
    parents: Parents,
    prompts: Prompts,
    config: SearchConfig,
) -> list[Proposal]:
    """Mutate random elites (Nasir et al. 2024, Sec. 3.3).

    A share of the batch uses the most curious prompt individual, the rest random
    ones; a share of it uses a perturbed temperature. At one half each, all four
    combinations are equally frequent.
    """

    def propose(place: int, id: CandidateId) -> Proposal:
        rng = proposal_rng(seed, id)
        parent = parents.sample(rng, 1)[0].proposal.id
        curious = in_share(place, config.curious_share)
        niche = prompts.most_curious() if curious else prompts.sample(rng)
        individual = prompts[niche]
        temperature = individual.temperature
        if in_share(place // 2, config.perturbed_share):
            spread = config.temperature_perturbation
            temperature = clip_temperature(temperature + rng.uniform(-spread, spread))
        return Proposal(
            id,
            Operator.MUTATION,
            (parent,),
            individual.prompt_id,
            temperature,
            niche,
            _draw_seed(rng),
        )

    return [propose(place, id) for place, id in enumerate(ids)]


def explore(
    ids: Sequence[CandidateId], seed: int, parents: Parents, prompts: int
) -> list[Proposal]:
    """Mutate random parents with any prompt at any temperature, whatever came of it before."""

    def propose(id: CandidateId) -> Proposal:
        rng = proposal_rng(seed, id)
        parent = parents.sample(rng, 1)[0].proposal.id
        prompt_id = int(rng.integers(prompts))
        temperature = clip_temperature(rng.random())
        return Proposal(
            id, Operator.MUTATION, (parent,), prompt_id, temperature, None, _draw_seed(rng)
        )

    return [propose(id) for id in ids]


def crossover(
    ids: Sequence[CandidateId], seed: int, parents: Parents, config: SearchConfig
) -> list[Proposal]:
    """Combine random elites with their nearest neighbours (Nasir et al. 2024, Sec. 3.3).

    Elites are drawn, a set at a time, until the batch is full.
    """
    rng = np.random.default_rng([seed, ids[0].generation, ids[0].index, 1])
    pairs: list[tuple[CandidateId, CandidateId]] = []
    while len(pairs) < len(ids):
        for elite in parents.sample(rng, min(config.crossover_elites, len(parents))):
            k = int(rng.choice(config.crossover_neighbours))
            pairs += [
                (elite.proposal.id, near.proposal.id) for near in parents.neighbours(elite, k)
            ]
    return [
        Proposal(
            id,
            Operator.CROSSOVER,
            pair,
            None,
            config.crossover_temperature,
            None,
            _draw_seed(proposal_rng(seed, id)),
        )
        for id, pair in zip(ids, pairs, strict=False)
    ]


def repair(
    failed: Sequence[Candidate], seed: int, generation: int, batch_size: int
) -> list[Proposal]:
    """One more try for each network that failed, numbered behind its generation's batch.

    A repair uses no prompt individual and credits none: the prompt is answerable for
    what was made with it alone.
    """

    def propose(broken: Proposal) -> Proposal:
        id = CandidateId(generation, batch_size + broken.id.index)
        temperature = broken.temperature
        draw = _draw_seed(proposal_rng(seed, id))
        return Proposal(id, Operator.REPAIR, (broken.id,), None, temperature, None, draw)

    return [propose(each.proposal) for each in failed]


def in_share(place: int, share: float) -> bool:
    """Whether this place of a batch falls into a share that is spread evenly over it."""
    return int((place + 1) * share) > int(place * share)


def _draw_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
