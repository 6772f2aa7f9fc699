"""End to end: the real command, a real store, a search of the table."""

import json
import re
import signal
import subprocess
import time
from contextlib import suppress

import psutil
import pytest
from commands import LLMATIC, QUICK, in_process, run_id

SMALL = ("experiment=nasbench201_cifar100", "search.batch_size=10", "search.niches=30")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A folder with a search, and the command that made it."""
    cwd = tmp_path_factory.mktemp("searched")
    return cwd, in_process(cwd, "search", *SMALL, "search.generations=2")


def test_a_search_draws_its_report_at_its_end(searched):
    cwd, done = searched
    page = re.search(r"^Report: (\S+index\.html)$", done.stdout, re.MULTILINE)[1]
    html = (cwd / page).read_text(encoding="utf-8")
    assert "Finished: 2 of 2 generations are complete" in html
    assert "://" not in html
    assert {"best.png", "controls.png"} <= {file.name for file in (cwd / page).parent.iterdir()}
    assert (cwd / page).parent.parent.joinpath("config.yaml").exists()  # with the search


def test_report_json(searched):
    cwd, done = searched
    run = run_id(done)
    told = json.loads(in_process(cwd, "report", run[:8], "--json").stdout)
    assert told["page"] == f"report-{run[:8]}/index.html"
    assert (cwd / told["page"]).exists()
    assert all((cwd / file).exists() for file in told["figures"].values())
    (search,) = told["searches"]
    shown = json.loads(in_process(cwd, "show", run, "--json").stdout)
    assert search["best"]["fitness"] == max(each["fitness"] for each in shown["elites"])
    assert search["status"] == shown["status"]
    assert len(search["generations"]) == 3
    assert search["made_with"]["MLflow"]
    assert re.match(r"\d+ CPU cores? \(.+\); \d+ GiB; ", search["made_with"]["machine"])
    evaluations = len(search["best_by_evaluations"])
    assert evaluations == search["spent"]["evaluations"]
    assert {len(curve) for curve in told["controls"]["random"]} == {evaluations}


def test_a_users_error_is_told(searched):
    cwd, done = searched
    (cwd / "file").write_text("")
    for arguments, said in (
        (["0000"], "'0000'"),
        (["seed=1"], "give at least one search"),
        ([run_id(done), "--output", "file/there"], "--output file/there"),
    ):
        assert said in in_process(cwd, "report", *arguments, check=2).stderr


def stop(process):
    """Ctrl-C until it is heard: Python ignores what is raised while a weak reference is removed."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(25)
    process.kill()


def test_it_is_drawn_while_the_search_runs_and_leaves_nothing_behind(tmp_path):
    command = [LLMATIC, "search", *SMALL, "search.generations=5000", "report.refresh_s=0.1"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stderr=said, stdout=said, env=QUICK)
    pages, deadline = [], time.monotonic() + 200
    try:
        while not pages and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
            pages = list(tmp_path.glob("mlruns/artifacts/*/*/artifacts/report/index.html"))
        children = psutil.Process(process.pid).children(recursive=True)
    finally:
        stop(process)
    assert process.returncode == 130, (tmp_path / "said").read_text()
    assert "Still running" in pages[0].read_text(encoding="utf-8")
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    assert "could not be drawn" not in (tmp_path / "said").read_text()
