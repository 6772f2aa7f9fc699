"""The MLflow UI: started for real, fetched over HTTP, stopped."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import psutil
import pytest
from stores import free_port

from llmatic.archive import Insertion
from llmatic.config import TrackingConfig
from llmatic.journal import Draft
from llmatic.llm import Completion
from llmatic.records import SEED_ID, Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.search import Outcome
from llmatic.tracking import TrackingError, create_search, serve_ui
from llmatic.tracking.store import connect

SERVE = """
import sys
from llmatic.config import TrackingConfig
from llmatic.tracking import serve_ui
uri, artifacts, port = sys.argv[1:]
tracking = TrackingConfig(uri, "study", artifacts)
serve_ui(tracking, int(port), lambda line: print(line, flush=True))
print("returned", flush=True)
"""


def fetch(address, body=None):
    request = urllib.request.Request(
        address,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


@pytest.fixture
def store(tmp_path):
    return TrackingConfig(f"sqlite:///{tmp_path / 'mlflow.db'}", "study", str(tmp_path / "files"))


@contextmanager
def served(tracking, port, stop):
    """The lines that a process says that serves the UI; it is stopped and leaves nothing."""
    command = [sys.executable, "-c", SERVE, tracking.uri, tracking.artifacts, str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = []
        for line in process.stdout:
            said.append(line.strip())
            if "Ctrl-C" in line:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        yield said
    finally:
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "returned\n", "")
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_serves_the_searches_until_ctrl_c(store):
    with create_search(store, "trial", "seed: 1\n", {}, {}, {}) as search:
        pass
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with served(store, port, signal.SIGINT) as said:
        assert said == [f"{address}/{search.ui_path}", "Ctrl-C stops it."]
        assert "<title>MLflow</title>" in fetch(said[0])
        query = {"experiment_ids": [search.ui_path.split("/")[2]]}
        found = json.loads(fetch(f"{address}/api/2.0/mlflow/runs/search", query))
        assert [run["info"]["run_id"] for run in found["runs"]] == [search.run_id]
        text = fetch(f"{address}/get-artifact?run_uuid={search.run_id}&path=config.yaml")
        assert text == "seed: 1\n"
        remote = []
        server = TrackingConfig(f"http://me:secret@127.0.0.1:{port}/", "study", "unused")
        serve_ui(server, 1, remote.append)
        assert remote == [said[0]]


def test_without_a_search_it_says_how_to_make_one(store):
    connect(store.uri)
    port = free_port()
    with served(store, port, signal.SIGTERM) as said:
        assert said == [
            "There is no search yet; make one with: llmatic search",
            f"http://127.0.0.1:{port}",
            "Ctrl-C stops it.",
        ]
        assert "<title>MLflow</title>" in fetch(said[1])


def test_a_ui_that_does_not_start_is_reported(store, monkeypatch):
    connect(store.uri)
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(TrackingError, match="stopped by itself: it did not say why"):
        serve_ui(store, free_port(), print)


def test_a_port_in_use_is_named(store):
    connect(store.uri)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TrackingError, match=rf"port {port} cannot be used .*--port"):
            serve_ui(store, port, print)


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_what_is_no_port_is_refused(store, port):
    connect(store.uri)
    with pytest.raises(TrackingError, match=f"--port {port}: must be"):
        serve_ui(store, port, print)


def test_a_store_that_does_not_exist_is_not_made(store, tmp_path):
    with pytest.raises(TrackingError, match="no store yet; make one with: llmatic search"):
        serve_ui(store, free_port(), print)
    assert not list(tmp_path.iterdir())


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
LOADS_WITHIN_MS = 40_000


def seen(address):
    """The page as a browser has it once its scripts have run."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1900,1200"]
    budget = f"--virtual-time-budget={LOADS_WITHIN_MS}"
    done = subprocess.run(
        [*command, budget, "--dump-dom", address], capture_output=True, text=True, timeout=120
    )
    return done.stdout


def fill(search):
    """A seed and three children, of which two are elites."""
    outcomes = []
    for index, fitness in enumerate((0.25, 0.625, 0.875, 0.375)):
        id = SEED_ID if index == 0 else CandidateId(1, index)
        operator = Operator.SEED if index == 0 else Operator.MUTATION
        parents = () if index == 0 else (SEED_ID,)
        temperature = None if index == 0 else 0.5
        proposal = Proposal(id, operator, parents, None, temperature, None, 1)
        key = None if index == 0 else "add_layer"
        search.open(Draft(proposal, None, Completion("x", 0, 0, 0.0, "stop", "a model"), key))
        figures = {"val_accuracy": fitness, "test_accuracy": fitness, "params": 99, "flops": 999}
        candidate = Candidate(proposal, f"{index}", Measurement(Status.OK, fitness, {}, figures))
        search.close(candidate, "import torch\n", "import os\n" if parents else None)
        entered = Insertion(index, fitness, None) if index in (1, 2) else None
        outcomes.append(Outcome(candidate, entered))
    search.commit(0, {"best_fitness": 0.25}, outcomes[:1])
    search.commit(1, {"best_fitness": 0.875}, outcomes[1:])


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (apt install chromium)")
def test_a_browser_shows_the_elites_and_what_they_are(store):
    with create_search(store, "trial", "seed: 1\n", {}, {}, {}) as search:
        fill(search)
    port = free_port()
    with served(store, port, signal.SIGINT) as said:
        table = seen(said[0])
        assert re.findall(r">(\d-\d [a-z ]+)<", table) == ["1-2 add layer", "1-1 add layer"]
        for column in ("fitness", "test_accuracy", "params", "flops"):
            assert f">{column}<" in table
        page = re.search(r'href="(#/experiments/\d+/runs/\w+)"[^>]*>.{0,200}?1-2 add layer', table)
        run = search.candidate_run_id(CandidateId(1, 2))
        assert page is not None
        assert run in page[1]
        network = seen(f"http://127.0.0.1:{port}/{page[1]}?workflowType=machine_learning")
        assert "the writer was asked to <em>add layer</em>" in network
        assert f'href="#/experiments/1/runs/{search.candidate_run_id(SEED_ID)}' in network
        assert "87.50%" in network
        assert "import torch" in network
