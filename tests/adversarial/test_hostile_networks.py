"""Every hostile network, under every mechanism that is present."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from adversarial.networks import CHANNEL, FRAMES, HONEST, HOSTILE, network

from llmatic.config import compose
from llmatic.evaluate.trained import TrainedEvaluator, prepare
from llmatic.records import Status
from llmatic.sandbox import SandboxError, choose

CONFIG = compose(
    [
        "trainer.epochs=2",
        "evaluator.timeout_s=3",
        "evaluator.memory_mb=250",
        "evaluator.max_params=5000000",
        "evaluator.max_flops=1e8",
    ]
)


def present():
    for name in ("landlock", "bubblewrap"):
        try:
            choose(name)
        except SandboxError as error:
            yield pytest.param(name, marks=pytest.mark.skip(reason=str(error)))
        else:
            yield name


MECHANISMS = list(present())


def settled(measurement):
    """What must not differ between equal networks."""
    metrics = {k: v for k, v in measurement.metrics.items() if k != "train_seconds"}
    return measurement.status, measurement.fitness, metrics, measurement.curves


class Outcomes:
    """What became of all hostile networks under one mechanism."""

    def __init__(self, name, data, places):
        evaluator = TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, choose(name))
        try:
            self.honest = evaluator.evaluate(HONEST, 2)
            self.hostile = {
                key: evaluator.evaluate(fill(each.source, places), 2)
                for key, each in HOSTILE.items()
            }
            self.special = {
                key: evaluator.evaluate(source, 2) for key, source in special(data).items()
            }
            self.honest_again = evaluator.evaluate(HONEST, 2)
            worker = psutil.Process(evaluator._worker._process.pid)
            self.alive = worker.children(recursive=True)
        finally:
            evaluator.close()
        _, left = psutil.wait_procs(self.alive, timeout=5)
        self.left = [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


def fill(source, places):
    for name, path in places.items():
        source = source.replace(f"@{name}@", str(path))
    return source


def special(data):
    """Networks that need to know the labels, or are judged by more than their status."""
    labels = [*data.val_labels.tolist(), *data.test_labels.tolist()]
    return {"by call order": BY_CALL_ORDER.format(labels=labels), "forger": FORGER}


BY_CALL_ORDER = network(
    top="LABELS = {labels}",
    init="self.done = 0",
    forward="""
        if not self.training and len(x) > 100:
            start, self.done = self.done, (self.done + len(x)) % len(LABELS)
            known = torch.tensor(LABELS[start:start + len(x)])
            return F.one_hot(known, 10).float() + 0 * self.fc(self.conv(x).flatten(1))
    """,
)
FORGER = network(
    top=f"""{CHANNEL}{FRAMES}
token = next(value["token"] for name, value in everything_in_frames() if name == "task")
def say(body=b"", **header):
    os.write(channel(), frame(body, token=token, **header))
say(kind="built", flops=1, params=1, width=1, depth=1)
for epoch in (0, 1):
    say(bytes(4 * 648), kind="epoch", epoch=epoch, train_loss=0.0)
say(kind="done", params=1, flops=1)
os._exit(0)
"""
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Of each mechanism; they run side by side."""
    folder = tmp_path_factory.mktemp("yours")
    (folder / "mlruns").mkdir()
    (folder / "mlruns" / "mlflow.db").write_text("a journal")
    (folder / "home").write_text("a secret")
    repository = Path(__file__).parents[2]
    os.environ["LLMATIC_TEST_SECRET"] = "hunter2"
    with prepare(CONFIG.dataset) as data, ThreadPoolExecutor() as threads:
        places = {
            "folder": folder,
            "home": folder / "home",
            "repository": repository,
            "data": data.folder,
        }
        names = [name for name in MECHANISMS if isinstance(name, str)]
        found = dict(
            zip(names, threads.map(lambda name: Outcomes(name, data, places), names), strict=True)
        )
    del os.environ["LLMATIC_TEST_SECRET"]
    assert (folder / "mlruns" / "mlflow.db").read_text() == "a journal"
    assert sorted(each.name for each in folder.iterdir()) == ["home", "mlruns"]
    return {**found, "labels": (data.val_labels, data.test_labels)}


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_network_is_contained_and_labelled(outcomes, mechanism, name):
    hostile, found = HOSTILE[name], outcomes[mechanism].hostile[name]
    assert found.status in hostile.ends, found
    if found.status is Status.OK:
        if hostile.like_honest:
            assert settled(found) == settled(outcomes[mechanism].honest)
        return
    assert found.fitness is None
    assert found.error is not None
    assert found.error.isprintable()
    assert re.search(hostile.says, found.error), found.error
    for path in ("/root", "/home", "/usr", "site-packages", "/tmp"):
        assert path not in found.error


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_one_candidate_changes_nothing_for_the_next(outcomes, mechanism):
    assert outcomes[mechanism].honest.status is Status.OK
    assert settled(outcomes[mechanism].honest_again) == settled(outcomes[mechanism].honest)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_process_is_left(outcomes, mechanism):
    assert len(outcomes[mechanism].alive) <= 3  # the worker inside bubblewrap, and the next process
    assert not outcomes[mechanism].left


def test_mechanisms_measure_the_same(outcomes):
    measured = [settled(outcomes[name].honest) for name in MECHANISMS if isinstance(name, str)]
    assert all(each == measured[0] for each in measured)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_whoever_knows_the_labels_in_their_order_gains_nothing(outcomes, mechanism):
    found = outcomes[mechanism].special["by call order"]
    assert found.status is Status.OK, found
    assert found.fitness < 0.25
    assert found.metrics["test_accuracy"] < 0.25


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_forger_gets_the_accuracy_of_its_predictions(outcomes, mechanism):
    """It finds the token in the interpreter's memory; see docs/security.md for what is left."""
    found = outcomes[mechanism].special["forger"]
    val, test = outcomes["labels"]
    assert found.status is Status.OK, found
    assert found.fitness == np.mean(val == 0)
    assert found.metrics["test_accuracy"] == np.mean(test == 0)
    assert found.metrics["train_seconds"] > 0


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 50
