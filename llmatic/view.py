"""What a person sees in the terminal: live progress, the map, the next steps.

Turns records into text and JSON. Knows nothing of how they came about.
"""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from llmatic import hints
from llmatic.archive import Elite
from llmatic.genome import Genome
from llmatic.loop import Progress
from llmatic.prompts import Prompt
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Status
from llmatic.search import Search

if TYPE_CHECKING:
    from llmatic.config import Config, SearchConfig

__all__ = [
    "LiveProgress",
    "best_network",
    "console",
    "elite_json",
    "elite_table",
    "evaluation_json",
    "made_by",
    "map_table",
    "outcome",
    "prompt_table",
    "search_json",
    "status_table",
    "stuck_at_seed",
    "summary",
    "writing",
]


FIGURES = (
    "val_accuracy",
    "test_accuracy",
    "flops",
    "params",
    "width",
    "depth",
    "width_to_depth",
    "train_seconds",
)
WIDE = 100
"""Columns where there is no terminal."""
MANY_GENERATIONS = 3
"""After as many, a search that still changes its seed network is told how not to."""
LEAST = 12
"""Columns for how a network was made."""
SPENT = ("evaluations", "hours", "tokens_in", "tokens_out", "llm_seconds", "cost_usd")


class LiveProgress:
    """Progress on standard error: a bar in a terminal, a line per generation elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Bar(
            TextColumn("gen {task.fields[generation]}"),
            BarColumn(bar_width=10),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=1, generation="0", state="")
        self._line = ""
        self._started: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the last state standing."""
        self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show how far the search has come."""
        state = _state(progress)
        self._bar.update(
            self._task,
            completed=progress.finished,
            total=progress.total,
            generation=f"{progress.generation}/{progress.generations}",
            state=state,
        )
        if self._started is None and progress.generation > 0:
            self._started = time.monotonic(), progress.finished
        if not self._console.is_terminal and progress.done == progress.batch:
            line = (
                f"generation {progress.generation}/{progress.generations}: "
                f"{progress.finished}/{progress.total} candidates, {state}{self._left(progress)}"
            )
            if line != self._line and progress.best_fitness is not None:
                print(line, file=sys.stderr, flush=True)
            self._line = line

    def _left(self, progress: Progress) -> str:
        if self._started is None or progress.finished == progress.total:
            return ""
        start, before = self._started
        done = progress.finished - before
        if done == 0:
            return ""
        seconds = (time.monotonic() - start) / done * (progress.total - progress.finished)
        return f", about {seconds:.0f} s left"


def _state(progress: Progress) -> str:
    best = "-" if progress.best_fitness is None else f"{progress.best_fitness:.4f}"
    share = progress.trainable / progress.measured if progress.measured else 0.0
    return (
        f"best {best}, niches {progress.niches_filled}, "
        f"QD {progress.qd_score:.2f}, {share:.0%} trainable"
    )


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


def evaluation_json(genome: Genome | None, measurement: Measurement) -> dict[str, Any]:
    """One measurement: what ``llmatic evaluate --json`` prints.

    The figures of a network that was not trained to the end are None.
    """
    return {
        "status": measurement.status.name.lower(),
        "status_text": measurement.status.value,
        "error": measurement.error,
        "fitness": measurement.fitness,
        **dict.fromkeys(FIGURES),
        **measurement.metrics,
        **measurement.descriptors,
        "source_sha256": None if genome is None else genome.sha256,
    }


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
            "Nothing that was written could be trained: see what was said (completion.txt of each "
            "run, in the MLflow UI)"
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


def search_json(
    search: Search,
    mutations: Sequence[Prompt],
    spent: Mapping[str, float],
    candidates: Iterable[Candidate],
    run_id: str,
    run_id_of: Callable[[CandidateId], str],
) -> dict[str, Any]:
    """Both archives and the counts by status: what ``llmatic show --json`` prints."""
    return {
        "run_id": run_id,
        "generation": search.generation - 1,
        "coverage": search.networks.coverage,
        "qd_score": search.networks.qd_score,
        "spent": {name: spent.get(name, 0) for name in SPENT},
        "elites": [elite_json(elite, mutations, run_id_of) for elite in search.networks.elites()],
        "prompts": [
            {
                "niche": niche,
                "prompt_id": individual.prompt_id,
                "prompt": mutations[individual.prompt_id].key,
                "temperature": individual.temperature,
                "curiosity": individual.curiosity,
                "fitness": search.prompts.collective_fitness[individual.prompt_id],
            }
            for niche, individual in search.prompts.items()
        ],
        "status": dict(
            sorted(Counter(each.measurement.status.name.lower() for each in candidates).items())
        ),
    }


def elite_json(
    elite: Elite, mutations: Sequence[Prompt], run_id_of: Callable[[CandidateId], str]
) -> dict[str, Any]:
    """One network of the map: an element of ``elites`` in ``llmatic show --json``."""
    candidate = elite.candidate
    return {
        "niche": elite.niche,
        "candidate": str(candidate.proposal.id),
        "run_id": run_id_of(candidate.proposal.id),
        "fitness": elite.fitness,
        **candidate.measurement.metrics,
        **candidate.measurement.descriptors,
        "source_sha256": candidate.source_sha256,
        "operator": candidate.proposal.operator.value,
        "parents": [str(parent) for parent in candidate.proposal.parents],
        "made_by": made_by(candidate, mutations),
    }


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
