"""How well a writer answers: held-out parents, every prompt and crossover, three temperatures.

Half of the parents are networks of the grammar that the small code model was never shown,
the others are written by hand by somebody who had not seen its corpus
(`benchmarks/networks/unseen`). With those in `benchmarks/networks/development` in mind the corpus
was made; they are to look at on the way, and so are those in `benchmarks/networks/alike`, by the
authors of `llmatic/nano/handwritten`. Every answer is trained for one epoch on digits, in
the sandbox. Any writer can be tried: llm=nano, llm=grammar, ...

Usage: python benchmarks/nano_trial.py llm=nano [--parents 8] [--prompts] [--temperatures 0.6]
"""

import argparse
from collections import Counter
from pathlib import Path
from statistics import quantiles

from llmatic import parts
from llmatic.config import compose
from llmatic.nano.corpus import kept_back
from llmatic.nano.trial import Figures, answers, requests
from llmatic.prompts import Catalogue
from llmatic.records import Status

NETWORKS = Path(__file__).parent / "networks"
COLUMNS = "| n | trainable | obeyed | by chance | copies | distinct | s for 16 |"


def row(found) -> str:
    of = Figures.of(found)
    shares = (of.trainable, of.obeyed, of.by_chance, of.copied, of.distinct)
    return f"| {of.count} | {' | '.join(f'{x:.0%}' for x in shares)} | {16 * of.seconds:.1f} |"


def by(key, found):
    """Answers by what they have in common, in the order in which it first occurs."""
    groups = {}
    for each in found:
        groups.setdefault(key(each), []).append(each)
    return groups


def spread(found) -> str:
    """Of the shares that train and that obey, over the parents."""
    figures = [Figures.of(some) for some in by(lambda x: x.request.parents[0], found).values()]
    said = []
    for name in ("trainable", "obeyed"):
        shares = [getattr(each, name) for each in figures]
        low, middle, high = quantiles(shares, n=4) if len(shares) > 1 else shares * 3
        said.append(f"{name} {middle:.0%} ({low:.0%} to {high:.0%})")
    return f"median of n={len(figures)} parents (quartiles): {', '.join(said)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="+")
    parser.add_argument("--parents", type=int, default=8, help="of each kind")
    parser.add_argument("--by-hand", type=Path, default=NETWORKS / "unseen", help="a folder")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.1, 0.6, 1.0])
    parser.add_argument("--prompts", action="store_true", help="a table of the prompts as well")
    parser.add_argument("--errors", action="store_true", help="what went wrong as well")
    options = parser.parse_args()
    config = compose(["trainer.epochs=1", "executor.slots=2", *options.overrides])
    catalogue = Catalogue.of(config.prompts)
    shape, classes = tuple(config.dataset.input_shape), config.dataset.classes
    by_hand = sorted(options.by_hand.glob("*-1x8x8-10.py")) or sorted(options.by_hand.glob("*.py"))
    sets = {
        "grammar": kept_back()[shape][: options.parents],
        "by hand": [path.read_text() for path in by_hand[: options.parents]],
    }
    llm, parse = parts.writer(config, None, print), parts.parser(config)
    print(f"| parents | temperature {COLUMNS}\n|{' --- |' * 9}")
    told = {}
    with parts.executors(config, print) as make, make() as executor:
        for temperature in options.temperatures:
            told[temperature] = []
            for name, parents in sets.items():
                asked = list(
                    requests(
                        catalogue, parents, shape, classes, temperature, config.seed,
                        config.llm.style,
                    )
                )  # fmt: skip
                found = answers(llm, asked, parse, executor)
                told[temperature] += found
                print(f"| {name} | {temperature} {row(found)}", flush=True)
            print(f"| all | {temperature} {row(told[temperature])}", flush=True)
    for temperature, found in told.items():
        print(f"\ntemperature {temperature}, {spread(found)}")
        if options.prompts:
            print(f"\n| prompt {COLUMNS}\n|{' --- |' * 8}")
            for key, some in by(lambda each: each.request.prompt_key, found).items():
                print(f"| {key} {row(some)}")
        if options.errors:
            failed = [
                each.measurement for each in found if each.measurement.status is not Status.OK
            ]
            for said, count in Counter(f"{m.status}: {m.error}"[:150] for m in failed).most_common(
                25
            ):
                print(count, said)
