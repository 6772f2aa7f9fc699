"""Which of many written networks to measure, so that few measurements find much.

A surrogate learns from the networks that were measured (`llmatic.surrogate`). Part of a
batch is for the map: networks that are expected to fall into empty niches; the rest is
to beat the best. Draws no random numbers; knows neither source code nor how a pool
came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from llmatic.archive import Archive
from llmatic.records import Candidate
from llmatic.surrogate import Surrogate, choose_best, normal_scores

__all__ = ["Frontier"]

Features = Sequence[Mapping[str, float]]

REMEMBERED = 1_000
"""The latest measurements that are learnt from: what learning costs grows with their cube."""


class Frontier:
    """Learns from what was measured, attempt by attempt, and chooses what comes next."""

    def __init__(self) -> None:
        self._measured: list[Candidate] = []
        self._attempt: list[Candidate] = []

    def __len__(self) -> int:
        """How many networks the present attempt has measured."""
        return len(self._attempt)

    def learn(self, candidate: Candidate) -> None:
        """Take in a candidate that was measured, trainable or not, with its structure."""
        self._measured.append(candidate)
        self._attempt.append(candidate)

    def begin_anew(self) -> None:
        """Another attempt: how good networks are is learnt afresh, where they are is kept."""
        self._attempt = []

    @property
    def since_best(self) -> int:
        """How many networks this attempt has measured since its best."""
        return len(self) - 1 - int(np.argmax(_fitnesses(self._attempt))) if self else 0

    def choose(self, pool: Features, networks: Archive, count: int, map_share: float) -> list[int]:
        """The places in a pool of the networks to measure next.

        Calculates in one thread: the matrices are small, and other cores train networks. It
        is also the same on a machine with more of them.

        Args:
            pool: Structures of the networks there are to choose from.
            networks: The network archive.
            count: How many to choose.
            map_share: Of them, for empty niches.
        """
        attempt = self._attempt[-REMEMBERED:]
        known = [each.structure for each in attempt]
        wanted = round(count * map_share)
        chosen: list[int] = []
        with threadpool_limits(limits=1, user_api="blas"):
            belief = Surrogate.fit(known, normal_scores(_fitnesses(attempt))).believe(pool)
            if wanted:
                chosen = self._for_empty_niches(pool, networks, belief.mean, wanted)
            return [*chosen, *choose_best(belief, count - len(chosen), chosen)]

    def _for_empty_niches(
        self,
        pool: Features,
        networks: Archive,
        expected: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
        count: int,
    ) -> list[int]:
        """The fittest, as far as expected, of each niche that is expected and empty."""
        niches = networks.niches
        measured = self._measured[-REMEMBERED:]
        placed = [each for each in measured if each.measurement.status.trainable]
        points = np.array([niches.point(each.measurement.descriptors) for each in placed])
        mean, deviation = points.mean(axis=0), points.std(axis=0) + 1e-9
        targets = (points - mean) / deviation
        known = [each.structure for each in placed]
        guesses = [Surrogate.fit(known, column).believe(pool).mean for column in targets.T]
        where = np.clip(np.stack(guesses, axis=1) * deviation + mean, 0, 1)
        filled = {elite.niche for elite in networks.elites()}
        chosen: list[int] = []
        for place in np.argsort(-expected, kind="stable"):
            niche = niches.niche(where[place])
            if niche not in filled and len(chosen) < count:
                filled.add(niche)
                chosen.append(int(place))
        return chosen


def _fitnesses(measured: Sequence[Candidate]) -> list[float]:
    """One for each; a network that is not trainable is worse than all that are."""
    found = [each.measurement.fitness for each in measured]
    worst = min((fitness for fitness in found if fitness is not None), default=0.0)
    return [worst - 1 if fitness is None else fitness for fitness in found]
