"""Parse injured sources and count what comes out; a parse that raises ends the run.

Usage: python benchmarks/fuzz_genome.py [N=10000] [SEED=0]
"""

import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from test_genome import NETWORKS, mangled

from llmatic.genome import Genome, parse


def main(count: int, seed: int) -> None:
    rng = random.Random(seed)
    originals = [text for text, _ in NETWORKS.values()]
    outcomes = Counter()
    slowest = 0.0
    for _ in range(count):
        text = mangled(rng.choice(originals), rng)
        started = time.perf_counter()
        found = parse(text)
        slowest = max(slowest, time.perf_counter() - started)
        outcomes["network" if isinstance(found, Genome) else found.status.value] += 1
    for outcome, times in outcomes.most_common():
        print(f"{times:7} {outcome}")
    print(f"slowest parse: {1_000 * slowest:.1f} ms")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("10000", "0")[len(sys.argv) - 1 :]]))
