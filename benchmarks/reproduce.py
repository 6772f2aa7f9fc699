"""The paper's setting and its ablations on NAS-Bench-201, written as docs/reproduction.md.

Nasir et al. 2024, Tables 1 and 2, Figs. 2 and 4, with the classic searchers beside them at
the same number of distinct evaluations. Everything is measured anew.

Usage: python benchmarks/reproduce.py [SEEDS=10] [JOBS=number of CPUs] [FOLDER=docs]
"""

import os
import sys
from pathlib import Path

from reproduction import page, pictures, tables
from reproduction.measure import Outcome, Outcomes, beside, measure, planned

from llmatic.benchmark import figures, parallel
from llmatic.nasbench201.controls import Curve


def measured(seeds: int, jobs: int) -> Outcomes:
    """All searches."""
    searches = list(planned(seeds))
    found: dict[tuple[str, str, str], dict[int, Outcome]] = {}
    for done, (search, outcome) in enumerate(parallel.each(measure, searches, jobs), start=1):
        place = (search.method, search.dataset, search.fitness)
        found.setdefault(place, {})[search.seed] = outcome
        if done % 10 == 0:
            print(f"{done}/{len(searches)} searches", file=sys.stderr, flush=True)
    return {place: dict(sorted(runs.items())) for place, runs in found.items()}


def write(found: Outcomes, folder: Path) -> None:
    """The page and its pictures."""
    controls = beside(found)
    curves = {
        **{place: {seed: e.curve for seed, e in runs.items()} for place, runs in found.items()},
        **controls,
    }
    early = {
        (method, dataset): {seed: _beginning(curve) for seed, curve in runs.items()}
        for (method, dataset, fitness), runs in curves.items()
        if fitness == "validation"
    }
    (folder / "reproduction").mkdir(parents=True, exist_ok=True)
    pictures.draw_ablations(found, folder / "reproduction" / "ablations.png")
    pictures.draw_probabilities(found, folder / "reproduction" / "probabilities.png")
    figures.draw(early, "validation", folder / "reproduction")
    text = page.write(found, controls, early)
    (folder / "reproduction.md").write_text(text, encoding="utf-8")


def _beginning(curve: Curve) -> Curve:
    longest = max(tables.EARLY)
    return Curve(curve.best[:longest], curve.test[:longest])


if __name__ == "__main__":
    given = [*sys.argv[1:], *["", "", ""][len(sys.argv) - 1 :]]
    jobs = int(given[1] or os.cpu_count() or 1)
    folder = Path(given[2] or Path(__file__).parent.parent / "docs")
    write(measured(int(given[0] or 10), jobs), folder)
