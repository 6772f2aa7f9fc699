"""A search in which every third candidate is hostile ends as if those had written nothing."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from adversarial.networks import HOSTILE
from mlflow.tracking import MlflowClient

from llmatic import launch
from llmatic.config import compose
from llmatic.records import Measurement, Status
from llmatic.sandbox import choose
from llmatic.search import Search

BATCH = 6
UNTRAINABLE = {
    name: each
    for name, each in HOSTILE.items()
    if Status.OK not in each.ends and "@" not in each.source and "fill" not in name
}


class Infiltrated:
    """Three in ten networks are hostile ones instead, which are run, or end without."""

    def __init__(self, evaluator, *, runs_them):
        self.met = {}
        self.count = 0
        self._evaluator = evaluator
        self._runs_them = runs_them

    def evaluate(self, source, seed):
        self.count += 1
        if self.count % 10 not in (2, 5, 8):
            return self._evaluator.evaluate(source, seed)
        name = sorted(UNTRAINABLE)[7 * self.count % len(UNTRAINABLE)]
        hostile = UNTRAINABLE[name]
        found = Measurement(hostile.ends[0], error="did nothing")
        if self._runs_them:
            found = self._evaluator.evaluate(hostile.source, seed)
            assert found.status in hostile.ends, (name, found)
        self.met[name] = found.status
        return found

    def close(self):
        pass


def settings(folder):
    return compose(
        [
            f"tracking.uri=sqlite:///{folder}/mlflow.db",
            f"tracking.artifacts={folder}/artifacts",
            "search.generations=2",
            f"search.batch_size={BATCH}",
            "search.init_networks=3",
            "search.niches=30",
            "search.centroid_samples=500",
            "trainer.epochs=2",
            "evaluator.timeout_s=4",
            "evaluator.memory_mb=250",
            "evaluator.max_params=5000000",
            "evaluator.max_flops=1e8",
            "executor.slots=1",
        ]
    )


def search(config, evaluator):
    with launch.new_search(config) as journal:
        llm, seed = launch.writer(config, None, print), launch.seed_network(config)
        found, _ = launch.run(journal, config, llm, seed, lambda: evaluator, lambda progress: None)
        journal.end("finished")
        return found, journal.run_id


def archives(found):
    elites = [
        (elite.niche, elite.fitness, elite.candidate.source_sha256, str(elite.candidate.proposal))
        for elite in found.networks.elites()
    ]
    return elites, found.prompts.items(), found.prompts.collective_fitness


@dataclass
class Searches:
    without: Search
    infiltrated: Search
    evaluator: Infiltrated
    run_id: str
    uri: str
    files: list[Path]
    processes: list[psutil.Process]


@pytest.fixture(scope="module")
def searches(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    config = settings(tmp_path_factory.mktemp("store"))
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    kept, tempfile.tempdir = tempfile.tempdir, str(scratch)
    try:
        with launch.evaluators(config) as make:
            one = make()
            without, _ = search(config, Infiltrated(one, runs_them=False))
            infiltrated = Infiltrated(one, runs_them=True)
            found, run_id = search(config, infiltrated)
            one.close()
    finally:
        tempfile.tempdir = kept
    after = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
    files = list(scratch.iterdir())
    return Searches(without, found, infiltrated, run_id, config.tracking.uri, files, after)


def test_the_honest_end_in_the_same_archives(searches):
    assert len(searches.evaluator.met) >= 0.25 * searches.evaluator.count
    assert len(searches.evaluator.met) >= 3
    assert archives(searches.infiltrated) == archives(searches.without)
    assert len(searches.without.networks) >= 3


def test_nothing_is_left_behind(searches):
    assert searches.files == []
    assert searches.processes == []
    client = MlflowClient(searches.uri)
    experiment = client.get_run(searches.run_id).info.experiment_id
    runs = client.search_runs([experiment])
    assert len(runs) == 2 * (1 + 1 + 2 * BATCH)
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert {run.data.tags["sandbox"] for run in runs} == {str(choose("auto"))}
