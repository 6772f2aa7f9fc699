"""The archives' counterparts without a map: populations that keep the best.

For the ablations of Nasir et al. 2024, Sec. 5: what is left of the search when one of its
two archives is taken away. Each offers what its archive offers to the operators.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from llmatic.archive import Archive, PromptIndividual
from llmatic.records import Candidate

__all__ = ["Either", "NetworkPopulation", "PromptPopulation"]


class NetworkPopulation:
    """The fittest networks, whatever their descriptors are."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._members: list[tuple[float, Candidate]] = []

    def __len__(self) -> int:
        return len(self._members)

    def add(self, candidate: Candidate) -> bool:
        """Offer a trainable candidate; it enters while there is room, or by beating the worst.

        A network that is a member already does not enter again.
        """
        fitness = candidate.measurement.fitness
        assert fitness is not None, "only trainable candidates are offered"
        if any(candidate.source_sha256 == member.source_sha256 for _, member in self._members):
            return False
        if len(self) == self._size:
            worst = min(self._members, key=lambda member: member[0])
            if fitness <= worst[0]:
                return False
            self._members.remove(worst)
        self._members.append((fitness, candidate))
        return True

    def sample(self, rng: np.random.Generator, n: int) -> list[Candidate]:
        """Uniformly random members: all different where there are enough."""
        chosen = rng.choice(len(self), n, replace=n > len(self))
        return [self._members[i][1] for i in chosen]

    def neighbours(self, candidate: Candidate, k: int) -> list[Candidate]:
        """The k other members of the most similar structure, most similar first."""
        others = [member for _, member in self._members if member.proposal != candidate.proposal]
        structure = candidate.structure
        return sorted(others, key=lambda other: -_cosine(structure, other.structure))[:k]


class Either:
    """Parents from an archive or a population, each as often."""

    def __init__(self, archive: Archive, population: NetworkPopulation) -> None:
        self._sources = (archive, population)

    def __len__(self) -> int:
        return len(self._sources[1])

    def sample(self, rng: np.random.Generator, n: int) -> list[Candidate]:
        """Uniformly random ones of one of the two."""
        return self._sources[int(rng.integers(2))].sample(rng, n)

    def neighbours(self, candidate: Candidate, k: int) -> list[Candidate]:
        """Those of the population that are most like a candidate."""
        return self._sources[1].neighbours(candidate, k)


class PromptPopulation:
    """Prompts at a temperature, kept by their score; a number each instead of a niche."""

    def __init__(self, size: int, prompts: int) -> None:
        self.collective_fitness = [0] * prompts
        self._size = size
        self._born = 0
        self._members: dict[int, PromptIndividual] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, number: int) -> PromptIndividual:
        return self._members[number]

    def items(self) -> list[tuple[int, PromptIndividual]]:
        """(number, individual), oldest first."""
        return list(self._members.items())

    def credit(self, number: int, prompt_id: int, curiosity: float) -> None:
        """Add to the score of an individual, if it is still there."""
        member = self._members.get(number)
        if member is not None:
            assert member.prompt_id == prompt_id
            self._members[number] = replace(member, curiosity=member.curiosity + curiosity)

    def offer(self, prompt_id: int, temperature: float, curiosity: float) -> None:
        """Take an individual in with the score its network earned; the worst has to leave."""
        self._members[self._born] = PromptIndividual(prompt_id, temperature, curiosity)
        self._born += 1
        if len(self) > self._size:
            del self._members[min(self.items(), key=lambda item: (item[1].curiosity, item[0]))[0]]

    def most_curious(self) -> int:
        """The number of the individual with the highest score; of equals the oldest."""
        return min(self.items(), key=lambda item: (-item[1].curiosity, item[0]))[0]

    def sample(self, rng: np.random.Generator) -> int:
        """The number of a uniformly random individual."""
        return int(rng.choice(list(self._members)))


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    product = sum(count * other[name] for name, count in one.items() if name in other)
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return product / lengths if lengths else 0.0
