"""Trainings that are kept: what of them, and what happens where the store is away."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from deliveries import CANDIDATE, SEARCHED, SOURCE, FakeJournal, config_in, fake_prepared, runs
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from llmatic import finding, launch, parts, refining, tracking
from llmatic.finding import NetworkError
from llmatic.records import Measurement, Status
from llmatic.refining import rescue
from llmatic.tracking.store import connect

pytestmark = pytest.mark.filterwarnings("ignore:(?s).*[Tt]ype hint")  # MLflow's, at its import
WEIGHTS = b"as safetensors"
METRICS = {"val_accuracy": 0.75, "test_accuracy": 0.7, "params": 10.0}
CURVES = {
    "train_loss": (2.0, 1.0),
    "val_accuracy": (0.5, 0.75),
    "test_accuracy": (0.8, 0.7),
}


@pytest.fixture
def train(tmp_path, monkeypatch):
    """A training in a store of its own, which takes no time."""
    trained_on = []

    def fake_train_on(data, config, source, observe):
        trained_on.append(data)
        assert source == SOURCE
        return Measurement(Status.OK, 0.75, {}, METRICS, CURVES, weights=WEIGHTS)

    monkeypatch.setattr(parts, "prepared", fake_prepared)
    monkeypatch.setattr(launch, "train_on", fake_train_on)
    monkeypatch.chdir(tmp_path)
    config = refining.proper_training(config_in(tmp_path, "dataset.batch_size=32"), 2)

    def run(*, with_validation=False):
        return refining.train(
            config.tracking,
            FakeJournal(),
            CANDIDATE,
            config,
            lambda *_: None,
            with_validation=with_validation,
        )

    run.store, run.trained_on = config.tracking, trained_on
    return run


def finished_at(moment):
    """A training that was finished then."""
    params = {"with_validation": "False"}
    return tracking.FinishedTraining(
        FakeJournal.run_id,
        CANDIDATE,
        params,
        METRICS,
        {"loss": [1.0]},
        SOURCE,
        WEIGHTS,
        "A training.",
        moment,
    )


def trainings(store):
    return tracking.trainings(store, FakeJournal.run_id, CANDIDATE)


def test_a_training_is_kept_with_its_recipe_and_weights(train):
    found = train()
    assert (found.val_accuracy, found.test_accuracy) == (0.75, 0.7)
    assert found.searched_val_accuracy == SEARCHED["val_accuracy"]
    assert found.searched_test_accuracy == SEARCHED["test_accuracy"]
    (training,) = trainings(train.store)
    assert training.run_id == found.run_id
    assert training.metrics == {**METRICS, "train_loss": 1.0}
    assert training.weights() == WEIGHTS
    params = connect(train.store.uri).get_run(found.run_id).data.params
    assert (params["epochs"], params["batch_size"]) == ("2", "32")
    assert (params["schedule"], params["with_validation"]) == ("one_cycle", "False")


def test_test_accuracy_is_told_once(train):
    client = connect(train.store.uri)
    run_id = train().run_id

    def values(name):
        return [each.value for each in client.get_metric_history(run_id, name)]

    assert values("test_accuracy") == [0.7]
    assert values("val_accuracy") == [0.5, 0.75]
    assert values("train_loss") == [2.0, 1.0]


def test_validation_images_are_trained_on_where_that_is_asked_for(train):
    assert not train().with_validation
    assert train(with_validation=True).with_validation
    assert [each.with_validation for each in train.trained_on] == [False, True]
    assert [each.with_validation for each in trainings(train.store)] == [True, False]


@pytest.fixture(params=["log_batch", "set_terminated", KeyboardInterrupt])
def store_that_goes_away(request, monkeypatch):
    """A store that does not answer any more, or that nobody wants to wait for."""
    name, error = request.param, MlflowException("it is away")
    if name is KeyboardInterrupt:
        name, error = "create_run", KeyboardInterrupt()

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(MlflowClient, name, fail)
    return monkeypatch, "interrupted" if name == "create_run" else "it is away"


def test_a_training_outlives_its_store(train, tmp_path, store_that_goes_away):
    away, said = store_that_goes_away
    with pytest.raises(NetworkError, match=f"is done, but not kept: .*{said}") as caught:
        train(with_validation=True)
    (folder,) = tmp_path.glob(f"training-of-{CANDIDATE}-*")
    assert f"--keep {folder}" in str(caught.value)
    assert (folder / "weights.safetensors").read_bytes() == WEIGHTS
    assert (folder / "network.py").read_text() == SOURCE
    if said == "it is away":
        with pytest.raises(tracking.TrackingError, match=said):
            refining.keep(train.store, FakeJournal(), CANDIDATE, folder)
    away.undo()
    assert runs(connect(train.store.uri)) == []
    found = refining.keep(train.store, FakeJournal(), CANDIDATE, folder)
    assert (found.test_accuracy, found.with_validation) == (0.7, True)
    (training,) = trainings(train.store)
    assert (training.run_id, training.weights()) == (found.run_id, WEIGHTS)
    assert training.metrics == {**METRICS, "train_loss": 1.0}


def test_what_cannot_be_written_here_is_written_elsewhere(tmp_path, monkeypatch):
    finished = finished_at(5)
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    elsewhere.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    folder = rescue.write(finished)
    assert folder.parent == elsewhere
    assert rescue.read(folder) == finished
    monkeypatch.setattr("tempfile.tempdir", str(here))
    with pytest.raises(NetworkError, match="is lost"):
        rescue.write(finished)


def test_what_is_no_training_of_this_network_is_not_kept(train, tmp_path):
    with pytest.raises(NetworkError, match="holds no training of LLMatic"):
        refining.keep(train.store, FakeJournal(), CANDIDATE, tmp_path)
    other = rescue.write(replace(finished_at(5), search="other", candidate="3-9"))
    with pytest.raises(NetworkError, match="of candidate 3-9 of search other"):
        refining.keep(train.store, FakeJournal(), CANDIDATE, other)
    assert runs(connect(train.store.uri)) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda rest: rest["metrics"].pop("test_accuracy"), "test_accuracy: missing"),
        (lambda rest: rest["params"].pop("with_validation"), "with_validation: missing"),
        (lambda rest: rest.pop("trained_ms"), "'trained_ms': missing"),
        (lambda rest: rest.update(metrics=[]), "no attribute 'items'"),
        (lambda rest: rest["curves"].update(val_accuracy=["x"]), "could not convert"),
    ],
)
def test_what_is_not_complete_is_not_kept(train, damage, said):
    folder = rescue.write(finished_at(5))
    rest = json.loads((folder / "training.json").read_text())
    damage(rest)
    (folder / "training.json").write_text(json.dumps(rest))
    with pytest.raises(NetworkError, match=said):
        refining.keep(train.store, FakeJournal(), CANDIDATE, folder)
    assert runs(connect(train.store.uri)) == []


def test_a_full_disk_leaves_no_folder_that_looks_complete(tmp_path, monkeypatch):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    write_text = Path.write_text

    def full(file, *arguments, **named):
        if file.is_relative_to(here):
            raise OSError(28, "No space left on device")
        return write_text(file, *arguments, **named)

    monkeypatch.setattr(Path, "write_text", full)
    folder = rescue.write(finished_at(5))
    assert (folder.parent, rescue.read(folder)) == (elsewhere, finished_at(5))
    assert list(here.iterdir()) == []


def test_a_training_outlives_whatever_goes_wrong(train, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as broken:
        broken.setattr(tracking.TrainingRecorder, "keep", fail)
        with pytest.raises(RuntimeError, match="nobody thought") as caught:
            train()
    (folder,) = tmp_path.glob(f"training-of-{CANDIDATE}-*")
    (note,) = caught.value.__notes__
    assert f"--keep {folder}" in note
    assert refining.keep(train.store, FakeJournal(), CANDIDATE, folder).test_accuracy == 0.7


def test_a_training_is_kept_once_and_counts_from_when_it_was_done(train, tmp_path):
    old = rescue.write(finished_at(5_000))
    newest = train().run_id
    kept = refining.keep(train.store, FakeJournal(), CANDIDATE, old)
    assert [each.run_id for each in trainings(train.store)] == [newest, kept.run_id]
    with pytest.raises(tracking.TrackingError, match=f"kept already: run {kept.run_id}"):
        refining.keep(train.store, FakeJournal(), CANDIDATE, old)
    assert len(runs(connect(train.store.uri))) == 2


def test_what_a_crash_left_of_a_training_goes_when_it_is_kept(train, monkeypatch):
    recorder = tracking.TrainingRecorder(train.store)
    with monkeypatch.context() as crash:
        crash.setattr(MlflowClient, "delete_run", lambda *_: None)
        crash.setattr(MlflowClient, "set_terminated", None)
        with pytest.raises(TypeError):
            recorder.keep(finished_at(5_000))
    (left,) = runs(connect(train.store.uri))
    assert left.info.status == "RUNNING"
    run_id = recorder.keep(finished_at(5_000))
    assert [each.info.run_id for each in runs(connect(train.store.uri))] == [run_id]


@pytest.mark.parametrize(
    ("measurement", "says"),
    [
        (Measurement(Status.DIVERGED, error="nan in epoch 2"), "not finite: nan in epoch 2"),
        (Measurement(Status.OK, metrics=METRICS), "its weights cannot be stored"),
    ],
)
def test_what_was_not_trained_is_not_kept(train, monkeypatch, measurement, says):
    monkeypatch.setattr(launch, "train_on", lambda *_: measurement)
    with pytest.raises(NetworkError, match=says):
        train()
    assert trainings(train.store) == []


def test_accuracies_for_people():
    told = finding.accuracies({"val_accuracy": 0.98765, "test_accuracy": 0.9, "params": 3})
    assert told == "validation accuracy 0.9877, test accuracy 0.9000"
