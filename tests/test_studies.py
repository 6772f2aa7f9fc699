"""Studies in the store: what is gone on with, who works on one, and what a look leaves alone."""

import socket
from dataclasses import replace

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from llmatic.config import TrackingConfig
from llmatic.tracking import TrackingError, open_study, study_results
from llmatic.tracking.control import CONTROLLER_TAG
from llmatic.tracking.store import RunFolder, connect

pytestmark = pytest.mark.filterwarnings("ignore:(?s).*[Tt]ype hint")  # MLflow's, at its import


@pytest.fixture
def store(tmp_path):
    return TrackingConfig(
        f"sqlite:///{tmp_path / 'mlflow.db'}", "study", str(tmp_path / "artifacts")
    )


@pytest.fixture
def remote(store, monkeypatch):
    """As if another machine had the artifacts; a lock is here all the same."""
    monkeypatch.setattr(RunFolder, "is_here", property(lambda self: False))
    return store


def opened(store, key="key"):
    return open_study(store, "tuning", key, "a study", {"of": "tests"})


def run_of(store, study):
    return connect(store.uri).get_run(study.run_id)


def test_what_is_recorded_is_found_again(store):
    with opened(store) as study:
        for key in ("b", "a"):
            study.record(key, "trial", {}, [("figure", 0.5, 1)], f"text of {key}")
    with opened(store) as again:
        assert again.run_id == study.run_id
        assert again.keys == ["b", "a"]
        assert again.result("a") == "text of a"
        again.record("b", "trial", {}, [], "another text")
    assert sorted(study_results(store, "tuning", "key")) == ["another text", "text of a"]
    run = run_of(store, study)
    assert (run.info.status, CONTROLLER_TAG in run.data.tags) == ("FINISHED", False)


def test_a_look_makes_no_experiment(store):
    client = connect(store.uri)
    before = [each.name for each in client.search_experiments()]
    assert study_results(store, "tuning", "key") == []
    assert [each.name for each in client.search_experiments()] == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_who_stops_while_the_store_is_away_is_not_told_so_instead(store, monkeypatch, error):
    def away(*_, **__):
        raise MlflowException("it is away")

    with monkeypatch.context() as patched:
        stopped = opened(store)
        patched.setattr(MlflowClient, "set_terminated", away)
        with pytest.raises(error), stopped:
            raise error
        with pytest.raises(TrackingError, match="it is away"), opened(store):
            pass
    with opened(store) as study:
        assert run_of(store, study).info.status == "RUNNING"


def test_a_study_that_somebody_works_on_is_left_alone(store):
    with opened(store) as study:
        study.record("a", "trial", {}, [], "text")
        with pytest.raises(TrackingError, match=f"study {study.run_id}: process .* controls it"):
            opened(store)
        assert opened(store, "another").run_id != study.run_id


def test_a_study_of_another_machine_is_left_alone(remote, monkeypatch):
    with opened(remote) as study, monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "elsewhere")
        with pytest.raises(TrackingError, match=f"gone, delete the tag {CONTROLLER_TAG}"):
            opened(remote)
        connect(remote.uri).delete_tag(study.run_id, CONTROLLER_TAG)
        monkeypatch.setattr("llmatic.tracking.control.lock", lambda path: path.open("a"))
        later = opened(remote)
    run = run_of(remote, study)  # whoever took it over has it
    assert (run.info.status, run.data.tags[CONTROLLER_TAG][-9:]) == ("RUNNING", "elsewhere")
    with later:
        pass
    assert run_of(remote, study).info.status == "FINISHED"


def test_of_a_study_that_two_begin_at_once_one_is_left(store, monkeypatch):
    create = MlflowClient.create_run
    others = []

    def slower(client, *arguments, **named):
        if not others:
            others.append(create(client, *arguments, **named))
        return create(client, *arguments, **named)

    monkeypatch.setattr(MlflowClient, "create_run", slower)
    with opened(store) as study:
        assert study.run_id == others[0].info.run_id
    client = connect(store.uri)
    ids = [each.experiment_id for each in client.search_experiments()]
    assert [each.info.run_id for each in client.search_runs(ids)] == [study.run_id]


def test_studies_of_other_experiments_are_others(store):
    with opened(store) as study:
        study.record("a", "trial", {}, [], "text")
    assert study_results(replace(store, experiment="other"), "tuning", "key") == []
