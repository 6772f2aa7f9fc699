"""Both archives as Voronoi heat maps (Nasir et al. 2024, Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullFormatter
from scipy.spatial import Voronoi

from llmatic.archive import Axis, Niches, PromptArchive
from llmatic.report.facts import Facts
from llmatic.report.figures import style

__all__ = ["networks", "prompts", "voronoi_cells"]

Points = npt.NDArray[np.float64]


def networks(facts: Facts) -> Figure:
    """The network archive: accuracy over FLOPs and width-to-depth ratio; empty niches grey."""
    elites = facts.networks.elites()
    figure, ax = style.axes(
        "width-to-depth ratio (output features of the widest layer per layer)",
        "FLOPs (multiply-accumulates)",
        height=5.4,
    )
    values = {elite.niche: elite.fitness for elite in elites}
    _heat_map(ax, facts.networks.niches, values, "viridis", f"{facts.accuracy} (%)", percent=True)
    if elites:
        places = np.array([_raw(facts.networks.niches, elite.point) for elite in elites])
        ax.plot(
            *places.T, "o", color="white", markeredgecolor="black", markersize=3.5, clip_on=False
        )
        best = _raw(facts.networks.niches, facts.networks.best().point)
        ax.plot(*best, "*", color="white", markeredgecolor="black", markersize=15, clip_on=False)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter(EngFormatter())
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    return figure


def prompts(facts: Facts) -> Figure:
    """The prompt archive: curiosity over prompt and temperature; a population as points."""
    names = [prompt.key.replace("_", " ") for prompt in facts.mutations]
    figure, ax = style.axes("", "sampling temperature", height=5.4)
    if isinstance(facts.prompts, PromptArchive):
        values = {niche: individual.curiosity for niche, individual in facts.prompts.items()}
        _heat_map(ax, facts.prompts.niches, values, "cividis", "curiosity")
    else:
        _population(figure, ax, facts, len(names))
    ax.set_xticks(range(len(names)), names, rotation=50, ha="right", rotation_mode="anchor")
    return figure


def voronoi_cells(niches: Niches) -> list[Points]:
    """Every niche as a convex polygon, shape (corners, 2), that ends at the unit square."""
    points = niches.centroids
    mirrored = [points]
    for axis in (0, 1):
        for edge in (0.0, 1.0):
            mirror = points.copy()
            mirror[:, axis] = 2 * edge - mirror[:, axis]
            mirrored.append(mirror)
    diagram = Voronoi(np.concatenate(mirrored))
    cells = []
    for niche, centre in enumerate(points):
        corners = diagram.vertices[diagram.regions[diagram.point_region[niche]]]
        x, y = (corners - centre).T
        cells.append(np.clip(corners[np.argsort(np.arctan2(y, x))], 0, 1))
    return cells


def _heat_map(
    ax: Axes,
    niches: Niches,
    values: Mapping[int, float],
    colours: str,
    label: str,
    *,
    percent: bool = False,
) -> None:
    """Filled niches in colour, the others grey, on the descriptors' own scales."""
    _frame(ax, niches.axes)
    cells = [np.array([_raw(niches, corner) for corner in cell]) for cell in voronoi_cells(niches)]
    empty = [cell for niche, cell in enumerate(cells) if niche not in values]
    ax.add_collection(
        PolyCollection(empty, facecolors=style.EMPTY, edgecolors="#BBBBBB", linewidths=0.6)
    )
    if not values:
        return
    given = list(values.values())
    low, high = style.lowest_usual(given) if percent else min(given), max(given)
    margin = 0.0 if low < high else 0.5 * (0.01 if percent else 1.0)
    filled = PolyCollection(
        [cells[niche] for niche in values],
        array=np.array(given),
        cmap=colours,
        norm=Normalize(low - margin, high + margin),
        edgecolors="white",
        linewidths=0.6,
    )
    ax.add_collection(filled)
    extend = "min" if low > min(given) else "neither"
    bar = ax.figure.colorbar(filled, ax=ax, label=label, pad=0.02, extend=extend)
    bar.outline.set_visible(False)
    if percent:
        bar.ax.yaxis.set_major_formatter(style.PER_CENT)


def _population(figure: Figure, ax: Axes, facts: Facts, prompts: int) -> None:
    members = [member for _, member in facts.prompts.items()]
    ax.set_xlim(-0.5, prompts - 0.5)
    ax.set_ylim(0, 1.02)
    ax.set_axisbelow(True)
    if not members:
        return
    points = ax.scatter(
        _spread([member.prompt_id for member in members]),
        [member.temperature for member in members],
        c=[member.curiosity for member in members],
        cmap="cividis",
        s=36,
        edgecolors="black",
        linewidths=0.4,
    )
    figure.colorbar(points, ax=ax, label="score", pad=0.02).outline.set_visible(False)


def _spread(ids: Sequence[int]) -> list[float]:
    """Members of one prompt beside each other, so that none hides another."""
    met: dict[int, int] = {}
    places = []
    for id in ids:
        met[id] = met.get(id, -1) + 1
        places.append(id + 0.7 * ((met[id] * 0.618) % 1 - 0.5) * (ids.count(id) > 1))
    return places


def _frame(ax: Axes, axes: Sequence[Axis]) -> None:
    x, y = axes
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    if x.log:
        ax.set_xscale("log")
    if y.log:
        ax.set_yscale("log")
    ax.set_xlim(x.low, x.high)
    ax.set_ylim(y.low, y.high)


def _raw(niches: Niches, point: Sequence[float] | Points) -> tuple[float, float]:
    x, y = niches.axes
    return x.value(float(point[0])), y.value(float(point[1]))
