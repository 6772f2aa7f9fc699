"""The family tree of the best network."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from llmatic.report.facts import Facts, fitness
from llmatic.report.family import Family
from llmatic.report.figures import style
from llmatic.report.figures.generations import OPERATORS

__all__ = ["family_tree"]

LABELLED = 24
"""Ancestors of which each still has room for its name."""


def family_tree(facts: Facts, family: Family) -> Figure:
    """All ancestors by generation and accuracy; the line of first parents is drawn thick.

    What is far below the rest is drawn at the bottom, and so is what had to be repaired and
    has no accuracy; their labels say so.
    """
    figure, ax = style.axes("generation", f"{facts.accuracy} (%)", height=4.8)
    known = [value for each in family.ancestors if (value := fitness(each)) is not None]
    usual = style.lowest_usual(known)
    bottom = usual - 0.1 * ((max(known) - usual) or 0.01)
    place, label = {}, {}
    for each in family.ancestors:
        id, value = each.proposal.id, fitness(each)
        place[id] = (id.generation, bottom if value is None else max(value, bottom))
        label[id] = f"{id} (failed)" if value is None else str(id)
        if value is not None and value < bottom:
            label[id] = f"{id} ({100 * value:.1f} %)"
    line = {step.candidate.proposal.id for step in family.line}
    for child in family.ancestors:
        for parent in child.proposal.parents:
            ours = child.proposal.id in line and parent == child.proposal.parents[0]
            ax.plot(
                *zip(place[parent], place[child.proposal.id], strict=True),
                color=style.BLACK if ours else style.GREY,
                linewidth=2 if ours else 0.9,
                zorder=2 if ours else 1,
            )
    for operator, colour in OPERATORS.items():
        made = [each.proposal.id for each in family.ancestors if each.proposal.operator is operator]
        if made:
            x, y = zip(*(place[id] for id in made), strict=True)
            ax.scatter(x, y, s=42, color=colour, label=operator.value, zorder=3)
    for each in family.ancestors:
        if each.proposal.id in line or len(family.ancestors) <= LABELLED:
            ax.annotate(
                label[each.proposal.id],
                place[each.proposal.id],
                xytext=(0, 7 if each.proposal.id in line else -14),
                textcoords="offset points",
                ha="center",
                fontsize="small",
                fontweight="bold" if each.proposal.id in line else "normal",
                color=style.BLACK if each.proposal.id in line else "#555555",
                zorder=5,
                path_effects=[withStroke(linewidth=3, foreground="white")],
            )
    ax.margins(y=0.12)
    style.accuracy_axis(ax)
    style.generation_axis(ax, max(each.proposal.id.generation for each in family.ancestors))
    style.legend(ax)
    return figure
