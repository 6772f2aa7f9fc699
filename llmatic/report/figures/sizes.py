"""Accuracy against size: every network, and those that nothing beats."""

from __future__ import annotations

from matplotlib.figure import Figure

from llmatic.records import SEED_ID
from llmatic.report.facts import Facts, fitness, flops, pareto_front
from llmatic.report.figures import style

__all__ = ["accuracy_and_flops"]


def accuracy_and_flops(facts: Facts) -> Figure:
    """Accuracy against FLOPs of every network, with the Pareto front."""
    figure, ax = style.axes("FLOPs (multiply-accumulates)", f"{facts.accuracy} (%)")
    known = {
        candidate.proposal.id: (flops(candidate), value)
        for candidate in facts.candidates
        if (value := fitness(candidate)) is not None
    }
    front = [known[each.proposal.id] for each in pareto_front(facts.candidates)]
    places, values = zip(*known.values(), strict=True)
    ax.scatter(
        places,
        values,
        s=14 if len(known) < 500 else 7,
        color=style.GREY,
        alpha=0.5,
        linewidths=0,
        label="networks",
    )
    ax.step(
        *zip(*front, (max(places), front[-1][1]), strict=True),
        where="post",
        color=style.BLUE,
        linewidth=1.6,
        zorder=3,
    )
    ax.plot(
        *zip(*front, strict=True),
        "o",
        color=style.BLUE,
        markersize=6,
        label="Pareto front",
        zorder=4,
    )
    ax.plot(
        *known[SEED_ID],
        "s",
        color="none",
        markeredgecolor=style.VERMILLION,
        markeredgewidth=1.6,
        markersize=9,
        label="seed network",
        zorder=5,
    )
    style.cut_below(ax, places, values, [known[SEED_ID][1]])
    style.accuracy_axis(ax)
    style.flops_axis(ax, places)
    style.legend(ax)
    return figure
