"""The two archives of the search: CVT-MAP-Elites over normalised descriptors.

Knows geometry, elites and curiosity; not how candidates are made or measured.
Descriptors are normalised to [0, 1] by fixed bounds before they meet the
centroids, so that a candidate's niche never depends on who came before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree
from threadpoolctl import threadpool_limits

from llmatic.records import Candidate, CandidateId

__all__ = [
    "Archive",
    "Axis",
    "Elite",
    "Insertion",
    "Niches",
    "PromptArchive",
    "PromptIndividual",
    "merit",
]

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """One descriptor's bounds; a log axis is normalised on a logarithmic scale."""

    name: str
    low: float
    high: float
    log: bool = False

    def normalise(self, value: float) -> float:
        """Map [low, high] to [0, 1]; values outside are clipped."""
        clipped = min(max(value, self.low), self.high)
        if self.log:
            return float(np.log(clipped / self.low) / np.log(self.high / self.low))
        return (clipped - self.low) / (self.high - self.low)

    def value(self, normalised: float) -> float:
        """The descriptor's value at a place in [0, 1]."""
        if self.log:
            return float(self.low * (self.high / self.low) ** normalised)
        return self.low + normalised * (self.high - self.low)


class Niches:
    """A centroidal Voronoi tessellation of the unit cube.

    Attributes:
        axes: The descriptors, one per dimension.
        centroids: (niches, axes), in [0, 1].
    """

    def __init__(self, axes: Sequence[Axis], centroids: Points) -> None:
        self.axes = tuple(axes)
        self.centroids = centroids
        self._tree = KDTree(centroids)

    @classmethod
    def compute(cls, axes: Sequence[Axis], niches: int, samples: int, seed: int) -> Self:
        """Centroids by k-means over uniform samples (Vassiliades et al. 2018, Alg. 2)."""
        from sklearn.cluster import KMeans

        points = np.random.default_rng([seed, len(axes)]).random((samples, len(axes)))
        with threadpool_limits(limits=1):  # sums in another order are other centroids
            kmeans = KMeans(niches, n_init=1, random_state=seed % 2**32).fit(points)
        means = kmeans.cluster_centers_
        return cls(axes, means[np.lexsort(means.T)])

    def __len__(self) -> int:
        return len(self.centroids)

    def point(self, descriptors: Mapping[str, float]) -> Points:
        """Normalised descriptors, shape (axes,)."""
        return np.array([axis.normalise(descriptors[axis.name]) for axis in self.axes])

    def niche(self, point: Points) -> int:
        """The niche whose centroid is nearest."""
        return int(self._tree.query(point)[1])


@dataclass(frozen=True, slots=True)
class Elite:
    """The best candidate of a niche."""

    niche: int
    candidate: Candidate
    fitness: float
    point: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Insertion:
    """A candidate entered the archive.

    Attributes:
        niche: Where.
        improvement: Fitness gained over the elite it displaced, or its whole fitness.
        displaced: The elite that lost its niche.
    """

    niche: int
    improvement: float
    displaced: CandidateId | None


class Archive:
    """The network archive: each niche keeps its fittest candidate."""

    def __init__(self, niches: Niches) -> None:
        self.niches = niches
        self._elites: dict[int, Elite] = {}

    def __len__(self) -> int:
        return len(self._elites)

    def add(self, candidate: Candidate) -> Insertion | None:
        """Offer a trainable candidate; it enters an empty niche or beats a niche's elite."""
        measurement = candidate.measurement
        assert measurement.fitness is not None, "only trainable candidates are offered"
        point = self.niches.point(measurement.descriptors)
        niche = self.niches.niche(point)
        current = self._elites.get(niche)
        if current is not None and measurement.fitness <= current.fitness:
            return None
        self._elites[niche] = Elite(
            niche, candidate, measurement.fitness, tuple(float(value) for value in point)
        )
        if current is None:
            return Insertion(niche, measurement.fitness, None)
        return Insertion(
            niche, measurement.fitness - current.fitness, current.candidate.proposal.id
        )

    def admits(self, candidate: Candidate) -> bool:
        """Whether a trainable candidate would enter now; who would not never will."""
        measurement = candidate.measurement
        assert measurement.fitness is not None, "only trainable candidates are offered"
        niche = self.niches.niche(self.niches.point(measurement.descriptors))
        current = self._elites.get(niche)
        return current is None or measurement.fitness > current.fitness

    def elites(self) -> list[Elite]:
        """All elites, by niche."""
        return [self._elites[niche] for niche in sorted(self._elites)]

    def best(self) -> Elite:
        """The fittest elite; of equals the one with the fewest FLOPs.

        Raises:
            ValueError: The archive is empty.
        """
        if not self._elites:
            raise ValueError("the archive is empty")
        return min(self._elites.values(), key=merit)

    def sample(self, rng: np.random.Generator, n: int) -> list[Candidate]:
        """Uniformly random elites: all different where there are enough."""
        elites = self.elites()
        return [elites[i].candidate for i in rng.choice(len(elites), n, replace=n > len(elites))]

    def neighbours(self, candidate: Candidate, k: int) -> list[Candidate]:
        """The k elites nearest in normalised descriptor space, nearest first.

        That of the candidate's own niche is left out.
        """
        point = self.niches.point(candidate.measurement.descriptors)
        own = self.niches.niche(point)
        others = [other for other in self.elites() if other.niche != own]
        if not others:
            return []
        tree = KDTree([other.point for other in others])
        _, found = tree.query(point, k=list(range(1, min(k, len(others)) + 1)))
        return [others[int(i)].candidate for i in found]

    @property
    def coverage(self) -> float:
        """Share of niches that are filled."""
        return len(self._elites) / len(self.niches)

    @property
    def qd_score(self) -> float:
        """Sum of the elites' fitness."""
        return sum(elite.fitness for elite in self.elites())


def merit(elite: Elite) -> tuple[float, float, CandidateId]:
    """A key to sort by: fittest first, of equals the one with the fewest FLOPs, then the oldest."""
    candidate = elite.candidate
    return -elite.fitness, candidate.measurement.descriptors["flops"], candidate.proposal.id


@dataclass(frozen=True, slots=True)
class PromptIndividual:
    """A prompt at a temperature, and how fruitful it has been of late."""

    prompt_id: int
    temperature: float
    curiosity: float


class PromptArchive:
    """The prompt archive: niches over prompt id and temperature.

    Fitness is collective: all individuals of a prompt id share one score, which
    changes for all at once. It is therefore kept beside the niches, not in them.
    """

    def __init__(self, niches: Niches, prompts: int) -> None:
        self.niches = niches
        self.collective_fitness = [0] * prompts
        self._individuals: dict[int, PromptIndividual] = {}

    def __len__(self) -> int:
        return len(self._individuals)

    def __getitem__(self, niche: int) -> PromptIndividual:
        return self._individuals[niche]

    def items(self) -> list[tuple[int, PromptIndividual]]:
        """(niche, individual), by niche."""
        return sorted(self._individuals.items())

    def niche(self, prompt_id: int, temperature: float) -> int:
        """The niche an individual belongs to."""
        point = self.niches.point({"prompt_id": prompt_id, "temperature": temperature})
        return self.niches.niche(point)

    def credit(self, niche: int, prompt_id: int, curiosity: float) -> None:
        """Add to the curiosity of a niche's individual, if this prompt still lives there."""
        individual = self._individuals.get(niche)
        if individual is not None and individual.prompt_id == prompt_id:
            self._individuals[niche] = replace(
                individual, curiosity=individual.curiosity + curiosity
            )

    def offer(self, prompt_id: int, temperature: float, curiosity: float) -> None:
        """Offer an individual with the curiosity that its network earned.

        It enters an empty niche, or one whose prompt has a lower collective fitness.
        """
        niche = self.niche(prompt_id, temperature)
        current = self._individuals.get(niche)
        fitness = self.collective_fitness
        if current is None or fitness[prompt_id] > fitness[current.prompt_id]:
            self._individuals[niche] = PromptIndividual(prompt_id, temperature, curiosity)

    def most_curious(self) -> int:
        """The niche of the most curious individual; of equals the first."""
        return min(self.items(), key=lambda item: (-item[1].curiosity, item[0]))[0]

    def sample(self, rng: np.random.Generator) -> int:
        """The niche of a uniformly random individual."""
        return int(rng.choice(sorted(self._individuals)))
