"""The frontier against the paper's mode where networks are trained, at equal trainings.

For each seed a search of the paper's, then one of the frontier that may train as many
networks as that one did. Searches are real ones of the command line, in a store of their own.

Usage: python benchmarks/frontier_trained.py [SEEDS=5] [FIRST_SEED=0] [KEY=VALUE ...]
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

LLMATIC = str(Path(sys.executable).with_name("llmatic"))
FIGURES = ("trainings", "best validation accuracy", "its test accuracy", "niches", "QD score")


def search(cwd: Path, *overrides: str) -> dict[str, float]:
    """What a search found."""
    command = [LLMATIC, "search", "report.refresh_s=null", *overrides]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    run = re.search(r"Search (\w+)", done.stderr)[1]
    command = [LLMATIC, "show", run, "--json"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    shown = json.loads(done.stdout)
    best = max(shown["elites"], key=lambda elite: elite["fitness"])
    figures = (
        shown["spent"]["evaluations"],
        best["val_accuracy"],
        best["test_accuracy"],
        len(shown["elites"]),
        shown["qd_score"],
    )
    return dict(zip(FIGURES, figures, strict=True))


def main(seeds: int = 5, first_seed: int = 0, overrides: tuple[str, ...] = ()) -> None:
    found: dict[str, list[Mapping[str, float]]] = {"paper": [], "frontier": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first_seed, first_seed + seeds):
            paper = search(Path(folder), f"seed={seed}")
            budget = f"search.budget.evaluations={paper['trainings']}"
            frontier = search(Path(folder), f"seed={seed}", "search=frontier", budget, *overrides)
            for name, figures in (("paper", paper), ("frontier", frontier)):
                found[name].append(figures)
                row = ", ".join(f"{key} {value:.4g}" for key, value in figures.items())
                print(f"seed {seed}, {name}: {row}", flush=True)
    for figure in FIGURES:
        columns = [
            f"{name} {median(values):.4g} ({min(values):.4g} to {max(values):.4g})"
            for name, values in ((name, [each[figure] for each in found[name]]) for name in found)
        ]
        pairs = zip(found["frontier"], found["paper"], strict=True)
        better = [one[figure] - other[figure] for one, other in pairs]
        wins = sum(each > 0 for each in better)
        print(
            f"{figure}: {', '.join(columns)}; median difference {median(better):+.4g}, "
            f"more in {wins} of {seeds}"
        )


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if "=" not in each]
    main(*numbers, overrides=tuple(each for each in sys.argv[1:] if "=" in each))
