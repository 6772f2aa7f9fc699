"""How soon a candidate trains, and what keeping it apart costs.

Start: from the request to the first training step under Lightning, on a warm worker and
in a fresh interpreter that does the same; the two alternate. Isolation: the same network
trained on the same data by workers with every mechanism that works here and by one with
none; the workers alternate. A start that is measured ends in the first training step with an
error that says what time it is.

Usage: python benchmarks/candidate_start.py [STARTS=30] [FRESH=5] [TRAININGS=15] [EPOCHS=30]
"""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from llmatic.config import Config, compose
from llmatic.evaluate.trained import Prepared, TrainedEvaluator, prepare, settings
from llmatic.records import Measurement, Status
from llmatic.sandbox import Isolation, SandboxError, choose

NETWORK = """
import sys
import time

import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10),
        )

    def forward(self, x):
        {stop}
        return self.layers(x)
"""
STOP = """
        frame = sys._getframe()
        while frame := frame.f_back:
            if frame.f_code.co_name == "training_step":
                raise ValueError(f"stepped at {time.monotonic()}, used {time.process_time()}")
"""
FRESH = """
import sys

from llmatic.evaluate.candidate import Images, evaluate, make_trainer
from llmatic.evaluate.protocol import Settings

settings = Settings.from_header({settings!r})
source = sys.stdin.read()
said = []
images = Images.read(settings.folder)
trainer = make_trainer(settings.recipe)
evaluate(source, 1, images, settings, trainer, lambda header, _: said.append(header))
print(said[-1]["error"])
"""
IDLE_S = 0.2
"""A worker is idle before its next request."""
NONE = Isolation(landlock=False, bubblewrap=False)


def ms(values: list[float]) -> str:
    spread = f"{1000 * min(values):.0f} to {1000 * max(values):.0f}"
    return f"median {1000 * median(values):.0f} ms ({spread}, n={len(values)})"


@dataclass
class Starts:
    """Seconds from a call to the first training step, and of its process's processor time."""

    waited: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)

    def add(self, run: Callable[[], str | None]) -> None:
        began = time.monotonic()
        stepped, used = re.search(r"stepped at ([\d.]+), used ([\d.]+)", run() or "").groups()
        self.waited.append(float(stepped) - began)
        self.used.append(float(used))

    def __str__(self) -> str:
        return f"{ms(self.waited)}; processor time {ms(self.used)}"


def start_fresh(data: Prepared, config: Config, source: str) -> str:
    told = settings(data, config.trainer, config.evaluator, NONE)
    script = FRESH.format(settings=told.to_header())
    done = subprocess.run(
        [sys.executable, "-c", script], input=source, capture_output=True, text=True, check=True
    )
    return done.stdout


def isolations() -> list[Isolation]:
    """Every mechanism that works here, and none."""
    found = []
    for name in ("landlock", "bubblewrap", "auto", "none"):
        with contextlib.suppress(SandboxError):
            found.append(choose(name))
    return list(dict.fromkeys(found))


def compare_starts(data: Prepared, config: Config, starts: int, fresh: int) -> None:
    stopping = NETWORK.format(stop=STOP)
    for isolation in isolations():
        began = time.perf_counter()
        evaluator = TrainedEvaluator(data, config.trainer, config.evaluator, isolation)

        def start(evaluator: TrainedEvaluator = evaluator) -> str | None:
            return evaluator.evaluate(stopping, 1).error

        start()
        ready = time.perf_counter() - began
        warm, cold = Starts(), Starts()
        rounds = fresh if isolation is choose("auto") else 1
        for _ in range(rounds):
            for _ in range(starts // rounds):
                time.sleep(IDLE_S)
                warm.add(start)
            if rounds == fresh:
                cold.add(lambda: start_fresh(data, config, stopping))
        evaluator.close()
        print(f"{isolation}: worker ready after {ready:.1f} s; start {warm}", flush=True)
        if cold.waited:
            times = median(cold.waited) / median(warm.waited)
            print(f"  fresh interpreter {cold}; {times:.0f} times")


def compare_training(data: Prepared, config: Config, trainings: int) -> None:
    source = NETWORK.format(stop="")
    evaluators = {
        each: TrainedEvaluator(data, config.trainer, config.evaluator, each)
        for each in isolations()
    }
    took: dict[Isolation, list[float]] = {each: [] for each in evaluators}
    losses = set()
    for turn in range(-1, trainings):
        for isolation, evaluator in evaluators.items():
            measured = evaluator.evaluate(source, 1)
            assert measured.status is Status.OK, measured
            losses.add(_losses(measured))
            if turn >= 0:
                took[isolation].append(measured.metrics["train_seconds"])
    for evaluator in evaluators.values():
        evaluator.close()
    assert len(losses) == 1
    for isolation, each in took.items() if trainings else ():
        ratios = [mine / none for mine, none in zip(each, took[NONE], strict=True)]
        print(
            f"{isolation}: training {ms(each)}; of none's: median of ratios "
            f"{median(ratios):.3f}, ratio of medians {median(each) / median(took[NONE]):.3f}, "
            f"ratio of shortest {min(each) / min(took[NONE]):.3f}",
            flush=True,
        )


def _losses(measured: Measurement) -> tuple[float, ...]:
    return measured.curves["train_loss"]


def main(starts: int, fresh: int, trainings: int, epochs: int) -> None:
    config = compose([f"trainer.epochs={epochs}", "trainer.accelerator=cpu"])
    with prepare(config.dataset) as data:
        compare_starts(data, config, starts, fresh)
        compare_training(data, config, trainings)


if __name__ == "__main__":
    defaults = ("30", "5", "15", "30")
    main(*(int(each) for each in [*sys.argv[1:], *defaults[len(sys.argv) - 1 :]]))
