"""How well a writer answers: held-out parents, every prompt and crossover, three temperatures.

Half of the parents are networks of the grammar that the small code model was never shown,
the others are written by hand (`benchmarks/networks/`). Every answer is trained for one
epoch on digits, in the sandbox. Any writer can be tried: llm=nano, llm=grammar, ...

Usage: python benchmarks/nano_trial.py llm=nano [--parents 8] [--prompts] [--temperatures 0.6]
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from llmatic import launch
from llmatic.config import compose
from llmatic.nano.corpus import held_out
from llmatic.nano.trial import Figures, answers, requests
from llmatic.prompts import Catalogue
from llmatic.records import Status

BY_HAND = Path(__file__).parent / "networks"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="+")
    parser.add_argument("--parents", type=int, default=8)
    parser.add_argument("--temperatures", type=float, nargs="+", default=[0.1, 0.6, 1.0])
    parser.add_argument("--prompts", action="store_true", help="a table of the prompts as well")
    parser.add_argument("--errors", action="store_true", help="what went wrong as well")
    options = parser.parse_args()
    config = compose(["trainer.epochs=1", "executor.slots=2", *options.overrides])
    catalogue = Catalogue.of(config.prompts)
    shape, classes = config.dataset.input_shape, config.dataset.classes
    by_hand = [path.read_text() for path in sorted(BY_HAND.glob("*.py"))][: options.parents]
    by_grammar = held_out(catalogue, shape, classes, options.parents)
    llm, parse = launch.writer(config, None, print), launch.parser(config)
    print("| parents | temperature | n | trainable | obeyed | copies | distinct | s for 16 |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    told = []
    with launch.executors(config, print) as make, make() as executor:
        for temperature in options.temperatures:
            both = []
            for name, parents in (("grammar", by_grammar), ("by hand", by_hand), ("all", [])):
                began = time.perf_counter()
                asked = list(requests(catalogue, parents, shape, classes, temperature, config.seed))
                found = answers(llm, asked, parse, executor) if parents else both
                both = both + found if parents else both
                of = Figures.of(found)
                seconds = (time.perf_counter() - began) / max(len(asked), 1) * 16
                print(
                    f"| {name} | {temperature} | {of.count} | {of.trainable:.0%} | {of.obeyed:.0%}"
                    f" | {of.copied:.0%} | {of.distinct:.0%} | {seconds:.1f} |",
                    flush=True,
                )
            told.append((temperature, both))
    for temperature, found in told:
        if options.prompts:
            print(f"\n| prompt at {temperature} | n | trainable | obeyed | copies |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for key in dict.fromkeys(each.request.prompt_key for each in found):
                of = Figures.of([each for each in found if each.request.prompt_key == key])
                print(
                    f"| {key} | {of.count} | {of.trainable:.0%} | {of.obeyed:.0%} | "
                    f"{of.copied:.0%} |"
                )
        if options.errors:
            failed = [
                each.measurement for each in found if each.measurement.status is not Status.OK
            ]
            for said, count in Counter(f"{m.status}: {m.error}"[:150] for m in failed).most_common(
                25
            ):
                print(count, said)
