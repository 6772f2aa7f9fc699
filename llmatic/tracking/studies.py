"""Studies in the tracking store: a parent run, and one child run per finished search.

A child counts once it is FINISHED; what a crash left behind is removed. Knows texts and
figures, not what they mean.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from llmatic.tracking.control import CONTROLLER_TAG, take_control
from llmatic.tracking.fields import TAG_LIMIT, Point, trimmed
from llmatic.tracking.patience import stop_waiting
from llmatic.tracking.runs import log, log_params
from llmatic.tracking.store import (
    RunFolder,
    TrackingError,
    connect,
    experiment,
    plain_errors,
    search_runs,
)
from llmatic.tracking.story import STORY_TAG

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

    from llmatic.config import TrackingConfig

__all__ = ["StudyJournal", "open_study", "study_results"]

_KEY_TAG = "llmatic.key"
_STUDY_TAG = "llmatic.study"
_RESULT = "result.json"


class StudyJournal:
    """What is known of a study; made by `open_study`.

    Attributes:
        run_id: The parent run.
    """

    def __init__(self, client: MlflowClient, uri: str, parent: Run, held: TextIO) -> None:
        self.run_id: str = parent.info.run_id
        self._controller: str = parent.data.tags[CONTROLLER_TAG]
        self._client = client
        self._uri = uri
        self._experiment_id: str = parent.info.experiment_id
        self._held = held
        self._finished: dict[str, Run] = {}
        for run in search_runs(
            client, [self._experiment_id], f"tags.mlflow.parentRunId = '{self.run_id}'"
        ):
            if run.info.status == "FINISHED":
                self._finished[run.data.tags[_KEY_TAG]] = run
            else:
                client.delete_run(run.info.run_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """A study that was left by an exception can be gone on with.

        If the store is down, it cannot say so; one that was taken over is left as it is.
        """
        if error is not None:
            stop_waiting(self._client)
        try:
            with plain_errors(self._uri):
                self._end("FINISHED" if error is None else "KILLED")
        except TrackingError:
            if error is None:
                raise
        finally:
            self._held.close()

    @property
    def keys(self) -> list[str]:
        """Under which something is recorded, in the order it was."""
        return list(self._finished)

    def result(self, key: str) -> str | None:
        """The text that was recorded under a key; None if there is none."""
        if key not in self._finished:
            return None
        with plain_errors(self._uri):
            return RunFolder.of(self._client, self._finished[key]).read(_RESULT)

    def record(
        self,
        key: str,
        name: str,
        tags: Mapping[str, str],
        points: Iterable[tuple[str, float, int]],
        text: str,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Keep one result.

        Args:
            key: What `result` finds it by; what was recorded under it before is replaced.
            name: For people.
            tags: To filter by.
            points: (name, value, step) of figures, for people.
            text: Given back by `result`.
            params: Settings, for people to compare by.

        Raises:
            TrackingError: The store failed.
        """
        shown = {name: trimmed(value, TAG_LIMIT) for name, value in tags.items()}
        with plain_errors(self._uri):
            run = self._client.create_run(
                self._experiment_id,
                run_name=name,
                tags={**shown, "mlflow.parentRunId": self.run_id, _KEY_TAG: key},
            )
            if params is not None:
                log_params(self._client, run.info.run_id, params)
            RunFolder.of(self._client, run).write(_RESULT, text)
            log(self._client, run.info.run_id, [Point(*each) for each in points], {})
            self._client.set_terminated(run.info.run_id)
            if key in self._finished:
                self._client.delete_run(self._finished[key].info.run_id)
            self._finished[key] = run

    def describe(self, note: str, figures: Mapping[str, float]) -> None:
        """Say what came of the study, for people.

        Args:
            note: A page of markdown; replaces the one before.
            figures: By name.

        Raises:
            TrackingError: The store failed.
        """
        points = [Point(name, value, 0) for name, value in figures.items()]
        with plain_errors(self._uri):
            log(self._client, self.run_id, points, {STORY_TAG: note})

    def attach_all(self, write: Callable[[Path], None]) -> None:
        """Keep whatever is written into a folder with the study itself.

        Raises:
            TrackingError: The store failed.
        """
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            self.attach(sorted(Path(folder).iterdir()))

    def attach(self, files: Sequence[Path]) -> None:
        """Keep files with the study itself.

        Raises:
            TrackingError: The store failed.
        """
        with plain_errors(self._uri):
            for file in files:
                self._client.log_artifact(self.run_id, str(file))

    def _end(self, status: str) -> None:
        controller = self._client.get_run(self.run_id).data.tags.get(CONTROLLER_TAG)
        if controller not in (None, self._controller):
            return
        if controller is not None:
            self._client.delete_tag(self.run_id, CONTROLLER_TAG)
        self._client.set_terminated(self.run_id, status=status)


def study_results(tracking: TrackingConfig, kind: str, key: str) -> list[str]:
    """The texts that were recorded in a study so far; none where there is no such study.

    Raises:
        TrackingError: The store cannot be used.
    """
    tracking = _beside(tracking, kind)
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        kept_in = client.get_experiment_by_name(tracking.experiment)
        ids = [] if kept_in is None else [kept_in.experiment_id]
        texts = []
        for parent in _studies(client, ids, key):
            of_it = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
            for run in search_runs(client, ids, of_it):
                text = RunFolder.of(client, run).read(_RESULT)
                if run.info.status == "FINISHED" and text is not None:
                    texts.append(text)
        return texts


def _beside(tracking: TrackingConfig, kind: str) -> TrackingConfig:
    """An experiment of their own, whose name says what they are."""
    return replace(tracking, experiment=f"{tracking.experiment}-{kind}")


def open_study(
    tracking: TrackingConfig, kind: str, key: str, name: str, params: Mapping[str, str]
) -> StudyJournal:
    """Begin a study, or go on with the one that has this key.

    Studies are kept apart from searches, in an experiment whose name says so.

    Args:
        tracking: Where.
        kind: What is studied, a word.
        key: The same for studies whose results can be put together.
        name: For people.
        params: Settings, for people.

    Raises:
        TrackingError: The store cannot be used, or another process works on this study.
    """
    tracking = _beside(tracking, kind)
    client = connect(tracking.uri, tracking.wait_s)
    with plain_errors(tracking.uri):
        experiment_id = experiment(client, tracking).experiment_id
        found = _studies(client, [experiment_id], key)
        parent = found[0] if found else _begun(client, experiment_id, key, name, params)
        run_id = parent.info.run_id
        RunFolder.of(client, parent).write("study.txt", name)  # its lock is in its folder
        way_out = f"delete the tag {CONTROLLER_TAG} of that run"
        held = take_control(client, parent, f"study {run_id}", way_out)
        try:
            client.update_run(run_id, status="RUNNING")
            return StudyJournal(client, tracking.uri, client.get_run(run_id), held)
        except BaseException:
            held.close()
            raise


def _studies(client: MlflowClient, ids: Sequence[str], key: str) -> list[Run]:
    """The runs of studies that have this key, the one that counts first."""
    found = search_runs(client, ids, f"tags.{_STUDY_TAG} = '{key}'") if ids else []
    return sorted(found, key=lambda run: (run.info.start_time, run.info.run_id))


def _begun(
    client: MlflowClient, experiment_id: str, key: str, name: str, params: Mapping[str, str]
) -> Run:
    """A new study; another process may begin the same one at once, and one of them counts."""
    made = client.create_run(experiment_id, run_name=name, tags={_STUDY_TAG: key})
    log_params(client, made.info.run_id, params)
    first = _studies(client, [experiment_id], key)[0]
    if first.info.run_id != made.info.run_id:
        client.delete_run(made.info.run_id)
    return first
