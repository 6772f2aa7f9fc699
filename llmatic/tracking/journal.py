"""The journal of one search on MLflow: a parent run, and one child run per candidate.

A candidate's run goes through `create_run` and its texts (a draft), then texts, one
`log_batch` whose last transaction sets the record tag (finished), and
`set_terminated`. A process may die between any two: `recover` brings every run back
to one of these states, so that nothing is lost or doubled. SIGKILL is survived;
after a power failure the last texts may be missing, as they are not synced to disk.

Knows how a journal is kept, not how it is found (`searches`) or what a search does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TextIO

from llmatic.journal import NO_FIELDS, Draft, Fields
from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId
from llmatic.search import Outcome
from llmatic.tracking.browsing import elites_page, run_page
from llmatic.tracking.control import CONTROLLER_TAG
from llmatic.tracking.elites import WEIGHTS_FILE, Elites
from llmatic.tracking.fields import (
    DRAFT_TAG,
    RECORD_TAG,
    TAG_LIMIT,
    Header,
    Point,
    artifacts,
    difference,
    draft_tags,
    figures,
    read_record,
    readable_tags,
    record,
    trimmed,
)
from llmatic.tracking.known import Known
from llmatic.tracking.patience import stop_waiting
from llmatic.tracking.provenance import made_with
from llmatic.tracking.runs import candidate_runs, log, now, read_draft
from llmatic.tracking.store import RunFolder, TrackingError, plain_errors, search_runs
from llmatic.tracking.story import STORY_TAG, story

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

__all__ = ["COMMITTED_TAG", "MlflowJournal"]

COMMITTED_TAG = "llmatic.committed"
_SUMMARY_TAG = "llmatic.summary"
_SPENT_TAG = "llmatic.spent"
_SOURCES_KEPT = 256
_ENDS = {"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}


class MlflowJournal:
    """The journal of one search; satisfies `llmatic.journal.Journal`.

    Made by `create_search` and `open_search`. Everything but texts is
    read once and then served from memory.

    Attributes:
        run_id: The parent run.
        name: The search's name.
        begun_ms: When it was begun, in milliseconds since 1970.
        made_with: Versions and commit it was begun with, by name.
    """

    def __init__(
        self, client: MlflowClient, uri: str, parent: Run, held: TextIO | None = None
    ) -> None:
        self.run_id: str = parent.info.run_id
        self.name: str = parent.info.run_name
        self._client = client
        self._uri = uri
        self._experiment_id: str = parent.info.experiment_id
        self._folder = RunFolder.of(client, parent)
        self._held = held
        self._ending: str | None = None
        tags: Mapping[str, str] = parent.data.tags
        self._controller = tags.get(CONTROLLER_TAG)
        self.begun_ms: int = parent.info.start_time
        self.made_with: Mapping[str, str] = made_with(tags)
        self._repeated = {
            k: v for k, v in tags.items() if not k.startswith(("mlflow.", "llmatic."))
        }
        self._committed = int(tags.get(COMMITTED_TAG, -1))
        self._summary = tags.get(_SUMMARY_TAG)
        self._spent: dict[str, float] = json.loads(tags.get(_SPENT_TAG, "{}"))
        self._known = Known()
        self._elites = Elites(client, self._known.folder)
        self._sources: dict[CandidateId, str] = {}

    @property
    def committed(self) -> int:
        """The last complete generation; -1 before the first."""
        return self._committed

    @property
    def spent(self) -> dict[str, float]:
        """What was last given to `spend`; empty before."""
        return self._spent

    @property
    def ui_path(self) -> str:
        """Where the UI shows this search's elites, to be put after its address."""
        return elites_page(self._experiment_id, self.run_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """A search that was not ended was interrupted; if the store is down, it cannot say so."""
        if self._held is None:
            return
        if error is not None:
            stop_waiting(self._client)
        try:
            self.end("interrupted")
        except TrackingError:
            if error is None:
                raise
        finally:
            self._let_go()

    def config(self) -> str:
        """The YAML text the search was created or last amended with."""
        return self._text(self._folder, "config.yaml")

    def amend(self, config_yaml: str, changes: str) -> None:
        """Store settings that replace those the search was created with.

        Args:
            config_yaml: Given back by `config` from now on.
            changes: The same for people; a tag of the search's run.

        Raises:
            TrackingError: The store failed.
        """
        assert self._held is not None
        with plain_errors(self._uri):
            self._folder.write("config.yaml", config_yaml)
            self._client.set_tag(self.run_id, "resumed with", trimmed(changes, TAG_LIMIT))

    def tag(self, name: str, value: str) -> None:
        """Set a tag of the search and of every candidate that is opened from now on.

        Raises:
            TrackingError: The store failed.
        """
        assert self._held is not None
        with plain_errors(self._uri):
            self._client.set_tag(self.run_id, name, value)
        self._repeated[name] = value

    def centroids(self) -> dict[str, list[list[float]]]:
        """The centroids the search was created with, by archive."""
        centroids: dict[str, list[list[float]]] = json.loads(
            self._text(self._folder, "centroids.json")
        )
        return centroids

    def candidates(self) -> list[Candidate]:
        """All finished candidates, in id order."""
        return self._known.candidates()

    def candidate_run_id(self, id: CandidateId) -> str:
        """The run of a candidate.

        Raises:
            LookupError: There is no such candidate.
        """
        return self._known.folder(id).run_id

    def candidate_path(self, id: CandidateId) -> str:
        """Where the UI shows a candidate, to be put after its address.

        Raises:
            LookupError: There is no such candidate.
        """
        return run_page(self._experiment_id, self.candidate_run_id(id))

    def draft(self, id: CandidateId) -> Draft:
        """A candidate as it was opened, whether it is finished or not.

        Raises:
            LookupError: There is no such candidate, or its texts are not complete.
            TrackingError: The store failed.
        """
        if id not in self._known:
            raise LookupError("there is no such candidate")
        with plain_errors(self._uri):
            draft = read_draft(self._known.header(id), self._known.folder(id))
        if draft is None:
            raise LookupError("its prompt or completion is not complete")
        return draft

    def drafts(self, generation: int) -> dict[CandidateId, Draft]:
        """Candidates of a generation that were opened and not closed, in id order.

        Raises:
            TrackingError: The store failed.
        """
        known = self._known
        with plain_errors(self._uri):
            drafts = {
                id: read_draft(known.header(id), known.folder(id))
                for id in known.unfinished(generation)
            }
        return {id: draft for id, draft in drafts.items() if draft is not None}

    def finished(self, generation: int) -> dict[CandidateId, Candidate]:
        """Candidates of a generation that were closed, in id order."""
        return self._known.finished(generation)

    def completions(self, generation: int) -> dict[CandidateId, Completion]:
        """What was written for a generation's candidates, the texts left out."""
        return self._known.completions(generation)

    def open(self, draft: Draft) -> None:
        """Store a draft before it is evaluated; a second call replaces the first.

        Raises:
            TrackingError: The store failed, or the draft's bookkeeping is too long.
        """
        id = draft.proposal.id
        assert self._held is not None
        assert not self._known.is_finished(id)
        tags = {"mlflow.parentRunId": self.run_id, **self._repeated, **draft_tags(draft)}
        with plain_errors(self._uri):
            if id in self._known:
                folder = self._known.folder(id)
                log(self._client, folder.run_id, [], tags)
            else:
                run = self._client.create_run(self._experiment_id, tags=tags)
                folder = RunFolder.of(self._client, run)
            self._known.write(id, Header.of(draft), folder)
            if draft.prompt is not None:
                folder.write("prompt.txt", draft.prompt)
            if draft.completion.unmended:
                folder.write("unmended.txt", draft.completion.unmended)
            folder.write("completion.txt", draft.completion.text)

    def close(
        self,
        candidate: Candidate,
        source: str | None,
        parent_source: str | None,
        fields: Fields = NO_FIELDS,
    ) -> None:
        """Store what came out of an open draft (see `Journal.close`).

        Raises:
            TrackingError: The store failed, or the measurement is too long.
        """
        id = candidate.proposal.id
        header, folder = self._known.header(id), self._known.folder(id)
        assert not self._known.is_finished(id)
        text = record(candidate)
        change = None
        if source is not None and parent_source is not None:
            change = difference(parent_source, source, str(candidate.proposal.parents[0]))
        told = story(candidate, header.prompt_key, source, change, self._ui_link)
        with plain_errors(self._uri):
            for name, content in artifacts(candidate, source, change):
                folder.write(name, content)
            weights = candidate.measurement.weights
            kept = {} if weights is None else self._elites.keep(id, weights)
            log(
                self._client,
                folder.run_id,
                figures(header, candidate, fields),
                {
                    **readable_tags(candidate, fields),
                    **kept,
                    STORY_TAG: told,
                    RECORD_TAG: text,
                },
            )
            self._client.set_terminated(folder.run_id)
        self._known.finish(read_record(header.proposal, text))
        if source is not None:
            self._keep_source(id, source)

    def source(self, id: CandidateId) -> str:
        """The source that `close` was given for a candidate.

        Raises:
            LookupError: No source was stored for it.
            TrackingError: The store failed.
        """
        if id not in self._sources:
            self._keep_source(id, self._text(self._known.folder(id), "network.py"))
        return self._sources[id]

    def weights(self, id: CandidateId) -> bytes:
        """The weights of a candidate that keeps them, as safetensors.

        Raises:
            LookupError: There are none: it is no elite, or its network cannot be stored.
            TrackingError: The store failed.
        """
        if not self._elites.has_weights(id):
            raise LookupError("it keeps no weights")
        with plain_errors(self._uri):
            data = self._known.folder(id).read_bytes(WEIGHTS_FILE)
        if data is None:
            raise LookupError(f"run {self._known.folder(id).run_id} has no {WEIGHTS_FILE}")
        return data

    def attach(self, folder: Path, name: str) -> Path | None:
        """Keep the files of a folder among the search's artifacts, in a folder of that name.

        Needs no control of the search; files of the same names are replaced one by one.

        Returns:
            Where the folder then is; None where only the store can reach it.

        Raises:
            TrackingError: The store failed.
        """
        with plain_errors(self._uri):
            return self._folder.attach(folder, name)

    def commit(
        self, generation: int, summary: Mapping[str, float], outcomes: Sequence[Outcome]
    ) -> None:
        """Mark a generation as complete; for a committed one nothing happens.

        Raises:
            TrackingError: The store failed.
        """
        assert self._held is not None
        if generation <= self._committed:
            return
        with plain_errors(self._uri):
            self._elites.mark(outcomes)
            self._summary = json.dumps(
                {"generation": generation, "time": now(), "values": dict(summary)}
            )
            tags = {COMMITTED_TAG: str(generation), _SUMMARY_TAG: self._summary}
            log(self._client, self.run_id, [], tags)
            self._committed = generation
            self._log_summary()

    def spend(self, figures: Mapping[str, float]) -> None:
        """Store what the search has used up so far, in place of what was stored before.

        Raises:
            TrackingError: The store failed.
        """
        self._spent = dict(figures)
        with plain_errors(self._uri):
            log(self._client, self.run_id, [], {_SPENT_TAG: json.dumps(self._spent)})

    def end(self, status: Literal["finished", "interrupted", "failed"]) -> None:
        """Say how the search stopped and let go of it; repeated, the first status counts.

        Raises:
            TrackingError: The store failed, or another process has taken the search over.
        """
        assert self._held is not None
        self._ending = self._ending or _ENDS[status]
        with plain_errors(self._uri):
            controller = self._client.get_run(self.run_id).data.tags.get(CONTROLLER_TAG)
            if controller not in (None, self._controller):
                raise TrackingError(
                    f"search {self.run_id}: process {controller} has taken it over; what this one "
                    "did not store is left to it"
                )
            self._delete_twins()
            if controller is not None:
                self._client.delete_tag(self.run_id, CONTROLLER_TAG)
            self._client.set_terminated(self.run_id, self._ending)
        self._let_go()

    def load(self) -> None:
        """Read all candidates; where a crash left two runs for one, the better one counts."""
        for id, (best, *_) in candidate_runs(
            self._client, self._experiment_id, self.run_id
        ).items():
            self._take(id, best)

    def recover(self) -> None:
        """Like `load`, and clean up what a crash left half written.

        A finished candidate's run is terminated. A draft that got metrics but no record
        starts over in a new run, as metrics cannot be taken back. A candidate's other
        runs are deleted.
        """
        for id, (best, *others) in candidate_runs(
            self._client, self._experiment_id, self.run_id
        ).items():
            self._take(id, best)
            if self._known.is_finished(id):
                if best.info.status == "RUNNING":
                    self._client.set_terminated(best.info.run_id)
            elif best.data.metrics:
                draft = read_draft(self._known.header(id), self._known.folder(id))
                self._known.forget(id)
                if draft is not None:
                    self.open(draft)
                others.append(best)
            for run in others:
                self._client.delete_run(run.info.run_id)
        if self._summary is not None:
            self._log_summary()

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _delete_twins(self) -> None:
        """A server that answered too late may have made a candidate's run twice."""
        query = f"tags.mlflow.parentRunId = '{self.run_id}' and attributes.status = 'RUNNING'"
        for run in search_runs(self._client, [self._experiment_id], query):
            id = Header.from_json(run.data.tags[DRAFT_TAG]).proposal.id
            if id in self._known and self._known.folder(id).run_id != run.info.run_id:
                self._client.delete_run(run.info.run_id)

    def _ui_link(self, id: CandidateId) -> str | None:
        """Where the UI shows a candidate, from within the UI; None where there is none."""
        if id not in self._known:
            return None
        return run_page(self._experiment_id, self._known.folder(id).run_id)

    def _take(self, id: CandidateId, run: Run) -> None:
        header = Header.from_json(run.data.tags[DRAFT_TAG])
        folder = RunFolder.of(self._client, run)
        self._known.write(id, header, folder)
        if RECORD_TAG not in run.data.tags:
            return
        self._known.finish(read_record(header.proposal, run.data.tags[RECORD_TAG]))
        self._elites.take(id, run)

    def _text(self, folder: RunFolder, name: str) -> str:
        with plain_errors(self._uri):
            text = folder.read(name)
        if text is None:
            raise LookupError(f"run {folder.run_id} has no {name}")
        return text

    def _keep_source(self, id: CandidateId, source: str) -> None:
        while len(self._sources) >= _SOURCES_KEPT:
            del self._sources[next(iter(self._sources))]
        self._sources[id] = source

    def _log_summary(self) -> None:
        """May be repeated: MLflow stores an equal point at an equal time once."""
        assert self._summary is not None
        summary = json.loads(self._summary)
        step = summary["generation"]
        points = [Point(name, value, step) for name, value in summary["values"].items()]
        log(self._client, self.run_id, points, {}, summary["time"])
