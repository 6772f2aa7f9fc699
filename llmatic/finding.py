"""A network of a search with its weights: the search's own, or those of a training since.

Knows the journal; builds and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmatic.errors import UserError
from llmatic.records import Candidate, CandidateId

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal, Training

__all__ = ["Found", "NetworkError", "accuracies", "found", "network"]

WORSE = 0.02
"""How much less accurate than in the search is worth a word."""
SHORT = 8
"""Characters of a run id, for people."""


class NetworkError(UserError):
    """A network of a search is not there, or not fit for what is asked; says why."""


@dataclass(frozen=True)
class Found:
    """A network of a search, with all that is needed to use it.

    Attributes:
        candidate: With its measurement in the search.
        source: Of the network.
        weights: As safetensors.
        training: Whose weights they are; None for the search's.
    """

    candidate: Candidate
    source: str
    weights: bytes
    training: Training | None = None

    @property
    def id(self) -> CandidateId:
        """In its search."""
        return self.candidate.proposal.id

    @property
    def metrics(self) -> Mapping[str, float]:
        """By name, with these weights."""
        later = {} if self.training is None else self.training.metrics
        return {**self.candidate.measurement.metrics, **later}

    @property
    def origin(self) -> dict[str, Any]:
        """Whose weights they are and how good, beside the search's, for programs."""
        searched = self.candidate.measurement.metrics
        training = self.training
        return {
            "training": None if training is None else training.run_id,
            "newest": training is not None and training.place == 1,
            "trainings": None if training is None else training.count,
            "with_validation": training is not None and training.with_validation,
            "val_accuracy": self.metrics["val_accuracy"],
            "test_accuracy": self.metrics["test_accuracy"],
            "searched_val_accuracy": searched["val_accuracy"],
            "searched_test_accuracy": searched["test_accuracy"],
        }

    @property
    def told(self) -> str:
        """The same in one line."""
        searched = self.candidate.measurement.metrics
        if self.training is None:
            return f"Weights of {self.id}: the search's: {accuracies(searched)}"
        rank = "the newest" if self.training.place == 1 else "one"
        among = f"{rank} of {self.training.count}" if self.training.count > 1 else "the only one"
        was = f"{searched['val_accuracy']:.4f}, {searched['test_accuracy']:.4f}"
        worse = self.metrics["test_accuracy"] < searched["test_accuracy"] - WORSE
        return (
            f"Weights of {self.id}: training {self.training.run_id[:SHORT]}, {among}: "
            f"{_trained(self.training)} (in the search: {was}"
            + ("; better weights: --as-searched)" if worse else ")")
        )


def network(journal: MlflowJournal, named: str) -> tuple[Candidate, str]:
    """A candidate of a search that was trained, and its source.

    Args:
        journal: Of its search.
        named: Its id, as in ``3-9``.

    Raises:
        NetworkError: There is none.
    """
    candidates = {str(each.proposal.id): each for each in journal.candidates()}
    candidate = candidates.get(named)
    if candidate is None:
        raise NetworkError(
            f"CANDIDATE {named}: this search has no such candidate; "
            "give generation and index, as in 3-9 (`show` lists the elites)"
        )
    if not candidate.measurement.status.trainable:
        raise NetworkError(
            f"CANDIDATE {named}: was not trained ({candidate.measurement.status}); "
            "`show` lists networks that were"
        )
    return candidate, journal.source(candidate.proposal.id)


def found(
    journal: MlflowJournal,
    named: str,
    trainings: Sequence[Training] = (),
    which: str | None = None,
) -> Found:
    """A candidate's network with its weights.

    Args:
        journal: Of its search.
        named: Its id, as in ``3-9``.
        trainings: That were done since, newest first: the first one's weights are taken;
            where there is none, the search's.
        which: The run id of another of them, or its beginning.

    Raises:
        NetworkError: There is none, or it has no weights.
        TrackingError: The store failed.
    """
    candidate, source = network(journal, named)
    if which is not None:
        trainings = [_chosen(named, which, trainings)]
    if trainings:
        return Found(candidate, source, trainings[0].weights(), trainings[0])
    try:
        return Found(candidate, source, journal.weights(candidate.proposal.id))
    except LookupError as error:
        raise NetworkError(
            f"CANDIDATE {named}: {error}; only elites of a search that trains keep weights "
            "(`show` lists them all, and `train` makes weights for any network)"
        ) from None


def accuracies(metrics: Mapping[str, float]) -> str:
    """Of a network, for people."""
    return (
        f"validation accuracy {metrics['val_accuracy']:.4f}, "
        f"test accuracy {metrics['test_accuracy']:.4f}"
    )


def _chosen(named: str, which: str, trainings: Sequence[Training]) -> Training:
    """The one training whose run id begins so."""
    matches = [each for each in trainings if each.run_id.startswith(which)]
    if len(matches) == 1 and which:
        return matches[0]
    if not trainings:
        raise NetworkError(f"--training {which}: {named} was not trained since; see `train`")
    listed = "; ".join(f"{each.run_id[:SHORT]} ({_trained(each)})" for each in trainings)
    what = "may be any of several trainings" if matches else "is no training"
    raise NetworkError(f"--training {which}: {what} of {named}; there are, newest first: {listed}")


def _trained(training: Training) -> str:
    told = accuracies(training.metrics)
    return f"{told}, validation images trained on" if training.with_validation else told
