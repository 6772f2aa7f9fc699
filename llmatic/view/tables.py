"""Archives as tables, of which no number is cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from rich.console import Console
from rich.table import Table

from llmatic.archive import Elite
from llmatic.prompts import Prompt
from llmatic.records import Candidate, Operator, Status

__all__ = [
    "WIDE",
    "candidate_table",
    "console",
    "elite_table",
    "made_by",
    "map_table",
    "prompt_table",
    "status_table",
]

WIDE = 100
"""Columns where there is no terminal."""
LEAST = 12
"""Columns for how a network was made."""


def console(*tables: Table, file: IO[str] | None = None, record: bool = False) -> Console:
    """A console for tables: as wide as the terminal, `WIDE` elsewhere, and wide enough for numbers.

    Args:
        tables: Whose numbers are to be whole; how a network was made folds where it has to.
        file: Where it writes, otherwise standard output.
        record: Whether what it writes can be had as text.
    """
    here = Console()
    made = Console(file=file, record=record, width=here.width if here.is_terminal else WIDE)
    unlimited = made.options.update(width=10 * WIDE)
    made.width = max(
        made.width, *(made.measure(each, options=unlimited).minimum for each in tables)
    )
    return made


def map_table(elites: Iterable[Elite], mutations: Sequence[Prompt]) -> Table:
    """The map of networks, smallest first; mutations by prompt id."""
    by_size = sorted(elites, key=lambda each: each.candidate.measurement.metrics["flops"])
    title = "The map of networks: the best of every niche"
    return elite_table(by_size, mutations, title, "Fewest FLOPs first")


def elite_table(
    elites: Iterable[Elite],
    mutations: Sequence[Prompt],
    title: str,
    order: str,
    latencies_s: Sequence[float] | None = None,
) -> Table:
    """One row for each elite, in their order; mutations by prompt id.

    Args:
        elites: The rows.
        mutations: By prompt id.
        title: What they are.
        order: How they are sorted, in words.
        latencies_s: Where there are any, in place of how a network was made.
    """
    table = Table(title=title, caption=f"{order}. A niche's number is only its name.")
    for name in ("niche", "candidate", "val.\naccuracy", "test\naccuracy", "MFLOPs", "parameters"):
        table.add_column(name, justify="right", no_wrap=True)
    if latencies_s is not None:
        table.add_column("latency", justify="right", no_wrap=True)
    else:
        table.add_column("made by", min_width=LEAST)
    for place, elite in enumerate(elites):
        metrics = elite.candidate.measurement.metrics
        table.add_row(
            str(elite.niche),
            str(elite.candidate.proposal.id),
            f"{metrics['val_accuracy']:.4f}",
            f"{metrics['test_accuracy']:.4f}",
            f"{metrics['flops'] / 1e6:,.4f}",
            f"{metrics['params']:,.0f}",
            made_by(elite.candidate, mutations)
            if latencies_s is None
            else f"{latencies_s[place] * 1e3:.3g} ms",
        )
    return table


def prompt_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """The prompt archive, most curious first; rows as in `search_json`."""
    table = Table(title="The prompt archive", caption="Most curious first.")
    for name in ("niche", "prompt", "temperature", "curiosity", "fitness"):
        is_text = name == "prompt"
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text)
    for row in sorted(rows, key=lambda row: (-row["curiosity"], row["niche"])):
        table.add_row(
            str(row["niche"]),
            row["prompt"].replace("_", " "),
            f"{row['temperature']:.2f}",
            f"{row['curiosity']:+.1f}",
            str(row["fitness"]),
        )
    return table


def status_table(counts: Mapping[str, int]) -> Table:
    """How the candidates ended; counts as in `search_json`."""
    table = Table(title="All candidates")
    table.add_column("candidates", justify="right")
    table.add_column("status")
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(str(count), Status[name.upper()].value)
    return table


def candidate_table(candidates: Iterable[Candidate], mutations: Sequence[Prompt]) -> Table:
    """Every candidate, in id order, and what was wrong with it."""
    table = Table(title="All candidates")
    table.add_column("candidate", justify="right", no_wrap=True)
    table.add_column("val.\naccuracy", justify="right", no_wrap=True)
    for name in ("made by", "how it ended"):
        table.add_column(name, min_width=LEAST)
    for each in sorted(candidates, key=lambda each: each.proposal.id):
        measurement = each.measurement
        accuracy = measurement.metrics.get("val_accuracy")
        how = str(measurement.status)
        table.add_row(
            str(each.proposal.id),
            "" if accuracy is None else f"{accuracy:.4f}",
            made_by(each, mutations),
            how if measurement.error is None else f"{how}: {measurement.error}",
        )
    return table


def made_by(candidate: Candidate, mutations: Sequence[Prompt]) -> str:
    """How a candidate came to be, in words; mutations by prompt id."""
    proposal = candidate.proposal
    match proposal.operator:
        case Operator.SEED:
            return "the seed network"
        case Operator.CROSSOVER:
            return "crossover of " + " and ".join(str(parent) for parent in proposal.parents)
        case Operator.CREATE:
            return "from scratch"
        case Operator.REPAIR:
            return f"repair of {proposal.parents[0]}"
        case Operator.MUTATION:
            assert proposal.prompt_id is not None
            key = mutations[proposal.prompt_id].key
            return f"{key.replace('_', ' ')} on {proposal.parents[0]}"
