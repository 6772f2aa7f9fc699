"""Kill a search at random moments, resume it each time, and compare its archives.

Usage: python benchmarks/kill_and_resume.py [KILLS] [SEED]
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

LLMATIC = str(Path(sys.executable).with_name("llmatic"))
OVERRIDES = ("search.generations=4", "search.batch_size=10", "trainer.epochs=4")


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
    for elite in shown["elites"]:
        for name in [name for name in elite if name == "run_id" or name.endswith("seconds")]:
            elite.pop(name)
    return shown


def main(kills: int, seed: int) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as broken:
        started = time.monotonic()
        process = start(Path(whole), "search", *OVERRIDES)
        uninterrupted = run_id_of(process)
        process.communicate()
        seconds = time.monotonic() - started
        print(f"uninterrupted: {seconds:.1f} s")
        run = None
        delivered = 0
        while delivered < kills:
            arguments = ("search", *OVERRIDES) if run is None else ("resume", run)
            process = start(Path(broken), *arguments)
            run = run or run_id_of(process)
            wait = rng.uniform(0.5, 6 + seconds / kills)
            try:
                process.communicate(timeout=wait)
                print("the search ended before all kills were delivered")
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                delivered += 1
                print(f"kill {delivered} after {wait:.1f} s")
        process = start(Path(broken), "resume", run)
        process.communicate()
        same = archives(Path(broken), run) == archives(Path(whole), uninterrupted)
        from mlflow.tracking import MlflowClient

        client = MlflowClient(f"sqlite:///{broken}/mlruns/mlflow.db")
        runs = client.search_runs([each.experiment_id for each in client.search_experiments()])
        statuses = Counter(each.info.status for each in runs)
        print(f"{delivered} kills: archives identical: {same}; runs: {dict(statuses)}")
        sys.exit(not (same and set(statuses) == {"FINISHED"} and len(runs) == 42))


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] + ["10", "1"][len(sys.argv) - 1 :])))
