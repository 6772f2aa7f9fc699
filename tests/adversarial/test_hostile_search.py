"""A search in which every third candidate is hostile ends as if those had written nothing."""

import contextlib
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from adversarial.networks import HOSTILE
from mlflow.tracking import MlflowClient

from llmatic import launch, parts
from llmatic.config import compose
from llmatic.executor import LocalExecutor
from llmatic.records import Measurement, Status
from llmatic.sandbox import choose
from llmatic.search import Search

pytestmark = pytest.mark.timeout(600)

BATCH = 6
SLOTS = 2
UNTRAINABLE = {
    name: each
    for name, each in HOSTILE.items()
    if Status.OK not in each.ends and "@" not in each.source and "fill" not in name
}


class Infiltrated:
    """Every third network is a hostile one instead, which is run, or ends without.

    Which, and by what, is a matter of the seed, not of the order in which two slots work.
    """

    def __init__(self, evaluator, first, met, *, runs_them):
        self._evaluator = evaluator
        self._first = first
        self._met = met
        self._runs_them = runs_them

    def evaluate(self, source, seed, pruner=None):
        drawn = random.Random(seed)
        if source == self._first or drawn.random() > 0.35:
            self._met.append(None)
            return self._evaluator.evaluate(source, seed)
        name = drawn.choice(sorted(UNTRAINABLE))
        hostile = UNTRAINABLE[name]
        self._met.append(name)
        if not self._runs_them:
            return Measurement(hostile.ends[0], error="did nothing")
        found = self._evaluator.evaluate(hostile.source, seed)
        assert found.status in hostile.ends, (name, found)
        return found

    def close(self):
        self._evaluator.close()


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
            "evaluator.timeout_s=6",
            "evaluator.memory_mb=250",
            "evaluator.max_params=5000000",
            "evaluator.max_flops=1e8",
            f"executor.slots={SLOTS}",
        ]
    )


def search(config, met, *, runs_them):
    seed = parts.seed_network(config)
    with launch.new_search(config) as journal, parts.evaluators(config) as make:

        def infiltrated():
            return Infiltrated(make(), seed, met, runs_them=runs_them)

        llm = parts.writer(config, None, print)
        found, _ = launch.run(
            journal,
            config,
            llm,
            seed,
            lambda: LocalExecutor(infiltrated, SLOTS),
            lambda progress: None,
        )
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
    met: list[str | None]
    run_id: str
    uri: str
    files: list[Path]
    processes: list[psutil.Process]


def marked(folder):
    """Processes that were told of a folder, whoever their parent is by now."""
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(folder) in f"{each.cmdline()} {each.environ()} {each.cwd()}":
                yield each


@pytest.fixture(scope="module")
def searches(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("scratch")
    config = settings(tmp_path_factory.mktemp("store"))
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    kept, tempfile.tempdir = tempfile.tempdir, str(scratch)
    met = []
    try:
        with parts.evaluators(config) as make:  # the marker marks
            one = make()
            assert len(list(marked(scratch))) >= 1
            one.close()
        without, _ = search(config, [], runs_them=False)
        found, run_id = search(config, met, runs_them=True)
    finally:
        tempfile.tempdir = kept
    after = [each for each in psutil.Process().children(recursive=True) if each.pid not in before]
    return Searches(
        without,
        found,
        met,
        run_id,
        config.tracking.uri,
        list(scratch.iterdir()),
        [*after, *marked(scratch)],
    )


def test_the_honest_end_in_the_same_archives(searches):
    hostile = [name for name in searches.met if name is not None]
    assert len(hostile) >= 0.25 * len(searches.met)
    assert len(set(hostile)) >= 3
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
