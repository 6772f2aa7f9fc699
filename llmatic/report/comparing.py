"""The sections of a report that go over several searches; one search alone has them as well.

Knows facts and figures; not how a page is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, median, stdev
from typing import TYPE_CHECKING

from llmatic.report.comparison import Group
from llmatic.report.facts import best_by_evaluations, generations
from llmatic.report.markup import Table
from llmatic.report.section import Section, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["comparing"]

Curves = Mapping[str, Sequence[Sequence[float]]]
SHOWN = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Numbers of evaluations that the table of controls shows."""


def comparing(groups: Sequence[Group], controls: Curves) -> Iterator[Section]:
    """Best accuracy, the controls where there are any, and trainable networks.

    Args:
        groups: All searches, at least one of them with a complete generation.
        controls: Curves of the classic searchers by name; empty where nothing is a table.
    """
    from llmatic.report.figures import generations as figures

    yield _best(groups, figures.best_accuracy(groups))
    if controls:
        yield _controls(groups, controls)
    if any(facts.committed > 0 for group in groups for facts in group.searches):
        yield _trainable(groups, figures.trainable_networks(groups))


def _best(groups: Sequence[Group], figure: Figure) -> Section:
    accuracy = groups[0].searches[0].accuracy
    rows = []
    for group in groups:
        columns = [generations(facts) for facts in group.searches]
        for number in range(max(map(len, columns))):
            here = [column[number] for column in columns if number < len(column)]
            so_far = [row.best_so_far for row in here if row.best_so_far is not None]
            best = [row.best for row in here if row.best is not None]
            rows.append((group.name, str(number), *_spread(so_far), *_spread(best), str(len(here))))
    several = any(len(group.searches) > 1 for group in groups)
    found = [column[3] for column in rows if column[2] != "-"] if several else []
    band = " The band is one standard deviation over the seeds." if found else ""
    first, last = rows[0], rows[-1]
    return Section(
        "best",
        "Best accuracy per generation",
        f"The best {accuracy} until each generation (Fig. 2 of the paper), whose generation 0 is "
        f"the seed network.{band}",
        figure,
        f"Line: the best {accuracy} goes from {first[2]} per cent in generation {first[1]} to "
        f"{last[2]} in generation {last[1]}"
        + (f", for {len(groups)} kinds of search." if len(groups) > 1 else "."),
        Table(
            (
                "search",
                "generation",
                "best so far (%)",
                "std",
                "best of the generation (%)",
                "std",
                "searches",
            ),
            tuple(rows),
        ),
    )


def _controls(groups: Sequence[Group], controls: Curves) -> Section:
    from llmatic.report.figures.controls import any_time_curves

    accuracy = groups[0].searches[0].accuracy
    ours = {
        group.name: [curve for facts in group.searches if (curve := best_by_evaluations(facts))]
        for group in groups
    }
    ours = {name: curves for name, curves in ours.items() if curves}
    longest = max(len(curve) for curves in ours.values() for curve in curves)
    budgets = sorted({*(each for each in SHOWN if each < longest), longest})
    everyone = {**ours, **{name.replace("_", " "): curves for name, curves in controls.items()}}
    rows = []
    for name, curves in everyone.items():
        values = [
            [curve[budget - 1] for curve in curves if len(curve) >= budget] for budget in budgets
        ]
        rows.append(
            (
                name,
                str(len(curves)),
                *(percent(median(each)) if each else "-" for each in values),
            )
        )
    return Section(
        "controls",
        "Beside the classic searchers",
        "The same table, searched at random, by regularised evolution and by local search: the "
        f"best {accuracy} after each distinct network that was evaluated. Lines are medians over "
        "seeds, bands go from the lower to the upper quartile. A method that spends its "
        "evaluations well is above all of them.",
        any_time_curves(ours, controls, accuracy),
        f"Lines of the best {accuracy} over {longest} evaluations; medians at the end: "
        + ", ".join(f"{row[0]} {row[-1]}" for row in rows)
        + " per cent.",
        Table(("median (%) after evaluations", "seeds", *map(str, budgets)), tuple(rows)),
    )


def _trainable(groups: Sequence[Group], figure: Figure) -> Section:
    rows = []
    for group in groups:
        for facts in group.searches:
            for row in generations(facts)[1:]:
                written, trainable = sum(row.written.values()), sum(row.trainable.values())
                made = ", ".join(f"{count} {operator}" for operator, count in row.written.items())
                rows.append(
                    (
                        facts.run_id[:8],
                        str(row.number),
                        str(written),
                        str(trainable),
                        str(row.measured),
                        str(row.niches),
                        f"{row.qd_score:.2f}",
                        made,
                    )
                )
    written, trainable = (sum(int(row[place]) for row in rows) for place in (2, 3))
    return Section(
        "trainable",
        "Trainable networks per generation",
        f"Of {written:,} candidates, {trainable:,} could be trained (Fig. 4 of the paper): built, "
        "of the right shape, with a finite loss to the end. A network that was known already "
        "counts as trainable and costs no evaluation.",
        figure,
        f"Trainable networks in each generation, {trainable} of {written} in all.",
        Table(
            (
                "search",
                "generation",
                "written",
                "trainable",
                "evaluated",
                "niches filled",
                "QD score",
                "made by",
            ),
            tuple(rows),
            (0, 7),
        ),
    )


def _spread(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return "-", "-"
    return percent(mean(values)), percent(stdev(values)) if len(values) > 1 else "-"
