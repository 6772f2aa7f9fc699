"""End to end: real commands, real training, a real store."""

import json
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from commands import LLMATIC, QUICK, in_process, llmatic, run_id
from mlflow.tracking import MlflowClient

SMALL = (
    "search.generations=2",
    "search.batch_size=4",
    "trainer.epochs=2",
    "report.refresh_s=null",
)
ONE_SLOT = (*SMALL, "executor.slots=1")
TABLE = (*ONE_SLOT[:2], "report.refresh_s=null", "experiment=nasbench201_cifar10")


def archives(cwd: Path, run: str) -> dict:
    """What `show --json` says, without what may differ between equal searches."""
    shown = json.loads(in_process(cwd, "show", run, "--json").stdout)
    shown.pop("run_id")
    for name in ("hours", "llm_seconds"):
        shown["spent"].pop(name)
    for elite in shown["elites"]:
        for name in [name for name in elite if name == "run_id" or name.endswith("seconds")]:
            elite.pop(name)
    return shown


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    cwd = tmp_path_factory.mktemp("search")
    return cwd, llmatic(cwd, "search", *SMALL)


def test_search_shows_progress_map_best_and_what_to_do_next(finished):
    _, done = finished
    assert "generation 2/2: 9/9 candidates" in done.stderr
    assert "niches" in done.stderr
    assert "The map of networks" in done.stdout
    assert "Best network: candidate" in done.stdout
    assert f"show {run_id(done)[:8]}" in done.stdout


def test_the_source_of_a_network_can_be_had(finished):
    cwd, done = finished
    elite = json.loads(in_process(cwd, "show", run_id(done), "--json").stdout)["elites"][0]
    source = in_process(cwd, "show", run_id(done), "--source", elite["candidate"]).stdout
    assert "class Net(" in source
    for wrong in ("9-9", "x"):
        said = in_process(cwd, "show", run_id(done), "--source", wrong, check=2).stderr
        assert f"--source {wrong}: this search has no such candidate; give generation" in said


def test_every_candidate_and_what_was_said_of_it_can_be_had(finished):
    cwd, done = finished
    show = ("show", run_id(done))
    rows = json.loads(in_process(cwd, *show, "--all", "--json").stdout)
    shown = json.loads(in_process(cwd, *show, "--json").stdout)
    assert Counter(each["status"] for each in rows) == shown["status"]
    elite = shown["elites"][-1]
    (same,) = [each for each in rows if each["candidate"] == elite["candidate"]]
    assert {**same, "niche": elite["niche"]} == {**elite, "status": "ok", "error": None}
    table = in_process(cwd, *show, "--all").stdout
    assert all(f" {each['candidate']} " in table for each in rows)
    said = in_process(cwd, *show, "--said", rows[-1]["candidate"]).stdout
    assert said.startswith("--- What it was shown ---\n")
    assert "class Net" in said.partition("--- What it answered ---")[2]
    assert "the search begins with it" in in_process(cwd, *show, "--said", "0-0").stdout
    assert "--said 9-9: this search has no such" in (
        in_process(cwd, *show, "--said", "9-9", check=2).stderr
    )


def test_a_finished_search_is_not_begun_again(finished):
    cwd, done = finished
    again = in_process(cwd, "resume", run_id(done)[:8])
    assert "Already finished, with 2 generations" in again.stderr
    assert f"resume {run_id(done)[:8]} search.generations=4" in again.stderr
    assert "workers" not in again.stderr


def test_what_is_refused_leaves_a_finished_search_as_it_is(finished):
    cwd, done = finished

    def run():
        with closing(sqlite3.connect(cwd / "mlruns" / "mlflow.db")) as database:
            query = "SELECT status, end_time FROM runs WHERE run_uuid = ?"
            return database.execute(query, [run_id(done)]).fetchone()

    before = run()
    assert before[0] == "FINISHED"
    for wrong in ("dataset=mnist", "search.generations=abc", "search.batch_size=3"):
        in_process(cwd, "resume", run_id(done), wrong, check=2)
    in_process(cwd, "resume", run_id(done), "tracking=local")
    assert run() == before


def test_a_search_that_lacks_a_candidate_says_so(tmp_path):
    """Whose run was deleted, as the UI lets one."""
    run = run_id(in_process(tmp_path, "search", *TABLE))
    store = MlflowClient(f"sqlite:///{tmp_path}/mlruns/mlflow.db")
    shown = in_process(tmp_path, "show", run, "--json").stdout
    (elite, *_) = json.loads(shown)["elites"]
    store.delete_run(elite["run_id"])
    for command in (("show", run), ("resume", run, "search.generations=3")):
        said = in_process(tmp_path, *command, check=2).stderr
        assert f"candidates {elite['candidate']} are not in the journal any more" in said
    store.restore_run(elite["run_id"])
    assert in_process(tmp_path, "show", run, "--json").stdout == shown


def test_what_a_resumption_that_failed_was_told_does_not_stay(finished):
    cwd, done = finished
    longer = ("search.generations=4", "executor.slots=1000")
    assert "executor.slots=1000" in in_process(cwd, "resume", run_id(done), *longer, check=2).stderr
    assert "with 2 generations" in in_process(cwd, "resume", run_id(done)).stderr


def test_a_search_that_cannot_begin_leaves_nothing_to_resume(tmp_path):
    wrong = tmp_path / "wrong.py"
    small = ("search.generations=1", "search.batch_size=1", "executor.slots=1")
    in_process(tmp_path, "search", "dataset.classes=11", *small, check=2)
    flat = "import torch.nn as nn\n\n\nclass Net(nn.Sequential):\n    def __init__(self):\n"
    wrong.write_text(f"{flat}        super().__init__(nn.Flatten(), nn.Linear(64, 9))\n")
    done = in_process(tmp_path, "search", f"dataset.seed_network={wrong}", *small, check=2)
    assert "the seed network cannot be trained" in done.stderr
    with closing(sqlite3.connect(tmp_path / "mlruns" / "mlflow.db")) as database:
        states = database.execute("SELECT status FROM runs ORDER BY start_time").fetchall()
    assert states == [("FAILED",), ("FINISHED",)]


def test_show_json_is_as_documented(finished):
    cwd, done = finished
    shown = json.loads(in_process(cwd, "show", run_id(done)[:8], "--json").stdout)
    assert sum(shown["status"].values()) == 9
    assert len(shown["elites"]) >= 1
    assert len(shown["prompts"]) >= 1
    for elite in shown["elites"]:
        assert {
            "niche",
            "candidate",
            "run_id",
            "fitness",
            "val_accuracy",
            "test_accuracy",
            "flops",
            "params",
            "width",
            "depth",
            "width_to_depth",
            "source_sha256",
        } <= set(elite)
        assert 0 <= elite["val_accuracy"] <= 1
        assert elite["fitness"] == elite["val_accuracy"]


def test_show_prints_tables(finished):
    cwd, done = finished
    shown = in_process(cwd, "show", run_id(done)).stdout
    assert "The prompt archive" in shown
    assert "trained" in shown


def test_a_longer_search_begins_as_the_shorter_one(tmp_path):
    longer = in_process(tmp_path, "search", *TABLE)
    short = in_process(tmp_path, "search", *TABLE, "search.generations=1")
    llmatic(tmp_path, "resume", run_id(short), "search.generations=2")
    assert archives(tmp_path, run_id(short)) == archives(tmp_path, run_id(longer))


def test_a_search_that_never_got_beyond_its_seed_network_says_so(tmp_path):
    most = ("search.generations=3", "search.init_networks=90")
    said = in_process(tmp_path, "search", *TABLE, *most).stdout
    found = re.search(r"All 3 generations changed the seed network.* holds (\d+) networks", said)
    assert found is not None, said
    assert f"search.init_networks={(int(found[1]) + 1) // 2} goes on" in said
    assert "llmatic resume" not in said
    brief = in_process(tmp_path, "search", *TABLE, "search.init_networks=90")
    assert "changed the seed network" not in brief.stdout
    assert "llmatic resume" in brief.stdout
    less = in_process(tmp_path, "search", *TABLE, "search.generations=3", "search.init_networks=1")
    assert "changed the seed network" not in less.stdout


def candidates_in(store: Path) -> int:
    """Runs there are, the search's own included."""
    if not store.exists():
        return 0
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        try:
            return database.execute("SELECT count(*) FROM runs").fetchone()[0]
        except sqlite3.OperationalError:
            return 0


def test_killed_and_resumed_equals_uninterrupted(finished, tmp_path):
    """In however many slots. The script that takes the number is benchmarks/kill_and_resume.py."""
    cwd, done = finished
    store = tmp_path / "mlruns" / "mlflow.db"
    run = None
    for begun in (2, 6):
        command = ["search", *ONE_SLOT] if run is None else ["resume", run]
        with subprocess.Popen(
            [LLMATIC, *command], cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=QUICK
        ) as process:
            assert process.stderr is not None
            if run is None:
                line = next(line for line in process.stderr if line.startswith("Search "))
                run = line.split()[1]
            while candidates_in(store) < begun and process.poll() is None:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL  # and it had not ended before
    assert run is not None
    llmatic(tmp_path, "resume", run)
    assert archives(tmp_path, run) == archives(cwd, run_id(done))
    with closing(sqlite3.connect(store)) as database:
        states = database.execute(
            "SELECT status FROM runs WHERE lifecycle_stage = 'active'"
        ).fetchall()
    assert set(states) == {("FINISHED",)}
    assert len(states) == 10


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_stops_cleanly_and_says_how_to_go_on(tmp_path, sent):
    process = subprocess.Popen(
        [LLMATIC, "search", "search.generations=50", "executor.slots=1"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**QUICK, "TMPDIR": str(tmp_path)},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("generation 0/"):
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(sent)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert re.search(r"go on with: \S*llmatic resume \w+", rest)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert not list(tmp_path.glob("llmatic-*"))


def test_evaluate_json(finished):
    cwd, _ = finished
    file = cwd / "net.py"
    file.write_text(
        "import torch.nn as nn\n\n\nclass Small(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Flatten(), nn.Linear(64, 10))\n"
    )
    report = json.loads(llmatic(cwd, "evaluate", str(file), "trainer.epochs=3", "--json").stdout)
    assert report["status"] == "ok"
    assert report["params"] == 650
    assert report["flops"] == 640
    assert 0.7 < report["test_accuracy"] <= 1
    assert report["train_seconds"] > 0
    file.write_text("no network here")
    report = json.loads(in_process(cwd, "evaluate", str(file), "--json").stdout)
    assert report["status"] == "no_code"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search", "datset=digits"), "did you mean dataset"),
        (("search", "search.generations=0"), "must be at least 1"),
        (("show", "0123"), "0123"),
        (("resume", "0123"), "0123"),
        (("evaluate", "missing.py"), "missing.py"),
        (("serch",), "serch"),
        (("search", "dataset.seed_network=missing.py"), "missing.py"),
        (("search", "dataset=mnist", "dataset.root=nowhere"), "nowhere"),
    ],
)
def test_a_users_error_is_one_clear_line_and_status_2(tmp_path, arguments, says):
    done = in_process(tmp_path, *arguments, check=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_passes_here(tmp_path):
    done = llmatic(tmp_path, "doctor", "executor.slots=1")
    assert "FAIL" not in done.stdout
    assert "seed network" in done.stdout
    assert re.search("^ok   sandbox: (landlock|bubblewrap)", done.stdout, re.MULTILINE)
    assert "ok   generated code has no network: tried" in done.stdout


def test_help_teaches(tmp_path):
    text = llmatic(tmp_path, "--help").stdout
    for command in ("search", "resume", "show", "report", "evaluate", "doctor", "ui"):
        assert command in text
    assert "grammar and no" in " ".join(in_process(tmp_path, "search", "--help").stdout.split())
