"""The figures of the reproduction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes

from llmatic.benchmark import figures
from reproduction.measure import PAPERS, Outcomes

__all__ = ["ABLATIONS", "PROBABILITIES", "draw_ablations", "draw_probabilities"]

PROBABILITIES = {"llmatic": "0.7 / 0.3", "mutation_50": "0.5 / 0.5", "mutation_30": "0.3 / 0.7"}
"""Of mutation and crossover, by method (Fig. 4)."""
ABLATIONS = ("llmatic", *(each for each in PAPERS if each not in PROBABILITIES))


def draw_ablations(outcomes: Outcomes, file: Path) -> None:
    """Fig. 2: the best accuracy so far per generation."""

    def panel(axes: Axes, dataset: str) -> None:
        lowest = []
        for method, style in figures.lines(ABLATIONS).items():
            runs = outcomes[method, dataset, "test"].values()
            best = np.array([each.best[1:] for each in runs]) * 100
            mean, std = best.mean(axis=0), best.std(axis=0, ddof=1)
            generation = np.arange(1, len(mean) + 1)
            band = (np.minimum(mean - std, 100), np.minimum(mean + std, best.max()))
            axes.fill_between(generation, *band, color=style["color"], alpha=0.1, linewidth=0)
            axes.plot(generation, mean, linewidth=1.7, label=method.replace("_", " "), **style)
            lowest.append(mean[0] - std[0])
        axes.set_ylim(bottom=float(np.median(lowest)))

    _draw(panel, "best test accuracy so far (%)", "mean and standard deviation over seeds", file)


def draw_probabilities(outcomes: Outcomes, file: Path) -> None:
    """Fig. 4: trainable networks per generation, and the new ones among them."""

    def panel(axes: Axes, dataset: str) -> None:
        for method, style in figures.lines(tuple(PROBABILITIES)).items():
            runs = outcomes[method, dataset, "test"].values()
            trainable = np.array([each.trainable for each in runs]).mean(axis=0)
            new = np.array([each.new for each in runs]).mean(axis=0)
            generation = np.arange(1, len(new) + 1)
            name = PROBABILITIES[method]
            axes.plot(generation, new, linewidth=1.7, label=f"new, {name}", **style)
            axes.plot(generation, trainable, color=style["color"], linewidth=1, linestyle=":")
        axes.plot([], [], color="#666666", linewidth=1, linestyle=":", label="trainable, each")
        axes.set_ylim(0, 105)

    title = "probability of mutation / crossover, means over seeds"
    _draw(panel, "networks of a generation of 100", title, file)


def _draw(panel: Callable[[Axes, str], None], label: str, title: str, file: Path) -> None:
    """One panel for each data set."""
    with rc_context(figures.STYLE):
        figure, panels = figures.canvas(len(figures.DATASETS))
        for axes, (dataset, name) in zip(panels, figures.DATASETS.items(), strict=True):
            panel(axes, dataset)
            axes.set_title(name, loc="left")
            axes.set_xlabel("generation")
            axes.set_xlim(1, 20)
            axes.set_xticks([1, 5, 10, 15, 20])
        panels[0].set_ylabel(label)
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, names, loc="outside lower center", ncols=6, title=title, title_fontsize=9
        )
        figures.save(figure, file)
