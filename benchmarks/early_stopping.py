"""What early stopping saves and what it costs: the same searches with each pruner.

Whole searches in memory, one network at a time, with the default search's settings but for
the seed; on digits, or on CIFAR-10 cut down (`small_cifar10.py`), whose folder is given.
Epochs trained do not depend on the machine, seconds do; those of a training that is stopped
are its share of the whole.

Usage: python benchmarks/early_stopping.py FIRST_SEED SEEDS [CIFAR10_FOLDER] [KEY=VALUE ...]
"""

import os
import sys
from pathlib import Path
from statistics import median

from llmatic import launch, parts
from llmatic.config import Config, compose
from llmatic.evaluate import Evaluator
from llmatic.pruning import Pruner
from llmatic.records import Measurement, Status

PRUNERS = ("none", "elite", "median", "successive_halving", "hyperband")
FIGURES = ("epochs", "seconds", "stopped", "best fitness", "niches", "QD score")
CIFAR = (
    "dataset=cifar10",
    "dataset.datamodule=small_cifar10.SmallCifar10",
    "dataset.input_shape=[3,16,16]",
    "dataset.batch_size=64",
    "dataset.flops.low=0",
    "dataset.flops.high=4e6",
    "evaluator.fitness=validation",
)


class Remembering:
    """Trains every network once, to the end, and stops it afterwards where a pruner would have.

    Training is repeatable to the last bit, so that this is what would have come out.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._known: dict[tuple[str, int], Measurement] = {}

    def evaluate(self, source: str, seed: int, pruner: Pruner | None = None) -> Measurement:
        key = (source, seed)
        if key not in self._known:
            self._known[key] = self._evaluator.evaluate(source, seed)
        whole = self._known[key]
        if pruner is None or not whole.status.trainable:
            return whole
        curve = whole.curves["val_accuracy"]
        judge = pruner.judge(whole.descriptors)
        for epoch in range(1, len(curve)):
            if judge(curve[:epoch]):
                seconds = whole.metrics["train_seconds"] * epoch / len(curve)
                metrics = {**whole.metrics, "train_seconds": seconds}
                curves = {"val_accuracy": curve[:epoch]}
                return Measurement(Status.PRUNED, metrics=metrics, curves=curves)
        return whole

    def close(self) -> None:
        self._evaluator.close()


def search(evaluator: Evaluator, config: Config) -> tuple[float, ...]:
    """What a search used and found."""
    journal = launch.simulate_by(evaluator, config, lambda text: None)
    epochs = seconds = stopped = 0.0
    for candidate in journal.candidates():
        measurement = candidate.measurement
        if candidate.twin is None and measurement.status.works:
            epochs += len(measurement.curves["val_accuracy"])
            seconds += measurement.metrics["train_seconds"]
            stopped += not measurement.status.trainable
    last = journal.summaries[journal.committed]
    found = (last["best_fitness"], last["niches_filled"], last["qd_score"])
    return (epochs, seconds, stopped, *found)


def main(first_seed: int, seeds: int, overrides: tuple[str, ...]) -> None:
    """Print each search, then the pruners beside ``none`` with the same seed."""
    table: dict[str, list[tuple[float, ...]]] = {pruner: [] for pruner in PRUNERS}
    print("pruner, seed, " + ", ".join(FIGURES), flush=True)
    with parts.evaluators(compose(overrides)) as make:
        evaluator = Remembering(make())
        for seed in range(first_seed, first_seed + seeds):
            for pruner in PRUNERS:
                config = compose([*overrides, f"seed={seed}", f"pruner={pruner}"])
                found = search(evaluator, config)
                table[pruner].append(found)
                print(f"{pruner}, {seed}, " + ", ".join(f"{x:.4f}" for x in found), flush=True)
        evaluator.close()
    for pruner, rows in table.items():
        shares = [
            [row[place] / whole[place] for row, whole in zip(rows, table["none"], strict=True)]
            for place in (0, 1)
        ]
        changes = [
            [row[place] - whole[place] for row, whole in zip(rows, table["none"], strict=True)]
            for place in (3, 4, 5)
        ]
        print(
            f"{pruner}: of the epochs {median(shares[0]):.2f}, of the seconds "
            f"{median(shares[1]):.2f}; best {median(changes[0]):+.4f}, niches "
            f"{median(changes[1]):+.0f}, QD score {median(changes[2]):+.2f} (medians, n={seeds})"
        )


if __name__ == "__main__":
    first, count, *rest = sys.argv[1:]
    folder = [each for each in rest if "=" not in each]
    settings = [each for each in rest if "=" in each]
    if folder:
        here = str(Path(__file__).parent)
        os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
        settings = [*CIFAR, f"dataset.root={folder[0]}", *settings]
    main(int(first), int(count), tuple(settings))
