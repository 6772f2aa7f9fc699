"""Who writes best: the grammar, the small code model, and generation at random.

Whole searches in memory with the default search's settings but for the writer and the seed, on
digits, or on the cells of NAS-Bench-201 (`experiment=nasbench201_cifar100`). All have the same
number of candidates; `trained` says how many of them were trained, for what does not work or is
there already costs nothing. Random generation writes every network from scratch and selects
nothing; the grammar writes for it, or the model. Differences are of the same seed.

Usage: python benchmarks/writers.py FIRST_SEED SEEDS [KEY=VALUE ...]
"""

import sys
import time
from statistics import median

from llmatic import launch
from llmatic.config import compose

WRITERS = {
    "grammar": ("llm=grammar",),
    "nano": ("llm=nano",),
    "random by grammar": ("llm=grammar", "ablation=random_generation"),
    "random by nano": ("llm=nano", "ablation=random_generation"),
}
FIGURES = ("trained", "best fitness", "niches", "QD score", "seconds")


def search(evaluator, overrides: tuple[str, ...]) -> tuple[float, ...]:
    began = time.perf_counter()
    journal = launch.simulate_by(evaluator, compose(overrides), lambda text: None)
    seconds = time.perf_counter() - began
    found = journal.candidates()
    trained = sum(each.measurement.status.trainable and each.twin is None for each in found)
    last = journal.summaries[journal.committed]
    return trained, last["best_fitness"], last["niches_filled"], last["qd_score"], seconds


def main(first_seed: int, seeds: int, overrides: tuple[str, ...]) -> None:
    table: dict[str, list[tuple[float, ...]]] = {writer: [] for writer in WRITERS}
    print("writer, seed, " + ", ".join(FIGURES), flush=True)
    with launch.evaluators(compose(overrides)) as make:
        evaluator = make()
        try:
            for seed in range(first_seed, first_seed + seeds):
                for writer, chosen in WRITERS.items():
                    found = search(evaluator, (*overrides, *chosen, f"seed={seed}"))
                    table[writer].append(found)
                    print(f"{writer}, {seed}, " + ", ".join(f"{x:.4f}" for x in found), flush=True)
        finally:
            evaluator.close()
    print(f"\n| median of n={seeds} (lowest to highest) | {' | '.join(FIGURES)} |")
    print("| --- |" + " ---: |" * len(FIGURES))
    for writer, rows in table.items():
        print(f"| {writer} | {' | '.join(map(spread, zip(*rows, strict=True)))} |")
    for writer, rows in table.items():
        less = [
            [own - other for own, other in zip(*pair, strict=True)]
            for pair in zip(rows, table["grammar"], strict=True)
        ]
        print(f"| {writer} less grammar | {' | '.join(map(spread, zip(*less, strict=True)))} |")


def spread(column) -> str:
    return f"{median(column):.3g} ({min(column):.3g} to {max(column):.3g})"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:]))
