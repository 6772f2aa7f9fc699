"""Kill a search at random moments, resume it each time, and compare its archives.

Usage: python benchmarks/kill_and_resume.py [KILLS] [SEED]
"""

import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

LLMATIC = str(Path(sys.executable).with_name("llmatic"))
OVERRIDES = ("search.generations=4", "search.batch_size=10", "trainer.epochs=12")
RUNS = 42  # the search, the seed network and 4 generations of 10


def start(cwd: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [LLMATIC, *arguments],
        cwd=cwd,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def run_id_of(process: subprocess.Popen) -> str:
    return next(line for line in process.stderr if line.startswith("Search ")).split()[1]


def archives(cwd: Path, run: str) -> dict:
    done = subprocess.run(
        [LLMATIC, "show", run, "--json"], cwd=cwd, capture_output=True, text=True, check=True
    )
    shown = json.loads(done.stdout)
    shown.pop("run_id")
    for name in ("hours", "llm_seconds"):
        shown["spent"].pop(name)
    for elite in shown["elites"]:
        for name in [name for name in elite if name == "run_id" or name.endswith("seconds")]:
            elite.pop(name)
    return shown


def run_uninterrupted(cwd: Path) -> tuple[str, float, float]:
    """A search's run id, the seconds before its first candidate, and all its seconds."""
    began = time.monotonic()
    with start(cwd, "search", *OVERRIDES) as process:
        run = run_id_of(process)
        ready = next(
            time.monotonic() - began for line in process.stderr if line.startswith("generation 0/")
        )
        process.communicate()
    assert process.returncode == 0
    return run, ready, time.monotonic() - began


def kill_at_random(cwd: Path, kills: int, longest_s: float, rng: random.Random) -> str:
    """Start or resume a search and kill it, so many times; its run id."""
    run = None
    for kill in range(1, kills + 1):
        arguments = ("search", *OVERRIDES) if run is None else ("resume", run)
        with start(cwd, *arguments) as process:
            run = run or run_id_of(process)
            wait = rng.uniform(0, longest_s)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=wait)
            ended = process.poll() is not None
            process.send_signal(signal.SIGKILL)
        with closing(sqlite3.connect(cwd / "mlruns" / "mlflow.db")) as database:
            states = dict(
                database.execute("SELECT status, count(*) FROM runs GROUP BY status").fetchall()
            )
        print(
            f"kill {kill} after {wait:.1f} s{' (had ended)' if ended else ''}: {states}", flush=True
        )
    return run


def main(kills: int, seed: int) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole, broken = Path(one), Path(other)
        uninterrupted, ready, seconds = run_uninterrupted(whole)
        print(f"uninterrupted: {seconds:.0f} s, the first candidate after {ready:.0f} s")
        run = kill_at_random(broken, kills, ready + 1.5 * (seconds - ready) / kills, rng)
        with start(broken, "resume", run) as process:
            process.communicate()
        same = archives(broken, run) == archives(whole, uninterrupted)
        with closing(sqlite3.connect(broken / "mlruns" / "mlflow.db")) as database:
            states = dict(
                database.execute(
                    "SELECT status, count(*) FROM runs WHERE lifecycle_stage = 'active' "
                    "GROUP BY status"
                ).fetchall()
            )
        print(f"{kills} kills: archives identical: {same}; runs: {states}")
        sys.exit(not (same and states == {"FINISHED": RUNS}))


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["10", "1"][len(sys.argv) - 1 :])))
