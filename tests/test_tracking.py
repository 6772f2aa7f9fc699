"""Every journal keeps what it is given; the one on MLflow survives being killed anywhere."""

import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from stores import Server, postgres, postgres_programs

from llmatic.archive import Insertion
from llmatic.config import TrackingConfig
from llmatic.errors import UserError
from llmatic.journal import Draft
from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.search import Outcome
from llmatic.simulation import MemoryJournal
from llmatic.tracking import (
    FinishedTraining,
    TrackingError,
    TrainingRecorder,
    create_search,
    list_searches,
    open_search,
    patience,
    trainings,
)
from llmatic.tracking.fields import Header, artifacts, figures, read_record, readable_tags, record
from llmatic.tracking.patience import absence
from llmatic.tracking.store import RunFolder, connect, lock, place, plain_errors

CONFIG = "seed: 1\nname: trial  # ünïcode\r\n"
CENTROIDS = {"networks": [[0.1, 1 / 3], [0.7, 1e-17]], "prompts": [[0.0, 1.0]]}
TAGS = {"dataset": "digits", "llm": "grammar", "seed": "1"}
ODD = "class Net:\r\n\tx = 'ß\u2028\x00'\ud800\n\n"


def proposal(generation, index, operator=Operator.MUTATION, **changes):
    made = Proposal(
        id=CandidateId(generation, index),
        operator=operator,
        parents=(CandidateId(0, 0),),
        prompt_id=6,
        temperature=0.1 + 0.2,
        prompt_niche=3,
        seed=2**63 - 1,
    )
    return replace(made, **changes)


SEED = proposal(
    0, 0, Operator.SEED, parents=(), prompt_id=None, temperature=None, prompt_niche=None
)


def draft(proposal, text=ODD):
    prompt = None if proposal.operator is Operator.SEED else f"Improve {proposal.id}:\r\n{ODD}"
    completion = Completion(text, 12, 34, 0.1 + 0.7, "stop", "a model", 0.125)
    return Draft(proposal, prompt, completion, "add_convolution")


def measured(proposal, fitness=0.5, **changes):
    measurement = Measurement(
        Status.OK,
        fitness,
        {"width_to_depth": 100 / 3, "flops": 1e9 + 1},
        {"val_accuracy": fitness, "test_accuracy": math.nan, "params": 1234.0, "flops": 1e9 + 1},
        {"val_accuracy": (0.1, math.nan, fitness), "train_loss": (2.0, 1.0, 0.5)},
    )
    return Candidate(proposal, "ab" * 32, replace(measurement, **changes))


def bits(candidate):
    """Equal for candidates that are equal to the last bit, NaN included; curves are not kept."""
    stripped = replace(candidate.measurement, curves={})
    return candidate.proposal, candidate.source_sha256, stripped.to_json(), candidate.twin


def outcome(candidate, niche=None, displaced=None):
    return Outcome(candidate, None if niche is None else Insertion(niche, 0.5, displaced))


def create(tracking, name="trial"):
    return create_search(tracking, name, CONFIG, {"trainer.epochs": "2"}, CENTROIDS, TAGS)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A SQLite store with its tables, to be copied: making one takes seconds."""
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def local(tmp_path, empty_store):
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    return TrackingConfig(
        f"sqlite:///{tmp_path / 'mlflow.db'}", "a study/ß", str(tmp_path / "artifacts")
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory, empty_store):
    """A real tracking server on a loopback port."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(empty_store, folder / "mlflow.db")
    with Server(folder, f"sqlite:///{folder / 'mlflow.db'}") as server:
        yield server


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """The server of a team: PostgreSQL behind it."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    folder = tmp_path_factory.mktemp("team")
    outer = Path(tempfile.mkdtemp())  # another user, who cannot look into pytest's folders
    outer.chmod(0o755)
    try:
        with postgres(outer / "postgres") as database, Server(folder, database) as server:
            yield server
    finally:
        shutil.rmtree(outer)


@pytest.fixture
def remote(server, tmp_path):
    return at(server, tmp_path)


def at(server, tmp_path, wait_s=600.0):
    return TrackingConfig(server.uri, f"study {tmp_path.name}", str(tmp_path / "unused"), wait_s)


class Conformance:
    """What every journal does; a subclass gives `journal` and `reopen` (or None) fixtures."""

    def test_starts_empty(self, journal):
        assert journal.committed == -1
        assert journal.drafts(0) == {}
        assert journal.finished(0) == {}

    def test_gives_drafts_back(self, journal, reopen):
        drafts = {each.proposal.id: each for each in (draft(proposal(1, i)) for i in (10, 2))}
        for each in drafts.values():
            journal.open(each)
        journal.open(draft(proposal(2, 0)))
        for view in (journal, reopen()):
            assert view.drafts(1) == drafts
            assert list(map(str, view.drafts(1))) == ["1-2", "1-10"]
            assert view.finished(1) == {}

    def test_the_seed_has_no_prompt(self, journal, reopen):
        journal.open(draft(SEED))
        assert reopen().drafts(0) == {SEED.id: draft(SEED)}

    def test_a_second_opening_replaces_the_first(self, journal, reopen):
        journal.open(draft(proposal(1, 0), "first"))
        journal.open(draft(proposal(1, 0), "second"))
        for view in (journal, reopen()):
            assert view.drafts(1) == {CandidateId(1, 0): draft(proposal(1, 0), "second")}

    def test_gives_candidates_back_exactly(self, journal, reopen):
        made = [
            measured(proposal(1, 11), 0.1 + 0.2),
            measured(proposal(1, 3), 1e-300),
            Candidate(proposal(1, 2), None, Measurement(Status.NO_CODE, error="ß\n\x00\ud800")),
            Candidate(
                proposal(1, 5, Operator.CROSSOVER, prompt_id=None, prompt_niche=None),
                "cd" * 32,
                Measurement(Status.DUPLICATE, 0.5, {"flops": math.inf}, {"x": -math.inf}),
                CandidateId(1, 3),
            ),
        ]
        for each in made:
            journal.open(draft(each.proposal))
            journal.close(each, None, None, {"niche": 3, "share": 0.5, "flag": True, "a": "b"})
        expected = [bits(each) for each in sorted(made, key=lambda each: each.proposal.id)]
        for view in (journal, reopen()):
            finished = view.finished(1)
            assert list(map(bits, finished.values())) == expected
            assert list(map(str, finished)) == ["1-2", "1-3", "1-5", "1-11"]
            assert list(map(bits, view.candidates())) == expected
            assert view.drafts(1) == {}

    def test_gives_sources_back_exactly(self, journal, reopen):
        for index, source in enumerate((ODD, None)):
            journal.open(draft(proposal(1, index)))
            journal.close(measured(proposal(1, index)), source, "-a\n+b\n")
        for view in (journal, reopen()):
            assert view.source(CandidateId(1, 0)) == ODD
            with pytest.raises(LookupError):
                view.source(CandidateId(1, 1))
            with pytest.raises(LookupError):
                view.source(CandidateId(7, 1))

    def test_remembers_the_last_committed_generation(self, journal, reopen):
        journal.open(draft(SEED))
        journal.close(measured(SEED), ODD, None)
        journal.commit(0, {"best": 0.5}, [outcome(measured(SEED), 4)])
        journal.commit(1, {"best": math.nan}, [])
        journal.commit(0, {"best": 0.1}, [])
        assert journal.committed == 1
        assert reopen().committed == 1


class TestMemoryJournal(Conformance):
    @pytest.fixture
    def journal(self):
        return MemoryJournal()

    @pytest.fixture
    def reopen(self, journal):
        return lambda: journal


class OnMlflow(Conformance):
    """What is true of MLflow stores, local and remote; a subclass gives `tracking`."""

    @pytest.fixture
    def journal(self, tracking):
        with create(tracking) as journal:
            yield journal

    @pytest.fixture
    def reopen(self, journal, tracking):
        return lambda: open_search(tracking, journal.run_id, read_only=True)

    def test_keeps_what_a_search_was_created_with(self, journal, reopen):
        for view in (journal, reopen()):
            assert view.config() == CONFIG
            assert view.centroids() == CENTROIDS
            assert view.name == "trial"
            assert f"viewStateShareKey={journal.run_id}" in view.ui_path

    def test_amended_settings_hold_from_then_on(self, journal, reopen, tracking):
        journal.amend("seed: 7\nlonger: yes\n", "search.generations=20")
        for view in (journal, reopen()):
            assert view.config() == "seed: 7\nlonger: yes\n"
        run = connect(tracking.uri).get_run(journal.run_id)
        assert run.data.tags["resumed with"] == "search.generations=20"

    def test_a_tag_holds_from_then_on(self, journal, tracking):
        first, second = proposal(1, 0), proposal(1, 1)
        journal.open(draft(first))
        journal.tag("dataset", "other")
        journal.open(draft(second))
        client = connect(tracking.uri)
        runs = [journal.run_id, *map(journal.candidate_run_id, (first.id, second.id))]
        tags = [client.get_run(run).data.tags["dataset"] for run in runs]
        assert tags == ["other", "digits", "other"]

    def test_people_find_their_way(self, journal, tracking):
        made = measured(proposal(3, 17))
        journal.open(draft(made.proposal))
        journal.close(made, ODD, "-a\n+b\n", {"share": 0.5, "good": True, "kind": "small"})
        journal.commit(3, {"best": 0.5}, [outcome(made, 42)])
        client = connect(tracking.uri)
        run = client.get_run(journal.candidate_run_id(made.proposal.id))
        assert run.info.run_name == "3-17 add convolution"
        assert run.info.status == "FINISHED"
        expected = {
            "mlflow.parentRunId": journal.run_id,
            "search": "trial",
            "operator": "mutation",
            "prompt": "add_convolution",
            "model": "a model",
            "finish_reason": "stop",
            "parents": "0-0",
            "status": "ok",
            "elite": "yes",
            "niche": "42",
            "good": "true",
            "kind": "small",
            **TAGS,
        }
        assert expected.items() <= run.data.tags.items()
        figures = {
            "generation": 3,
            "index": 17,
            "prompt_id": 6,
            "temperature": 0.1 + 0.2,
            "fitness": 0.5,
            "val_accuracy": 0.5,
            "flops": 1e9 + 1,
            "params": 1234,
            "width_to_depth": 100 / 3,
            "tokens_in": 12,
            "tokens_out": 34,
            "cost_usd": 0.125,
            "share": 0.5,
        }
        assert figures.items() <= run.data.metrics.items()
        assert math.isnan(run.data.metrics["test_accuracy"])
        names = {entry.path for entry in client.list_artifacts(run.info.run_id)}
        assert names == {"network.py", "parent.diff.txt", "prompt.txt", "completion.txt"}
        curve = client.get_metric_history(run.info.run_id, "epoch/train_loss")
        assert [(point.step, point.value) for point in curve] == [(0, 2.0), (1, 1.0), (2, 0.5)]
        parent = client.get_run(journal.run_id)
        assert parent.data.params == {"trainer.epochs": "2"}
        assert parent.data.metrics == {"best": 0.5}

    def test_what_was_said_before_sizes_were_mended_stays(self, journal, tracking, tmp_path):
        made = draft(proposal(1, 0))
        mended = replace(made.completion, is_mended=True, unmended="what was said")
        journal.open(replace(made, completion=mended))
        client = connect(tracking.uri)
        run = client.get_run(journal.candidate_run_id(made.proposal.id))
        assert run.data.tags["is_mended"] == "true"
        said = client.download_artifacts(run.info.run_id, "unmended.txt", str(tmp_path))
        assert Path(said).read_text() == "what was said"
        assert journal.draft(made.proposal.id).completion.text == ODD

    def test_only_current_elites_carry_the_tag(self, journal, tracking):
        made = [measured(proposal(1, index)) for index in range(4)]
        for each in made:
            journal.open(draft(each.proposal))
            journal.close(each, None, None)
        ids = [each.proposal.id for each in made]
        steps = [
            [outcome(made[0], 7), outcome(made[1])],
            [outcome(made[2], 7, displaced=ids[0]), outcome(made[3], 7, displaced=ids[2])],
        ]
        for generation, outcomes in enumerate(steps):
            journal.commit(generation, {}, outcomes)
        found = connect(tracking.uri).search_runs(
            [journal.ui_path.split("/")[2]],
            f"tags.elite = 'yes' and tags.mlflow.parentRunId = '{journal.run_id}'",
        )
        assert [run.info.run_id for run in found] == [journal.candidate_run_id(ids[3])]

    def test_only_current_elites_keep_weights(self, journal, reopen, tracking):
        made = [measured(proposal(1, index), weights=f"w{index}".encode()) for index in range(4)]
        for each in made:
            journal.open(draft(each.proposal))
            journal.close(each, None, None)
        ids = [each.proposal.id for each in made]
        assert all(each.measurement.weights is None for each in journal.candidates())
        for view in (journal, reopen()):
            assert [view.weights(id) for id in ids] == [b"w0", b"w1", b"w2", b"w3"]
        journal.commit(0, {}, [outcome(made[0], 7), outcome(made[1])])
        journal.end("interrupted")
        with open_search(tracking, journal.run_id) as again:
            again.commit(1, {}, [outcome(made[2], 7, displaced=ids[0]), outcome(made[3], 8)])
            views = (again, reopen())
        client = connect(tracking.uri)
        for view in views:
            assert [view.weights(id) for id in ids[2:]] == [b"w2", b"w3"]
            for id in ids[:2]:
                with pytest.raises(LookupError):
                    view.weights(id)
                files = client.list_artifacts(view.candidate_run_id(id))
                assert "weights.safetensors" not in {file.path for file in files}

    def test_overlong_texts_are_shortened_visibly_and_kept_whole(self, journal, reopen, tracking):
        error = "begin" + "ß\0" * 40_000 + "end"
        curve = tuple(float(i) for i in range(1_001))
        made = measured(proposal(1, 0), error=error, curves={"loss": curve, "b": (1.0,)})
        journal.open(draft(made.proposal))
        journal.close(made, ODD, None, {"note": "x" * 9_000})
        for view in (journal, reopen()):
            kept = view.finished(1)[made.proposal.id].measurement.error
            assert kept.startswith("begin")
            assert kept.endswith("end")
            assert "characters are in error.txt" in kept
        client = connect(tracking.uri)
        run = client.get_run(journal.candidate_run_id(made.proposal.id))
        folder = RunFolder.of(client, run)
        assert folder.read("error.txt") == error
        assert json.loads(folder.read("curves.json")) == {"loss": list(curve), "b": [1.0]}
        points = client.get_metric_history(run.info.run_id, "epoch/loss")
        assert len(points) == 50
        assert {(0, 0.0), (1_000, 1_000.0)} <= {(p.step, p.value) for p in points}
        assert max(map(len, run.data.tags.values())) < 8_000

    def test_searches_are_listed_and_found(self, tracking):
        name = f"one {time.time_ns()}"
        with create(tracking, name) as journal:
            journal.commit(2, {}, [])
            info = next(info for info in list_searches(tracking) if info.name == name)
            assert (info.run_id, info.state, info.committed) == (journal.run_id, "running", 2)
        info = next(info for info in list_searches(tracking) if info.name == name)
        assert info.interrupted
        for which in (name, journal.run_id, journal.run_id[:12]):
            assert open_search(tracking, which, read_only=True).run_id == journal.run_id
        with open_search(tracking, name) as journal:
            assert list_searches(tracking)[0].state == "running"
            journal.end("finished")
        assert list_searches(tracking)[0].state == "finished"

    def test_a_search_that_is_not_clear_is_refused(self, tracking):
        name = f"twice {time.time_ns()}"
        for _ in range(2):
            create(tracking, name).end("finished")
        with pytest.raises(TrackingError, match="may be any of"):
            open_search(tracking, name)
        with pytest.raises(TrackingError, match="no run id begins so") as caught:
            open_search(tracking, "no such search", read_only=True)
        assert place(tracking.uri) in str(caught.value)

    def test_one_controller_at_a_time(self, journal, tracking):
        with pytest.raises(TrackingError, match=f"process {os.getpid()}@.* controls it"):
            open_search(tracking, journal.run_id)
        journal.end("interrupted")
        with open_search(tracking, journal.run_id):
            pass


class TestLocalJournal(OnMlflow):
    @pytest.fixture
    def tracking(self, local):
        return local

    def test_writes_ahead(self, journal, local):
        path = local.uri.removeprefix("sqlite:///")
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


class TestRemoteJournal(OnMlflow):
    @pytest.fixture
    def tracking(self, remote):
        return remote

    def test_another_hosts_search_is_taken_over_only_on_request(self, journal, remote):
        journal.end("interrupted")
        client = connect(remote.uri)
        client.set_tag(journal.run_id, "llmatic.controller", "12@elsewhere")
        client.update_run(journal.run_id, status="RUNNING")
        assert list_searches(remote)[0].state == "running"
        with pytest.raises(TrackingError, match="12@elsewhere controls it"):
            open_search(remote, journal.run_id)
        with open_search(remote, journal.run_id, take_over=True):
            pass

    def test_a_search_that_was_taken_over_is_left_alone(self, remote):
        client = connect(remote.uri)
        journal = create(remote)
        client.set_tag(journal.run_id, "llmatic.controller", "12@elsewhere")
        with pytest.raises(TrackingError, match="12@elsewhere has taken it over"), journal:
            pass
        left = client.get_run(journal.run_id)
        assert left.info.status == "RUNNING"
        assert left.data.tags["llmatic.controller"] == "12@elsewhere"


class TestTeamJournal(OnMlflow):
    @pytest.fixture
    def tracking(self, team, tmp_path):
        return at(team, tmp_path)


# A server that is down, or slow


def finish(tracking):
    """Whatever came of the miniature search, as it is in the store."""
    client = connect(tracking.uri)
    study = client.get_experiment_by_name(tracking.experiment).experiment_id
    infos = [each for each in list_searches(tracking) if each.experiment_id == study]
    (info,) = [each for each in infos if each.state == "finished"]
    journal = open_search(tracking, info.run_id, read_only=True)
    statuses = [run.info.status for run in client.search_runs([study])]
    texts = [
        (journal.draft(each.proposal.id), journal.source(each.proposal.id))
        for each in journal.candidates()
    ]
    weights = [journal.weights(CandidateId(1, 0)).decode()]
    return statuses, list(map(bits, journal.candidates())), texts, weights


@pytest.fixture
def never_down(remote):
    drive(create(remote))
    return finish(remote)


def test_answers_may_be_lost(server, tmp_path, never_down, monkeypatch, caplog):
    """Many requests are carried out, the answer is lost, and they are made again."""
    tracking = replace(at(server, tmp_path), experiment=f"lost {tmp_path.name}")
    connect(tracking.uri)
    send, chance, lost = requests.Session.send, random.Random(0), []

    def send_and_lose(self, request, **kwargs):
        answer = send(self, request, **kwargs)
        if chance.random() < 0.6 or request.url.endswith("experiments/search"):
            return answer
        lost.append(request.url)
        answer.close()
        raise requests.ConnectionError("the line is cut")

    monkeypatch.setattr(patience, "_PAUSE_S", 0.01)
    monkeypatch.setattr(requests.Session, "send", send_and_lose)
    drive(create(tracking))
    monkeypatch.undo()
    assert len(lost) > 30
    assert "does not answer; waiting up to 600 s" in caplog.text
    assert "answers again" in caplog.text
    statuses, *rest = finish(tracking)
    assert rest == list(never_down[1:])
    assert statuses.count("FINISHED") == len(never_down[0])
    # of the search's own run there may be another one, which never became ready
    assert len(statuses) <= len(never_down[0]) + 1


def test_a_search_waits_or_stops_to_be_resumed(
    tmp_path, empty_store, never_down, monkeypatch, caplog
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    with Server(tmp_path, f"sqlite:///{tmp_path / 'mlflow.db'}") as server:
        journal = create(at(server, tmp_path, wait_s=2))
        journal.open(draft(SEED))
        other = create(replace(at(server, tmp_path), experiment="other"))
        server.stop()
        with pytest.raises(KeyboardInterrupt), other:
            raise KeyboardInterrupt
        assert not caplog.text  # who stops does not wait to say so
        with pytest.raises(TrackingError), journal:
            drive(journal)
        assert "waiting up to 2 s" in caplog.text
        assert caplog.text.count("does not answer") == 1  # nobody waits twice to stop
        server.start()
        tracking = at(server, tmp_path)
        with open_search(tracking, journal.run_id) as journal:
            assert list(journal.drafts(0)) == [SEED.id]
            server.signal(signal.SIGSTOP)
            later = threading.Timer(3, server.signal, [signal.SIGCONT])
            later.start()
            drive(journal)
            later.join()
        assert caplog.text.count("answers again") == 1
        assert finish(tracking) == never_down


# Killed anywhere


def drive(journal):
    """A miniature of the loop: three candidates in two generations."""
    batches = [[SEED], [proposal(1, 0), proposal(1, 1)]]
    for generation, batch in enumerate(batches):
        finished, drafts = journal.finished(generation), journal.drafts(generation)
        pending = [each for each in batch if each.id not in finished]
        for each in pending:
            if each.id not in drafts:
                journal.open(draft(each))
        for each in pending:
            trained = measured(each, weights=f"weights {each.id}".encode())
            journal.close(trained, f"source {each.id}", "a parent" if each.parents else None)
        first, *others = batch
        displaced = None if generation == 0 else SEED.id
        journal.commit(
            generation,
            {"best": 0.5, "coverage": generation / 3},
            [outcome(measured(first), 1, displaced), *(outcome(measured(o)) for o in others)],
        )
    journal.end("finished")


def snapshot(tracking):
    """Everything a search left in the store, but identities and times."""
    client = connect(tracking.uri)
    study = client.get_experiment_by_name(tracking.experiment)
    runs = client.search_runs([study.experiment_id])
    ready = [run for run in runs if "llmatic.ready" in run.data.tags]
    names = {run.info.run_id: run.info.run_name for run in runs}
    assert len(ready) == 1
    left = []
    for run in runs:
        if run.data.tags.get("mlflow.parentRunId") != ready[0].info.run_id and run != ready[0]:
            continue
        volatile = ("mlflow.parentRunId", "llmatic.summary", "mlflow.user")
        tags = {key: value for key, value in run.data.tags.items() if key not in volatile}
        told = tags.get("mlflow.note.content", "")
        for run_id, name in names.items():
            told = told.replace(run_id, name).replace(run_id[:8], name)
        tags["mlflow.note.content"] = told
        curves = {
            key: sorted(
                (p.step, str(p.value)) for p in client.get_metric_history(run.info.run_id, key)
            )
            for key in run.data.metrics
        }
        folder = RunFolder.of(client, run).path
        texts = {file.name: file.read_bytes() for file in folder.iterdir()}
        left.append((run.info.run_name, run.info.status, tags, curves, texts))
    return sorted(left, key=lambda each: each[0])


def run_until_killed(tracking, fatal):
    """In a forked process: the search, SIGKILLed before its `fatal`-th change to disk.

    Returns:
        The signal that ended it; 0 if it came to its end.
    """
    pid = os.fork()
    if pid == 0:
        seen = 0

        def step(*_):
            nonlocal seen
            if seen == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

        def stepping(method):
            return lambda *args, **kwargs: (step(), method(*args, **kwargs))[1]

        try:
            connect(tracking.uri)
            event.listen(Engine, "commit", step)
            Path.write_bytes = stepping(Path.write_bytes)
            Path.replace = stepping(Path.replace)
            drive(create(tracking))
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    status = os.waitpid(pid, 0)[1]
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def test_nothing_is_lost_or_doubled_wherever_it_is_killed(tmp_path, empty_store):
    def store(name):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(empty_store, folder)
        return TrackingConfig(f"sqlite:///{folder / 'mlflow.db'}", "study", str(folder / "files"))

    never_killed = store("reference")
    assert run_until_killed(never_killed, -1) == 0
    expected = snapshot(never_killed)
    assert len(expected) == 4
    fatal = 0
    while True:
        tracking = store(str(fatal))
        if run_until_killed(tracking, fatal) == 0:
            break
        interrupted = [info for info in list_searches(tracking) if info.interrupted]
        finished = [info for info in list_searches(tracking) if info.state == "finished"]
        if interrupted:
            open_search(tracking, interrupted[0].run_id, read_only=True)
            drive(open_search(tracking, interrupted[0].run_id))
        elif not finished:
            drive(create(tracking))
        assert snapshot(tracking) == expected, f"killed before change {fatal}"
        fatal += 1
    assert fatal > 40


def test_an_end_that_failed_is_repeated_as_it_was(local, monkeypatch):
    with create(local) as journal, monkeypatch.context() as broken:
        broken.setattr(MlflowClient, "set_terminated", no_space)
        with pytest.raises(TrackingError, match="no space"):
            journal.end("finished")
    assert connect(local.uri).get_run(journal.run_id).info.status == "FINISHED"


def no_space(*_):
    raise OSError("no space")


def test_a_draft_whose_texts_were_cut_off_does_not_count(local):
    journal = create(local)
    journal.open(draft(proposal(1, 0)))
    run = next(Path(local.artifacts).rglob("completion.txt"))
    run.write_text("cut")
    assert journal.drafts(1) == {}
    journal.end("interrupted")
    with open_search(local, journal.run_id) as journal:
        assert journal.drafts(1) == {}
        journal.open(draft(proposal(1, 0), "again"))
        assert journal.drafts(1) == {CandidateId(1, 0): draft(proposal(1, 0), "again")}
    assert len(list(Path(local.artifacts).rglob("completion.txt"))) == 1


def test_of_two_runs_for_one_candidate_the_complete_one_counts(local):
    """A server that answers too late gets the same request twice."""
    with create(local) as journal:
        journal.open(draft(proposal(1, 0)))
    client = connect(local.uri)
    study = client.get_experiment_by_name(local.experiment).experiment_id
    (run,) = client.search_runs([study], f"tags.mlflow.parentRunId = '{journal.run_id}'")
    client.create_run(study, tags=run.data.tags)
    for _ in range(2):
        with open_search(local, journal.run_id) as journal:
            assert journal.drafts(1) == {CandidateId(1, 0): draft(proposal(1, 0))}
        left = client.search_runs([study], f"tags.mlflow.parentRunId = '{journal.run_id}'")
        assert [each.info.run_id for each in left] == [run.info.run_id]


def test_what_another_user_locks_counts_as_held(tmp_path):
    path = tmp_path / "lock"
    path.touch(mode=0o444)
    user = os.geteuid()
    os.seteuid(user or 65534)  # who is root may write anything
    try:
        assert lock(path) is None
    finally:
        os.seteuid(user)


def test_a_user_without_a_name_is_told_by_number(local, monkeypatch):
    """As in a container that runs as a user of its own."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    with create(local) as journal:
        run = MlflowClient(local.uri).get_run(journal.run_id)
    assert run.data.tags["mlflow.user"] == "uid 4000000000"


def test_a_worker_that_outlives_its_controller_does_not_hold_the_lock(tmp_path):
    held = lock(tmp_path / "lock")
    assert lock(tmp_path / "lock") is None
    ready, to_controller = os.pipe()
    leave, to_worker = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(to_worker)
        os.write(to_controller, b"x")
        os.read(leave, 1)
        os._exit(0)
    os.read(ready, 1)
    held.close()
    again = lock(tmp_path / "lock")
    os.close(to_worker)
    os.waitpid(pid, 0)
    for end in (ready, to_controller, leave):
        os.close(end)
    assert again is not None
    again.close()


# Exactness


texts = st.text(max_size=300)
floats = st.floats()
ids = st.builds(CandidateId, st.integers(0, 10**6), st.integers(0, 10**6))
proposals = st.builds(
    Proposal,
    id=ids,
    operator=st.sampled_from(Operator),
    parents=st.lists(ids, max_size=2).map(tuple),
    prompt_id=st.none() | st.integers(0, 15),
    temperature=st.none() | st.floats(0, 1),
    prompt_niche=st.none() | st.integers(0, 99),
    seed=st.integers(0, 2**64),
)
figure_maps = st.dictionaries(st.text("abc_", min_size=1, max_size=9), floats, max_size=9)
measurements = st.builds(
    Measurement,
    status=st.sampled_from(Status),
    fitness=st.none() | floats,
    descriptors=figure_maps,
    metrics=figure_maps,
    curves=st.dictionaries(
        st.text("xyz", min_size=1), st.lists(floats, max_size=120).map(tuple), max_size=3
    ),
    error=st.none() | texts | texts.map(lambda text: text * 100),
)
completions = st.builds(
    Completion,
    text=texts,
    tokens_in=st.integers(0, 10**9),
    tokens_out=st.integers(0, 10**9),
    seconds=st.floats(0, 1e9),
    finish_reason=st.text(max_size=30),
    model=st.text(max_size=60),
    cost_usd=st.floats(0, 1e9),
)
candidates = st.builds(
    Candidate, proposals, st.none() | st.text("0123456789abcdef"), measurements, st.none() | ids
)


@given(st.builds(Draft, proposals, st.none() | texts, completions, st.none() | texts))
def test_drafts_survive_exactly(draft):
    header = Header.from_json(Header.of(draft).to_json())
    assert header == Header.of(draft)
    assert header.draft(draft.prompt, draft.completion.text) == draft
    assert header.draft(draft.prompt, draft.completion.text + " ") is None
    assert header.draft(draft.prompt, None) is None


@given(candidates)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_candidates_survive_exactly(candidate):
    kept = read_record(candidate.proposal, record(candidate))
    assert len(record(candidate)) <= 8_000
    whole = dict(artifacts(candidate, None, None))
    if "error.txt" in whole:
        assert whole["error.txt"] == candidate.measurement.error
        error = kept.measurement.error
        measurement = replace(candidate.measurement, error=error)
        assert bits(kept) == bits(replace(candidate, measurement=measurement))
    else:
        assert bits(kept) == bits(candidate)
    assert record(kept) == record(candidate)


@given(candidates, completions)
def test_people_get_short_tags_and_thin_curves(candidate, completion):
    header = Header.of(Draft(candidate.proposal, "p", completion))
    points = figures(header, candidate, {})
    assert len({(point.name, point.step) for point in points}) == len(points)
    for name, curve in candidate.measurement.curves.items():
        kept = [point for point in points if point.name == f"epoch/{name}"]
        assert len(kept) == min(50, len(curve))
        for point in kept:
            assert point.value is curve[point.step]
        assert not curve or {kept[0].step, kept[-1].step} == {0, len(curve) - 1}
    assert max(map(len, readable_tags(candidate, {}).values())) <= 250


def test_bookkeeping_that_no_tag_holds_is_refused():
    metrics = {f"metric_{i}": 1 / 3 for i in range(400)}
    with pytest.raises(TrackingError, match=r"candidate 1-0: .* a tag holds 8000"):
        record(measured(proposal(1, 0), metrics=metrics))


# Errors for people


def test_errors_are_for_users():
    assert issubclass(TrackingError, UserError)


@pytest.mark.parametrize("uri", ["./mlruns", "file:///tmp/mlruns", "ftp://host/x", "", "sqlite://"])
def test_a_wrong_scheme_is_refused(uri, tmp_path):
    with pytest.raises(TrackingError, match="must be sqlite:///FILE"):
        create(TrackingConfig(uri, "study", str(tmp_path)))


def test_an_unreachable_server_is_reported_soon():
    start = time.monotonic()
    with pytest.raises(
        TrackingError,
        match=r"^tracking store http://\*\*\*@127.0.0.1:1: does not answer \(connection refused\)$",
    ) as caught:
        list_searches(TrackingConfig("http://me:hunter2@127.0.0.1:1", "study", "unused"))
    assert time.monotonic() - start < 15
    assert "hunter2" not in str(caught.value)


def test_trainings_of_all_studies_are_found_newest_first(local, monkeypatch):
    monkeypatch.setattr("llmatic.tracking.store._PAGE", 1)
    monkeypatch.setattr("llmatic.tracking.store._RUNS_PAGE", 1)
    for number, study in enumerate(("one", "two")):
        recorder = TrainingRecorder(replace(local, experiment=study))
        params = {"with_validation": str(number == 0)}
        metrics = {"test_accuracy": number / 2}
        weights = bytes([number])
        made = FinishedTraining(
            "search", "3-9", params, metrics, {}, "source", weights, "note", 5 + number
        )
        recorder.keep(made)
    newest, oldest = trainings(local, "search", "3-9")
    assert (newest.weights(), oldest.weights()) == (b"\x01", b"\x00")
    assert (newest.place, oldest.place, newest.count) == (1, 2, 2)
    assert (newest.with_validation, oldest.with_validation) == (False, True)
    assert newest.metrics == {"test_accuracy": 0.5}
    assert trainings(local, "search", "3-8") == []


CHAIN = "API request to http://server/api failed with exception HTTPConnectionPool(host='server'): "


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (CHAIN + "(Caused by NewConnectionError(Connection refused'))", "connection refused"),
        (CHAIN + "(Caused by NameResolutionError(Failed to resolve 'server'))", "name not known"),
        (CHAIN + "Read timed out. (read timeout=10)", "timed out"),
        ("API request to http://server/api failed with timeout exception. ", "timed out"),
        (CHAIN + "('Connection aborted.', RemoteDisconnected())", "connection broken"),
        (CHAIN + "something new", None),
        ("RESOURCE_DOES_NOT_EXIST: Connection refused is the name of a run", None),
    ],
)
def test_why_a_server_does_not_answer(said, why):
    assert absence(MlflowException(said)) == why


def test_which_store_is_told_without_credentials(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert place("sqlite:///runs/mlflow.db") == f"sqlite:///{tmp_path}/runs/mlflow.db"
    assert place("https://me:hunter2@host:5000") == "https://***@host:5000"


@pytest.mark.parametrize(
    "uri",
    ["postgresql://me:hunter2@host/db", "postgresql://me:hunter2%40x@host/db?password=hunter2"],
)
def test_credentials_are_not_repeated(uri):
    with pytest.raises(TrackingError) as caught, plain_errors(uri):
        raise OSError(f"cannot reach {uri}, tried hunter2@x\nsecond line")
    assert "hunter2" not in str(caught.value)
    assert "second line" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://me:hunter2@host/db?password=hunter2",
        "https://me:hunter2@host:5000",
        "sqlite:///mlruns/mlflow.db",
    ],
)
def test_the_address_of_the_store_is_not_stored_in_it(uri):
    public = TrackingConfig(uri, "study", "artifacts").public
    assert (public.experiment, public.artifacts) == ("study", "artifacts")
    assert not any(part in str(public) for part in ("hunter2", "host", "sqlite", "://"))


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database " * 100)
    with pytest.raises(TrackingError, match="not a database"):
        list_searches(TrackingConfig(f"sqlite:///{tmp_path / 'mlflow.db'}", "study", "unused"))


def test_looking_makes_no_store(tmp_path):
    tracking = TrackingConfig(f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}", "study", "unused")
    assert list_searches(tracking) == []
    with pytest.raises(TrackingError, match="no store"):
        open_search(tracking, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_study_is_refused(local):
    create(local).end("finished")
    client = connect(local.uri)
    client.delete_experiment(client.get_experiment_by_name(local.experiment).experiment_id)
    with pytest.raises(TrackingError, match="was deleted"):
        create(local)


def test_a_study_of_another_machine_is_refused(remote):
    connect(remote.uri).create_experiment(remote.experiment, "file:///no/such/folder")
    with pytest.raises(TrackingError, match="another machine"):
        create(remote)


def _make_and_end(tracking, barrier):
    barrier.wait()
    create(tracking).end("finished")


def test_two_processes_may_make_the_store_and_the_study_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(2)
    tracking = TrackingConfig(
        f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}", "study", str(tmp_path / "artifacts")
    )
    processes = [context.Process(target=_make_and_end, args=(tracking, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert [info.state for info in list_searches(tracking)] == ["finished", "finished"]


def test_the_data_set_is_one_of_mlflows(local):
    facts = {"name": "digits", "classes": "10"}
    runs = []
    for each in (facts, facts, {**facts, "classes": "11"}):
        with create_search(local, "x", "", {}, {}, {}, each) as search:
            search.end("finished")
        runs.append(MlflowClient(local.uri).get_run(search.run_id))
    found = [run.inputs.dataset_inputs[0].dataset for run in runs]
    assert {each.name for each in found} == {"digits"}
    assert found[0].digest == found[1].digest != found[2].digest
    assert json.loads(found[0].source) == facts


def test_the_terminal_stays_quiet(tmp_path):
    code = (
        "from llmatic.config import TrackingConfig\n"
        "from llmatic.tracking import create_search\n"
        "tracking = TrackingConfig('sqlite:///mlruns/mlflow.db', 'study', 'mlruns/artifacts')\n"
        "create_search(tracking, 'x', '', {}, {}, {}).end('finished')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "mlruns" / "mlflow.db").exists()
    assert list((tmp_path / "mlruns" / "artifacts" / "study").iterdir())
