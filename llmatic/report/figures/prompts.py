"""Which prompts and temperatures earned their keep."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llmatic.report.earnings import Earnings
from llmatic.report.figures import style

__all__ = ["earnings"]

PARTS = (
    ("used", "written", "#D9D9D9"),
    ("trainable", "trainable", style.SKY),
    ("entered", "entered the network archive", style.BLUE),
    ("improved", "better than all before", style.ORANGE),
)
"""Each is a part of the one before: (field, name, colour)."""


def earnings(by_prompt: Sequence[Earnings], by_temperature: Sequence[Earnings]) -> Figure:
    """What became of the candidates of each prompt and of each step of temperature."""
    used = [each for each in by_temperature if each.used]
    parts = [rows for rows in (by_prompt, used) if rows]
    figure = style.new_figure(height=1 + 0.35 * len(parts) + 0.24 * sum(map(len, parts)))
    columns = figure.subplots(len(parts), 1, height_ratios=[*map(len, parts)], squeeze=False)
    for ax, rows in zip(columns[:, 0], parts, strict=True):
        _bars(ax, rows)
    if used:
        columns[1, 0].set_title("sampling temperature of mutations", loc="left", fontsize="medium")
    style.legend(columns[0, 0])
    return figure


def _bars(ax: Axes, rows: Sequence[Earnings]) -> None:
    style.plain(ax, "candidates", "")
    ax.grid(visible=False, axis="y")
    places = range(len(rows))
    for field, label, colour in PARTS:
        ax.barh(
            places,
            [getattr(each, field) for each in rows],
            height=0.78 if field == "used" else 0.6 if field != "improved" else 0.3,
            color=colour,
            label=label,
        )
    ax.set_yticks(places, [each.name for each in rows], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
