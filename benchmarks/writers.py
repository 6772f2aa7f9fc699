"""Who writes best: the grammar, the small code model, and generation at random.

Whole searches in memory with the default search's settings but for the writer and the seed, on
digits, or on the cells of NAS-Bench-201 (`experiment=nasbench201_cifar100`). All have the same
number of candidates. What does not work or is there already is not counted as trained (what
diverged or took too long, neither), so the archives of a seed are compared at equal trainings:
each after as many as the one with the fewest trained. Random generation writes every network from
scratch, with the grammar, and selects nothing. Differences are of the same seed.

Usage: python benchmarks/writers.py FIRST_SEED SEEDS [KEY=VALUE ...]
"""

import sys
import time
from statistics import median

from llmatic import launch, parts
from llmatic.archive import Archive
from llmatic.config import compose
from llmatic.search import compute_niches

WRITERS = {
    "grammar": ("llm=grammar",),
    "nano": ("llm=nano",),
    "random": ("llm=grammar", "ablation=random_generation"),
}
FIGURES = ("best fitness", "niches", "QD score")


def search(evaluator, overrides):
    """What a search trained, in order, and the seconds that it took."""
    began = time.perf_counter()
    journal = launch.simulate_by(evaluator, compose(overrides), lambda text: None)
    seconds = time.perf_counter() - began
    found = journal.candidates()
    return [each for each in found if each.measurement.status.trainable and not each.twin], seconds


def figures(trained, overrides):
    """Of an archive of these candidates."""
    config = compose(overrides)
    niches = compute_niches(config, len(launch.mutations(config)))
    archive = Archive(niches["networks"])
    for each in trained:
        archive.add(each)
    return archive.best().fitness, len(archive), archive.qd_score


def main(first_seed, seeds, overrides):
    at_end = {writer: [] for writer in WRITERS}
    at_equal = {writer: [] for writer in WRITERS}
    print(f"writer, seed, seconds, trained, {', '.join(FIGURES)}, then at equal trainings")
    with parts.evaluators(compose(overrides)) as make:
        evaluator = make()
        try:
            for seed in range(first_seed, first_seed + seeds):
                asked = {
                    writer: (*overrides, *chosen, f"seed={seed}")
                    for writer, chosen in WRITERS.items()
                }
                found = {writer: search(evaluator, asked[writer]) for writer in WRITERS}
                fewest = min(len(trained) for trained, _ in found.values())
                for writer, (trained, seconds) in found.items():
                    end = figures(trained, asked[writer])
                    equal = figures(trained[:fewest], asked[writer])
                    at_end[writer].append((seconds, len(trained), *end))
                    at_equal[writer].append((fewest, *equal))
                    row = (seconds, len(trained), *end, *equal)
                    print(f"{writer}, {seed}, {', '.join(f'{x:.4f}' for x in row)}", flush=True)
        finally:
            evaluator.close()
    report(f"at equal candidates, median of n={seeds}", ("seconds", "trained", *FIGURES), at_end)
    report(f"at equal trainings, median of n={seeds}", ("trained", *FIGURES), at_equal)


def report(title, columns, table):
    print(f"\n| {title} (lowest to highest) | {' | '.join(columns)} |")
    print("| --- |" + " ---: |" * len(columns))
    for writer, rows in table.items():
        print(f"| {writer} | {' | '.join(map(spread, zip(*rows, strict=True)))} |")
    for writer, rows in list(table.items())[1:]:
        less = [
            [own - other for own, other in zip(*pair, strict=True)]
            for pair in zip(rows, table["grammar"], strict=True)
        ]
        print(f"| {writer} less grammar | {' | '.join(map(spread, zip(*less, strict=True)))} |")


def spread(column):
    return f"{median(column):.4g} ({min(column):.4g} to {max(column):.4g})"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:]))
