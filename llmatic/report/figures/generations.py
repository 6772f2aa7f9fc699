"""What happened generation by generation (Nasir et al. 2024, Fig. 2, 4 and 5), and its cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llmatic.records import Operator
from llmatic.report.comparison import Group
from llmatic.report.facts import Facts, Generation, fitness, generations
from llmatic.report.figures import style

__all__ = ["best_accuracy", "queried_networks", "seconds", "trainable_networks"]

OPERATORS = {
    Operator.SEED: style.BLACK,
    Operator.MUTATION: style.BLUE,
    Operator.CROSSOVER: style.ORANGE,
    Operator.CREATE: style.GREEN,
    Operator.REPAIR: style.PURPLE,
}
"""Every operator's colour."""


def best_accuracy(groups: Sequence[Group]) -> Figure:
    """Best accuracy per generation (Fig. 2): a line, or over several seeds mean and spread."""
    accuracy = groups[0].searches[0].accuracy
    figure, ax = style.axes("generation", f"best {accuracy} (%)")
    if len(groups) == 1:
        _band(ax, groups[0], "best so far", 0, lambda each: each.best_so_far)
        _band(ax, groups[0], "best of the generation", 1, lambda each: each.best, band=False)
    else:
        for place, group in enumerate(groups):
            _band(ax, group, group.name, place, lambda each: each.best_so_far)
    style.accuracy_axis(ax)
    style.generation_axis(ax, _last(groups))
    style.legend(ax)
    return figure


def trainable_networks(groups: Sequence[Group]) -> Figure:
    """Trainable networks per generation (Fig. 4), the seed network left out."""
    figure, ax = style.axes("generation", "trainable networks")
    if len(groups) == 1 and len(groups[0].searches) == 1:
        _bars(ax, generations(groups[0].searches[0])[1:])
    else:
        for place, group in enumerate(groups):
            _band(ax, group, group.name, place, _trainable, first=1)
    ax.set_ylim(bottom=0)
    style.generation_axis(ax, _last(groups))
    ax.set_xlim(left=0.4)
    style.legend(ax)
    return figure


def queried_networks(facts: Facts) -> Figure:
    """Every network that has an accuracy, and the best of each generation (Fig. 5)."""
    figure, ax = style.axes("generation", f"{facts.accuracy} (%)")
    rows = generations(facts)
    for operator, colour in OPERATORS.items():
        made = [
            (candidate.proposal.id, value)
            for candidate in facts.candidates
            if candidate.proposal.operator is operator and (value := fitness(candidate)) is not None
        ]
        if made:
            places = [_place(id.generation, id.index, rows) for id, _ in made]
            ax.scatter(
                places,
                [value for _, value in made],
                s=12 if len(facts.candidates) < 500 else 5,
                color=colour,
                alpha=0.55,
                linewidths=0,
                label=operator.value,
            )
    best = [(row.number, row.best) for row in rows if row.best is not None]
    ax.plot(
        [number for number, _ in best],
        [value for _, value in best],
        color=style.VERMILLION,
        marker="D",
        markersize=4.5,
        linewidth=1.6,
        label="best of the generation",
    )
    values = {
        each.proposal.id: value for each in facts.candidates if (value := fitness(each)) is not None
    }
    places = [_place(id.generation, id.index, rows) for id in values]
    style.cut_below(ax, places, list(values.values()), [value for _, value in best])
    style.accuracy_axis(ax)
    style.generation_axis(ax, facts.committed)
    style.legend(ax)
    return figure


def seconds(facts: Facts) -> Figure | None:
    """Seconds spent on writing and training; None where neither is known to have cost any."""
    rows = generations(facts)
    parts = {
        "training": ([row.training_s for row in rows], style.BLUE, ""),
        "writing": ([row.writing_s for row in rows], style.ORANGE, "///"),
    }
    if not rows or sum(sum(values) for values, _, _ in parts.values()) < 1:
        return None
    figure, ax = style.axes("generation", "seconds, summed over networks", height=3.4)
    below = np.zeros(len(rows))
    for name, (values, colour, hatch) in parts.items():
        ax.bar(
            [row.number for row in rows],
            values,
            bottom=below,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
            label=name,
        )
        below += values
    style.generation_axis(ax, facts.committed)
    style.legend(ax)
    return figure


def _band(
    ax: Axes,
    group: Group,
    name: str,
    place: int,
    value: Callable[[Generation], float | None],
    *,
    band: bool = True,
    first: int = 0,
) -> None:
    """A line of means over a group's searches, and one standard deviation around it."""
    count = len(group.searches)
    table = _table(group, value)[first:]
    with np.errstate(invalid="ignore"):
        filled = ~np.all(np.isnan(table), axis=1)
    table = table[filled]
    if not len(table):
        return
    x = np.arange(first, first + len(filled))[filled]
    mean = np.nanmean(table, axis=1)
    colour = style.COLOURS[place % len(style.COLOURS)]
    ax.plot(
        x,
        mean,
        color=colour,
        linestyle=style.DASHES[place % len(style.DASHES)],
        marker=style.MARKERS[place % len(style.MARKERS)],
        markersize=5.5 if band else 3.5,
        linewidth=2.4 if band else 1.4,
        label=f"{name} (mean of {count})" if count > 1 else name,
    )
    if band and count > 1:
        spread = np.array(
            [
                np.std(row[~np.isnan(row)], ddof=1 if np.sum(~np.isnan(row)) > 1 else 0)
                for row in table
            ]
        )
        ax.fill_between(x, mean - spread, mean + spread, color=colour, alpha=0.18, linewidth=0)


def _table(group: Group, value: Callable[[Generation], float | None]) -> npt.NDArray[np.float64]:
    """(generations, searches), as far as all have come; NaN where a search has no value."""
    columns = [[value(row) for row in generations(facts)] for facts in group.searches]
    table = np.full((min(map(len, columns)), len(columns)), np.nan)
    for place, column in enumerate(columns):
        table[:, place] = [np.nan if each is None else each for each in column[: len(table)]]
    return table


def _bars(ax: Axes, rows: Sequence[Generation]) -> None:
    numbers = [row.number for row in rows]
    written = [sum(row.written.values()) for row in rows]
    ax.bar(
        numbers,
        written,
        color="none",
        edgecolor=style.GREY,
        linewidth=1,
        label="all that were written",
    )
    below = np.zeros(len(rows))
    for operator, colour in OPERATORS.items():
        counts = np.array([row.trainable.get(operator, 0) for row in rows])
        if counts.any():
            ax.bar(numbers, counts, bottom=below, color=colour, label=operator.value)
            below += counts


def _trainable(row: Generation) -> float:
    return sum(row.trainable.values())


def _place(generation: int, index: int, rows: Sequence[Generation]) -> float:
    """Side by side within a generation, in id order."""
    count = max(sum(rows[generation].written.values()), 1)
    return generation + 0.7 * (min(index / count, 1) - 0.5) if count > 1 else generation


def _last(groups: Sequence[Group]) -> int:
    return max(facts.committed for group in groups for facts in group.searches)
