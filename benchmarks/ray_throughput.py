"""How many candidates a minute Ray measures, against the local executor on the same cores.

Both have as many slots, measure the same networks with the same seeds, and are warm before
they are timed; their batches alternate, so that a busy machine slows both. What starting
costs is told apart. The same measurements must come out.

Usage: python benchmarks/ray_throughput.py [SLOTS=cores] [BATCH=24] [ROUNDS=5] [KEY=VALUE]...
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from llmatic import parts
from llmatic.config import compose
from llmatic.executor import Executor, Task
from llmatic.records import CandidateId, Measurement


@contextmanager
def started(name: str, overrides: list[str], warm: list[Task]) -> Iterator[Executor]:
    """An executor whose slots have all measured something."""
    began = time.perf_counter()
    config = compose(overrides)
    with parts.executors(config, lambda line: None) as make, make() as executor:
        joined = time.perf_counter() - began
        for _ in executor.map(warm):
            pass
        warmed = time.perf_counter() - began
        print(f"{name}: made after {joined:.1f} s, warm after {warmed:.1f} s", flush=True)
        yield executor


def measured(executor: Executor, tasks: list[Task]) -> tuple[float, dict[CandidateId, Measurement]]:
    """Candidates a minute, and what came out."""
    began = time.perf_counter()
    found = {task.id: measurement for task, measurement in executor.map(tasks)}
    return 60 * len(tasks) / (time.perf_counter() - began), found


def main(slots: int, batch: int, rounds: int, overrides: list[str]) -> None:
    settings = [*overrides, "trainer.accelerator=cpu"]
    seed = parts.seed_network(compose(settings))
    tasks = [Task(CandidateId(1, index), seed, index) for index in range(batch)]
    warm = tasks[: 4 * slots]
    rates: dict[str, list[float]] = {"local": [], "ray": []}
    with ExitStack() as stack:
        executors = {
            name: stack.enter_context(
                started(name, [f"executor={name}", f"executor.slots={slots}", *settings], warm)
            )
            for name in rates
        }
        for turn in range(rounds):
            found = {}
            for name in sorted(rates, reverse=turn % 2 == 1):
                rate, found[name] = measured(executors[name], tasks)
                rates[name].append(rate)
            fitness = [{id: each.fitness for id, each in one.items()} for one in found.values()]
            assert fitness[0] == fitness[1]
            print("; ".join(f"{name} {each[-1]:.0f} a minute" for name, each in rates.items()))
    ratios = [ray / local for ray, local in zip(rates["ray"], rates["local"], strict=True)]
    medians = ", ".join(f"{name} {median(each):.0f}" for name, each in rates.items())
    print(
        f"candidates a minute, median of {rounds} rounds of {batch}: {medians}; "
        f"ray of local: median of ratios {median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    numbers = [each for each in sys.argv[1:] if "=" not in each]
    defaults = [str(os.cpu_count()), "24", "5"]
    main(
        *(int(each) for each in [*numbers, *defaults[len(numbers) :]]),
        [each for each in sys.argv[1:] if "=" in each],
    )
