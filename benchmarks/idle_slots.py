"""How long slots are idle in a search: measured, and replayed with other numbers of slots.

The first is the share that the search itself has told of each generation: everything counts,
writing and recording too. The replay takes the measured durations and the order in which
networks are begun: by id as they were once, or the most work first as `LocalExecutor` does,
by FLOPs of the parents, or by the durations themselves as nobody can.

Usage: python benchmarks/idle_slots.py RUN [TRACKING_URI]
"""

import sys
from collections.abc import Sequence
from heapq import heapify, heapreplace
from statistics import median

from mlflow.tracking import MlflowClient

from llmatic.config import compose
from llmatic.tracking import open_search

SLOTS = (2, 4, 8, 16)


def idle(durations: Sequence[float], slots: int) -> tuple[float, float]:
    """Slot seconds that nobody works while a generation is measured, and all of them."""
    ends = [0.0] * slots
    heapify(ends)
    for duration in durations:
        heapreplace(ends, ends[0] + duration)
    whole = slots * max(ends)
    return whole - sum(durations), whole


def main(run: str, *uri: str) -> None:
    """Print a table."""
    tracking = compose([f"tracking.uri={each}" for each in uri]).tracking
    journal = open_search(tracking, run, read_only=True)
    history = MlflowClient(tracking.uri).get_metric_history(journal.run_id, "idle_share")
    told = [each.value for each in history if each.step > 0]
    print(f"told by the search: median {median(told):.3f} ({min(told):.3f} to {max(told):.3f})")
    generations = []
    everything = []
    for generation in range(1, journal.committed + 1):
        tasks = []
        for id, each in journal.finished(generation).items():
            if each.twin is None and "train_seconds" in each.measurement.metrics:
                parents = [journal.finished(p.generation)[p] for p in each.proposal.parents]
                flops = max((p.measurement.metrics.get("flops", 0.0) for p in parents), default=0.0)
                tasks.append((each.measurement.metrics["train_seconds"], flops, id))
                everything.append(tasks[-1][0])
        generations.append(tasks)
    low, high = min(everything), max(everything)
    print(
        f"{len(everything)} trainings of {low:.2f} to {high:.2f} s, median {median(everything):.2f}"
    )
    orders = {
        "by id": lambda task: task[2],
        "by FLOPs of the parents": lambda task: (-task[1], task[2]),
        "by duration": lambda task: -task[0],
    }
    print("| slots | " + " | ".join(orders) + " |\n|---:|" + "---:|" * len(orders))
    for slots in SLOTS:
        shares = []
        for key in orders.values():
            found = [
                idle([task[0] for task in sorted(tasks, key=key)], slots) for tasks in generations
            ]
            shares.append(sum(each[0] for each in found) / sum(each[1] for each in found))
        print(f"| {slots} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
