"""What the whole loop costs, against writing the same runs with bare MLflow calls.

The loop asks, writes with the grammar, journals on SQLite and tells; its evaluator
answers at once. Then the runs it made are written again to another SQLite store:
one `create_run`, one `log_batch`, the same files, one `set_terminated` each. The two
alternate, generation by generation, so that a busy machine slows both.

Usage: python benchmarks/journal_overhead.py [CANDIDATES=500] [ROUNDS=3]
"""

import hashlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from mlflow.entities import Metric, RunTag
from mlflow.tracking import MlflowClient

from llmatic import genome, launch, parts
from llmatic.config import compose
from llmatic.executor import Task
from llmatic.llm.grammar import GrammarWriter
from llmatic.loop import Loop, Progress
from llmatic.records import Measurement, Status
from llmatic.search import Search, compute_niches

BATCH = 50
EPOCHS = 50
PROMPTS = 16


class InstantExecutor:
    """Measures by hashing the source: a fitness, descriptors, three curves."""

    slots = 0
    busy_s = 0.0

    def map(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Measurement]]:
        for task in tasks:
            digest = hashlib.sha256(task.source.encode()).digest()
            fitness = int.from_bytes(digest[:2], "big") / 65535
            curve = tuple(fitness * epoch / EPOCHS for epoch in range(EPOCHS))
            flops = 500.0 + 10 ** (2 + digest[2] / 64)
            yield (
                task,
                Measurement(
                    Status.OK,
                    fitness,
                    {"width_to_depth": 1.0 + digest[3], "flops": flops},
                    {
                        "val_accuracy": fitness,
                        "test_accuracy": fitness,
                        "flops": flops,
                        "params": 1000.0,
                        "width": 32.0,
                        "depth": 4.0,
                        "train_seconds": 1.0,
                    },
                    dict.fromkeys(("train_loss", "val_accuracy", "test_accuracy"), curve),
                ),
            )


class BareCalls:
    """Writes every generation's runs again, to another store, and takes the time."""

    def __init__(self, source: Path, target: Path) -> None:
        with closing(sqlite3.connect(target / "mlflow.db")) as database:
            database.execute("PRAGMA journal_mode=WAL")
        self._reader = MlflowClient(f"sqlite:///{source}/mlflow.db")
        self._writer = MlflowClient(f"sqlite:///{target}/mlflow.db")
        location = (target / "artifacts").as_uri()
        self._experiment = self._writer.create_experiment("bare", artifact_location=location)
        self.seconds = 0.0
        self.runs = 0
        self.seconds_in_all = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.done == progress.batch:
            began = time.perf_counter()
            self._write(self._read(progress.generation))
            self.seconds_in_all += time.perf_counter() - began

    def _read(self, generation: int) -> list[tuple[dict[str, str], list[Metric], dict[str, str]]]:
        experiments = [each.experiment_id for each in self._reader.search_experiments()]
        query = f"metrics.generation = {generation}"
        read = []
        for run in self._reader.search_runs(experiments, query):
            points = [
                Metric(each.key, each.value, each.timestamp, each.step)
                for name in run.data.metrics
                for each in self._reader.get_metric_history(run.info.run_id, name)
            ]
            folder = Path(run.info.artifact_uri.removeprefix("file://"))
            files = {file.name: file.read_text() for file in folder.iterdir()}
            read.append((run.data.tags, points, files))
        return read

    def _write(self, runs: list[tuple[dict[str, str], list[Metric], dict[str, str]]]) -> None:
        began = time.perf_counter()
        for tags, points, files in runs:
            opened = {name: value for name, value in tags.items() if name.startswith("mlflow.")}
            run = self._writer.create_run(self._experiment, tags=opened)
            folder = Path(run.info.artifact_uri.removeprefix("file://"))
            folder.mkdir(parents=True)
            for name, text in files.items():
                (folder / name).write_text(text)
            rest = [RunTag(name, value) for name, value in tags.items() if name not in opened]
            self._writer.log_batch(run.info.run_id, metrics=points, tags=rest)
            self._writer.set_terminated(run.info.run_id)
        self.seconds += time.perf_counter() - began
        self.runs += len(runs)


def compare(folder: Path, other: Path, candidates: int, seed: int) -> tuple[float, float]:
    """Milliseconds a candidate: of the whole loop, and of bare calls."""
    config = compose(
        [
            f"seed={seed}",
            f"search.batch_size={BATCH}",
            f"search.generations={candidates // BATCH}",
            f"tracking.uri=sqlite:///{folder}/mlflow.db",
            f"tracking.artifacts={folder}/artifacts",
        ]
    )
    with launch.new_search(config) as journal:
        search = Search(config, compute_niches(config, PROMPTS), PROMPTS)
        bare = BareCalls(folder, other)
        seed_network = parts.seed_network(config)
        loop = Loop(
            config,
            search,
            journal,
            GrammarWriter(config.dataset.flops.high),
            InstantExecutor(),
            seed_network,
            genome.parse,
            bare,
        )
        began = time.perf_counter()
        loop.run()
        seconds = time.perf_counter() - began - bare.seconds_in_all
        journal.end("finished")
    assert bare.runs == candidates + 1
    return 1000 * seconds / bare.runs, 1000 * bare.seconds / bare.runs


def main(candidates: int, rounds: int) -> None:
    ratios = []
    for seed in range(rounds):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            loop, bare = compare(Path(one), Path(other), candidates, seed)
        ratios.append(loop / bare)
        print(
            f"{candidates} candidates: loop {loop:.1f} ms each, bare calls {bare:.1f} ms each, "
            f"ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"ratio: median {median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}, n={rounds}")


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["500", "3"][len(sys.argv) - 1 :])))
