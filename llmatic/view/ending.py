"""What a search found, in words, and what to type next."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmatic import hints
from llmatic.prompts import Prompt
from llmatic.records import Candidate, Operator, Status
from llmatic.search import Search
from llmatic.view.tables import console, map_table

if TYPE_CHECKING:
    from llmatic.config import Config, SearchConfig

__all__ = ["best_network", "outcome", "stuck_at_seed", "summary", "writing"]

MANY_GENERATIONS = 3
"""After as many, a search that still changes its seed network is told how not to."""


def summary(
    search: Search,
    mutations: Sequence[Prompt],
    spent: Mapping[str, float],
    candidates: Iterable[Candidate],
    run_id: str,
    limit: str | None,
    config: Config,
) -> str:
    """What a search found and used up, and what to type next.

    Args:
        search: With its archives.
        mutations: By prompt id.
        spent: What it used up, by name.
        candidates: All that are finished.
        run_id: Its run.
        limit: The budget that ended it early, as a setting; None if none did.
        config: Its settings.
    """
    store = config.tracking
    table = map_table(search.networks.elites(), mutations)
    shown = console(table, record=True, file=io.StringIO())
    shown.print(table)
    best = search.networks.best().candidate.proposal.id
    longer = f"search.generations={2 * (search.generation - 1)}"
    if limit is not None:
        setting, _, value = limit.partition("=")
        longer = f"{setting}={2 * (int(value) if value.isdecimal() else float(value))}"
    run = run_id[:8]
    stuck = stuck_at_seed(search, config.search)
    next_steps = [
        (hints.command(store, "show", run), "the archives again (--json for programs)"),
        (hints.command(store, "show", run, "--source", str(best)), "the best network's source"),
        (hints.ui(store), "every candidate in the MLflow UI"),
        (hints.command(store, "best", run, "--max-params", "100k"), "the best within a budget"),
        (
            hints.command(store, "register", run, "--best", "--name", "NAME"),
            "the best as an MLflow model (docs/from-search-to-service.md)",
        ),
    ]
    if not stuck:
        next_steps.append((hints.command(store, "resume", run, longer), "search on"))
    width = max(len(command) for command, _ in next_steps)
    lines = [f"  {command:{width}}  {what}" for command, what in next_steps]
    found = [
        best_network(search),
        *outcome(candidates),
        *stuck,
        *writing(spent),
    ]
    return "\n".join([shown.export_text(), *found, "", "Next:", *lines])


def best_network(search: Search) -> str:
    """The best network in one line."""
    best = search.networks.best().candidate
    metrics = best.measurement.metrics
    return (
        f"Best network: candidate {best.proposal.id}, "
        f"validation accuracy {metrics['val_accuracy']:.4f}, "
        f"test accuracy {metrics['test_accuracy']:.4f}, "
        f"{metrics['params']:,.0f} parameters, {metrics['flops']:,.0f} FLOPs "
        "(1 multiply-accumulate = 1 FLOP)"
    )


def outcome(candidates: Iterable[Candidate]) -> list[str]:
    """What came of what was written, in a line; none where all of it was trained."""
    written = [each for each in candidates if each.proposal.operator is not Operator.SEED]
    failed = Counter(
        each.measurement.status for each in written if not each.measurement.status.trainable
    )
    if not failed:
        return []
    why = ", ".join(f"{count} {status}" for status, count in failed.most_common())
    known = sum(each.measurement.status is Status.DUPLICATE for each in written)
    trained = len(written) - failed.total() - known
    found = f"{trained} trained" + (f", {known} known before" if known else "")
    lines = [f"Of {len(written)} written, {found}; the others: {why}"]
    if failed.total() == len(written):
        lines.append(
            "Nothing that was written could be trained: see what was wrong and what was said (show "
            "--all and show --said CANDIDATE)"
        )
    return lines


def stuck_at_seed(search: Search, constants: SearchConfig) -> list[str]:
    """What to change where a search never got beyond its seed network; none where it did."""
    generations, found = search.generation - 1, len(search.networks)
    few = search.initialising and 1 < found < constants.init_networks
    if constants.init_from != "seed" or not few or generations < MANY_GENERATIONS:
        return []
    return [
        f"All {generations} generations changed the seed network, as the archive holds {found} "
        f"networks, fewer than search.init_networks={constants.init_networks}: a new search with "
        f"search.init_networks={(found + 1) // 2} goes on from those it finds"
    ]


def writing(spent: Mapping[str, float]) -> list[str]:
    """What the language model used up, in one line; none where there was no model."""
    if not spent.get("tokens_out"):
        return []
    cost = f", {spent['cost_usd']:.2f} USD" if spent["cost_usd"] else ""
    return [
        f"Written with {spent['tokens_in']:,.0f} tokens read and {spent['tokens_out']:,.0f} "
        f"written, in {spent['llm_seconds']:,.0f} s{cost}"
    ]
