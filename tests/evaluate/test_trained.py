import json
import os
import pickle
import re
import tempfile
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from safetensors.torch import load

from llmatic.config import compose
from llmatic.evaluate.files import open_images
from llmatic.evaluate.protocol import Preprocessing
from llmatic.evaluate.record import Record
from llmatic.evaluate.trained import DataError, TrainedEvaluator, prepare
from llmatic.frames import Frame, FrameError, encode
from llmatic.genome import seed_source
from llmatic.records import Measurement, Status
from llmatic.sandbox import Isolation, WorkerError, choose

SHAPE = (1, 8, 8)
SEED = seed_source(SHAPE, 10)
TIMEOUT_S = 6.0
CONFIG = compose(
    [
        "trainer.epochs=2",
        f"evaluator.timeout_s={TIMEOUT_S}",
        "evaluator.memory_mb=500",
        "evaluator.max_flops=5e6",
    ]
)


@pytest.fixture(scope="module")
def data():
    with prepare(CONFIG.dataset) as prepared:
        yield prepared
    assert not prepared.folder.exists()


SEEN = []
"""Epochs and accuracies that were told while networks were trained."""


@pytest.fixture(scope="module")
def evaluator(data):
    evaluator = TrainedEvaluator(
        data,
        CONFIG.trainer,
        CONFIG.evaluator,
        choose("auto"),
        lambda epoch, accuracy: SEEN.append((epoch, accuracy)),
    )
    yield evaluator
    evaluator.close()
    evaluator.close()


@pytest.fixture(scope="module")
def unconfined(data):
    """What sandbox=none gives."""
    isolation = Isolation(landlock=False, bubblewrap=False)
    evaluator = TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, isolation)
    assert evaluator.evaluate(SEED, 1).status is Status.OK
    yield evaluator
    evaluator.close()


def top(code):
    """The seed network with code that is executed when it is built."""
    return f"{textwrap.dedent(code)}\n\n{SEED}"


def same(first: Measurement, second: Measurement) -> bool:
    def settled(measurement):
        return {k: v for k, v in measurement.metrics.items() if k != "train_seconds"}

    return settled(first) == settled(second) and first.curves == second.curves


def test_a_network_is_trained_and_scored(evaluator):
    SEEN.clear()
    measurement = evaluator.evaluate(SEED, 2)
    assert measurement.status is Status.OK
    assert measurement.error is None
    assert measurement.curves["val_accuracy"] != measurement.curves["test_accuracy"]
    assert list(enumerate(measurement.curves["val_accuracy"], start=1)) == SEEN
    assert 0.5 < measurement.fitness <= 1
    assert measurement.fitness == measurement.metrics["val_accuracy"]
    assert measurement.descriptors == {"width_to_depth": 5, "flops": 64 + 640}
    assert measurement.metrics["params"] == 2 + 650
    assert (measurement.metrics["width"], measurement.metrics["depth"]) == (10, 2)
    assert measurement.metrics["train_seconds"] > 0
    assert {len(curve) for curve in measurement.curves.values()} == {2}
    assert set(measurement.curves) == {"train_loss", "val_accuracy", "test_accuracy"}
    assert measurement.curves["test_accuracy"][-1] == measurement.metrics["test_accuracy"]


def test_the_seed_decides(evaluator):
    first, again, other = (evaluator.evaluate(SEED, seed) for seed in (4, 4, 2))
    assert same(first, again)
    assert not same(first, other)


WIDE = SEED.replace(
    "class Net", "import torch\nONES = torch.ones(100, 100)\n\n\nclass Net"
).replace("x = x.flatten(1)", "[F.linear(ONES, ONES) for _ in range(6)]\n        x = x.flatten(1)")
HUGE = SEED.replace("kernel_size=1)", "kernel_size=1); self.big = nn.Linear(9999, 9999)")
NOT_FINITE = SEED.replace("return self.fc(x)", "return self.fc(x) * float('nan')")
DEEP = """
class Net:
    def __init__(self):
        self.b()
    def b(self):
        self.c()
    def c(self):
        self.d()
    def d(self):
        x
"""
TRANSPOSED = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16)
        self.fc = nn.Linear(64, 10)
    def forward(self, x):
        return self.fc(self.encoder(x[:, 0]).flatten(1))
"""
ONE_BY_ONE = """
import torch
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 1, 1), nn.Linear(64, 10)
    def forward(self, x):
        return torch.stack([self.fc(self.conv(each[None]).flatten()) for each in x])
"""
FLAT = "import torch.nn as nn\nclass Net(nn.Flatten):\n    pass\n"


@pytest.mark.parametrize(
    ("source", "status", "says"),
    [
        ("import torch.nn as nn\nclass Net(nn.Module)\n", Status.DOES_NOT_BUILD, "SyntaxError"),
        (SEED.replace("64", "63"), Status.DOES_NOT_BUILD, "cannot be multiplied.*line 14"),
        (SEED.replace("F.relu", "F.rellu"), Status.DOES_NOT_BUILD, "rellu"),
        (SEED.replace("64, 10", "64, 11"), Status.WRONG_SHAPE, r"\(3, 11\) instead of \(3, 10\)"),
        (SEED.replace("return self.fc(x)", "return None"), Status.WRONG_SHAPE, "NoneType"),
        (SEED.replace("flatten(1)", "view(32, -1)"), Status.DOES_NOT_BUILD, "cannot be multiplied"),
        (NOT_FINITE, Status.DIVERGED, "not finite"),
        (HUGE, Status.OUTSIDE_LIMITS, "evaluator.max_params is 20,000,000"),
        (WIDE, Status.OUTSIDE_LIMITS, "evaluator.max_flops is 5,000,000"),
        (top("import torch\nx = torch.ones(10**9)"), Status.OUT_OF_MEMORY, "allocate memory"),
        (top("x = bytearray(10**9)"), Status.OUT_OF_MEMORY, ""),
        (top("while True: pass"), Status.TIMED_OUT, "not finished after 6 s"),
        (top("import os\nos.abort()"), Status.CRASHED, "SIGABRT"),
        (top("import os\nos._exit(0)"), Status.CRASHED, "ended before it was trained"),
        (top("raise SystemExit(0)"), Status.CRASHED, "SystemExit: 0"),
        (top("raise RuntimeError('in /usr/a/place/b.py')"), Status.DOES_NOT_BUILD, "in b.py"),
        (top("raise ValueError('\\033[2Jgone')"), Status.DOES_NOT_BUILD, r": \[2Jgone"),
        (top("open('/etc/hostname')"), Status.FORBIDDEN, r"hostname' \(line 1: open"),
        (top("import ctypes\nctypes.string_at(0)"), Status.CRASHED, "ended by SIGSEGV"),
        (TRANSPOSED, Status.WRONG_SHAPE, "images of a batch are not treated alike"),
        (ONE_BY_ONE, Status.WRONG_SHAPE, "the depth of the network is 2 or 4, depending on how"),
        (DEEP, Status.DOES_NOT_BUILD, r"line 6: self.c\(\); line 8: self.d\(\); line 10: x\)$"),
        ("class Net:\n    pass\n", Status.DOES_NOT_BUILD, "is not an nn.Module"),
        (FLAT, Status.DOES_NOT_BUILD, "no trainable parameters"),
    ],
)
def test_what_is_wrong_with_a_network_is_its_status(evaluator, source, status, says):
    measurement = evaluator.evaluate(source, 1)
    assert measurement.status is status, measurement
    assert measurement.error is not None
    assert re.search(says, measurement.error), measurement.error
    assert measurement.fitness is None
    assert not measurement.descriptors


def test_a_network_that_writes_into_its_input_harms_nobody(evaluator):
    apart = SEED.replace("x = F.relu(", "x = x * 2\n        x = F.relu(")
    inside = SEED.replace("x = F.relu(", "x.mul_(2)\n        x = F.relu(")
    assert same(evaluator.evaluate(inside, 2), evaluator.evaluate(apart, 2))
    assert evaluator.evaluate(SEED, 2).status is Status.OK


class Impatient:
    """A pruner that stops whatever it sees, and remembers what that was."""

    def __init__(self):
        self.asked = []

    def judge(self, descriptors):
        def is_hopeless(accuracies):
            self.asked.append((dict(descriptors), tuple(accuracies)))
            return True

        return is_hopeless


def test_a_training_that_promises_nothing_is_stopped(evaluator):
    whole = evaluator.evaluate(SEED, 3)
    pruner = Impatient()
    stopped = evaluator.evaluate(SEED, 3, pruner)
    assert stopped.status is Status.PRUNED
    assert stopped.fitness is None
    assert stopped.weights is None
    first = whole.curves["val_accuracy"][:1]
    assert stopped.curves["val_accuracy"] == first
    assert pruner.asked == [(dict(whole.descriptors), first)]
    assert stopped.error == (
        f"stopped after epoch 1 of 2, when its validation accuracy was {first[0]:.4f}"
    )
    assert same(evaluator.evaluate(SEED, 3), whole)


def test_a_network_that_needs_its_images_in_rows_is_trained(evaluator):
    """``view`` cannot see through images that lie channels-last, ``reshape`` can."""
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        return self.fc(x.{}(x.size(0), -1))
"""
    head = "import torch.nn as nn\nimport torch.nn.functional as F\n"
    viewed, reshaped = (
        evaluator.evaluate(head + text.format(each), 4) for each in ("view", "reshape")
    )
    assert viewed.status is reshaped.status is Status.OK
    assert viewed.metrics["val_accuracy"] == pytest.approx(
        reshaped.metrics["val_accuracy"], abs=0.02
    )


def test_the_weights_are_those_of_the_trained_network(evaluator, data):
    measured = evaluator.evaluate(SEED, 3)
    namespace = {}
    exec(SEED, namespace)
    network = namespace["Net"]().eval()
    network.load_state_dict(load(measured.weights))
    images = torch.from_numpy(open_images(data.folder, "unlabelled"))
    with torch.no_grad():
        predicted = network(images).argmax(1).numpy()
    accuracy = np.mean(predicted[data.val_places] == data.val_labels)
    assert accuracy == measured.metrics["val_accuracy"]


def test_a_state_that_is_not_all_tensors_has_no_weights(evaluator):
    state = "    def get_extra_state(self):\n        return {}\n\n    def forward("
    measured = evaluator.evaluate(SEED.replace("    def forward(", state), 3)
    assert measured.status is Status.OK
    assert measured.weights is None


def test_lazy_layers_are_given_their_sizes(evaluator):
    lazy = SEED.replace("nn.Linear(64, 10)", "nn.LazyLinear(10)")
    measurement = evaluator.evaluate(lazy, 2)
    assert measurement.status is Status.OK, measurement
    assert measurement.metrics["params"] == 652
    buffers = SEED.replace("nn.Linear(64, 10)", "nn.Sequential(nn.Linear(64, 10), NORM)")
    norm = "nn.LazyBatchNorm1d(affine=False)"
    measurement = evaluator.evaluate(buffers.replace("NORM", norm), 2)
    assert measurement.status is Status.OK, measurement


def test_a_lazy_layer_that_is_never_used_is_said_to_be(evaluator):
    unused = "super().__init__()\n        self.unused = nn.LazyLinear(10)"
    measurement = evaluator.evaluate(SEED.replace("super().__init__()", unused), 2)
    assert measurement.status is Status.DOES_NOT_BUILD
    assert measurement.error == "a lazy layer is never used, so that its size is not known"


BUILT = {
    "kind": "built",
    "flops": 10,
    "params": 1,
    "width": 1,
    "depth": 1,
    "counted": 8,
    "counted_more": 6,
}
EPOCHS = [{"kind": "epoch", "epoch": epoch, "train_loss": 1.0} for epoch in (0, 1)]
DONE = {
    "kind": "done",
    "params": 1,
    "width": 1,
    "depth": 1,
    "counted": 8.0 + 511 * 6,
    "images": 512,
}
PREDICTED = np.zeros(648, "<i4").tobytes()


def told(data, *headers, body=PREDICTED, token="t", weights=b""):
    record = Record(data, CONFIG.evaluator, 2, "t")
    bodies = {"epoch": body, "done": weights}
    for header in headers:
        record.take(encode({"token": token, **header}, bodies.get(header.get("kind"), b"")))
    return record


def test_a_training_is_told_in_order(data):
    record = told(data, BUILT, *EPOCHS, DONE)
    assert record.complete
    measured = record.measurement(1.5)
    assert measured.fitness == np.mean(data.val_labels == 0)
    assert measured.metrics["test_accuracy"] == np.mean(data.test_labels == 0)
    assert measured.metrics["train_seconds"] == 1.5


def test_test_accuracy_is_the_fitness_where_that_is_asked_for(data):
    record = told(data, BUILT, *EPOCHS, DONE)
    record.limits = replace(record.limits, fitness="test")
    measured = record.measurement(1.5)
    assert measured.fitness == np.mean(data.test_labels == 0) != np.mean(data.val_labels == 0)


@pytest.mark.parametrize(
    "headers",
    [
        [{**BUILT, "flops": 10**400}],
        [{**BUILT, "flops": "many"}],
        [{**BUILT, "flops": 0}],
        [{**BUILT, "flops": True}],
        [{**BUILT, "flops": float("nan")}],
        [{**BUILT, "flops": 6e6}],
        [{**BUILT, "params": 30_000_000}],
        [{**BUILT, "width": 1e9}],
        [{"kind": "built"}],
        [BUILT, BUILT],
        [EPOCHS[0]],
        [BUILT, EPOCHS[1]],
        [BUILT, EPOCHS[0], EPOCHS[0]],
        [BUILT, *EPOCHS, {**EPOCHS[0], "epoch": 2}],
        [BUILT, {**EPOCHS[0], "train_loss": 10**400}],
        [BUILT, {**EPOCHS[0], "train_loss": float("inf")}],
        [BUILT, EPOCHS[0], DONE],
        [{**BUILT, "counted": -1}],
        [{**BUILT, "counted_more": 6e6}],
        [BUILT, *EPOCHS, {**DONE, "counted": "few"}],
        [BUILT, *EPOCHS, {**DONE, "counted": float("nan")}],
        [BUILT, *EPOCHS, {**DONE, "images": 1}],
        [BUILT, *EPOCHS, DONE, DONE],
        [{"kind": "failed", "status": "OK", "error": ""}],
        [{"kind": "failed", "status": "TIMED_OUT", "error": ""}],
        [{"kind": "failed", "status": "GREAT", "error": ""}],
        [{"kind": "failed", "status": "CRASHED", "error": ""}, BUILT],
        [{"kind": "fitness", "value": 1.0}],
        [{}],
    ],
)
def test_nonsense_is_refused(data, headers):
    with pytest.raises(FrameError):
        told(data, *headers)


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ({"params": 2}, "has 2 parameters in the end, had 1"),
        ({"width": 3}, "is 3 wide when it predicts, 1 when it is measured"),
        ({"depth": 4}, "is 4 deep when it predicts, 1 when it is measured"),
        ({"counted": 4000}, "costs 4000 FLOPs when it predicts 512 images, 3074 when"),
        ({"counted": 2000}, "costs 2000 FLOPs"),
        ({"counted": 0}, "costs 0 FLOPs"),
    ],
)
def test_a_network_that_is_another_in_the_end_is_refused(data, end, says):
    record = told(data, BUILT, *EPOCHS, {**DONE, **end})
    assert record.failure.status is Status.FORBIDDEN
    assert says in record.failure.error


@pytest.mark.parametrize("body", [b"x", b"\x80\x04." * 9, bytes(64), pickle.dumps([1])])
def test_weights_that_are_none_are_refused(data, body):
    with pytest.raises(FrameError, match="weights that are none"):
        told(data, BUILT, *EPOCHS, DONE, weights=body)


def test_weights_larger_than_any_network_are_refused(data):
    with pytest.raises(FrameError):
        told(data, BUILT, *EPOCHS, DONE, weights=bytes(170_000_000))


def test_messages_of_another_training_are_refused(data):
    with pytest.raises(FrameError, match="not of this training"):
        told(data, BUILT, token="u")


@pytest.mark.parametrize("body", [b"", PREDICTED[4:], PREDICTED + PREDICTED[:4], b"\xff" * 2592])
def test_predictions_are_one_class_for_each_image(data, body):
    with pytest.raises(FrameError, match="predictions"):
        told(data, BUILT, EPOCHS[0], body=body)


def test_no_label_but_those_of_training_is_on_disk(data):
    kept = {file.name: np.load(file, mmap_mode="r") for file in data.files}
    assert set(kept) == {"train_images.npy", "train_labels.npy", "unlabelled_images.npy"}
    sizes = [len(kept["train_images.npy"]), len(data.val_labels), len(data.test_labels)]
    assert sizes == [1149, 288, 360]
    assert len(kept["unlabelled_images.npy"]) == 288 + 360
    images = np.asarray(kept["train_images.npy"])
    assert abs(images.mean()) < 1e-4
    assert abs(images.std() - 1) < 1e-2
    assert min(np.bincount(data.test_labels)) >= 34


def test_images_are_predicted_in_an_order_of_their_own(data):
    places = np.concatenate([data.val_places, data.test_places])
    assert sorted(places) == list(range(648))
    assert np.mean(data.val_places < 288) < 0.6
    assert np.mean(np.diff(places) == 1) < 0.05


def test_a_timeout_ends_the_whole_process_tree(unconfined, tmp_path):
    code = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                os.mkdir(f"{folder}/{{os.getpid()}}")
            time.sleep(1000)
        time.sleep(1000)
    """
    started = time.monotonic()
    measurement = unconfined.evaluate(top(code.format(folder=tmp_path)), 1)
    assert measurement.status is Status.TIMED_OUT
    assert time.monotonic() - started < TIMEOUT_S + 5
    (pid,) = tmp_path.iterdir()
    assert not psutil.pid_exists(int(pid.name))


def test_one_candidate_cannot_spoil_the_next(evaluator):
    before = evaluator.evaluate(SEED, 5)
    spoil = "import torch\ntorch.nn.Linear.forward = None\ntorch.randn = None"
    assert not evaluator.evaluate(top(spoil), 5).status.trainable
    assert same(evaluator.evaluate(SEED, 5), before)


def test_attention_over_the_parts_of_an_image_is_trained(evaluator):
    source = TRANSPOSED.replace("16)", "16, batch_first=True)")
    assert evaluator.evaluate(source, 1).status is Status.OK


def test_a_signal_without_a_name(unconfined):
    measurement = unconfined.evaluate(top("import os\nos.kill(os.getpid(), 40)"), 1)
    assert measurement.status is Status.CRASHED
    assert measurement.error == "ended by signal 40"
    assert unconfined.evaluate(SEED, 1).status is Status.OK


def worker_process(evaluator):
    """The worker itself, which may be inside bubblewrap; what waits for a task is below it."""
    outermost = psutil.Process(evaluator._worker._process.pid)
    tree = [outermost, *outermost.children(recursive=True)]
    return next(each for each in tree if each.name() != "bwrap")


@pytest.mark.parametrize("level", ["none", "auto"])
def test_a_worker_that_was_killed_is_replaced(data, level):
    """Bubblewrap says that a killed worker had an exit status."""
    evaluator = TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, choose(level))
    try:
        assert evaluator.evaluate(SEED, 1).status is Status.OK
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(evaluator.evaluate, top("while True: pass"), 1)
            time.sleep(1)
            worker_process(evaluator).kill()
            found = running.result()
        assert (found.status, found.error) == (Status.CRASHED, "its worker process ended")
        assert evaluator.evaluate(SEED, 1).status is Status.OK
        worker_process(evaluator).kill()  # while it has nothing to do
        assert evaluator.evaluate(SEED, 1).status is Status.OK
        (spare,) = worker_process(evaluator).children()
        spare.kill()
        while spare.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert evaluator.evaluate(SEED, 1).status is Status.OK
    finally:
        evaluator.close()


READY, BEGUN = Frame({"kind": "ready"}), Frame({"kind": "begun"})


class Scripted:
    """A worker that says what it is to say, and ends."""

    def __init__(self, *frames):
        self.frames = list(frames)

    def send(self, header, body=b""):
        pass

    def receive(self, deadline):
        return self.frames.pop(0) if self.frames else None

    def failure(self):
        return WorkerError("worker", "no memory")

    def kill(self):
        pass

    close = kill


def scripted(data, monkeypatch, make):
    monkeypatch.setattr(TrainedEvaluator, "_start", lambda _: make())
    return TrainedEvaluator(data, CONFIG.trainer, CONFIG.evaluator, choose("none"))


def test_a_worker_outlives_the_signal_that_ends_its_controller(evaluator):
    """What is measured when a machine stops is no candidate's crash."""
    evaluator.evaluate(SEED, 1)
    worker_process(evaluator).terminate()
    assert evaluator.evaluate(SEED, 1).status is Status.OK
    assert evaluator._deaths == 0


def test_only_a_machine_on_which_no_worker_lives_ends_a_search(data, monkeypatch):
    evaluator = scripted(data, monkeypatch, lambda: Scripted(READY, BEGUN))
    for _ in range(2):
        for _ in range(4):
            assert evaluator.evaluate(SEED, 1).status is Status.CRASHED
        with pytest.raises(WorkerError, match="no memory"):
            evaluator.evaluate(SEED, 1)
    for _ in range(4):
        assert evaluator.evaluate(SEED, 1).status is Status.CRASHED
    end = Frame({"kind": "end", "how": "exit", "seconds": 1.0, "code": 3})
    evaluator._worker, evaluator._is_ready = Scripted(BEGUN, end), True
    assert "exit status 3" in evaluator.evaluate(SEED, 1).error
    assert evaluator.evaluate(SEED, 1).status is Status.CRASHED


def test_a_network_is_not_blamed_for_a_worker_that_ended_before(data, monkeypatch):
    end = Frame({"kind": "end", "how": "exit", "seconds": 1.0, "code": 3})
    evaluator = scripted(data, monkeypatch, lambda: Scripted(READY, BEGUN, end))
    evaluator._worker = Scripted(READY)
    assert "exit status 3" in evaluator.evaluate(SEED, 1).error


def test_a_worker_that_never_gets_ready_is_an_error(data, monkeypatch):
    evaluator = scripted(data, monkeypatch, Scripted)
    for _ in range(2):
        with pytest.raises(WorkerError, match="no memory"):
            evaluator.evaluate(SEED, 1)


def test_a_fork_that_fails_is_tried_again(monkeypatch):
    from llmatic.evaluate import worker

    slot, left = worker._Slot.__new__(worker._Slot), [BlockingIOError, OSError]
    slot._trainers = [None]
    open_before = len(list(Path("/proc/self/fd").iterdir()))

    def fork():
        if left:
            raise left.pop()
        return 2**22

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(worker, "FORK_AGAIN_S", 0)
    process = slot._forked()
    assert process.pids == (2**22,)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before + 2
    os.close(process.task)
    os.close(process.output)
    left += [OSError] * 100
    with pytest.raises(RuntimeError, match="no process or memory left"):
        slot._forked()


def test_texts_of_a_violation_are_tidied(data, monkeypatch):
    end = Frame({"kind": "end", "how": "exit", "seconds": 1.0, "code": 0})

    class Talker(Scripted):
        def send(self, header, body=b""):
            if header["kind"] == "task":
                said = {"token": json.loads(body[8:])["token"], "kind": "in /root/secret/x"}
                self.frames += [Frame({"kind": "output"}, encode(said)), end]

    evaluator = scripted(data, monkeypatch, lambda: Talker(READY, BEGUN))
    found = evaluator.evaluate(SEED, 1)
    assert found.status is Status.FORBIDDEN
    assert "in x" in found.error
    assert "/root" not in found.error


def test_unfit_data_is_refused():
    says = "dataset.classes=7: the labels of the train part go from 0 to 9"
    with pytest.raises(DataError, match=says), prepare(compose(["dataset.classes=7"]).dataset):
        pass


def test_a_folder_of_images(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        for number in range(20):
            pixels = rng.integers(0, 255, (12, 10, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    config = compose(["dataset=image_folder", f"dataset.root={tmp_path}", "dataset.classes=2"])
    with prepare(config.dataset) as prepared:
        assert open_images(prepared.folder, "train").shape == (25, 3, 32, 32)
        assert sorted(prepared.test_labels) == [0] * 4 + [1] * 4
        assert len(prepared.val_labels) == 7


def test_a_users_own_data_module(tmp_path, monkeypatch):
    Path(tmp_path, "mine.py").write_text(
        textwrap.dedent(
            """
            import torch
            from lightning.pytorch import LightningDataModule
            from torch.utils.data import DataLoader, TensorDataset

            class Noise(LightningDataModule):
                def __init__(self, n):
                    super().__init__()
                    self.n = n
                    self.preprocessing = {"scale": 2}  # of their own, and not what we mean by it

                def loader(self):
                    print("this must not disturb")
                    images = torch.randn(self.n, 2, 4, 4)
                    return DataLoader(TensorDataset(images, torch.arange(self.n) % 3))

                train_dataloader = val_dataloader = test_dataloader = loader
            """
        )
    )
    monkeypatch.chdir(tmp_path)
    config = compose(
        [
            "dataset=custom",
            "dataset.datamodule=mine.Noise",
            "dataset.options={n: 9}",
            "dataset.input_shape=[2,4,4]",
            "dataset.classes=3",
        ]
    )
    with prepare(config.dataset) as prepared:
        assert prepared.val_labels.tolist() == [0, 1, 2] * 3
        assert prepared.preprocessing == Preprocessing.none(2)


def test_a_folder_left_by_a_killed_process_is_removed(tmp_path, monkeypatch):
    from llmatic.sandbox import scratch_folder

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "llmatic-left"
    left.mkdir()
    (left / "owner.lock").touch()
    with scratch_folder() as mine, scratch_folder() as other:
        assert mine.exists()
        assert other.exists()
        assert not left.exists()
    assert not list(tmp_path.iterdir())
