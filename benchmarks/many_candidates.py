"""What looking at a large search costs: `show`, `report`, and `resume` to the first new candidate.

A real search on NAS-Bench-201 fills the store; only its runs do not go through MLflow's
client one by one, which would take hours, but into the same tables at the end. Then each
command runs as its users run it, in a process of its own. With `--postgresql` the rows and
files are moved behind an MLflow server with PostgreSQL that proxies the artifacts.

Seconds of the processor tell whether costs are linear: other work beside adds to the others.

Usage: python benchmarks/many_candidates.py CANDIDATES [--postgresql]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import sqlalchemy
from mlflow.entities import Metric, Run, RunData, RunInfo, RunTag
from mlflow.store.tracking.dbmodels import models
from mlflow.tracking import MlflowClient

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from stores import Server, postgres

from llmatic import launch, parts
from llmatic.config import compose

BATCH = 100
LLMATIC = str(Path(sys.executable).with_name("llmatic"))
TABLES = (
    models.SqlRun,
    models.SqlTag,
    models.SqlParam,
    models.SqlMetric,
    models.SqlLatestMetric,
)


class Rows:
    """A client that keeps the candidates' runs until they are written all at once."""

    def __init__(self, client: MlflowClient, search: Run) -> None:
        self._client = client
        self._search = search
        self._runs: dict[str, tuple[dict[str, Any], dict[str, str], list[Metric]]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_run(self, experiment_id: str, tags: dict[str, str]) -> Run:
        run_id, info = uuid.uuid4().hex, self._search.info
        uri = info.artifact_uri.replace(info.run_id, run_id)
        now = int(time.time() * 1000)
        row = {
            "run_uuid": run_id,
            "name": tags["mlflow.runName"],
            "experiment_id": int(experiment_id),
            "user_id": info.user_id,
            "source_type": "UNKNOWN",
            "source_name": "",
            "entry_point_name": "",
            "source_version": "",
            "status": "FINISHED",
            "start_time": now,
            "end_time": now,
            "lifecycle_stage": "active",
            "artifact_uri": uri,
        }
        self._runs[run_id] = row, dict(tags), []
        return Run(
            RunInfo(run_id, experiment_id, info.user_id, "RUNNING", now, None, "active", uri),
            RunData(),
        )

    def log_batch(self, run_id: str, metrics: list[Metric] = (), tags: list[RunTag] = ()) -> None:
        if run_id not in self._runs:
            self._client.log_batch(run_id, metrics=metrics, tags=tags)
            return
        _, known, points = self._runs[run_id]
        known.update({tag.key: tag.value for tag in tags})
        points.extend(metrics)

    def delete_tag(self, run_id: str, key: str) -> None:
        if run_id in self._runs:
            del self._runs[run_id][1][key]
        else:
            self._client.delete_tag(run_id, key)

    def set_terminated(self, run_id: str, status: str = "FINISHED") -> None:
        if run_id not in self._runs:
            self._client.set_terminated(run_id, status)

    def write(self, engine: sqlalchemy.Engine) -> None:
        with engine.begin() as connection:
            for each in TABLES:
                rows = list(self._table(each))
                for start in range(0, len(rows), 10_000):
                    connection.execute(each.__table__.insert(), rows[start : start + 10_000])

    def _table(self, table: type) -> Iterator[dict[str, Any]]:
        for run_id, (row, tags, points) in self._runs.items():
            if table is models.SqlRun:
                yield row
            elif table is models.SqlTag:
                for key, value in tags.items():
                    yield {"key": key, "value": value, "run_uuid": run_id}
            elif table in (models.SqlMetric, models.SqlLatestMetric):
                for each in points:
                    is_nan = each.value != each.value
                    yield {
                        "key": each.key,
                        "value": 0.0 if is_nan else each.value,
                        "timestamp": each.timestamp,
                        "step": each.step,
                        "is_nan": is_nan,
                        "run_uuid": run_id,
                    }


def fill(folder: Path, candidates: int) -> str:
    """A finished search of that many candidates in a SQLite store; its run."""
    os.chdir(folder)
    config = compose(
        [
            "experiment=nasbench201_cifar10",
            f"search.batch_size={BATCH}",
            f"search.generations={candidates // BATCH}",
            "report.refresh_s=null",
        ]
    )
    llm, seed = parts.writer(config, None, print), parts.seed_network(config)
    with parts.executors(config, print) as make, launch.new_search(config) as journal:
        client = MlflowClient(config.tracking.uri)
        rows = Rows(client, client.get_run(journal.run_id))
        journal._client = journal._elites._client = rows
        launch.run(journal, config, llm, seed, make, lambda _: None)
        rows.write(sqlalchemy.create_engine(config.tracking.uri))
        journal.end("finished")
        return str(journal.run_id)


@contextmanager
def moved(folder: Path) -> Iterator[str]:
    """A server with PostgreSQL that has what the SQLite store has; its address."""
    outer = Path(tempfile.mkdtemp())
    outer.chmod(0o755)
    with postgres(outer / "postgres") as database, Server(folder, database) as server:
        client = MlflowClient(server.uri)
        study = client.create_experiment("llmatic")
        shutil.move(folder / "mlruns/artifacts/llmatic", folder / "artifacts" / study)
        source = sqlalchemy.create_engine(f"sqlite:///{folder}/mlruns/mlflow.db")
        target = sqlalchemy.create_engine(database)
        with source.connect() as old, target.begin() as new:
            for each in TABLES:
                rows = [dict(row._mapping) for row in old.execute(each.__table__.select())]
                for row in rows if each is models.SqlRun else ():
                    row["experiment_id"] = int(study)
                    uri = f"mlflow-artifacts:/{study}/{row['run_uuid']}/artifacts"
                    row["artifact_uri"] = uri
                for start in range(0, len(rows), 10_000):
                    new.execute(each.__table__.insert(), rows[start : start + 10_000])
        with target.connect().execution_options(isolation_level="AUTOCOMMIT") as new:
            new.execute(sqlalchemy.text("ANALYZE"))
        yield server.uri
    shutil.rmtree(outer)


class Cost(NamedTuple):
    """Of a command, up to its end or to the first new entry of a folder."""

    seconds: float
    processor_s: float
    megabytes: float


def measure(folder: Path, *command: str, until_new_in: Path | None = None) -> Cost:
    """What a command costs."""
    before = _changed(until_new_in)
    start, found = time.perf_counter(), None
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [LLMATIC, *command], cwd=folder, stdout=said, stderr=said, start_new_session=True
        )
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if found is None and _changed(until_new_in) > before:
                used = psutil.Process(process.pid).cpu_times()
                found = time.perf_counter() - start, used.user + used.system
            time.sleep(0.1)
    if status:
        sys.exit((folder / "said").read_text())
    if until_new_in is None:
        found = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    if found is None:
        sys.exit(f"{command}: nothing new came into {until_new_in}")
    return Cost(*found, usage.ru_maxrss / 1024)


def _changed(folder: Path | None) -> int:
    """When a folder got an entry, or lost one."""
    return 0 if folder is None else folder.stat().st_mtime_ns


def report(folder: Path, run: str, candidates: int, store: str, files: Path, *where: str) -> None:
    """Measure the commands on one store, and print a row of a table."""
    longer = f"search.generations={candidates // BATCH + 1}"
    cells = [
        measure(folder, "show", run, *where),
        measure(folder, "report", run, *where),
        measure(folder, "resume", run, longer, *where, until_new_in=files),
    ]
    row = " | ".join(
        f"{each.seconds:.1f} s, {each.processor_s:.1f} s, {each.megabytes:,.0f} MB"
        for each in cells
    )
    print(f"| {store} | {candidates:,} | {row} |", flush=True)


def main(size: str, *options: str) -> None:
    """Measure one size."""
    print("Time, processor time and peak memory:\n")
    print("| store | candidates | show | report | resume, to the first new candidate |")
    print("|---|---|---|---|---|", flush=True)
    candidates = int(size)
    folder = Path(tempfile.mkdtemp())
    run = fill(folder, candidates)
    if "--postgresql" not in options:
        report(folder, run, candidates, "SQLite", folder / "mlruns/artifacts/llmatic")
    else:
        with moved(folder) as uri:
            (files,) = (folder / "artifacts").iterdir()
            report(folder, run, candidates, "PostgreSQL", files, f"tracking.uri={uri}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
