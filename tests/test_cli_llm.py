"""End to end with language models: the real command, a real model, a real server."""

import json
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress

import psutil
import pytest
from commands import LLMATIC, QUICK, in_process, llmatic, run_id
from llm.server import proxied, serving
from llm.tiny import make_tiny

from llmatic import launch
from llmatic.config import TrackingConfig
from llmatic.tracking import open_search

KEY = "sk-very-secret-123"
SMALL = (
    "search.batch_size=4",
    "trainer.epochs=1",
    "executor.slots=1",
    "search.generations=3",
    "report.refresh_s=null",
)
OFFLINE = {**QUICK, "HF_HUB_OFFLINE": "1"}


def shown(cwd, run, *overrides):
    return json.loads(in_process(cwd, "show", run, "--json", *overrides).stdout)


def candidates(database):
    """Tags of every candidate's run."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT run_uuid, key, value FROM tags").fetchall()
    runs = {}
    for run, key, value in rows:
        runs.setdefault(run, {})[key] = value
    return [tags for tags in runs.values() if "mlflow.parentRunId" in tags]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("tiny"), chat=True)


def test_a_search_with_transformers(tmp_path, model):
    settings = (f"llm.model={model}", "llm.style=completion", "llm.max_new_tokens=40")
    done = llmatic(tmp_path, "search", "llm=transformers", *settings, *SMALL, env=OFFLINE)
    assert f"Loading {model} ..." in done.stderr
    assert re.search(r"Written with [\d,]+ tokens read and [\d,]+ written", done.stdout)
    assert re.search(
        r"Of 12 written, \d trained(, \d known before)?; the others: \d+ no network found",
        done.stdout,
    )
    report = shown(tmp_path, run_id(done))
    assert sum(report["status"].values()) == 13
    assert report["status"]["no_code"] >= 10
    assert report["spent"]["tokens_out"] > 12
    written = [tags for tags in candidates(tmp_path / "mlruns/mlflow.db") if "prompt" in tags]
    assert {tags["model"] for tags in written} == {model.name}
    assert {tags["finish_reason"] for tags in written} <= {"stop", "length"}


class Watcher(threading.Thread):
    """Reads the environment of every process that a process starts."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.environments = {}
        self._pid = pid
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(0.01):
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(self._pid)
                for child in parent.children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        environment, command = child.environ(), child.cmdline()
                        if command != parent.cmdline():  # else it is about to become another
                            self.environments[child.pid] = str(environment) + str(command)

    def end(self):
        self._ended.set()
        self.join()


def test_a_search_with_a_server_that_keeps_its_secrets(tmp_path, model):
    store = f"sqlite:///{tmp_path}/hidden-store-4711/mlflow.db"
    environment = {**OFFLINE, "SOME_KEY": KEY, "MLFLOW_TRACKING_URI": store}
    with serving(model) as server, proxied(server) as proxy:
        proxy.key = KEY
        command = (
            *(LLMATIC, "search", "llm=openai", f"llm.base_url={proxy.base_url}"),
            *("llm.model=tiny", "llm.api_key_env=SOME_KEY", "llm.max_tokens=40"),
            *("llm.max_tokens_field=max_tokens", f"tracking.uri={store}"),
            *("llm.usd_per_million_tokens_in=1000", "search.budget.usd=100", *SMALL),
        )
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        watcher = Watcher(process.pid)
        watcher.start()
        said = process.communicate(timeout=240)
        watcher.end()
        assert process.returncode == 0, said
        proxy.key = "another"
        denied = llmatic(tmp_path, *command[1:], check=2, env=environment)
    run = said[1].split("Search ")[1].split()[0]
    report = shown(tmp_path, run, f"tracking.uri={store}")
    assert sum(report["status"].values()) == 13
    assert report["status"]["no_code"] >= 10
    spent = report["spent"]
    assert spent["cost_usd"] == pytest.approx(spent["tokens_in"] / 1000)
    assert re.search(r"written, in [\d,]+ s, [\d.]+ USD", said[0])
    assert "SOME_KEY: the key in that variable is not accepted" in denied.stderr
    assert len(watcher.environments) >= 3
    texts = {"output": said[0] + said[1], "refusal": denied.stdout + denied.stderr}
    texts |= {f"process {pid}": text for pid, text in watcher.environments.items()}
    for file in (file for file in tmp_path.rglob("*") if file.is_file()):
        texts[str(file)] = file.read_bytes().decode("utf-8", "replace")
    assert any(name.endswith("completion.txt") for name in texts)
    assert any(name.endswith("mlflow.db") for name in texts)
    for name, text in texts.items():
        assert KEY not in text, name
        assert "sk-very" not in text, name
        if not name.endswith("mlflow.db"):  # where artifacts are is no secret to the store itself
            assert store not in text, name
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection:
        for table in ("params", "tags", "metrics"):
            assert store not in str(connection.execute(f"SELECT * FROM {table}").fetchall())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("llm=openai", "llm.model=x", "llm.base_url=http://127.0.0.1:9/v1"), "base_url"),
        (("llm=openai", "llm.model=x", "llm.api_key_env=NO_KEY"), "llm.api_key_env=NO_KEY"),
        (("llm=transformers", "llm.model=missing/folder"), "llm.model=missing/folder"),
        (("llm=replay", "llm.run=0123"), "0123"),
    ],
)
def test_what_is_wrong_is_one_line_before_the_search(tmp_path, arguments, says):
    environment = {**OFFLINE, "OPENAI_API_KEY": KEY}
    done = llmatic(tmp_path, "search", *arguments, check=2, env=environment)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "mlruns").exists()


REPLAYING = """
import sys
from llmatic.cli import main
try:
    main()
finally:
    loaded = [name for name in sys.modules if name.startswith(("llmatic.llm.grammar", "openai"))]
    print("loaded:", loaded, file=sys.stderr)
"""


def identities(search):
    """All of the archives but how long things took."""
    elites = [
        (each.niche, each.fitness, each.candidate.source_sha256, each.candidate.proposal)
        for each in search.networks.elites()
    ]
    prompts = search.prompts
    return elites, search.networks.qd_score, prompts.items(), prompts.collective_fitness


def test_a_replay_ends_in_the_same_archives_and_calls_no_writer(tmp_path):
    small = ("search.batch_size=4", "search.generations=3", "report.refresh_s=null")
    table = ("experiment=nasbench201_cifar10", *small)
    first = run_id(in_process(tmp_path, "search", *table))
    done = subprocess.run(
        [sys.executable, "-c", REPLAYING, "search", "llm=replay", f"llm.run={first[:8]}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "loaded: []" in done.stderr
    tracking = TrackingConfig(f"sqlite:///{tmp_path}/mlruns/mlflow.db", "llmatic", "unused")
    one, again = (
        launch.replay(open_search(tracking, run, read_only=True)) for run in (first, run_id(done))
    )
    assert identities(one) == identities(again)
    assert len(one.networks) > 1
    other = in_process(
        tmp_path, "search", "llm=replay", f"llm.run={first}", "search.niches=20", check=2
    )
    assert "search.niches=20: cannot be changed" in other.stderr
