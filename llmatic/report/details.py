"""The sections of a report that are of one search.

Knows facts and figures; not how a page is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from llmatic import view
from llmatic.archive import PromptArchive
from llmatic.records import Candidate
from llmatic.report.earnings import Earnings, by_prompt, by_temperature
from llmatic.report.facts import Facts, fitness, flops, generations, pareto_front
from llmatic.report.markup import Table
from llmatic.report.section import Section, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["details"]


def details(facts: Facts) -> Iterator[Section]:
    """The sections of one search that has networks."""
    from llmatic.report.figures import ancestry, archives, generations, prompts, sizes

    accuracy = facts.accuracy
    known = [value for each in facts.candidates if (value := fitness(each)) is not None]
    yield Section(
        "queried",
        "Every network, generation by generation",
        "Each dot is a network that has an accuracy, those that were known already included; "
        "the line joins the best of each generation (Fig. 5 of the paper).",
        generations.queried_networks(facts),
        f"Scatter plot of {len(known)} networks: {accuracy} from {percent(min(known))} to "
        f"{percent(max(known))} per cent over {facts.committed} generations.",
    )
    elites = facts.networks.elites()
    yield Section(
        "networks",
        "The network archive",
        f"The best network of every niche (Fig. 3 of the paper): {len(elites)} of "
        f"{len(facts.networks.niches)} niches are filled, those in grey are empty. A dot is where "
        "a network really lies, the star is the best. The map as a table is above.",
        archives.networks(facts),
        f"Voronoi map over width-to-depth ratio and FLOPs; {len(elites)} niches filled, coloured "
        f"by {accuracy} from {percent(min(each.fitness for each in elites))} to "
        f"{percent(max(each.fitness for each in elites))} per cent.",
    )
    yield _sizes(facts, sizes.accuracy_and_flops(facts))
    yield _prompts(facts, archives.prompts(facts) if len(facts.prompts) else None)
    prompted, heated = by_prompt(facts), by_temperature(facts)
    if any(each.used for each in prompted):
        yield _earnings(prompted, heated, prompts.earnings(prompted, heated))
    yield _cost(facts, generations.seconds(facts))
    if facts.family is not None and len(facts.family.line) > 1:
        yield Section(
            "family",
            "Where the best network came from",
            f"All {len(facts.family.ancestors) - 1} ancestors of the best network; the thick line "
            "follows the first parent of each. Below it, that line step by step.",
            ancestry.family_tree(facts, facts.family),
            f"Family tree of candidate {facts.family.line[-1].candidate.proposal.id}: "
            + " to ".join(str(step.candidate.proposal.id) for step in facts.family.line)
            + ".",
        )


def _sizes(facts: Facts, figure: Figure) -> Section:
    front = pareto_front(facts.candidates)
    return Section(
        "sizes",
        "Accuracy against size",
        f"{len(front)} networks are on the Pareto front: none is as accurate with fewer "
        "multiply-accumulates. They need not be in the map, which keeps one for each niche.",
        figure,
        f"Scatter plot of {facts.accuracy} over FLOPs; the front goes from "
        f"{_network(front[0])} to {_network(front[-1])}.",
        Table(
            (
                "candidate",
                f"{facts.accuracy} (%)",
                "test accuracy (%)",
                "FLOPs",
                "parameters",
                "made by",
            ),
            tuple(
                (
                    str(each.proposal.id),
                    percent(_value(each)),
                    percent(each.measurement.metrics.get("test_accuracy", math.nan)),
                    f"{flops(each):,.0f}",
                    f"{each.measurement.metrics.get('params', math.nan):,.0f}",
                    view.made_by(each, facts.mutations),
                )
                for each in front
            ),
            (0, 5),
        ),
    )


def _prompts(facts: Facts, figure: Figure | None) -> Section:
    kept = isinstance(facts.prompts, PromptArchive)
    what = "archive" if kept else "population"
    if figure is None:
        return Section(
            "prompts", f"The prompt {what}", f"The prompt {what} is empty: no prompt has been used."
        )
    members = facts.prompts.items()
    curious = max(members, key=lambda each: each[1].curiosity)[1]
    words = (
        f"Prompts at a temperature, {len(members)} of {len(facts.prompts.niches)} niches filled "
        "(Fig. 3 of the paper). "
        if isinstance(facts.prompts, PromptArchive)
        else f"In place of the archive, a population of {len(members)} prompts at a temperature. "
    )
    return Section(
        "prompts",
        f"The prompt {what}",
        f"{words}Curiosity rises when a network that was made with a prompt enters the network "
        "archive, and falls when it does not or cannot be trained.",
        figure,
        f"Map of {len(members)} prompts at a temperature, coloured by curiosity; the most curious "
        f"is {facts.mutations[curious.prompt_id].key} at {curious.temperature:.2f}.",
        Table(
            ("prompt", "temperature", "curiosity", "fitness (collective)"),
            tuple(
                (
                    facts.mutations[each.prompt_id].key.replace("_", " "),
                    f"{each.temperature:.2f}",
                    f"{each.curiosity:+.1f}",
                    str(facts.prompts.collective_fitness[each.prompt_id]),
                )
                for _, each in sorted(members, key=lambda item: (-item[1].curiosity, item[0]))
            ),
        ),
    )


def _earnings(prompted: Sequence[Earnings], heated: Sequence[Earnings], figure: Figure) -> Section:
    best = max(prompted, key=lambda each: (each.improved, each.entered))
    rows = [each for each in (*prompted, *heated) if each.used]
    return Section(
        "earnings",
        "Which prompts and temperatures earned their keep",
        "Of the candidates of each prompt: how many could be trained, entered the network archive, "
        "and were better than every network before them. In brackets, what is made without a "
        "prompt of the archive; temperatures are of mutations alone.",
        figure,
        f"Bars for each prompt and temperature; most often better than all before was {best.name}, "
        f"{best.improved} times in {best.used}.",
        Table(
            (
                "prompt or temperature",
                "written",
                "trainable",
                "entered the archive",
                "better than all",
            ),
            tuple(
                (
                    each.name,
                    str(each.used),
                    str(each.trainable),
                    str(each.entered),
                    str(each.improved),
                )
                for each in rows
            ),
        ),
    )


def _cost(facts: Facts, figure: Figure | None) -> Section:
    rows = generations(facts)
    spent = facts.spent
    training = sum(row.training_s for row in rows)
    model = (
        f" The language model read {spent.get('tokens_in', 0):,.0f} tokens and wrote "
        f"{spent['tokens_out']:,.0f}, for {spent.get('cost_usd', 0):.2f} USD."
        if spent.get("tokens_out")
        else ""
    )
    trained = "" if training else " Nothing was trained."
    return Section(
        "cost",
        "Time and cost",
        f"{spent.get('hours', 0) * 60:,.1f} minutes of wall time for "
        f"{spent.get('evaluations', 0):,.0f} evaluations.{trained}{model}",
        figure,
        f"Bars of seconds per generation: {training:,.0f} s of training and "
        f"{sum(row.writing_s for row in rows):,.0f} s of writing in all.",
        Table(
            ("generation", "training (s)", "writing (s)", "tokens in", "tokens out", "USD"),
            tuple(
                (
                    str(row.number),
                    f"{row.training_s:,.1f}",
                    f"{row.writing_s:,.1f}",
                    f"{row.tokens_in:,}",
                    f"{row.tokens_out:,}",
                    f"{row.cost_usd:.4f}",
                )
                for row in rows
            ),
        ),
    )


def _network(candidate: Candidate) -> str:
    return f"{percent(_value(candidate))} per cent at {flops(candidate):,.0f}"


def _value(candidate: Candidate) -> float:
    value = fitness(candidate)
    assert value is not None
    return value
