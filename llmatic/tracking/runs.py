"""Single runs of a search as the store has them: found, read and written.

A crash may leave two runs for one candidate; the better one comes first. Knows
nothing of what is done about it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlflow.entities import Metric, Param, RunTag

from llmatic.journal import Draft
from llmatic.records import CandidateId
from llmatic.tracking.fields import DRAFT_TAG, RECORD_TAG, Header, Point, trimmed
from llmatic.tracking.store import RunFolder, search_runs

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

__all__ = ["candidate_runs", "log", "log_params", "now", "read_draft"]

_BATCH = 1_000
_PARAM_LIMIT = 6_000
_PARAMS_PER_CALL = 100


def candidate_runs(
    client: MlflowClient, experiment_id: str, search_run_id: str
) -> dict[CandidateId, list[Run]]:
    """Every candidate's runs, the one that counts first."""
    runs: defaultdict[CandidateId, list[Run]] = defaultdict(list)
    query = f"tags.mlflow.parentRunId = '{search_run_id}'"
    for run in search_runs(client, [experiment_id], query):
        runs[Header.from_json(run.data.tags[DRAFT_TAG]).proposal.id].append(run)

    def rank(run: Run) -> tuple[bool, bool, bool]:
        header = Header.from_json(run.data.tags[DRAFT_TAG])
        unreadable = read_draft(header, RunFolder.of(client, run)) is None
        return RECORD_TAG not in run.data.tags, unreadable, bool(run.data.metrics)

    return {id: sorted(same, key=rank) if same[1:] else same for id, same in runs.items()}


def read_draft(header: Header, folder: RunFolder) -> Draft | None:
    """A draft with its texts; None where they are missing or cut off."""
    return header.draft(folder.read("prompt.txt"), folder.read("completion.txt"))


def log(
    client: MlflowClient,
    run_id: str,
    points: Sequence[Point],
    tags: Mapping[str, str],
    time_ms: int | None = None,
) -> None:
    """Metrics first, then all tags in one transaction (MLflow's order)."""
    moment = now() if time_ms is None else time_ms
    metrics = [Metric(point.name, float(point.value), moment, point.step) for point in points]
    while len(metrics) > _BATCH:
        client.log_batch(run_id, metrics=metrics[:_BATCH])
        metrics = metrics[_BATCH:]
    client.log_batch(
        run_id, metrics=metrics, tags=[RunTag(name, value) for name, value in tags.items()]
    )


def log_params(client: MlflowClient, run_id: str, params: Mapping[str, str]) -> None:
    """Parameters of a run, for people; what is too long is cut."""
    shown = [Param(name, trimmed(value, _PARAM_LIMIT)) for name, value in params.items()]
    for start in range(0, len(shown), _PARAMS_PER_CALL):
        client.log_batch(run_id, params=shown[start : start + _PARAMS_PER_CALL])


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1_000)
