"""The MLflow UI: started for real, fetched over HTTP, stopped."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import sync_playwright
from stores import free_port

from llmatic import launch
from llmatic.config import TrackingConfig
from llmatic.picking import Budget, pick
from llmatic.tracking import TrackingError, create_search, list_searches, open_search, serve_ui
from llmatic.tracking.browsing import TRAINING
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
LOADS_WITHIN_S = 90


@pytest.fixture
def tab():
    """A page of a browser."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        yield browser.new_page(viewport={"width": 1900, "height": 1200})
        browser.close()


def seen(tab, address, *awaited):
    """What a browser shows at an address, once all that is awaited is there."""
    tab.goto("about:blank")  # or what was there before would be looked at as well
    tab.goto(address, timeout=1_000 * LOADS_WITHIN_S)
    end = time.monotonic() + LOADS_WITHIN_S
    while not all(re.search(each, shown := tab.content()) for each in awaited):
        assert time.monotonic() < end, f"{address} does not show {awaited}: {shown[-3_000:]}"
        tab.wait_for_timeout(250)
    return shown


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Where a finished search is, small and real, with its report."""
    folder = tmp_path_factory.mktemp("searched")
    store = TrackingConfig(
        f"sqlite:///{folder / 'mlflow.db'}", "study", str(folder / "files"), wait_s=0
    )
    said = (f"tracking.{name}={value}" for name, value in asdict(store).items())
    small = ("search.generations=1", "search.batch_size=4", "trainer.epochs=2", "executor.slots=1")
    subprocess.run(
        [str(Path(sys.executable).with_name("llmatic")), "search", *small, *said],
        cwd=folder,
        capture_output=True,
        timeout=280,
        check=True,
    )
    return store


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (apt install chromium)")
def test_a_browser_shows_the_elites_and_what_they_are(searched, tab):
    journal = open_search(searched, list_searches(searched)[0].run_id, read_only=True)
    elites = pick(launch.replay(journal).networks.elites(), Budget())
    fittest = elites[0].candidate
    source = journal.source(fittest.proposal.id)
    port = free_port()
    with served(searched, port, signal.SIGINT) as said:
        columns = [f">{each}<" for each in ("fitness", "test_accuracy", "params", "flops")]
        table = seen(tab, said[0], *columns)
        names = re.findall(r">(\d-\d [a-z ]+)<", table)
        assert [each.split()[0] for each in names] == [
            str(each.candidate.proposal.id) for each in elites
        ]
        link = rf'href="(#/experiments/\d+/runs/\w+)"[^>]*>.{{0,200}}?{names[0]}'
        page = re.search(link, table)
        assert page is not None
        assert journal.candidate_run_id(fittest.proposal.id) in page[1]

        address = f"http://127.0.0.1:{port}/{page[1]}"
        accuracy = f"{fittest.measurement.metrics['val_accuracy']:.2%}"
        parent = f'href="#/experiments/1/runs/{journal.run_id}'
        seen(tab, f"{address}?{TRAINING}", accuracy, parent)
        drawn = ('class="main-svg"', ">val_accuracy<")
        seen(tab, f"{address}/model-metrics?{TRAINING}", *drawn)
        (line,) = (each for each in source.splitlines() if each.startswith("class "))
        words = r"(<[^>]+>|[^\w<])+".join(re.findall(r"\w+", line))
        seen(tab, f"{address}/artifacts/network.py?{TRAINING}", words)

        whole = f"http://127.0.0.1:{port}/#/experiments/1/runs/{journal.run_id}"
        seen(tab, f"{whole}?{TRAINING}", f"viewStateShareKey={journal.run_id}")
        picture = r'<img[^>]+src="[^"]*(networks\.png|blob:)'
        seen(tab, f"{whole}/artifacts/report/networks.png?{TRAINING}", picture)
