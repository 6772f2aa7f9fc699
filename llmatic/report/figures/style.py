"""What all figures have in common: size, colours, axes, and how they become PNG.

Colours are those of Okabe and Ito (2008), told apart by the colour-blind; lines differ in
dashes or markers as well. Heat maps use viridis and cividis.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator

__all__ = [
    "BLACK",
    "BLUE",
    "COLOURS",
    "DASHES",
    "EMPTY",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "PER_CENT",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "accuracy_axis",
    "axes",
    "cut_below",
    "flops_axis",
    "generation_axis",
    "legend",
    "log_counts_axis",
    "lowest_usual",
    "new_figure",
    "plain",
    "png",
]

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#8C8C8C"
EMPTY = "#F1F1F1"
COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, BLACK)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

LOG_RATIO = 30
"""Values that differ by more are shown on a logarithmic axis."""
PER_CENT = FuncFormatter(lambda share, _: f"{round(100 * share, 3):g}")
_WIDTH_IN = 7.6
_HEIGHT_IN = 4.2
_DPI = 150
_LINE = 105
"""Small letters that fit side by side."""
_GRID = "#DDDDDD"


def new_figure(width: float = _WIDTH_IN, height: float = _HEIGHT_IN) -> Figure:
    """An empty figure, in inches."""
    return Figure(figsize=(width, height), dpi=_DPI, layout="constrained")


def axes(
    x: str, y: str, width: float = _WIDTH_IN, height: float = _HEIGHT_IN
) -> tuple[Figure, Axes]:
    """A figure with one pair of axes and their labels, units included."""
    figure = new_figure(width, height)
    ax = figure.add_subplot()
    plain(ax, x, y)
    return figure, ax


def plain(ax: Axes, x: str, y: str) -> None:
    """Axes with labels, a faint grid and no frame."""
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=_GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def accuracy_axis(ax: Axes) -> None:
    """Fractions on the y axis are shown in per cent, to go with a label in per cent."""
    ax.yaxis.set_major_formatter(PER_CENT)


def generation_axis(ax: Axes, last: int) -> None:
    """Whole numbers on the x axis, from the seed network's generation 0."""
    ax.set_xlim(-0.5, max(last, 1) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def flops_axis(ax: Axes, values: Iterable[float]) -> None:
    """FLOPs on the x axis, as 10 k or 10 M; logarithmic where they differ much."""
    positive = [value for value in values if value > 0]
    if positive and max(positive) > LOG_RATIO * min(positive):
        ax.set_xscale("log")
    ax.xaxis.set_major_formatter(EngFormatter())


def log_counts_axis(ax: Axes, last: int) -> None:
    """Counts from 1 on a logarithmic x axis: 1, 2, 5, 10, ..."""
    ax.set_xscale("log")
    ax.set_xlim(1, last)
    ticks = [m * 10**e for e in range(len(str(last))) for m in (1, 2, 5) if m * 10**e <= last]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:,.0f}")


def lowest_usual(values: Sequence[float]) -> float:
    """The least of the values that does not lie far below the rest.

    Far: more than 1.5 interquartile ranges below the lower quartile (Tukey 1977).
    """
    lower, upper = np.quantile(values, (0.25, 0.75))
    return min(value for value in values if value >= lower - 1.5 * (upper - lower))


def cut_below(ax: Axes, x: Sequence[float], y: Sequence[float], keep: Sequence[float]) -> None:
    """Begin the y axis where most points do; what is below is marked at its edge.

    Args:
        ax: With the points drawn.
        x: Of all points.
        y: Of all points.
        keep: Values that must stay in sight.
    """
    floor = min(lowest_usual(y), *keep)
    margin = 0.05 * ((max(y) - floor) or 0.01)
    ax.set_ylim(floor - margin, max(y) + margin)
    below = [place for place, value in zip(x, y, strict=True) if value < floor - margin]
    if below:
        ax.plot(
            below,
            [floor - margin] * len(below),
            "v",
            color=GREY,
            markersize=5,
            clip_on=False,
            label=f"{len(below)} below the axis",
        )


def legend(ax: Axes) -> None:
    """A legend above the axes, where it hides nothing."""
    handles, _ = ax.get_legend_handles_labels()
    if handles:
        longest = max(len(str(handle.get_label())) for handle in handles)
        shown = ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=max(1, min(len(handles), 5, _LINE // (longest + 8))),
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
        )
        for handle in shown.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([30])
                handle.set_alpha(1)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
