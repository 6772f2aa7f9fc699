"""Searches in a tracking store: create one, find one, go on with one.

Exactly one process controls a search (see `control`). Knows which runs are searches, and
what one is begun with; not what is written while it runs.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from getpass import getuser
from typing import TYPE_CHECKING, Literal

from mlflow.entities import Dataset, DatasetInput, InputTag, RunTag

from llmatic.tracking.browsing import elites_page, elites_view, search_note
from llmatic.tracking.control import (
    CONTROLLER_TAG,
    on_another_host,
    take_control,
    this_process,
)
from llmatic.tracking.fields import TAG_LIMIT, trimmed
from llmatic.tracking.journal import COMMITTED_TAG, MlflowJournal
from llmatic.tracking.runs import log_params
from llmatic.tracking.store import (
    RunFolder,
    TrackingError,
    connect,
    database_exists,
    experiment,
    experiment_ids,
    lock,
    place,
    plain_errors,
    search_runs,
)
from llmatic.tracking.story import STORY_TAG

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

    from llmatic.config import TrackingConfig

__all__ = ["SearchInfo", "create_search", "find_search", "list_searches", "open_search"]

_READY_TAG = "llmatic.ready"
_NAME_LIMIT = 250

State = Literal["running", "interrupted", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class SearchInfo:
    """One search, for lists.

    Attributes:
        run_id: The parent run.
        name: As given by its user.
        experiment_id: The study it belongs to.
        state: ``running`` while its controller lives, ``interrupted`` if that was
            stopped or died, ``finished``, ``failed`` if it cannot be run.
        committed: The last complete generation; -1 before the first.
    """

    run_id: str
    name: str
    experiment_id: str
    state: State
    committed: int

    @property
    def interrupted(self) -> bool:
        """Whether it waits to be resumed."""
        return self.state == "interrupted"


def create_search(
    tracking: TrackingConfig,
    name: str,
    config_yaml: str,
    params: Mapping[str, str],
    centroids: Mapping[str, list[list[float]]],
    tags: Mapping[str, str],
    dataset: Mapping[str, str] | None = None,
) -> MlflowJournal:
    """Begin a search: its parent run, with everything needed to go on without this process.

    Args:
        tracking: Where.
        name: For people; need not be unique.
        config_yaml: Given back exactly by `MlflowJournal.config`.
        params: Settings to be shown in the UI; overlong values are shortened.
        centroids: Given back exactly by `MlflowJournal.centroids`.
        tags: To filter by (dataset, writer, seed, ...); repeated on every candidate.
        dataset: ``name`` and other settings of the data, shown as an MLflow dataset.

    Raises:
        TrackingError: The store cannot be used.
    """
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        tags = {"search": name, **tags}
        parent = client.create_run(
            experiment(client, tracking).experiment_id,
            run_name=trimmed(name, _NAME_LIMIT),
            tags={
                **{key: trimmed(value, TAG_LIMIT) for key, value in tags.items()},
                "mlflow.user": _user(),
                "mlflow.source.name": "llmatic",
                CONTROLLER_TAG: this_process(),
            },
        )
        folder = RunFolder.of(client, parent)
        folder.write("config.yaml", config_yaml)
        if (held := lock(folder.lock_path)) is None:
            raise TrackingError(f"{folder.lock_path}: cannot be locked by this user")
        folder.write("centroids.json", json.dumps(dict(centroids)))
        log_params(client, parent.info.run_id, params)
        run_id, study = parent.info.run_id, parent.info.experiment_id
        if dataset is not None:
            client.log_inputs(run_id, [_input(dataset)])
        client.set_experiment_tag(study, *elites_view(run_id))
        note = search_note(elites_page(study, run_id), run_id[:8])
        client.log_batch(run_id, tags=[RunTag(STORY_TAG, note), RunTag(_READY_TAG, "yes")])
    return MlflowJournal(client, tracking.uri, parent, held)


def _user() -> str:
    """Who begins a search; by number where the system has no name, as in some containers."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _input(dataset: Mapping[str, str]) -> DatasetInput:
    """A data set as MLflow shows it; its digest is of the settings, not of the images."""
    source = json.dumps(dict(dataset), sort_keys=True)
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    described = Dataset(dataset["name"], digest, "llmatic", source)
    return DatasetInput(described, [InputTag("mlflow.data.context", "training")])


def open_search(
    tracking: TrackingConfig, which: str, *, read_only: bool = False, take_over: bool = False
) -> MlflowJournal:
    """The journal of a search, to go on with it: locked, recovered, and running again.

    Args:
        tracking: Where; all studies of the store are looked through.
        which: Run id, the beginning of one, or name.
        read_only: Only look; its controller may be at work, and nothing is changed.
        take_over: Go on although another machine did not say it had stopped.

    Raises:
        TrackingError: No search or several match, another process controls it, or the
            store cannot be used.
    """
    client = _reached(tracking, which)
    with plain_errors(tracking.uri):
        parent = _found(client, tracking, which)
        if read_only:
            journal = MlflowJournal(client, tracking.uri, parent)
            journal.load()
            return journal
        what, way_out = f"search {parent.info.run_id}", "resume with --take-over"
        held = take_control(client, parent, what, way_out, take_over=take_over)
        client.update_run(parent.info.run_id, status="RUNNING")
        parent = client.get_run(parent.info.run_id)  # as its last controller left it
        journal = MlflowJournal(client, tracking.uri, parent, held)
        journal.recover()
        return journal


def find_search(tracking: TrackingConfig, which: str) -> tuple[SearchInfo, str]:
    """What is known of a search without reading its candidates, and its configuration.

    Args:
        tracking: Where; all studies of the store are looked through.
        which: Run id, the beginning of one, or name.

    Raises:
        TrackingError: No search or several match, or the store cannot be used.
    """
    client = _reached(tracking, which)
    with plain_errors(tracking.uri):
        parent = _found(client, tracking, which)
        return _info(client, parent), MlflowJournal(client, tracking.uri, parent).config()


def list_searches(tracking: TrackingConfig) -> list[SearchInfo]:
    """All searches of a store, newest first.

    Raises:
        TrackingError: The store cannot be used.
    """
    if not database_exists(tracking.uri):
        return []
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        return [_info(client, parent) for parent in reversed(_parents(client))]


def _reached(tracking: TrackingConfig, which: str) -> MlflowClient:
    if not database_exists(tracking.uri):
        raise TrackingError(f"search {which!r}: there is no store at {place(tracking.uri)} yet")
    return connect(tracking.uri, tracking.wait_s)


def _found(client: MlflowClient, tracking: TrackingConfig, which: str) -> Run:
    """The one search that is meant, whose artifacts can be reached."""
    parent = _find(client, which, place(tracking.uri))
    folder = RunFolder.of(client, parent)
    if folder.path is not None and not folder.is_here:
        raise TrackingError(
            f"search {parent.info.run_id}: keeps its artifacts in {folder.path}, a folder that "
            "is not on this machine"
        )
    return parent


def _parents(client: MlflowClient) -> list[Run]:
    return search_runs(client, experiment_ids(client), f"tags.{_READY_TAG} = 'yes'")


def _find(client: MlflowClient, which: str, store: str) -> Run:
    parents = _parents(client)
    matches = [run for run in parents if which in (run.info.run_id, run.info.run_name)]
    if not matches and which:
        matches = [run for run in parents if run.info.run_id.startswith(which)]
    if not matches:
        raise TrackingError(
            f"search {which!r}: no run id begins so and no search is named so in {store} "
            "(tracking.uri)"
        )
    if len(matches) > 1:
        ids = ", ".join(run.info.run_id for run in matches)
        raise TrackingError(f"search {which!r}: may be any of {ids}; give more of the run id")
    return matches[0]


def _info(client: MlflowClient, parent: Run) -> SearchInfo:
    return SearchInfo(
        run_id=parent.info.run_id,
        name=parent.info.run_name,
        experiment_id=parent.info.experiment_id,
        state=_state(client, parent),
        committed=int(parent.data.tags.get(COMMITTED_TAG, -1)),
    )


def _state(client: MlflowClient, parent: Run) -> State:
    if parent.info.status == "FINISHED":
        return "finished"
    if parent.info.status == "FAILED":
        return "failed"
    if parent.info.status != "RUNNING":
        return "interrupted"
    folder = RunFolder.of(client, parent)
    if not folder.is_here and on_another_host(parent.data.tags.get(CONTROLLER_TAG)):
        return "running"
    probe = lock(folder.lock_path)
    if probe is None:
        return "running"
    probe.close()
    return "interrupted"
