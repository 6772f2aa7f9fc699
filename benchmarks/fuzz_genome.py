"""Parse mangled answers and networks; count what comes out.

The run ends with the text at fault if a parse raises, if parsing the source of a network
gives another network, or if a parse takes a second of processor time.

Usage: python benchmarks/fuzz_genome.py [N=100000] [SEED=0]
"""

import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from genome.corpus import ANSWERS, grammar_written
from genome.mangle import mangled
from test_genome import NETWORKS, defines_only

from llmatic.genome import Genome, parse

LONG = 10_000
SHARE_OF_LONG = 0.01
SLOW_S = 1.0
PROGRESS_EVERY = 10_000


def main(count: int, seed: int) -> None:
    originals = [
        *(answer.text for answer in ANSWERS.values()),
        *(text for text, _ in NETWORKS.values()),
        *grammar_written(200),
    ]
    long = [text for text in originals if len(text) >= LONG]
    short = [text for text in originals if len(text) < LONG]
    outcomes, times = Counter(), []
    started = time.perf_counter()
    for number in range(1, count + 1):
        rng = random.Random(f"{seed} {number}")
        text = rng.choice(long if rng.random() < SHARE_OF_LONG else short)
        text = mangled(text, rng, short)
        outcome, seconds = outcome_of(text, number)
        outcomes[outcome] += 1
        times.append(seconds)
        if number % PROGRESS_EVERY == 0:
            minutes = (time.perf_counter() - started) / 60
            print(f"{number:,} texts in {minutes:.1f} min, slowest {max(times):.2f} s", flush=True)
    for outcome, texts in outcomes.most_common():
        print(f"{texts:8,} {outcome}")
    slowest = max(range(count), key=times.__getitem__)
    print(f"{1_000 * statistics.median(times):.1f} ms a parse (median)")
    print(f"{1_000 * times[slowest]:.0f} ms the slowest (text {slowest + 1:,})")


def outcome_of(text: str, number: int) -> tuple[str, float]:
    """What a text gives, and the processor time that took."""
    started = time.process_time()
    try:
        found = parse(text)
    except BaseException:
        print(f"text {number:,} raises: {text!r}")
        raise
    seconds = time.process_time() - started
    if seconds > SLOW_S:
        sys.exit(f"text {number:,} takes {seconds:.1f} s: {text!r}")
    if not isinstance(found, Genome):
        return found.status.value, seconds
    if parse(found.source) != found or not defines_only(found.source):
        sys.exit(f"text {number:,} gives a network that does not stay the same: {text!r}")
    return "network", seconds


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("100000", "0")[len(sys.argv) - 1 :]]))
