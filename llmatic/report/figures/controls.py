"""A search of a table beside the classic searchers, evaluation for evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llmatic.report.figures import style

__all__ = ["any_time_curves"]

Curves = Sequence[Sequence[float]]
START = 10
"""Evaluations after which the axis of accuracy begins: before, nothing is to be compared."""


def any_time_curves(
    searches: Mapping[str, Curves], controls: Mapping[str, Curves], accuracy: str
) -> Figure:
    """Best accuracy after each distinct evaluation: medians, and the middle half of the seeds.

    Args:
        searches: By name; one curve for each seed.
        controls: The same of the searchers to compare with.
        accuracy: What the curves are of.
    """
    figure, ax = style.axes("networks evaluated, known ones left out", f"best {accuracy} (%)")
    colours = iter((style.GREY, style.ORANGE, style.GREEN, style.PURPLE))
    for place, (name, curves) in enumerate(controls.items(), start=1):
        _curve(ax, f"{name.replace('_', ' ')} (n={len(curves)})", curves, next(colours), place, 1.6)
    strong = iter((style.BLUE, style.VERMILLION, style.BLACK, style.SKY))
    for name, curves in searches.items():
        label = f"{name} (n={len(curves)})" if len(curves) > 1 else name
        _curve(ax, label, curves, next(strong, style.BLUE), 0, 2.4)
    longest = max(len(each) for curves in searches.values() for each in curves)
    if longest > START:
        early = min(
            float(np.nanmin(_quantiles(curves)[0][START - 1 : START]))
            for curves in (*searches.values(), *controls.values())
            if min(map(len, curves)) >= START
        )
        style.log_counts_axis(ax, longest)
        ax.set_ylim(bottom=early)
    style.accuracy_axis(ax)
    style.legend(ax)
    return figure


def _curve(ax: Axes, name: str, curves: Curves, colour: str, place: int, width: float) -> None:
    low, median, high = _quantiles(curves)
    x = np.arange(1, len(median) + 1)
    ax.plot(
        x,
        median,
        color=colour,
        linestyle=style.DASHES[place],
        linewidth=width,
        drawstyle="steps-post",
        label=name,
    )
    if len(curves) > 1:
        ax.fill_between(x, low, high, step="post", color=colour, alpha=0.15, linewidth=0)


def _quantiles(curves: Curves) -> list[np.ndarray]:
    """Lower quartile, median and upper quartile, as far as all curves go."""
    length = min(map(len, curves))
    table = np.array([each[:length] for each in curves])
    return [np.quantile(table, share, axis=0) for share in (0.25, 0.5, 0.75)]
