"""From the map of a real search to a model that answers over HTTP, without our packages."""

import json
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import mlflow
import numpy as np
import pytest
from commands import in_process, llmatic, run_id
from deliveries import assert_no_pickle
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from safetensors.numpy import load, save

from llmatic import delivery, launch, parts, refining, stored, tracking
from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.evaluate.workbench import Format
from llmatic.refining import rescue
from llmatic.tracking.packaging import SERVED
from llmatic.tracking.registry import MADE_BY, Registry

SETTINGS = (
    "search.generations=1",
    "search.batch_size=5",
    "trainer.epochs=2",
    "report.refresh_s=null",
)
pytestmark = pytest.mark.filterwarnings("ignore:(?s).*[Tt]ype hint")  # MLflow's, at its import
STRANGER = """
import importlib.util, sys
import numpy, onnxruntime, torch
pt2 = torch.export.load("net.pt2").module()
spec = importlib.util.spec_from_file_location("net", "net.py")
net = importlib.util.module_from_spec(spec)
spec.loader.exec_module(net)
session = onnxruntime.InferenceSession("net.onnx")
images = numpy.load("images.npy")
with torch.no_grad():
    source, graph = (each(torch.from_numpy(images)).numpy() for each in (net.load(), pt2))
numpy.savez("found.npz", source, graph, session.run(None, {"images": images})[0])
assert "llmatic" not in sys.modules
"""


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    """The folder of a finished search, and its run."""
    folder = tmp_path_factory.mktemp("search")
    done = llmatic(folder, "search", *SETTINGS)
    return folder, run_id(done)


@pytest.fixture(scope="module")
def opened(search):
    """Journal, workbench and registry of the search."""
    folder, run = search
    store = compose(there(folder)).tracking
    journal = tracking.open_search(store, run, read_only=True)
    with parts.workbench(stored.settings(journal)) as bench:
        for name in ("predict", "export", "run"):  # the same question has the same answer
            setattr(bench, name, cache(getattr(bench, name)))
        yield journal, bench, Registry(store)


def there(folder):
    """Overrides that name its store from anywhere."""
    mlruns = folder / "mlruns"
    return (f"tracking.uri=sqlite:///{mlruns}/mlflow.db", f"tracking.artifacts={mlruns}/artifacts")


def best(journal):
    return delivery.choose(launch.replay(journal).networks.elites())[0].candidate


def register(opened, name, *chosen, weighted=None):
    journal, bench, registry = opened
    origin = delivery.lineage(journal, stored.settings(journal))
    weighted = weighted or (lambda candidate: delivery.found(journal, candidate))
    made = delivery.register(
        registry, journal, bench, name, chosen, origin, lambda _: None, weighted
    )
    return [each.version for each in made]


def models(registry):
    client = registry.client
    experiments = [each.experiment_id for each in client.search_experiments()]
    names = [(each.name, each.aliases) for each in client.search_registered_models()]
    versions = {(each.name, each.version) for each in client.search_model_versions()}
    files = [each.name for each in Path(artifacts(registry)).rglob("*") if each.is_file()]
    logged = {each.model_id for each in client.search_logged_models(experiments)}
    return names, versions, logged, sorted(files)


def artifacts(registry):
    """The folder of all artifacts."""
    (one, *_) = registry.client.search_experiments(filter_string="name != 'Default'")
    return one.artifact_location.removeprefix("file://")


def doubtful(journal, chosen, before):
    """A network of the search with a statement more before its forward pass begins."""
    network = delivery.found(journal, chosen)
    head, tail = network.source.split("def forward(self, x", 1)
    line = tail.index("\n") + 1
    source = f"import torch\n{head}def forward(self, x{tail[:line]}{before}{tail[line:]}"
    return lambda _: delivery.Found(network.candidate, source, network.weights)


EXECUTED = []
"""What was executed in this process that comes from a file of a network."""


@cache
def watch():
    """Have what is executed noted; a hook cannot be taken away."""

    def note(event, arguments):
        if event == "exec" and Path(arguments[0].co_filename).name == "network.py":
            EXECUTED.append(arguments[0].co_filename)

    sys.addaudithook(note)


def test_exports_say_what_the_network_says(opened, tmp_path):
    journal, bench, _ = opened
    network = delivery.found(journal, best(journal))
    scores = delivery.predictions(bench, network)
    for format, suffix in ((Format.PT2, "pt2"), (Format.ONNX, "onnx"), (Format.SOURCE, "py")):
        artifact = delivery.export(bench, network, format, "A network.", scores)
        (tmp_path / f"net.{suffix}").write_bytes(artifact)
    np.save(tmp_path / "images.npy", bench.raw(5))
    command = [sys.executable, "-I", "-c", STRANGER]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=200, capture_output=True)
    for each in np.load(tmp_path / "found.npz").values():
        assert each == pytest.approx(scores[:5], abs=1e-5)
    assert "class Net" in (tmp_path / "net.py").read_text()


def test_a_map_is_registered(search, opened):
    (folder, run), (journal, _, registry) = search, opened
    out = llmatic(folder, "register", run, "--map", "--name", "digits", "--json")
    versions = json.loads(out.stdout)
    (champion,) = [each for each in versions if "champion" in each["aliases"]]
    assert any(alias.startswith("under-") for each in versions for alias in each["aliases"])
    assert champion["weights"]["training"] is None
    assert champion["weights"]["test_accuracy"] == champion["weights"]["searched_test_accuracy"]
    told = registry.client.get_model_version("digits", champion["version"])
    assert told.tags["form"].startswith("pt2")
    assert told.tags["llmatic.search"] == journal.run_id
    assert told.tags["commit"] == journal.made_with.get("commit", "not recorded")
    assert "float32 of the shape (n, 1, 8, 8) with pixels from 0 to 16" in told.description
    again = in_process(folder, "register", run, "--best", "--name", "digits")
    number = len(versions) + 1
    assert again.stdout.startswith(f"models:/digits/{number}, models:/digits@champion: candidate")
    assert_no_pickle(folder / "mlruns" / "artifacts")


def test_a_network_that_cannot_be_exported_goes_as_its_source_and_is_not_executed(opened):
    journal, bench, registry = opened
    weighted = doubtful(journal, best(journal), "        if x.sum() > 1e9: x = -x\n")
    watch()
    EXECUTED.clear()
    (version,) = register(
        opened, "as-source", delivery.Chosen(best(journal), ("champion",)), weighted=weighted
    )
    assert version.tags["form"] == "its own source, which loading executes"
    assert not EXECUTED
    mlflow.set_tracking_uri(registry.uri)
    mlflow.set_registry_uri(registry.uri)
    loaded = mlflow.pyfunc.load_model("models:/as-source@champion")
    assert EXECUTED
    expected = delivery.predictions(bench, delivery.found(journal, best(journal)))[:4]
    assert loaded.predict(bench.raw(4)) == pytest.approx(expected, abs=1e-5)


def test_a_network_whose_export_differs_is_not_registered_as_its_source(opened):
    journal, _, registry = opened
    before = models(registry)
    weighted = doubtful(
        journal, best(journal), "        if torch.compiler.is_exporting(): x = -x\n"
    )
    with pytest.raises(UserError, match="as pt2 it says something else"):
        register(opened, "exported", delivery.Chosen(best(journal), ()), weighted=weighted)
    assert models(registry) == before


def test_a_model_that_differs_is_not_registered(opened, monkeypatch, tmp_path):
    journal, _, registry = opened
    before = models(registry)
    text = SERVED.read_text(encoding="utf-8")
    assert ".numpy()" in text
    other = tmp_path / "served.py"
    other.write_text(text.replace(".numpy()", ".numpy()[::-1]"), encoding="utf-8")
    monkeypatch.setattr("llmatic.tracking.packaging.SERVED", other)
    with pytest.raises(UserError, match="says something else than the trained network"):
        register(opened, "differs", delivery.Chosen(best(journal), ("champion",)))
    assert models(registry) == before


def test_weights_of_another_network_are_noticed(opened):
    journal, bench, _ = opened
    network = delivery.found(journal, best(journal))
    zeros = {name: np.zeros_like(each) for name, each in load(network.weights).items()}
    for weights, said in ((b"", "header"), (save(zeros), "was recorded")):
        other = delivery.Found(network.candidate, network.source, weights)
        with pytest.raises(UserError, match=said):
            delivery.predictions(bench, other)


@pytest.mark.parametrize(
    ("broken", "call"),
    [
        ("log_model_artifacts", 1),
        ("create_model_version", 1),
        ("set_registered_model_alias", 2),
    ],
)
@pytest.mark.parametrize("name", ["new", "production"])
def test_what_fails_late_leaves_all_as_it_was(opened, monkeypatch, broken, call, name):
    journal, _, registry = opened
    client = registry.client
    if name == "production":
        with suppress(MlflowException):  # the other test's
            client.create_registered_model(name, {MADE_BY: journal.run_id})
        tags = {MADE_BY: journal.run_id}
        made = client.create_model_version(name, "file:///nowhere", tags=tags)
        client.set_registered_model_alias(name, "champion", made.version)
    before = models(registry)
    works = getattr(MlflowClient, broken)
    calls = []

    def fail(*arguments, **keywords):
        calls.append(arguments)
        if len(calls) == call:
            raise OSError("the disk is full")
        return works(*arguments, **keywords)

    monkeypatch.setattr(MlflowClient, broken, fail)
    chosen = delivery.Chosen(best(journal), ("champion", "under-1m-flops"))
    with pytest.raises(UserError, match="the disk is full"):
        register(opened, name, chosen)
    assert len(calls) >= call
    assert models(registry) == before


def test_a_version_that_cannot_be_taken_back_keeps_its_files_and_has_no_alias(opened, monkeypatch):
    journal, _, registry = opened
    works = MlflowClient.set_registered_model_alias

    def fail(*arguments, **_):
        if "under-1m-flops" in arguments or len(arguments) == 3:
            raise OSError("the disk is full")
        works(*arguments)

    monkeypatch.setattr(MlflowClient, "set_registered_model_alias", fail)
    monkeypatch.setattr(MlflowClient, "delete_model_version", fail)
    with pytest.raises(UserError, match="the disk is full"):
        register(opened, "stubborn", delivery.Chosen(best(journal), ("champion", "under-1m-flops")))
    left = registry.client.get_registered_model("stubborn")
    assert not left.aliases
    monkeypatch.undo()
    mlflow.set_tracking_uri(registry.uri)
    assert mlflow.pyfunc.load_model("models:/stubborn/1").metadata.signature
    registry.client.delete_registered_model("stubborn")


def test_a_network_that_looks_at_other_images_is_not_handed_out(opened):
    journal, bench, _ = opened
    looks = doubtful(journal, best(journal), "        x = x - x.mean(0, keepdim=True)\n")
    network = looks(None)
    scores = bench.predict(network.source, network.weights)
    with pytest.raises(UserError, match="as source it says something else"):
        delivery.export(bench, network, Format.SOURCE, "A network.", scores)


def test_what_is_refused(opened):
    journal, _, registry = opened
    client = registry.client
    client.create_registered_model("strangers")
    with pytest.raises(UserError, match="LLMatic did not make"):
        register(opened, "strangers", delivery.Chosen(best(journal), ()))
    client.create_registered_model("ours", {MADE_BY: "other"})
    made = client.create_model_version("ours", "file:///nowhere", tags={MADE_BY: "other"})
    client.set_registered_model_alias("ours", "champion", made.version)
    with pytest.raises(UserError, match="the alias champion is version 1's, of search other"):
        register(opened, "ours", delivery.Chosen(best(journal), ("champion",)))
    for name, said in (("9-9", "no such candidate"), ("x", "as in 3-9")):
        with pytest.raises(UserError, match=said):
            delivery.found(journal, name)
    kept = {str(each.candidate.proposal.id) for each in launch.replay(journal).networks.elites()}
    trained = [each for each in journal.candidates() if each.measurement.status.trainable]
    others = [str(each.proposal.id) for each in trained]
    (without, *_) = [each for each in others if each not in kept]
    with pytest.raises(UserError, match=r"only elites.*`show` lists them all"):
        delivery.found(journal, without)


def test_a_training_can_be_chosen(opened, tmp_path):
    journal, _, _ = opened
    chosen = best(journal)
    (tmp_path / "weights.safetensors").write_bytes(b"trained")
    store, folder = "sqlite:///x", tracking.store.RunFolder(None, "", tmp_path)
    metrics = {"val_accuracy": 0.5, "test_accuracy": 0.25}
    trainings = [
        tracking.Training("abcdef0123", metrics, False, 1, 2, store, folder),
        tracking.Training("abd0000000", metrics, True, 2, 2, store, folder),
    ]
    newest = delivery.found(journal, chosen, trainings)
    assert (newest.weights, newest.metrics["test_accuracy"]) == (b"trained", 0.25)
    assert f"Weights of {chosen}: training abcdef01, the newest of 2: validation" in newest.told
    older = delivery.found(journal, chosen, trainings, "abd")
    assert older.origin["training"] == "abd0000000"
    assert "one of 2: " in older.told
    assert "validation images trained on (in the search: " in older.told
    searched = delivery.found(journal, chosen)
    assert searched.told.startswith(f"Weights of {chosen}: the search's: validation accuracy")
    for which, said in (
        ("ab", "may be any of several"),
        ("c", "is no training of"),
        ("", "any of"),
    ):
        with pytest.raises(UserError, match=f"{said}.*abcdef01 .*; abd00000") as caught:
            delivery.found(journal, chosen, trainings, which)
        assert str(caught.value).startswith(f"--training {which}: ")
    with pytest.raises(UserError, match="was not trained since"):
        delivery.found(journal, chosen, [], "abd")
    (tmp_path / "weights.safetensors").unlink()
    with pytest.raises(UserError, match="is not there any more"):
        delivery.found(journal, chosen, trainings)


def test_the_command_line_says_what_is_wrong(search):
    folder, run = search
    for arguments, said in (
        (("register", run, "--name", "x"), "give one of CANDIDATE, --best and --map"),
        (("export", run, "1-0", "--format", "onnx", "--output", "no/where.onnx"), "no folder no"),
        (("export", run, "7-7", "--format", "pt2"), "no such candidate"),
        (("register", run, "--map", "--name", "x", "--training", "a"), "--best, not --map"),
        (("export", run, "0-0", "--format", "pt2", "--training", "a", "--as-searched"), "not both"),
    ):
        assert said in in_process(folder, *arguments, check=2).stderr


def test_a_file_says_what_it_takes_and_gives(search):
    folder, run = search
    (elite, *_) = json.loads(in_process(folder, "best", run, "--json").stdout)
    command = ("export", run, elite["candidate"], "--format", "source", "--output", "net.py")
    told = in_process(folder, *command).stdout
    assert f"Written: net.py ({(folder / 'net.py').stat().st_size:,} bytes)" in told
    assert "float32 images of shape (n, 1, 8, 8) as they come" in told
    assert "probabilities of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in told
    written = json.loads(in_process(folder, *command, "--json").stdout)
    assert (written["input_shape"], written["classes"]) == ([1, 8, 8], [*"0123456789"])
    assert written["weights"]["val_accuracy"] == elite["val_accuracy"]


def test_the_fastest_networks(search):
    folder, run = search
    out = in_process(
        folder, "best", run, "--max-latency", "1s", *("--batch-size", "8", "--top", "2"), "--json"
    )
    rows = json.loads(out.stdout)
    assert 1 <= len(rows) <= 2
    assert all(0 < each["latency_s"] < 1 and each["batch_size"] == 8 for each in rows)


def test_a_store_that_is_away_is_noticed_before_a_training(opened, monkeypatch):
    journal, _, _ = opened
    monkeypatch.setattr(parts, "prepared", None)
    away = compose(("tracking.uri=http://127.0.0.1:1",))
    with pytest.raises(tracking.TrackingError):
        refining.train(away.tracking, journal, best(journal), away, print, with_validation=False)


def test_an_untuned_network_cannot_be_trained_by_its_tuning(search):
    folder, run = search
    done = in_process(folder, "train", run, "0-0", "--tuned", check=2)
    assert "0-0 was not tuned yet" in done.stderr


def test_the_validation_images_can_be_trained_on_and_a_training_be_kept_later(
    search, opened, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (folder, run), (_, _, registry) = search, opened
    train = ("train", run, "0-0")
    done = llmatic(folder, *train, "--epochs", "2", "--with-validation", "--json")
    assert done.stderr.splitlines() == ["epoch 1/2", "epoch 2/2"]
    first = json.loads(done.stdout)
    assert first["with_validation"]
    kept = registry.client.get_run(first["run_id"])
    assert (kept.data.params["with_validation"], kept.data.params["epochs"]) == ("True", "2")
    history = registry.client.get_metric_history(first["run_id"], "test_accuracy")
    assert [each.value for each in history] == [first["test_accuracy"]]

    (training,) = tracking.trainings(compose(there(folder)).tracking, run, "0-0")
    params, weights = kept.data.params, training.weights()
    metrics = training.metrics
    finished = tracking.FinishedTraining(
        run, "0-0", params, metrics, {}, "its source", weights, "note"
    )
    written = rescue.write(finished)
    refused = in_process(folder, *train, "--keep", str(written), "--epochs", "2", check=2)
    assert "--keep: nothing is trained with it" in refused.stderr
    later = json.loads(in_process(folder, *train, "--keep", str(written), "--json").stdout)
    assert later == {**first, "run_id": later["run_id"]}
    newest, _ = tracking.trainings(compose(there(folder)).tracking, run, "0-0")
    assert (newest.run_id, newest.weights()) == (later["run_id"], weights)
