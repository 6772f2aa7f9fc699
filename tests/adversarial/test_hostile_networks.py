"""Every hostile network; those that a mechanism has to keep out, under each that is present."""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pytest
from adversarial.networks import CHANNEL, FRAMES, HONEST, HOSTILE, KEPT_OUT, network

from llmatic.config import compose
from llmatic.evaluate.trained import TrainedEvaluator, prepare
from llmatic.records import Status
from llmatic.sandbox import SandboxError, choose

pytestmark = pytest.mark.timeout(900)

CONFIG = compose(
    [
        "trainer.epochs=2",
        "evaluator.timeout_s=6",
        "evaluator.memory_mb=250",
        "evaluator.max_params=5000000",
        "evaluator.max_flops=1e8",
    ]
)
TRACE = "a-candidate-was-here-before-you"
TRACED = f"{HONEST}\nTRACE = '{TRACE}'"
PROCESSES = {"landlock": 1, "bubblewrap": 3, "landlock+bubblewrap": 3}
"""Of an idle slot, below its first: bubblewrap's own, the worker inside, the next candidate."""


def present():
    """Each mechanism, and what ``auto`` makes of them where that is another."""
    found = set()
    for name in ("landlock", "bubblewrap", "auto"):
        try:
            isolation = choose(name)
        except SandboxError as error:
            yield pytest.param(name, marks=pytest.mark.skip(reason=str(error)))
            continue
        if isolation not in found:
            yield name
        found.add(isolation)


MECHANISMS = [*present()]
USED = [each for each in MECHANISMS if isinstance(each, str)]
WHOLE = USED[-1]
"""Under this one all are tried."""


def tried(mechanism):
    """The hostile networks that are tried under a mechanism."""
    return [
        name
        for name in HOSTILE
        if mechanism == WHOLE
        or name.partition(":")[0] in KEPT_OUT
        or name == "endless: loop in forward"
    ]


def settled(measurement):
    """What must not differ between equal networks."""
    metrics = {k: v for k, v in measurement.metrics.items() if k != "train_seconds"}
    return measurement.status, measurement.fitness, metrics, measurement.curves


class Outcomes:
    """What became of hostile networks under one mechanism, in two slots."""

    def __init__(self, name, data, places):
        self.name = name
        sources = {key: fill(HOSTILE[key].source, places) for key in tried(name)}
        if name == WHOLE:
            sources |= special(data)
        self.found, self.seconds, self.honest, self.alive = {}, {}, [], []
        halves = [list(sources.items())[start::2] for start in (0, 1)]
        with ThreadPoolExecutor(2) as threads:
            for _ in threads.map(lambda half: self.evaluate(data, half), halves):
                pass

    def evaluate(self, data, sources):
        evaluator = TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, choose(self.name))
        try:
            self.honest.append(evaluator.evaluate(HONEST, 2))
            for key, source in sources:
                if "the candidate before" in key:
                    self.honest.append(evaluator.evaluate(TRACED, 2))
                began = time.monotonic()
                self.found[key] = evaluator.evaluate(source, 2)
                self.seconds[key] = time.monotonic() - began
            self.honest.append(evaluator.evaluate(HONEST, 2))
            self.honest.append(evaluator.evaluate(TRACED, 2))
            worker = psutil.Process(evaluator._worker._process.pid)
            alive = worker.children(recursive=True)
            self.alive.append(alive)
            self.memory = [memory(each) for each in [worker, *alive]]
        finally:
            evaluator.close()
        _, left = psutil.wait_procs(alive, timeout=5)
        assert not [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


def memory(process):
    """All that a process can read, where this one may look."""
    found = []
    try:
        maps = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
        with Path(f"/proc/{process.pid}/mem").open("rb", 0) as file:
            for line in maps:
                span, rights, *_ = line.split()
                start, end = (int(each, 16) for each in span.split("-"))
                is_library = ".so" in line and not rights.startswith("rw")
                if not rights.startswith("r") or is_library or end - start > 2**29:
                    continue
                try:
                    file.seek(start)
                    found.append(file.read(end - start))
                except (OSError, ValueError):  # not backed by memory
                    continue
    except PermissionError:
        return None
    return b"".join(found)


def fill(source, places):
    for name, path in places.items():
        source = source.replace(f"@{name}@", str(path))
    return source


def special(data):
    """Networks that need to know the labels, or are judged by more than their status."""
    labels = [*data.val_labels.tolist(), *data.test_labels.tolist()]
    return {
        "by call order": BY_CALL_ORDER.format(labels=labels),
        "forger": FORGER,
        "forger of figures": FORGER_OF_FIGURES,
        "layers": LAYERS,
    }


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
token = next(value.token for name, value in everything_in_frames() if name == "task")
def say(body=b"", **header):
    os.write(channel(), frame(body, token=token, **header))
say(kind="built", flops=1, params=1, width=1, depth=1, counted=1, counted_more=1)
for epoch in (0, 1):
    say(bytes(4 * 648), kind="epoch", epoch=epoch, train_loss=0.0)
say(kind="done", params=1, width=1, depth=1, counted=512, images=512)
os._exit(0)
"""
)
FORGER_OF_FIGURES = network(
    top="""
    import dataclasses, sys
    frame = sys._getframe()
    while "measure_again" not in frame.f_globals:
        frame = frame.f_back
    def less(measure):
        return lambda *given: dataclasses.replace(measure(*given), depth=1)
    for name in ("measure", "measure_again"):
        frame.f_globals[name] = less(frame.f_globals[name])
    """
)
LAYERS = network(
    top="""
    import torch.nn as nn
    class Many(nn.RNN):
        def forward(self, x): return x
    """,
    init="""
    self.r = Many(1, 1)
    self.r.num_layers = 1000000
    for number in range(1, 50):
        self.r.register_parameter(f"weight_ih_l{number}", nn.Parameter(torch.zeros(1, 1)))
    self.s = nn.GRU(8, 4, num_layers=3, bidirectional=True, batch_first=True)
    self.s.register_parameter("weight_ih_l9", nn.Parameter(torch.zeros(1, 1)))
    """,
    forward="x = self.r(x)\nif not self.training: self.s(x[:, 0])",
)


@pytest.fixture(scope="module")
def data():
    with prepare(CONFIG.dataset) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def reference(data):
    """What the honest network measures without a sandbox."""
    evaluator = TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, choose("none"))
    yield evaluator.evaluate(HONEST, 2)
    evaluator.close()


@pytest.fixture(scope="module")
def under(data, tmp_path_factory):
    """What came of the networks under a mechanism; each is tried once."""
    return cache(lambda mechanism: outcomes_under(mechanism, data, tmp_path_factory))


@pytest.fixture(params=MECHANISMS)
def outcomes(request, under):
    return under(request.param)


@pytest.fixture
def whole(under):
    return under(WHOLE)


def outcomes_under(mechanism, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("yours")
    (folder / "mlruns").mkdir()
    (folder / "mlruns" / "mlflow.db").write_text("a journal")
    (folder / "home").write_text("a secret")
    places = {
        "folder": folder,
        "home": folder / "home",
        "repository": Path(__file__).parents[2],
        "data": data.folder,
        "trace": TRACE[::-1],
        "controller": os.getpid(),
        **{name: labels(each).hex() for name, each in parts(data).items()},
    }
    os.environ["LLMATIC_TEST_SECRET"] = "hunter2"
    found = Outcomes(mechanism, data, places)
    del os.environ["LLMATIC_TEST_SECRET"]
    assert (folder / "mlruns" / "mlflow.db").read_text() == "a journal"
    assert sorted(each.name for each in folder.iterdir()) == ["home", "mlruns"]
    return found


def parts(data):
    train = np.load(data.folder / "train_labels.npy")
    return {"train_labels": train, "val_labels": data.val_labels, "test_labels": data.test_labels}


def labels(numbers, kind="u1"):
    """So many of them that no other array holds them by chance."""
    return numbers[:100].astype(kind).tobytes()


@pytest.mark.parametrize(
    ("mechanism", "name"), [(each, name) for each in USED for name in tried(each)]
)
def test_a_hostile_network_is_contained_and_labelled(under, mechanism, name):
    outcomes = under(mechanism)
    hostile, found = HOSTILE[name], outcomes.found[name]
    assert found.status in hostile.ends, found
    if found.status is Status.OK:
        if hostile.like_honest:
            assert settled(found) == settled(outcomes.honest[0])
        return
    assert found.fitness is None
    assert found.error is not None
    assert found.error.isprintable()
    assert re.search(hostile.says, found.error), found.error
    for path in ("/root", "/home", "/usr", "site-packages", "/tmp"):
        assert path not in found.error


def test_one_candidate_changes_nothing_for_the_next(outcomes, reference):
    assert reference.status is Status.OK
    assert len(outcomes.honest) == 7
    for each in outcomes.honest:
        assert settled(each) == settled(reference)


def test_no_process_is_left(outcomes):
    counts = {len(each) for each in outcomes.alive}
    assert counts == {PROCESSES[str(choose(outcomes.name))]}


def test_time_is_measured_outside(whole):
    found, seconds = whole.found["patches: time"], whole.seconds["patches: time"]
    assert 0.5 * seconds < found.metrics["train_seconds"] <= seconds


def test_no_label_and_no_other_candidate_is_in_memory(outcomes, data):
    """Of the worker and of the process that waits for its task; seen from outside."""
    if None in outcomes.memory:
        pytest.skip("other processes' memory can be looked at as root only")
    everything = b"".join(outcomes.memory)
    assert labels(parts(data)["train_labels"], "i8") in everything  # the search finds things
    for numbers in (data.val_labels, data.test_labels, data.val_places, data.test_places):
        for kind in ("i8", "i4", "u1", "f4"):
            assert labels(numbers, kind) not in everything
    assert TRACE.encode() not in everything


def test_whoever_knows_the_labels_in_their_order_gains_nothing(whole):
    found = whole.found["by call order"]
    assert found.status is Status.OK, found
    assert found.fitness < 0.25
    assert found.metrics["test_accuracy"] < 0.25


def test_a_forger_gets_the_accuracy_of_its_predictions(whole, data):
    """It finds the token in the interpreter's memory; see docs/security.md for what is left."""
    found = whole.found["forger"]
    assert found.status is Status.OK, found
    assert found.fitness == np.mean(data.val_labels == 0)
    assert found.metrics["test_accuracy"] == np.mean(data.test_labels == 0)
    assert found.metrics["train_seconds"] > 0


def test_a_forger_of_figures_gets_no_other_accuracy(whole, reference):
    """It patches the trusted functions that measure; see docs/security.md for what is left."""
    found = whole.found["forger of figures"]
    assert found.metrics["depth"] == 1
    assert found.curves == reference.curves


def test_layers_are_counted_where_they_run(whole):
    """One that says it is a million, and a true one of three layers, both ways."""
    found = whole.found["layers"]
    assert found.status is Status.OK, found
    assert found.metrics["depth"] == 2 + 1 + 3


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 50
