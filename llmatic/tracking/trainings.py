"""Trainings of found networks in the tracking store: one run each, with the weights.

A training is a run of its own beside the search, tagged with the search and the
candidate; it counts once it is FINISHED. Knows no networks and no recipes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmatic.tracking.fields import Point
from llmatic.tracking.runs import log, log_params
from llmatic.tracking.store import (
    RunFolder,
    TrackingError,
    connect,
    experiment,
    plain_errors,
    search_runs,
)

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig

__all__ = ["Training", "TrainingRecorder", "trainings"]

_SEARCH_TAG = "llmatic.trained_search"
_CANDIDATE_TAG = "llmatic.trained_candidate"
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

    def keep(
        self,
        search: str,
        candidate: str,
        params: Mapping[str, str],
        metrics: Mapping[str, float],
        curves: Mapping[str, Sequence[float]],
        source: str,
        weights: bytes,
    ) -> str:
        """Keep a finished training; gives its run id.

        Args:
            search: The search's run.
            candidate: Its id in the search.
            params: The recipe.
            metrics: By name, of the last epoch.
            curves: By name, one value an epoch; of a name in both the curve is kept.
            source: Of the network.
            weights: As safetensors.

        Raises:
            TrackingError: The store failed.
        """
        client = self._client
        with plain_errors(self._uri):
            run = client.create_run(
                self._experiment_id,
                run_name=f"training of {candidate}",
                tags={_SEARCH_TAG: search, _CANDIDATE_TAG: candidate},
            )
            log_params(client, run.info.run_id, params)
            points = [
                Point(name, value, 0) for name, value in metrics.items() if name not in curves
            ]
            for name, values in curves.items():
                points += [Point(name, value, epoch) for epoch, value in enumerate(values)]
            log(client, run.info.run_id, points, {})
            folder = RunFolder.of(client, run)
            folder.write(_SOURCE, source)
            folder.write(_WEIGHTS, weights)
            client.set_terminated(run.info.run_id)
            return str(run.info.run_id)


def trainings(tracking: TrackingConfig, search: str, candidate: str) -> list[Training]:
    """The finished trainings of a candidate in all studies of the store, newest first.

    Raises:
        TrackingError: The store failed.
    """
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        runs = search_runs(
            client,
            [study.experiment_id for study in client.search_experiments()],
            f"tags.{_SEARCH_TAG} = '{search}' AND tags.{_CANDIDATE_TAG} = '{candidate}'",
        )
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
