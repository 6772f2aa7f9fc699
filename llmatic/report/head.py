"""The head of a report: which search it is, its settings, what it found, how to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from llmatic import view
from llmatic.config import BudgetConfig, TrainedConfig
from llmatic.report.comparison import Group
from llmatic.report.facts import Facts, best_by_evaluations, status_counts
from llmatic.report.markup import Markup, Table, element, table
from llmatic.report.section import percent

__all__ = ["commands", "head"]

ACCURACIES = ("val_accuracy", "test_accuracy")
SIZES = ("flops", "params", "width", "depth")


def head(groups: Sequence[Group], shown: Facts, contents: Markup) -> Iterator[Markup]:
    """What comes before the figures.

    Args:
        groups: All searches of the report.
        shown: The one whose details are shown.
        contents: Links to what follows.
    """
    several = [facts for group in groups for facts in group.searches][1:]
    yield element("h1", _title(groups) if several else f"Search {shown.name}")
    if several:
        yield element(
            "p",
            "First come figures of all searches together; what follows them is of the best one.",
        )
        yield table(_searches(groups), "All searches")
        yield element("h2", f"The best of them: search {shown.name}", id="search")
    yield element("p", found(shown), class_="lead")
    yield contents
    yield table(
        Table(("setting", "value"), tuple(_settings(shown)), (0, 1)), "Settings that matter"
    )
    counts = tuple((status.value, str(count)) for status, count in status_counts(shown).items())
    yield table(Table(("status", "candidates"), counts), "What became of the candidates")
    if len(shown.networks):
        yield element("h2", "The map: the best network of every niche, smallest first", id="map")
        yield table(_map(shown), f"{len(shown.networks)} networks")


def found(facts: Facts) -> str:
    """How far a search is and the best it has found, in sentences."""
    planned = facts.config.search.generations
    done = f"{max(facts.committed, 0)} of {planned} generations are complete"
    state = {
        "running": f"Still running: {done}, and {len(facts.waiting)} candidates of the next.",
        "interrupted": f"Interrupted: {done}.",
        "failed": "Failed: the seed network cannot be trained.",
    }.get(facts.state, f"Finished: {done}.")
    best = facts.best
    if best is None:
        return f"{state} There is no network yet, and so there are no figures."
    metrics = best.measurement.metrics
    validation, test = (percent(metrics[name]) for name in ACCURACIES)
    return (
        f"{state} The best network is candidate {best.proposal.id}: "
        f"validation accuracy {validation} %, test accuracy {test} %, "
        f"{metrics['params']:,.0f} parameters, {metrics['flops']:,.0f} FLOPs "
        "(1 multiply-accumulate is 1 FLOP)."
    )


def commands(facts: Facts, program: str) -> list[tuple[str, str]]:
    """What to type next, and what it does.

    Args:
        facts: Of the search to go on with.
        program: How LLMatic is called.
    """
    run = facts.run_id[:8]
    further = 2 * max(facts.committed, facts.config.search.generations)
    resume = (
        (f"{program} resume {run}", "go on with the search")
        if facts.state in ("running", "interrupted")
        else (f"{program} resume {run} search.generations={further}", "search on")
    )
    best = facts.best
    source = (
        [(f"{program} show {run} --source {best.proposal.id}", "the best network's source")]
        if best is not None
        else []
    )
    return [
        *source,
        (f"{program} show {run}", "both archives in the terminal (--json for programs)"),
        (f"{program} report {run}", "this page again"),
        (f"{program} ui", "every candidate in the MLflow UI"),
        resume,
    ]


def _title(groups: Sequence[Group]) -> str:
    first = groups[0].searches[0]
    count = sum(len(group.searches) for group in groups)
    kinds = f" of {len(groups)} kinds" if len(groups) > 1 else ""
    return f"{count} searches{kinds} on {first.config.dataset.name}"


def _settings(facts: Facts) -> Iterator[tuple[str, str]]:
    config = facts.config
    search, dataset, evaluator = config.search, config.dataset, config.evaluator
    shape = "x".join(map(str, dataset.input_shape))
    yield "run", facts.run_id
    yield "begun", f"{facts.begun:%Y-%m-%d %H:%M} UTC"
    yield "data set", f"{dataset.name}: {dataset.classes} classes, input {shape}"
    yield "writer", f"{config.llm.name} ({config.llm.about})"
    if isinstance(evaluator, TrainedConfig):
        trainer = config.trainer
        yield (
            "evaluation",
            f"training: {trainer.epochs} epochs, batches of {dataset.batch_size}, SGD, "
            f"learning rate {trainer.learning_rate:g} ({trainer.schedule}), "
            f"momentum {trainer.momentum:g}, weight decay {trainer.weight_decay:g}",
        )
    else:
        yield "evaluation", "looked up in the table of NAS-Bench-201"
    yield "fitness", facts.accuracy
    yield "seed", str(config.seed)
    yield "size", f"{search.generations} generations of {search.written} candidates"
    yield (
        "method",
        f"parents: {search.parents_from}, prompts: {search.prompts_from}, mutation with "
        f"probability {search.mutation_probability:g}, {search.niches} niches"
        f"{', repairs' * search.repair}"
        + (f", {search.batch_size} chosen of {search.pool} written" if search.pool else "")
        + (f", anew after {search.patience} without a better one" if search.patience else ""),
    )
    limits = [
        f"{value:g} {name}"
        for name in BudgetConfig.__dataclass_fields__
        if (value := getattr(search.budget, name)) is not None
    ]
    yield "budget", ", ".join(limits) or "none"
    apart = ("commit", "machine")
    versions = [f"{name} {value}" for name, value in facts.made_with.items() if name not in apart]
    yield "made with", ", ".join(versions) or "not recorded"
    yield "on", facts.made_with.get("machine", "not recorded")
    yield "commit", facts.made_with.get("commit", "not recorded")


def _searches(groups: Sequence[Group]) -> Table:
    rows = []
    for group in groups:
        for facts in group.searches:
            best = facts.best
            metrics = {} if best is None else best.measurement.metrics
            rows.append(
                (
                    facts.run_id[:8],
                    facts.name,
                    group.name,
                    str(facts.config.seed),
                    facts.state,
                    str(facts.committed),
                    f"{len(best_by_evaluations(facts)):,}",
                    percent(metrics.get("val_accuracy", np.nan)),
                    percent(metrics.get("test_accuracy", np.nan)),
                )
            )
    return Table(
        (
            "run",
            "name",
            "kind",
            "seed",
            "state",
            "generations",
            "evaluations",
            "validation (%)",
            "test (%)",
        ),
        tuple(rows),
        (0, 1, 2, 4),
    )


def _map(facts: Facts) -> Table:
    elites = sorted(
        facts.networks.elites(), key=lambda each: each.candidate.measurement.descriptors["flops"]
    )
    return Table(
        (
            "niche",
            "candidate",
            "validation (%)",
            "test (%)",
            "FLOPs",
            "parameters",
            "width",
            "depth",
            "made by",
        ),
        tuple(
            (
                str(elite.niche),
                str(elite.candidate.proposal.id),
                *(percent(elite.candidate.measurement.metrics[name]) for name in ACCURACIES),
                *(
                    f"{elite.candidate.measurement.metrics.get(name, np.nan):,.0f}"
                    for name in SIZES
                ),
                view.made_by(elite.candidate, facts.mutations),
            )
            for elite in elites
        ),
        (1, 8),
    )
