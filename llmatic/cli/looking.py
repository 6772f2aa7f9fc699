"""Commands that look at what was found: `show`, `best`, `report` and `ui`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmatic.cli.group import (
    JSON,
    OVERRIDES,
    cli,
    opened,
    say,
    tracking_of,
    used,
    warn_of_no_sandbox,
)
from llmatic.errors import UserError
from llmatic.records import CandidateId

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal

__all__ = ["best", "report", "show", "ui"]


class _Parsed(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click
    """What one of the functions of `llmatic.picking` makes of a text, and what it allows."""

    def __init__(self, name: str, parser: str, allowed: str) -> None:
        self.name = name
        self._parser = parser
        self._allowed = allowed

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """What is meant, or a usage error."""
        from llmatic import picking

        try:
            found: float = getattr(picking, self._parser)(value)
        except ValueError:
            self.fail(f"{value}: must be {getattr(picking, self._allowed)}", param, ctx)
        return found


NO_CANDIDATE = (
    "this search has no such candidate; give generation and index, as in 3-9 (`show` lists the "
    "elites, `show --all` every candidate)"
)
QUANTITY = _Parsed("number", "quantity", "NUMBER")
DURATION = _Parsed("time", "duration_s", "DURATION")


@cli.command()
@click.argument("run")
@OVERRIDES
@JSON
@click.option("--source", metavar="CANDIDATE", help="Print one network's source, as in 3-9.")
@click.option(
    "--said", metavar="CANDIDATE", help="Print what its writer was shown and what it answered."
)
@click.option(
    "--all", "everything", is_flag=True, help="Every candidate, with what was wrong with it."
)
def show(
    run: str,
    overrides: tuple[str, ...],
    as_json: bool,
    source: str | None,
    said: str | None,
    everything: bool,
) -> None:
    """Show the archives of the search RUN: every elite, every prompt, counts by status.

    Or all of its candidates, or one of them.

    \b
      llmatic show 3f2a --all            # which failed, and why
      llmatic show 3f2a --source 3-9
      llmatic show 3f2a --said 3-9
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import launch, parts, stored, tracking, view

    journal = tracking.open_search(tracking_of(overrides), run, read_only=True)
    settings = stored.settings(journal)
    mutations = launch.mutations(settings)
    if source is not None:
        click.echo(parts.whole_network(settings, _source(journal, source)), nl=False)
        return
    if said is not None:
        _tell(journal, said)
        return
    if everything:
        candidates = journal.candidates()
        if as_json:
            id_of = journal.candidate_run_id
            rows = [view.candidate_json(each, mutations, id_of) for each in candidates]
            click.echo(json.dumps(rows, indent=2))
            return
        listed = view.candidate_table(candidates, mutations)
        view.console(listed).print(listed)
        return
    archives = launch.replay(journal)
    report = view.search_json(
        archives,
        mutations,
        journal.spent,
        journal.candidates(),
        journal.run_id,
        journal.candidate_run_id,
    )
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    tables = (
        view.map_table(archives.networks.elites(), mutations),
        view.prompt_table(report["prompts"]),
        view.status_table(report["status"]),
    )
    console = view.console(*tables)
    for table in tables:
        console.print(table)
    if len(archives.networks):
        for line in (view.best_network(archives), *view.writing(journal.spent)):
            click.echo(line)


@cli.command()
@click.argument("run")
@OVERRIDES
@click.option("--max-flops", type=QUANTITY, help="Multiply-accumulates of one image, as in 5M.")
@click.option("--max-params", type=QUANTITY, help="Trainable parameters, as in 100k.")
@click.option(
    "--max-latency", type=DURATION, help="Of one batch on this machine, measured now, as in 2ms."
)
@click.option(
    "--batch-size", type=click.IntRange(1), default=1, show_default=True, help="Images of a batch."
)
@click.option(
    "--min-accuracy",
    type=click.FloatRange(0, 1),
    help="On the validation images, from 0 to 1.",
)
@click.option(
    "--top", type=click.IntRange(1), default=5, show_default=True, help="How many are shown."
)
@JSON
def best(
    run: str,
    overrides: tuple[str, ...],
    max_flops: float | None,
    max_params: float | None,
    max_latency: float | None,
    batch_size: int,
    min_accuracy: float | None,
    top: int,
    as_json: bool,
) -> None:
    """Show the best network of the search RUN within a budget, and the runners-up.

    The fittest comes first; of equals the one with the fewest FLOPs. With --max-latency
    networks are timed here and now, fittest first: the median of one batch, in one
    thread, until enough are found.

    \b
      llmatic best 3f2a --max-flops 5M --max-params 100k
      llmatic best 3f2a --max-latency 2ms --batch-size 8
      llmatic best 3f2a --max-params 20k --json
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import hints, launch, parts, picking, view

    store, journal, changes = opened(run, overrides)
    settings = used(journal, changes)
    mutations = launch.mutations(settings)
    archives = launch.replay(journal)
    budget = picking.Budget(max_flops, max_params, min_accuracy)
    within = picking.pick(archives.networks.elites(), budget)
    chosen, latencies = within[:top], None
    if max_latency is not None:
        warn_of_no_sandbox(settings)
        say("Timing networks, fittest first.")
        with parts.stopwatch(settings, journal, batch_size, say) as latency_s:
            timed = picking.fast(within, latency_s, max_latency, top)
        chosen, latencies = [elite for elite, _ in timed], [seconds for _, seconds in timed]
    if as_json:
        rows = [view.elite_json(each, mutations, journal.candidate_run_id) for each in chosen]
        for row, seconds in zip(rows, latencies or (), strict=False):
            row.update(latency_s=seconds, batch_size=batch_size)
        click.echo(json.dumps(rows, indent=2))
        return
    title = "The best within the budget" if budget or latencies else "The best networks"
    order = "Fittest first, then fewest FLOPs"
    table = view.elite_table(chosen, mutations, title, order, latencies)
    view.console(table).print(table)
    if latencies:
        click.echo(f"Latency: the median of one batch of {batch_size}, in one thread, here and now")
    first = str(chosen[0].candidate.proposal.id)
    click.echo(f"Its source: {hints.command(store, 'show', run, '--source', first)}")


@cli.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN... [KEY=VALUE]...")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it goes; otherwise report-RUN in this folder.",
)
@JSON
def report(runs: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Draw the figures of the search RUN, and a page that holds them all.

    Everything comes from the journal: a search may still be running. Of one search
    the report is also kept with its run in MLflow (artifacts, report/), as a running
    search does by itself (report.refresh_s).

    Several RUNs are drawn side by side: those that differ in their seed alone as mean
    and spread, the others as lines of their own. Details are those of the best.

    \b
      llmatic report 3f2a
      llmatic report 3f2a 77c0 b1e4 --output seeds
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import hints
    from llmatic import report as reports
    from llmatic.tracking import TrackingError

    named = [each for each in runs if "=" not in each]
    if not named:
        raise UserError("RUN: give at least one search (its run id, or the beginning of it)")
    store = tracking_of([each for each in runs if "=" in each])
    read = [reports.read(store, each) for each in named]
    drawn = reports.make([facts for facts, _ in read], hints.program())
    folder = output or Path(reports.folder_name([facts for facts, _ in read]))
    try:
        page = drawn.save(folder)
    except OSError as error:
        raise UserError(f"--output {folder}: {error.strerror}") from None
    if len(read) == 1:
        try:
            read[0][1].attach(folder, reports.FOLDER)
        except TrackingError as error:
            say(f"Not kept with the search: {error}")
    if as_json:
        files = {"page": str(page), "figures": drawn.files(folder)}
        click.echo(json.dumps({**files, **drawn.numbers}, indent=2))
    else:
        click.echo(f"Report: {page} ({len(drawn.pictures)} figures beside it as PNG)")


@cli.command()
@OVERRIDES
@click.option("--port", default=5000, show_default=True, help="Where the UI listens.")
def ui(overrides: tuple[str, ...], port: int) -> None:
    """Open the MLflow UI on the searches."""
    from llmatic import tracking

    tracking.serve_ui(tracking_of(overrides), port, say=say)


def _source(journal: MlflowJournal, candidate: str) -> str:
    for each in journal.candidates():
        if str(each.proposal.id) == candidate and each.source_sha256 is None:
            raise UserError(
                f"--source {candidate}: {each.measurement.status} ({each.measurement.error}); what "
                f"was said: --said {candidate}"
            )
    try:
        return journal.source(CandidateId.parse(candidate))
    except (LookupError, ValueError):
        raise UserError(f"--source {candidate}: {NO_CANDIDATE}") from None


def _tell(journal: MlflowJournal, candidate: str) -> None:
    """What a writer was shown, and what it answered."""
    try:
        draft = journal.draft(CandidateId.parse(candidate))
    except (LookupError, ValueError):
        raise UserError(f"--said {candidate}: {NO_CANDIDATE}") from None
    completion = draft.completion
    before = completion.unmended
    for title, text in (
        ("What it was shown", draft.prompt or "(nothing: the search begins with it)"),
        ("What it answered, before sizes were mended" if before else "", before),
        ("What it answered" + (", with sizes that fit" if before else ""), completion.text),
    ):
        if title:
            click.echo(f"--- {title} ---\n{text.rstrip()}\n")
