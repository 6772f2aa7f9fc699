"""Trainings of found networks in the tracking store: one run each, with the weights.

A training is a run of its own beside the search, tagged with the search, the candidate
and when it was trained; it counts once it is FINISHED. Knows no networks and no recipes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmatic.tracking.fields import Point
from llmatic.tracking.patience import stop_waiting
from llmatic.tracking.runs import log, log_params, now
from llmatic.tracking.store import (
    RunFolder,
    TrackingError,
    connect,
    experiment,
    experiment_ids,
    plain_errors,
    search_runs,
)
from llmatic.tracking.story import STORY_TAG

if TYPE_CHECKING:
    from mlflow.entities import Run

    from llmatic.config import TrackingConfig

__all__ = ["FinishedTraining", "Training", "TrainingRecorder", "trainings"]

_SEARCH_TAG = "llmatic.trained_search"
_CANDIDATE_TAG = "llmatic.trained_candidate"
_TRAINED_TAG = "llmatic.trained_ms"
_WEIGHTS = "weights.safetensors"
_SOURCE = "network.py"


@dataclass(frozen=True)
class Training:
    """A finished training.

    Attributes:
        run_id: Its MLflow run.
        metrics: By name, of its last epoch.
        with_validation: Whether the validation images were trained on, too.
        place: Among the candidate's trainings, newest first, from 1.
        count: How many there are.
    """

    run_id: str
    metrics: Mapping[str, float]
    with_validation: bool
    place: int
    count: int
    _uri: str
    _folder: RunFolder

    def weights(self) -> bytes:
        """As safetensors.

        Raises:
            TrackingError: They are not there, or the store failed.
        """
        with plain_errors(self._uri):
            data = self._folder.read_bytes(_WEIGHTS)
        if data is None:
            raise TrackingError(f"training {self.run_id}: its {_WEIGHTS} is not there any more")
        return data


@dataclass(frozen=True)
class FinishedTraining:
    """All that is kept of a training.

    Attributes:
        search: The search's run.
        candidate: Its id in the search.
        params: The recipe.
        metrics: By name, of the last epoch.
        curves: By name, one value an epoch; of a name in both the curve is kept.
        source: Of the network.
        weights: As safetensors.
        note: A page of markdown that says what it is.
        trained_ms: When it was finished, in milliseconds since 1970; tells a candidate's
            trainings apart.
    """

    search: str
    candidate: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    source: str
    weights: bytes
    note: str
    trained_ms: int = field(default_factory=now)


class TrainingRecorder:
    """Keeps trainings. It reaches the store when it is made, before anything is trained."""

    def __init__(self, tracking: TrackingConfig) -> None:
        """Reach the store.

        Raises:
            TrackingError: It cannot be used.
        """
        self._uri = tracking.uri
        self._client = connect(tracking.uri, tracking.wait_s)
        with plain_errors(tracking.uri):
            self._experiment_id = experiment(self._client, tracking).experiment_id

    def keep(self, finished: FinishedTraining) -> str:
        """Keep a finished training; gives its run id.

        Nothing is left of one that could not be kept, as far as the store answers.

        Raises:
            TrackingError: It is kept already, or the store failed.
        """
        client, moment = self._client, finished.trained_ms
        took_ms = int(1_000 * finished.metrics.get("train_seconds", 0.0))
        with plain_errors(self._uri):
            for each in self._runs(finished):
                if each.info.status == "FINISHED":
                    raise TrackingError(
                        f"this training of {finished.candidate} is kept already: run "
                        f"{each.info.run_id}"
                    )
            run = client.create_run(
                self._experiment_id,
                start_time=moment - took_ms,
                run_name=f"training of {finished.candidate}",
                tags={
                    _SEARCH_TAG: finished.search,
                    _CANDIDATE_TAG: finished.candidate,
                    _TRAINED_TAG: str(moment),
                    STORY_TAG: finished.note,
                },
            )
            run_id = str(run.info.run_id)
            try:
                self._fill(run, finished)
                for each in self._runs(finished):  # a crash or a lost answer left them
                    if each.info.run_id != run_id and each.info.status != "FINISHED":
                        client.delete_run(each.info.run_id)
                client.set_terminated(run_id, end_time=moment)
            except BaseException:
                stop_waiting(client)
                with suppress(Exception):  # the first error is what matters
                    client.delete_run(run_id)
                raise
        return run_id

    def _runs(self, finished: FinishedTraining) -> list[Run]:
        """Of this very training, in all studies."""
        query = (
            f"{_of(finished.search, finished.candidate)} "
            f"AND tags.{_TRAINED_TAG} = '{finished.trained_ms}'"
        )
        return search_runs(self._client, experiment_ids(self._client), query)

    def _fill(self, run: Run, finished: FinishedTraining) -> None:
        client, run_id = self._client, run.info.run_id
        log_params(client, run_id, finished.params)
        points = [
            Point(name, value, 0)
            for name, value in finished.metrics.items()
            if name not in finished.curves
        ]
        for name, values in finished.curves.items():
            points += [Point(name, value, epoch) for epoch, value in enumerate(values)]
        log(client, run_id, points, {}, finished.trained_ms)
        folder = RunFolder.of(client, run)
        folder.write(_SOURCE, finished.source)
        folder.write(_WEIGHTS, finished.weights)


def trainings(tracking: TrackingConfig, search: str, candidate: str) -> list[Training]:
    """The finished trainings of a candidate in all studies of the store, newest first.

    Raises:
        TrackingError: The store failed.
    """
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        runs = search_runs(client, experiment_ids(client), _of(search, candidate))
    finished = [run for run in runs if run.info.status == "FINISHED"]
    finished.sort(key=lambda run: -run.info.end_time)
    return [
        Training(
            run.info.run_id,
            run.data.metrics,
            run.data.params.get("with_validation") == "True",
            place,
            len(finished),
            tracking.uri,
            RunFolder.of(client, run),
        )
        for place, run in enumerate(finished, 1)
    ]


def _of(search: str, candidate: str) -> str:
    """A query for the trainings of a candidate."""
    return f"tags.{_SEARCH_TAG} = '{search}' AND tags.{_CANDIDATE_TAG} = '{candidate}'"
