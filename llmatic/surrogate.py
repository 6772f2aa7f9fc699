"""What is to be expected of a network that was not trained yet: a Gaussian process.

Learns from the features of the networks that were measured and the order of their
fitnesses; how far these lie apart plays no part, so one that failed to learn distorts
nothing. Networks are alike as far as they are alike in every group of features
(`structure`); how much each group counts is learnt too. Knows no archives and draws no
random numbers: the same measurements give the same choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack, solve_triangular
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

__all__ = ["Belief", "Surrogate", "choose_best", "normal_scores"]

Array = NDArray[np.float64]
Features = Sequence[Mapping[str, float]]

VARIANCE = 1.0
DISSIMILARITY = 0.22
NOISE = 0.1
SPREAD = 1.0
ITERATIONS = 20
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Belief:
    """What is expected of some networks, in standard deviations of what was measured.

    Attributes:
        mean: (networks,)
        covariance: (networks, networks), of the fitness without noise.
        noise: The variance between networks that cannot be told apart.
        best: The highest that was measured.
    """

    mean: Array
    covariance: Array
    noise: float
    best: float


def normal_scores(values: Sequence[float]) -> Array:
    """Each value's place among all, as a quantile of the normal distribution."""
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(values) - 0.5) / len(values)))


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A Gaussian process over networks' features; make one with `fit`.

    Attributes:
        columns: The names of the features of what was measured, numbered.
        points: (measured, names)
        scales: The mean squared distance between two networks in each group in which
            they differ.
        logs: Logarithms of the variance, of each group's weight and of the noise.
    """

    columns: Mapping[str, int]
    points: Array
    scales: Mapping[str, float]
    logs: Array
    _best: float
    _factor: Array
    _solved: Array

    @classmethod
    def fit(cls, features: Features, targets: Array) -> Self:
        """Learn from what was measured.

        The weights of the groups are those that make the targets most likely, with a
        log-normal prior that keeps them moderate where little is known.

        Args:
            features: From `structure`, one per measured network.
            targets: (measured,), of about mean 0 and variance 1; fitnesses as `normal_scores`.
        """
        assert features
        assert len(features) == len(targets)
        columns: dict[str, int] = {}
        points = _matrix(features, columns)
        found = {
            group: _squares(points[:, places], points[:, places])
            for group, places in _groups(columns).items()
        }
        scales = {group: float(square.mean()) for group, square in found.items()}
        scales = {group: scale for group, scale in scales.items() if scale > SMALLEST}
        squares = [found[group] / scale for group, scale in scales.items()]
        logs = _most_likely(squares, targets)
        kernel = _kernel(squares, logs, (len(targets), len(targets)))
        factor = np.linalg.cholesky(kernel + np.exp(logs[-1]) * np.eye(len(targets)))
        solved = cho_solve((factor, True), targets)
        best = float(targets.max())
        return cls(columns, points, scales, logs, best, factor, solved)

    def believe(self, features: Features) -> Belief:
        """What is expected of some networks.

        Args:
            features: One or more, one per network.
        """
        columns = dict(self.columns)
        fresh = _matrix(features, columns)
        known = np.pad(self.points, ((0, 0), (0, len(columns) - len(self.columns))))
        groups = _groups(columns)
        across, among = [], []
        for group, scale in self.scales.items():
            new, old = fresh[:, groups[group]], known[:, groups[group]]
            across.append(_squares(new, old) / scale)
            among.append(_squares(new, new) / scale)
        covariance = _kernel(across, self.logs, (len(fresh), len(known)))
        explained = solve_triangular(self._factor, covariance.T, lower=True)
        return Belief(
            covariance @ self._solved,
            _kernel(among, self.logs, (len(fresh), len(fresh))) - explained.T @ explained,
            float(np.exp(self.logs[-1])),
            self._best,
        )


def choose_best(belief: Belief, count: int, taken: Sequence[int] = ()) -> list[int]:
    """The networks to measure next, most promising first.

    Each is the one with the largest expected improvement over the best that was measured,
    given that those chosen before turn out as expected: that leaves the means as they are
    and makes their like more certain, as the kriging believer of Ginsbourger et al. (2010)
    does, except that one expected to be the new best raises no bar for those after it. The
    noise counts as a chance to improve: where networks are about as good as each other,
    which one is best is luck, and the way to have it is to try them all.

    Args:
        belief: About the networks there are to choose from.
        count: How many to choose; fewer where there are fewer.
        taken: Those that are chosen already, for another reason.
    """
    covariance = belief.covariance
    chosen: list[int] = []
    for pick in taken:
        covariance = _after(covariance, pick, belief.noise)
    for _ in range(min(count, len(belief.mean) - len(taken))):
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0) + belief.noise)
        gain = _expected_improvement(belief.mean, deviation, belief.best)
        gain[[*taken, *chosen]] = -np.inf
        pick = int(np.argmax(gain))
        chosen.append(pick)
        covariance = _after(covariance, pick, belief.noise)
    return chosen


def _after(covariance: Array, pick: int, noise: float) -> Array:
    """What is left of the uncertainty once one network is measured."""
    column = covariance[:, pick]
    return np.asarray(covariance - np.outer(column, column) / (covariance[pick, pick] + noise))


def _expected_improvement(mean: Array, deviation: Array, best: float) -> Array:
    """By how much a normal variable exceeds `best` on average (Jones et al. 1998, eq. 15)."""
    z = (mean - best) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(deviation * (z * ndtr(z) + density))


def _matrix(features: Features, columns: dict[str, int]) -> Array:
    """One row per network; names that have no column yet are given the next ones."""
    rows = [[columns.setdefault(name, len(columns)) for name in network] for network in features]
    matrix = np.zeros((len(features), len(columns)))
    for row, places, network in zip(matrix, rows, features, strict=True):
        row[places] = list(network.values())
    return matrix


def _groups(columns: Mapping[str, int]) -> dict[str, list[int]]:
    """The columns of each group: what stands before the colon."""
    groups: dict[str, list[int]] = {}
    for name, place in columns.items():
        groups.setdefault(name.partition(":")[0], []).append(place)
    return groups


def _squares(first: Array, second: Array) -> Array:
    """Squared Euclidean distances: (rows of the first, rows of the second)."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None]
    return np.asarray(np.maximum(squares - 2 * first @ second.T, 0))


def _apart(squares: Sequence[Array], logs: Array, shape: tuple[int, int]) -> Array:
    """Distances over all groups, weighted; never quite 0."""
    total = np.full(shape, SMALLEST)
    for weight, square in zip(np.exp(logs[1:-1]), squares, strict=True):
        total += weight * square
    return np.asarray(np.sqrt(total))


def _kernel(squares: Sequence[Array], logs: Array, shape: tuple[int, int]) -> Array:
    """Exponential in the distance (Matern 1/2); without the noise.

    A smoother one is too sure of what lies between networks it knows: once many of a
    kind were measured it expects nothing of all others, and a search ends beside the best.
    """
    return np.asarray(np.exp(logs[0] - _apart(squares, logs, shape)))


def _most_likely(squares: Sequence[Array], targets: Array) -> Array:
    """The logarithms of variance, weights and noise at the maximum of their posterior."""
    groups = len(squares)
    prior = np.log([VARIANCE, *[DISSIMILARITY / max(groups, 1)] * groups, NOISE])
    eye = np.eye(len(targets))

    def loss(logs: Array) -> tuple[float, Array]:
        apart = _apart(squares, logs, eye.shape)
        kernel = np.exp(logs[0] - apart)
        noise = np.exp(logs[-1])
        factor, failed = lapack.dpotrf(kernel + noise * eye, lower=1)
        if failed:
            return 1e6, np.zeros_like(logs)
        solved = lapack.dpotrs(factor, targets, lower=1)[0]
        lower = np.tril(lapack.dpotri(factor, lower=1)[0])
        inverse = lower + np.tril(lower, -1).T
        slope = inverse - np.outer(solved, solved)
        pull = slope * kernel
        nearer = pull / (2 * apart)
        weights = [
            -weight * (nearer * square).sum()
            for weight, square in zip(np.exp(logs[1:-1]), squares, strict=True)
        ]
        gradient = 0.5 * np.array([pull.sum(), *weights, noise * np.trace(slope)])
        away = (logs - prior) / SPREAD
        value = 0.5 * targets @ solved + np.log(np.diag(factor)).sum() + 0.5 * (away**2).sum()
        return float(value), gradient + away / SPREAD

    options = {"maxiter": ITERATIONS}
    return np.asarray(minimize(loss, prior, jac=True, method="L-BFGS-B", options=options).x)
