"""One network on several devices: as good as on one, kept apart as well, ended as surely."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from safetensors.torch import load

from llmatic.config import ConfigError, compose
from llmatic.evaluate.files import open_images
from llmatic.evaluate.trained import TrainedEvaluator, prepare
from llmatic.genome import seed_source
from llmatic.records import Status
from llmatic.sandbox import SandboxError, choose

pytestmark = pytest.mark.timeout(300)

SEED = seed_source((1, 8, 8), 10)
CNN = """
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6, momentum=None)
        self.unused = nn.Linear(3, 3)
        self.fc = nn.Linear(6 * 16, 20)
        self.last = nn.Sequential(nn.ReLU(), nn.Linear(20, 10))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2)
        return self.last(self.fc(x.flatten(1)))
"""
TIMEOUT_S = 9.0
BASE = (
    "trainer.epochs=2",
    "trainer.learning_rate=0.05",
    "trainer.augmentation=shift_flip",
    "dataset.batch_size=31",
    f"evaluator.timeout_s={TIMEOUT_S}",
    "evaluator.memory_mb=500",
)


@pytest.fixture(scope="module")
def data():
    with prepare(compose(BASE).dataset) as prepared:
        yield prepared


@contextlib.contextmanager
def evaluating(data, devices, level="none"):
    config = compose([*BASE, f"trainer.devices={devices}"])
    isolation = choose(level, loopback=devices > 1)
    evaluator = TrainedEvaluator(data, config.trainer, config.evaluator, isolation)
    try:
        yield evaluator
    finally:
        evaluator.close()


@pytest.fixture(scope="module")
def alone(data):
    """What one device makes of two networks."""
    with evaluating(data, 1) as evaluator:
        yield {source: evaluator.evaluate(source, 1) for source in (SEED, CNN)}


def processes(evaluator):
    outermost = psutil.Process(evaluator._worker._process.pid)
    tree = [outermost, *outermost.children(recursive=True)]
    worker = next(each for each in tree if each.name() != "bwrap")
    return sorted(worker.children(), key=lambda each: each.pid)


@pytest.fixture(scope="module")
def pair(data):
    """Two devices, confined; it goes on to work after whatever a test does to it."""
    with evaluating(data, 2, "auto") as evaluator:
        evaluator.evaluate(SEED, 1)
        yield evaluator


@pytest.fixture(autouse=True)
def _none_is_left(request):
    """A candidate leaves no process: there are the two that wait for the next."""
    yield
    if "pair" in request.fixturenames:
        assert len(processes(request.getfixturevalue("pair"))) == 2


def predicted(measurement, source, data):
    namespace = {}
    exec(source, namespace)
    network = namespace["Net"]().eval()
    network.load_state_dict(load(measurement.weights))
    with torch.no_grad():
        return network(torch.from_numpy(open_images(data.folder, "unlabelled")))


def assert_same(found, single, source, data):
    assert found.status is Status.OK, found
    same = ("val_accuracy", "test_accuracy")
    for name in same:
        assert found.curves[name] == pytest.approx(single.curves[name], abs=0.004)
    assert found.curves["train_loss"] == pytest.approx(single.curves["train_loss"], rel=1e-3)
    assert {n: v for n, v in found.metrics.items() if n not in (*same, "train_seconds")} == {
        n: v for n, v in single.metrics.items() if n not in (*same, "train_seconds")
    }
    scores = [predicted(each, source, data) for each in (found, single)]
    torch.testing.assert_close(*scores, rtol=1e-2, atol=1e-2)
    assert np.mean((scores[0].argmax(1) == scores[1].argmax(1)).numpy()) > 0.995


@pytest.mark.parametrize("source", [SEED, CNN], ids=["seed", "cnn"])
def test_two_devices_come_to_what_one_does(pair, alone, data, source):
    assert_same(pair.evaluate(source, 1), alone[source], source, data)


def test_three_devices_share_even_a_batch_of_two(alone, data):
    assert len(open_images(data.folder, "train")) % data.batch_size == 2
    with evaluating(data, 3) as evaluator:
        assert_same(evaluator.evaluate(CNN, 1), alone[CNN], CNN, data)


def test_the_command_line_trains_on_two_devices(tmp_path, alone):
    (tmp_path / "net.py").write_text(CNN)
    llmatic = str(Path(sys.executable).with_name("llmatic"))
    overrides = [*BASE, "trainer.devices=2", "trainer.strategy=ddp", "seed=1"]
    done = subprocess.run(
        [llmatic, "evaluate", "net.py", *overrides, "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    told = json.dumps(json.loads(done.stdout))
    assert Status.OK.value in told or '"OK"' in told, told
    accuracy = float(re.search(r'"val_accuracy": ([\d.]+)', told)[1])
    assert accuracy == pytest.approx(alone[CNN].metrics["val_accuracy"], abs=0.004)


def top(code):
    """The seed network with code that is executed when it is built, in every process."""
    return f"{textwrap.dedent(code)}\n\n{SEED}"


def only(rank, code):
    """The seed network with code that one process executes in its last epoch."""
    forward = f"""
        if self.training and distributed.is_initialized():
            self.steps += 1
            if self.steps == 45 and distributed.get_rank() == {rank}:
                {code}
"""
    source = SEED.replace("        x = ", f"{forward}        x = ", 1)
    source = source.replace("super().__init__()", "super().__init__(); self.steps = 0")
    return f"import ctypes, os, time\nfrom torch import distributed\n{source}"


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("raise ValueError('no more')", Status.CRASHED, "ValueError: no more"),
        ("os._exit(3)", Status.CRASHED, "exit status 3"),
        ("ctypes.string_at(0)", Status.CRASHED, "ended by SIGSEGV"),
        ("self.kept = bytearray(10**9)", Status.OUT_OF_MEMORY, ""),
    ],
)
@pytest.mark.parametrize("rank", [0, 1])
def test_one_process_that_fails_is_the_failure_of_all(pair, rank, code, status, says):
    began = time.monotonic()
    found = pair.evaluate(only(rank, code), 1)
    assert (found.status, time.monotonic() - began < TIMEOUT_S - 2) == (status, True), found
    assert re.search(says, found.error), found.error


def test_a_process_that_does_not_go_on_is_ended_with_all(pair):
    found = pair.evaluate(only(1, "while True: pass"), 1)
    assert found.status is Status.TIMED_OUT, found


def test_memory_is_that_of_all_together(pair):
    """Each takes less than it may, and both more."""
    code = "self.kept = bytearray(3 * 10**8); self.kept[::4096] = bytes(len(self.kept[::4096]))"
    both = only(0, code).replace("distributed.get_rank() == 0", "True")
    assert pair.evaluate(only(1, code), 1).status is Status.OK
    assert pair.evaluate(both.replace(code, f"{code}; time.sleep(2)"), 1).status is (
        Status.OUT_OF_MEMORY
    )


def test_a_process_that_was_killed_is_replaced(pair):
    with ThreadPoolExecutor(1) as thread:
        first, second = processes(pair)
        running = thread.submit(pair.evaluate, only(0, "time.sleep(100)"), 1)
        while len(processes(pair)) < 4:
            time.sleep(0.05)
        time.sleep(1)
        second.kill()
        found = running.result()
    assert (found.status, found.error) == (Status.OUT_OF_MEMORY, "ended by SIGKILL")
    assert not first.is_running()
    processes(pair)[1].kill()  # while it has nothing to do
    time.sleep(0.1)
    assert pair.evaluate(SEED, 1).status is Status.OK


DENIED = {
    "forks": "import os\nos.fork()",
    "starts a program": "import os\nos.posix_spawn('/bin/true', ['true'], {})",
    "reads a file": "open('/etc/hostname')",
    "writes a file": "open('/dev/shm/x', 'w')",
    "sends datagrams": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a Unix socket": "import socket\nsocket.socket(socket.AF_UNIX)",
    "IPv6": "import socket\nsocket.socket(socket.AF_INET6)",
    "another kind of netlink": "import socket\nsocket.socket(socket.AF_NETLINK, 3, 16)",
    "signals its parent": "import os\nos.kill(os.getppid(), 0)",
    "a socket that sends signals": (
        "import fcntl, os, socket\nfcntl.fcntl(socket.socket(), fcntl.F_SETOWN, os.getppid())"
    ),
    "an option of no use": "import socket\nsocket.socket().setsockopt(1, socket.SO_MARK, 1)",
}


@pytest.mark.parametrize("name", DENIED)
def test_all_else_is_denied_as_before(pair, name):
    found = pair.evaluate(top(DENIED[name]), 1)
    assert found.status is Status.FORBIDDEN, found


@pytest.mark.parametrize("level", ["landlock", "bubblewrap"])
def test_no_server_of_yours_is_reached(data, level):
    """Nor the ports of other candidates: each worker has a network of its own."""
    try:
        choose(level, loopback=True)
    except SandboxError as error:
        pytest.skip(str(error))
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)

        def listen():
            with contextlib.suppress(OSError):
                came.append(server.accept())

        thread = threading.Thread(target=listen)
        thread.start()
        port = server.getsockname()[1]
        with evaluating(data, 2, level) as evaluator:
            found = evaluator.evaluate(
                top(f"import socket\nsocket.create_connection(('127.0.0.1', {port}))"), 1
            )
            assert "Connection refused" in found.error, found
            found = evaluator.evaluate(
                top("import socket\nsocket.create_connection(('192.0.2.1', 80))"), 1
            )
            assert "unreachable" in found.error, found
            assert evaluator.evaluate(SEED, 1).status is Status.OK
        assert not came
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()
    assert came
    came[0][0].close()


def test_where_no_network_namespace_can_be_had_it_is_said():
    """Really so: inside namespaces that permit no further ones."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    code = """
        from llmatic.sandbox import choose
        print(choose("landlock"))
        choose("auto", loopback=True)
    """
    inside = ["bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/"]
    done = subprocess.run(
        [*inside, sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if "bwrap" in done.stderr and not done.stdout:
        pytest.skip(done.stderr)
    assert done.stdout.strip() == "landlock"
    said = done.stderr.splitlines()[-1]
    assert "landlock: no network namespace with loopback only can be had: " in said
    assert "trainer.devices=1" in said


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (["trainer.devices=0"], r"trainer\.devices=0: must be at least 1"),
        (["trainer.devices=2", "trainer.strategy=fsdp"], r"trainer\.strategy=fsdp: must be one of"),
        (["trainer.strategy=ddp"], r"trainer\.strategy=ddp: must be auto where trainer\.devices"),
    ],
)
def test_unfit_settings_are_refused(overrides, says):
    with pytest.raises(ConfigError, match=says):
        compose(overrides)
