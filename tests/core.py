"""Parts that core tests share: a small configuration and a fake evaluator."""

import hashlib
from collections.abc import Iterator, Sequence

from llmatic.config import Config, compose
from llmatic.executor import Task
from llmatic.records import Measurement, Status
from llmatic.search import Search, compute_niches

PROMPTS = 16


def small_config(*overrides: str) -> Config:
    return compose(["search.niches=30", "search.centroid_samples=500", *overrides])


def new_search(config: Config) -> Search:
    return Search(config, compute_niches(config, PROMPTS), PROMPTS)


def fake_measurement(source: str) -> Measurement:
    """A fixed function of the source: one in eight is not trainable."""
    digest = hashlib.sha256(source.encode()).digest()
    if digest[0] % 8 == 0:
        return Measurement(Status.DIVERGED, error="the loss was nan in epoch 3")
    fitness = int.from_bytes(digest[1:3], "big") / 65535
    layers = source.count("nn.")
    return Measurement(
        Status.OK,
        fitness,
        {"width_to_depth": 1 + digest[3] % 150, "flops": 500.0 * layers**3},
        {
            "val_accuracy": fitness,
            "test_accuracy": fitness,
            "flops": 500.0 * layers**3,
            "params": 10.0 * layers,
            "train_seconds": 0.0,
        },
        {"val_accuracy": (fitness / 2, fitness)},
    )


class FakeExecutor:
    """Measures at once, in this process, by the fake function above."""

    slots = 1
    busy_s = 0.0

    def __init__(self) -> None:
        self.measured: list[str] = []

    def map(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Measurement]]:
        for task in tasks:
            self.measured.append(str(task.id))
            yield task, fake_measurement(task.source)
