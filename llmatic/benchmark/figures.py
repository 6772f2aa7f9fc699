"""Figures of a study: what was found after so many evaluations, and its rank.

Draws what `llmatic.benchmark.statistics` computes from; knows no tracking store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from llmatic.benchmark.statistics import Results, rank
from llmatic.nasbench201.controls import Curve
from llmatic.nasbench201.table import optimum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DATASETS", "STYLE", "canvas", "draw", "lines", "save"]

OKABE_ITO = (
    *("#000000", "#D55E00", "#0072B2", "#009E73"),
    *("#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C"),
)
"""Colours that people with any colour vision tell apart (Okabe and Ito 2008); grey for yellow."""
SEARCHERS = ("llmatic", "frontier", "local_search", "regularised_evolution", "map_elites", "random")
"""Methods that keep their colour in every figure."""
DASHES = ("-", "--", "-.", ":")
DATASETS = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet16_120": "ImageNet16-120"}
FIRST = 5
"""Evaluations before which every method is as good as its first draw."""
STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E5E5E5",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "savefig.facecolor": "white",
}

Values = npt.NDArray[np.float64]


def draw(results: Results, fitness: str, folder: Path) -> list[Path]:
    """Write all figures of a study as PNG.

    Args:
        results: Its curves.
        fitness: What was searched.
        folder: Where; exists.

    Returns:
        The files: for the searchers, and for the ablations if there are any.
    """
    methods = list(dict.fromkeys(method for method, _ in results))
    searchers = [each for each in methods if each in SEARCHERS]
    ablations = [each for each in methods if each not in searchers]
    groups = {"searchers": searchers}
    if ablations:
        groups["ablations"] = [*(each for each in methods if each == "llmatic"), *ablations]
    from matplotlib import rc_context

    files = []
    with rc_context(STYLE):
        for name, group in groups.items():
            if group:
                shown = {key: curves for key, curves in results.items() if key[0] in group}
                files.append(save(_curves(shown, fitness), folder / f"{name}_accuracy.png"))
                files.append(save(_ranks(shown, fitness), folder / f"{name}_rank.png"))
    return files


def canvas(panels: int, width: float = 4.6, height: float = 4.4) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels side by side; sizes in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(width * panels, 6.4), height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)
    return figure, list(axes[0])


def lines(methods: Sequence[str]) -> dict[str, Any]:
    """Colour and dashes of each method; no two of 32 are alike."""
    known = [each for each in SEARCHERS if each in methods]
    places = {each: SEARCHERS.index(each) for each in known}
    free = [i for i in range(len(OKABE_ITO) * len(DASHES)) if i not in places.values()]
    places |= dict(zip((each for each in methods if each not in known), free, strict=False))
    return {
        method: {
            "color": OKABE_ITO[place % len(OKABE_ITO)],
            "linestyle": DASHES[place // len(OKABE_ITO) % len(DASHES)],
        }
        for method, place in places.items()
    }


def save(figure: Figure, file: Path) -> Path:
    """Write a figure as PNG."""
    figure.savefig(file, dpi=100, pil_kwargs={"optimize": True})
    return file


def _curves(results: Results, fitness: str) -> Figure:
    def values(curve: Curve, dataset: str) -> Values:
        return np.array(curve.best) * 100

    def finish(axes: Axes, dataset: str, medians: Sequence[Values]) -> None:
        best = optimum(dataset, fitness) * 100
        low = float(np.median([median[min(FIRST, len(median)) - 1] for median in medians]))
        axes.axhline(best, color="#666666", linewidth=1, linestyle=(0, (2, 2)))
        axes.annotate(
            f"optimum {best:.2f}",
            (0.01, best),
            xycoords=("axes fraction", "data"),
            xytext=(2, 3),
            textcoords="offset points",
            fontsize=8.5,
            color="#444444",
        )
        axes.set_ylim(low, best + 0.08 * max(best - low, 0.1))

    label = f"best {fitness} accuracy found (%)"
    return _panels(results, label, values, finish)


def _ranks(results: Results, fitness: str) -> Figure:
    def values(curve: Curve, dataset: str) -> Values:
        place = {best: rank(best, dataset, fitness) for best in set(curve.best)}
        return np.array([place[best] for best in curve.best], dtype=float)

    def finish(axes: Axes, dataset: str, medians: Sequence[Values]) -> None:
        high = float(np.median([median[min(FIRST, len(median)) - 1] for median in medians]))
        axes.set_yscale("log")
        axes.set_ylim(max(high, 2), 0.8)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")

    label = f"rank of the best found, by {fitness} accuracy"
    return _panels(results, label, values, finish)


def _panels(
    results: Results,
    label: str,
    values: Callable[[Curve, str], Values],
    finish: Callable[[Axes, str, Sequence[Values]], None],
) -> Figure:
    """A panel for each data set: the median of each method, and its quartiles as a band."""
    datasets = list(dict.fromkeys(dataset for _, dataset in results))
    methods = list(dict.fromkeys(method for method, _ in results))
    styles = lines(methods)
    figure, panels = canvas(len(datasets))
    seeds = max(len(curves) for curves in results.values())
    for axes, dataset in zip(panels, datasets, strict=True):
        medians = []
        for method in methods:
            curves = results[method, dataset]
            found = np.array([values(curve, dataset) for curve in curves.values()])
            q1, median, q3 = np.percentile(found, (25, 50, 75), axis=0)
            evaluations = np.arange(1, len(median) + 1)
            line = styles[method]
            axes.fill_between(
                evaluations, q1, q3, color=line["color"], alpha=0.13, linewidth=0, step="post"
            )
            name = method.replace("_", " ")
            axes.step(evaluations, median, where="post", linewidth=1.7, label=name, **line)
            medians.append(median)
        axes.set_title(DATASETS[dataset], loc="left")
        axes.set_xscale("log")
        last = len(medians[0])
        axes.set_xlim(min(FIRST, max(1, last - 1)), max(last, 2))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.xaxis.set_minor_formatter(lambda value, _: "")
        axes.set_xlabel("distinct evaluations")
        finish(axes, dataset, medians)
    panels[0].set_ylabel(label)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=min(3 * len(panels), len(names)),
        title=f"median and quartiles over {seeds} seeds" if seeds > 1 else "one seed",
        title_fontsize=9,
    )
    return figure
