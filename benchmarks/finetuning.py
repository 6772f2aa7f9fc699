"""Does a model that learnt from a finished search write better in the next one?

For each seed: a search with llm=nano, fine-tuning on what it accepted, and another search with
another seed, once with the model as it was and once with what it learnt. Of both next searches:
the share of answers that are trainable and new, the share that is what was asked for (but for
networks that train and whose dataflow cannot be followed), best
fitness, niches and QD score, at equal candidates. Differences are of the same seed; where a search
has too little to teach, nothing is learnt, and the difference is none.

Usage: python benchmarks/finetuning.py FIRST_SEED SEEDS [KEY=VALUE ...]
"""

import sys
import tempfile
from pathlib import Path

from writers import spread

from llmatic import api, launch, parts, tracking
from llmatic.config import compose
from llmatic.learning import adapting
from llmatic.learning.adapting import TooFewLessonsError
from llmatic.nano.obedience import JUDGED, growth, obeys

NEXT = 1_000
"""Between the seed of a search and that of the one after it."""
FIGURES = ("trainable and new", "obeyed", "best fitness", "niches", "QD score")


def learnt(seed, overrides, folder):
    """Where the model is kept that a search of this seed taught, and how many lessons it had."""
    own = (f"tracking.uri=sqlite:///{folder}/{seed}.db", f"tracking.artifacts={folder}/artifacts")
    asked = ("llm=nano", *overrides, f"seed={seed}", "report.refresh_s=null", *own)
    found = api.search(*asked)
    config = compose(asked)
    journal = tracking.open_search(config.tracking, found.run_id, read_only=True)
    lessons = adapting.lessons(journal, config.llm.style)
    place = folder / f"learnt-{seed}"
    adapting.adapt(config.llm, lessons, place, False, lambda text: None)
    return place, len(lessons)


def search(evaluator, overrides):
    """The figures of one search."""
    journal = launch.simulate_by(evaluator, compose(overrides), lambda text: None)
    found = {each.proposal.id: each for each in journal.candidates() if each.proposal.parents}
    every = {each.proposal.id: each for each in journal.candidates()}
    new = [each.measurement.status.trainable and not each.twin for each in found.values()]
    judged = []
    for id, each in found.items():
        key = journal.draft(id).prompt_key
        if key in JUDGED:
            obeyed = is_obeyed(journal, key, each, every[each.proposal.parents[0]])
            judged += [] if obeyed is None else [obeyed]
    last = journal.summaries[journal.committed]
    end = (last["best_fitness"], last["niches_filled"], last["qd_score"])
    return (sum(new) / len(new), sum(judged) / len(judged), *end)


def is_obeyed(journal, key, child, parent):
    """Whether it is what was asked for; None where it trains and that cannot be said."""
    if not child.measurement.status.trainable or child.source_sha256 == parent.source_sha256:
        return False
    grown = growth(parent.measurement.metrics, child.measurement.metrics)
    sources = journal.source(parent.proposal.id), journal.source(child.proposal.id)
    return obeys(key, *sources, grown)


def main(first_seed, seeds, overrides):
    table = {"as it was": [], "after learning": []}
    print(f"model, seed, lessons, {', '.join(FIGURES)}", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        parts.evaluators(compose(overrides)) as make,
    ):
        evaluator = make()
        try:
            for seed in range(first_seed, first_seed + seeds):
                asked = ("llm=nano", *overrides, f"seed={NEXT + seed}")
                before = after = search(evaluator, asked)
                try:
                    place, lessons = learnt(seed, overrides, Path(folder))
                    after = search(evaluator, (*asked, f"llm.adapter={place}"))
                except TooFewLessonsError as error:
                    lessons = 0
                    print(f"seed {seed} changes nothing: {error}", flush=True)
                for model, found in zip(table, (before, after), strict=True):
                    table[model].append(found)
                    said = ", ".join(f"{x:.4f}" for x in found)
                    print(f"{model}, {seed}, {lessons}, {said}", flush=True)
        finally:
            evaluator.close()
    print(
        f"\n| median of n={len(table['as it was'])} (lowest to highest) | {' | '.join(FIGURES)} |"
    )
    print("| --- |" + " ---: |" * len(FIGURES))
    less = [
        [b - a for a, b in zip(*pair, strict=True)] for pair in zip(*table.values(), strict=True)
    ]
    for model, rows in {**table, "difference": less}.items():
        print(f"| {model} | {' | '.join(map(spread, zip(*rows, strict=True)))} |")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:]))
