"""Studies: what is compared, in which processes, what comes out, and going on after a kill."""

import json
import math
import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
from commands import LLMATIC, in_process, llmatic

from llmatic import launch
from llmatic.benchmark import command, figures, methods, parallel, study
from llmatic.benchmark.methods import NAMES, SEARCHES, Task, run
from llmatic.benchmark.statistics import compare, rank, rows
from llmatic.benchmark.study import Study
from llmatic.config import ConfigError, compose
from llmatic.errors import UserError
from llmatic.nasbench201 import controls
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import optimum

SMALL = ("search.batch_size=10", "search.niches=30", "search.centroid_samples=300")
STUDY = (
    *("benchmark", "nasbench201", "--dataset", "cifar10", "--methods", "random,llmatic"),
    *("--budgets", "10,30", *SMALL),
)


def small(method: str = "llmatic", seed: int = 0, evaluations: int = 30) -> Task:
    study = Study((method,), ("cifar10",), (seed,), (evaluations,), overrides=SMALL)
    (task,) = study.tasks()
    return task


def test_a_search_is_decided_by_its_seed_and_begins_with_the_shorter_one():
    found = run(small())
    assert found == run(small())
    assert run(small(evaluations=12)).best == found.best[:12]
    assert run(small(seed=1)) != found
    assert len(found.best) == 30


def test_every_evaluation_is_of_another_cell():
    config = small().config
    search = replace(config.search, budget=replace(config.search.budget, evaluations=40))
    journal = launch.simulate(replace(config, seed=0, search=search), print)
    measured = [each for each in journal.candidates() if each.twin is None]
    assert len({each.source_sha256 for each in measured}) == len(measured) == 40
    assert len(journal.candidates()) > 40
    best = [each.measurement.fitness for each in measured]
    assert run(small(evaluations=40)).best == tuple(max(best[: n + 1]) for n in range(40))


def test_a_search_ends_when_nothing_can_be_better(monkeypatch):
    whole = run(small())
    first = whole.best[0]
    seen = []
    simulate = launch.simulate

    def simulated(*given, **named):
        seen.append(simulate(*given, **named))
        return seen[-1]

    monkeypatch.setattr(launch, "simulate", simulated)
    monkeypatch.setattr("llmatic.benchmark.methods.optimum", lambda *_: first)
    ended = run(small())
    assert len(seen[0].candidates()) < 30
    assert len(whole.best) == len(ended.best) == 30
    assert ended.best[-1] < whole.best[-1]


def test_a_control_is_the_control():
    assert run(small("local_search")) == controls.curve(
        "local_search", "cifar10", "validation", 0, 30
    )


DIFFERENCES = {
    "llmatic": {},
    "network_archive_only": {"prompts_from": "population", "temperature_step": 0.1},
    "prompt_archive_only": {"parents_from": "population"},
    "mutation_only": {"mutation_probability": 1.0},
    "crossover_only": {"mutation_probability": 0.0},
    "random_generation": {"init_from": "scratch", "create_share": 1.0},
    "mutation_50": {"mutation_probability": 0.5},
    "mutation_30": {"mutation_probability": 0.3},
}


def test_every_ablation_differs_from_the_paper_in_its_part_alone():
    methods = tuple(DIFFERENCES)
    tasks = Study(methods, ("cifar10", "cifar100"), (0,), (10,)).tasks()
    paper = compose(["experiment=nasbench201_cifar100"])
    for task in tasks:
        assert task.config.search == replace(paper.search, **DIFFERENCES[task.method])
        assert task.config.dataset.name == f"nasbench201_{task.dataset}"
        assert (task.config.prompts, task.config.llm) == (paper.prompts, paper.llm)
    assert {*methods} == {*SEARCHES} - {"frontier"}
    assert [(each.dataset, each.method) for each in tasks] == [
        (dataset, method) for dataset in ("cifar10", "cifar100") for method in methods
    ]


def test_tasks_differ_where_their_curves_may():
    one = small()
    assert one.key == replace(one, evaluations=99).key
    others = [replace(one, method="random"), replace(one, dataset="cifar100")]
    others += [replace(one, seed=1), replace(one, fitness="test")]
    others += [replace(one, config=compose(["experiment=nasbench201_cifar10"]))]
    assert len({each.key for each in (one, *others)}) == 6


def test_another_version_of_the_code_may_find_other_curves(monkeypatch):
    keys = set()
    for version in ("one", "other"):
        for module in (methods, study):
            monkeypatch.setattr(module, "code_version", partial(str, version))
        keys |= {small().key, Study(("random",), ("cifar10",), (0,), (9,)).key}
    assert len(keys) == 4


@pytest.mark.parametrize("fitness", ["validation", "test"])
def test_a_study_searches_by_what_it_ranks_by(fitness):
    (task,) = Study(("llmatic",), ("cifar10",), (0,), (9,), fitness).tasks()
    assert task.fitness == task.config.evaluator.fitness == fitness


def test_a_model_that_was_trained_again_is_another(tmp_path):
    weights = tmp_path / "model.safetensors"
    settings = ["experiment=nasbench201_cifar10", "llm=nano", f"llm.model={tmp_path}"]
    task = replace(small(), config=compose(settings))
    keys = set()
    for learnt in (b"once", b"again"):
        weights.write_bytes(learnt)
        methods._hash.cache_clear()
        keys.add(task.key)
    assert len(keys) == 2


def test_a_searchers_settings_do_not_touch_the_controls():
    assert small("random").key != small().key
    plain = Study(("random",), ("cifar10",), (0,), (30,)).tasks()
    assert plain[0].key == small("random").key


WRONG = {
    ("--methods", "annealing"): ", ".join(NAMES),
    ("--methods", ","): "--methods : must be one of random",
    ("--dataset", "cifar"): "--dataset cifar: must be one of cifar10, cifar100, imagenet16_120",
    ("--budgets", "10,x"): "--budgets x: must be whole numbers",
    ("--budgets", "0"): "--budgets 0: must be from 1 to 15,625",
    ("--budgets", "15626"): "--budgets 15626: must be from 1 to 15,625",
    ("--budgets", ""): "--budgets",
    ("--seeds", 0): "--seeds 0: must be at least 1",
    ("--first-seed", -1): "--first-seed -1: must be at least 0",
}


@pytest.mark.parametrize(("option", "value"), WRONG)
def test_wrong_options_are_answered_with_what_is_allowed(option, value):
    options = {"--methods": "random", "--dataset": "cifar10", "--budgets": "10"}
    options |= {"--seeds": 1, "--first-seed": 0, option: value}
    with pytest.raises(UserError, match=re.escape(WRONG[option, value])):
        command.study(
            options["--methods"],
            options["--dataset"],
            options["--seeds"],
            options["--first-seed"],
            options["--budgets"],
            "validation",
            (),
        )


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("search.generations=3", "which --budgets decides"),
        ("search.budget.evaluations=3", "which --budgets decides"),
        ("evaluator.fitness=test", "cannot be set in a benchmark"),
        ("seed=3", "settings of search, prompts, llm, tracking can"),
        ("search.batchsize=3", "did you mean search.batch_size"),
        ("search=best", "no such choice"),
        ("llm=replay llm.run=abc", "it repeats one search"),
    ],
)
def test_wrong_settings_are_answered_with_what_is_allowed(setting, said):
    with pytest.raises(UserError, match=said):
        Study(("llmatic",), ("cifar10",), (0,), (10,), overrides=tuple(setting.split())).tasks()


def spawned(process: psutil.Process) -> list[psutil.Process]:
    """Its processes that work on items."""
    return [
        each for each in process.children() if any("spawn_main" in word for word in each.cmdline())
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_function_over_items(jobs):
    found = dict(parallel.each(math.sqrt, [1.0, 4.0, 9.0], jobs))
    assert found == {1.0: 1.0, 4.0: 2.0, 9.0: 3.0}
    assert list(parallel.each(math.sqrt, [], jobs)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_users_error_comes_through(jobs):
    with pytest.raises(ConfigError, match="no such setting"):
        list(parallel.each(compose, [("batch=1",), ("batch=2",)], jobs))


def test_a_process_that_ends_by_itself_is_told():
    with pytest.raises(UserError, match="ended by itself, with status 3"):
        list(parallel.each(os._exit, [3, 3], 2))
    assert not spawned(psutil.Process())


def flat(*best: float) -> dict[int, Curve]:
    """Curves of one value each, by seed."""
    return {seed: Curve((each,), (each / 2,)) for seed, each in enumerate(best)}


def test_rows():
    top = optimum("cifar10", "validation")
    (row,) = rows({("random", "cifar10"): flat(0.5, 0.7, top, 0.6)}, [1], "validation")
    assert (row.method, row.dataset, row.budget, row.n) == ("random", "cifar10", 1, 4)
    values = [50, 70, top * 100, 60]
    mean = sum(values) / 4
    assert row.mean == pytest.approx(mean)
    assert row.std == pytest.approx(math.sqrt(sum((each - mean) ** 2 for each in values) / 3))
    assert row.median == pytest.approx(65)
    assert (row.q1, row.q3) == pytest.approx((57.5, 70 + (top * 100 - 70) / 4))
    assert row.optimum_found == 0.25
    assert row.test_mean == pytest.approx(mean / 2)
    assert row.test_std == pytest.approx(row.std / 2)
    low, high = sorted(rank(each, "cifar10", "validation") for each in (0.6, 0.7))[::-1]
    assert low > high > 1
    assert row.rank_median == (low + high) / 2
    (alone,) = rows({("random", "cifar10"): flat(0.5)}, [1], "validation")
    assert alone.std is None


def test_ranks():
    top = optimum("cifar100", "test")
    assert rank(top, "cifar100", "test") == 1
    assert rank(top - 1e-9, "cifar100", "test") == 2
    assert rank(0.0, "cifar100", "test") == 15_626
    assert rank(0.01, "cifar100", "validation") <= 15_625


def test_comparisons_are_paired_over_seeds():
    ours, theirs = flat(0.5, 0.6, 0.7), flat(0.4, 0.5, 0.6, 0.1)
    results = {("llmatic", "cifar10"): ours, ("random", "cifar10"): theirs}
    results |= {
        ("local_search", "cifar100"): theirs,
        ("local_search", "cifar10"): flat(0.5, 0.7, 0.6),
    }
    one, other = compare(results, [1])
    assert (one.control, one.n, one.better, one.worse) == ("random", 3, 3, 0)
    assert (one.difference, one.low, one.high) == pytest.approx((10, 10, 10))
    assert (other.control, other.better, other.worse) == ("local_search", 1, 1)
    assert other.difference == pytest.approx(0, abs=1e-9)
    assert (other.low, other.high) == pytest.approx((-24.841, 24.841), abs=1e-3)  # t = 4.3027
    assert not other.is_better
    assert not other.is_worse
    assert one.is_better
    assert not one.is_worse
    turned = {("llmatic", "cifar10"): theirs, ("random", "cifar10"): ours}
    (worse,) = compare(turned, [1])
    assert (worse.is_worse, worse.is_better) == (True, False)


def test_one_seed_has_no_interval():
    results = {(method, "cifar10"): flat(0.5) for method in ("llmatic", "random")}
    (found,) = compare(results, [1])
    assert (found.n, found.low, found.high) == (1, None, None)
    assert not found.is_better
    assert not found.is_worse


def test_no_two_methods_look_alike():
    styles = figures.lines([*NAMES, *(f"mine_{n}" for n in range(12))])
    assert len({tuple(each.values()) for each in styles.values()}) == len(NAMES) + 12
    assert figures.lines(["llmatic"])["llmatic"] == styles["llmatic"]


def test_figures_of_any_study(tmp_path):
    curves = {seed: controls.curve("random", "cifar10", "test", seed, 9) for seed in range(2)}
    one = {0: Curve((0.5,), (0.4,))}
    everything = {("random", "cifar10"): curves, ("llmatic", "cifar10"): curves}
    everything |= {("mutation_only", "cifar10"): curves}
    assert len(figures.draw({("random", "cifar100"): one}, "test", tmp_path)) == 2
    names = [file.name for file in figures.draw(everything, "test", tmp_path)]
    assert names == [
        *("searchers_accuracy.png", "searchers_rank.png"),
        *("ablations_accuracy.png", "ablations_rank.png"),
    ]
    for name in names:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
        assert 10_000 < (tmp_path / name).stat().st_size < 200_000


def stored(cwd: Path) -> dict[str, str]:
    """Status of every run that was not deleted, by id, the study's own left out."""
    with closing(sqlite3.connect(cwd / "mlruns" / "mlflow.db")) as database:
        return dict(
            database.execute(
                "SELECT run_uuid, status FROM runs WHERE lifecycle_stage = 'active' AND "
                "run_uuid IN (SELECT run_uuid FROM tags WHERE key = 'mlflow.parentRunId')"
            ).fetchall()
        )


def test_a_study_that_was_killed_goes_on_where_it_was(tmp_path):
    begun = subprocess.Popen(
        [LLMATIC, *STUDY, "--seeds", "6", "--jobs", "2"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert begun.stderr is not None
    for line in begun.stderr:
        if line.startswith("6/12 searches"):
            break
    workers = spawned(psutil.Process(begun.pid))
    begun.send_signal(signal.SIGKILL)
    begun.communicate()
    before = {run for run, status in stored(tmp_path).items() if status == "FINISHED"}
    assert len(workers) == 2
    assert 6 <= len(before) < 12

    done = llmatic(tmp_path, *STUDY, "--seeds", "4", "--json", "--output", "figures")
    after = stored(tmp_path)
    assert set(after.values()) == {"FINISHED"}
    assert before <= set(after)
    assert len(before) < len(after) <= len(before) + 4  # random search was finished
    found = json.loads(done.stdout)
    assert [(each["method"], each["budget"], each["n"]) for each in found] == [
        *(("random", 10, 4), ("random", 30, 4)),
        *(("llmatic", 10, 4), ("llmatic", 30, 4)),
    ]
    assert {*found[0]} == {
        *("method", "dataset", "budget", "mean", "std", "median", "q1", "q3", "optimum_found"),
        *("n", "test_mean", "test_std", "rank_median"),
    }
    assert found[1]["mean"] == pytest.approx(
        25
        * sum(controls.curve("random", "cifar10", "validation", s, 30).best[-1] for s in range(4))
    )
    assert sorted(each.name for each in (tmp_path / "figures").iterdir()) == [
        *("searchers_accuracy.png", "searchers_rank.png"),
    ]

    deadline = time.monotonic() + 60
    while any(is_at_work(each) for each in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_at_work(each) for each in workers)


def is_at_work(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_tables_say_what_was_found(tmp_path):
    command_line = [*STUDY, "--seeds", "2", "--jobs", "1"]
    done = in_process(tmp_path, *command_line)
    assert "cifar10: best validation accuracy in % (optimum 91.61)" in done.stdout
    assert "difference on the same seeds" in done.stdout
    assert re.search(r"random +│ +10 │ +\d\d\.\d\d ± \d", done.stdout)
    assert "4/4 searches" in done.stderr
    kept = stored(tmp_path)
    assert len(kept) == 4

    again = in_process(tmp_path, *command_line, "--json")
    paired = in_process(tmp_path, *command_line, "--json", "--paired")
    assert stored(tmp_path) == kept  # nothing is run twice
    one, other = json.loads(paired.stdout)
    assert (one["method"], one["control"], one["budget"], one["n"]) == ("llmatic", "random", 10, 2)
    assert one["low"] <= one["difference"] <= one["high"]
    rows = json.loads(again.stdout)
    assert other["difference"] == pytest.approx(rows[3]["mean"] - rows[1]["mean"])


def test_what_cannot_be_carried_out_is_told_before_anything_is_stored(tmp_path):
    done = in_process(tmp_path, *STUDY, "--jobs", "0", check=2)
    assert done.stderr == "Error: --jobs 0: must be at least 1\n"
    assert not (tmp_path / "mlruns").exists()
