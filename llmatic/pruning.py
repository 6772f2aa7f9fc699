"""Stops trainings that promise nothing, by their validation accuracy so far.

What a network is compared with are the networks of complete generations, never those
that train beside it: the same search stops the same trainings, whatever finishes first.
Knows nothing of how a network is trained or stopped.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from llmatic.archive import Archive, Niches
from llmatic.config import PrunerConfig
from llmatic.records import Candidate, Status

if TYPE_CHECKING:
    import optuna
    from optuna.trial import TrialState

__all__ = ["CURVE", "Judge", "Pruner", "Pruning"]

CURVE = "val_accuracy"
"""The name of the curve that is looked at; journals keep it."""
MARGIN = 0.01
"""By how much less than its rival a network may be; chance moves the accuracy by as much."""

Judge = Callable[[Sequence[float]], bool]
"""Whether to stop, by the validation accuracy after each epoch so far."""


class Pruner(Protocol):
    """Knows what a generation's networks have to be better than."""

    def judge(self, descriptors: Mapping[str, float]) -> Judge:
        """Of one network, with its place on the map."""
        ...


class Pruning:
    """The memory of a search's pruner: what has been told so far."""

    def __init__(self, config: PrunerConfig, epochs: int) -> None:
        """Begin without memory.

        Args:
            config: Which pruner.
            epochs: Of a whole training.
        """
        self._config = config
        self._warmup = math.ceil(config.warmup_share * epochs)
        self._curves: dict[str, tuple[float, ...]] = {}
        self._study: optuna.Study | None = None
        if config.name not in ("none", "elite"):
            self._study = _study(config.name, self._warmup, epochs)

    def learn(self, candidates: Sequence[Candidate]) -> None:
        """Take in a complete generation, in id order."""
        for candidate in candidates:
            curve: Sequence[float] = ()
            if candidate.twin is None:
                curve = candidate.measurement.curves.get(CURVE, ())
            if self._study is not None:
                _replay(self._study, curve, candidate.measurement.status)
            elif curve and candidate.source_sha256 is not None:
                self._curves[candidate.source_sha256] = tuple(curve)

    def pruner(self, networks: Archive, place: int) -> Pruner | None:
        """For a network of the next generation; None where none is wanted.

        Args:
            networks: With the elites so far.
            place: Of the network in its generation; Hyperband goes by it.
        """
        if self._config.name == "none":
            return None
        if self._study is not None:
            return StudyPruner(self._study, place)
        elites = {each.niche: each.candidate.source_sha256 for each in networks.elites()}
        rivals = {
            niche: self._curves[sha256]
            for niche, sha256 in elites.items()
            if sha256 is not None and sha256 in self._curves
        }
        return ElitePruner(networks.niches, rivals, self._warmup)


@dataclass(frozen=True)
class ElitePruner:
    """Stops a network that lags behind the elite of its own niche, as that was at that epoch.

    In an empty niche nothing is hopeless, however inaccurate: whatever trains is its elite.

    Attributes:
        niches: Of the network archive.
        rivals: Validation accuracy of the elites after each epoch, by niche.
        warmup: Epochs before which nothing is stopped.
    """

    niches: Niches
    rivals: Mapping[int, Sequence[float]]
    warmup: int

    def judge(self, descriptors: Mapping[str, float]) -> Judge:
        """Of one network, with its place on the map."""
        rival = self.rivals.get(self.niches.niche(self.niches.point(descriptors)))

        def is_hopeless(accuracies: Sequence[float]) -> bool:
            epochs = len(accuracies)
            if rival is None or epochs < self.warmup:
                return False
            return max(accuracies) + MARGIN < max(rival[:epochs])

        return is_hopeless


@dataclass(frozen=True)
class StudyPruner:
    """Stops what one of Optuna's pruners would, wherever on the map it is.

    Attributes:
        study: With a trial for each candidate that has been told.
        place: Of the network in its generation.
    """

    study: optuna.Study
    place: int

    def judge(self, descriptors: Mapping[str, float]) -> Judge:
        """Of one network; those that train beside it are not in its study."""
        study = copy.deepcopy(self.study)
        for _ in range(self.place):
            study.tell(study.ask(), state=_failed())  # so that it gets the number it is told by
        trial = study.ask()

        def is_hopeless(accuracies: Sequence[float]) -> bool:
            trial.report(accuracies[-1], len(accuracies))
            return trial.should_prune()

        return is_hopeless


def _study(name: str, warmup: int, epochs: int) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruners: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
        "median": lambda: optuna.pruners.MedianPruner(n_warmup_steps=warmup),
        "successive_halving": lambda: optuna.pruners.SuccessiveHalvingPruner(
            min_resource=warmup, reduction_factor=2
        ),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(
            min_resource=max(1, warmup // 2), max_resource=epochs, reduction_factor=2
        ),
    }
    return optuna.create_study(direction="maximize", pruner=pruners[name](), study_name=name)


def _failed() -> TrialState:
    from optuna.trial import TrialState

    return TrialState.FAIL


def _replay(study: optuna.Study, curve: Sequence[float], status: Status) -> None:
    """Tell a study of a candidate as if it had been one of its trials."""
    from optuna.trial import TrialState

    trial = study.ask()
    if not curve:
        study.tell(trial, state=TrialState.FAIL)
        return
    for epoch, accuracy in enumerate(curve, start=1):
        trial.report(accuracy, epoch)
        trial.should_prune()  # successive halving notes what it asks for
    if status is Status.PRUNED:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, curve[-1])
