"""The command line: parses, calls, prints. Everything else is elsewhere."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmatic.errors import UserError
from llmatic.records import CandidateId

if TYPE_CHECKING:
    from llmatic import launch
    from llmatic.config import Config, TrackingConfig
    from llmatic.llm import LLM
    from llmatic.loop import Progress
    from llmatic.report.live import LiveReport
    from llmatic.tracking import MlflowJournal

__all__ = ["main"]

OVERRIDES = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
STOPPED = threading.Event()
"""Somebody wants this process to end."""
LONGEST_FILE = 1_000_000
"""Characters of a file that are looked at."""
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Search for neural networks by letting a writer edit their source code.

    Two archives guide the search (Nasir et al. 2024): a map of the best network of
    every size, and a map of the prompts that find them. Every candidate is an MLflow
    run. Settings are overridden as KEY=VALUE on any command, for example

    \b
      llmatic search dataset=mnist search.generations=20 executor.slots=4
      llmatic search experiment=paper_cifar10 llm=grammar

    All settings and their defaults are in conf/.
    """  # noqa: D301  # click wants the character \b itself


@cli.command()
@OVERRIDES
def search(overrides: tuple[str, ...]) -> None:
    """Run a new search.

    The default searches networks for handwritten digits in about two minutes. Its
    writer, llm=grammar, is a program that edits syntax trees: a grammar and no
    language model. It needs no weights, and is the blind control that every
    language model has to beat. Ctrl-C stops cleanly; `llmatic resume` goes on.

    Language models write with, for example

    \b
      llmatic search llm=qwen2.5_coder_1.5b dataset=cifar10
      llmatic search llm=ollama llm.model=qwen2.5-coder:7b
      llmatic search llm=openai llm.model=NAME search.budget.usd=5
      llmatic search llm=replay llm.run=RUN
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import launch, stored

    settings = configuration.compose(overrides)
    recorded = launch.recorded_search(settings)
    if recorded is not None:
        settings = stored.recorded_settings(settings, recorded, overrides)
    llm = launch.writer(settings, recorded, _say)
    seed = launch.seed_network(settings, recorded)

    from llmatic import tracking  # takes seconds, which a wrong setting need not wait for

    for earlier in tracking.list_searches(settings.tracking):
        if earlier.interrupted and earlier.name == settings.name:
            _say(f"An earlier search was interrupted; go on with: {_resume(earlier.run_id)}")
            break
    _say(f"Reading the data set {settings.dataset.name} ...")
    with launch.evaluators(settings) as make, launch.new_search(settings) as journal:
        _run(journal, settings, llm, seed, make)


@cli.command()
@click.argument("run")
@OVERRIDES
@click.option("--take-over", is_flag=True, help="Even if another machine did not say it stopped.")
def resume(run: str, overrides: tuple[str, ...], take_over: bool) -> None:
    """Go on with the search RUN (its run id, or the beginning of it).

    Nothing finished is written or trained again; the archives end up as if the
    search had never been interrupted. `search.generations=N` makes it longer.
    """
    from llmatic import config as configuration
    from llmatic import launch, stored, tracking

    store = _tracking([each for each in overrides if each.startswith("tracking")])
    with tracking.open_search(store, run, take_over=take_over) as journal:
        begun = stored.settings(journal)
        changed = configuration.override(begun, overrides, stored.resumable(begun))
        changed = replace(changed, tracking=store)
        recorded = launch.recorded_search(changed)
        llm = launch.writer(changed, recorded, _say)
        seed = launch.seed_network(changed, recorded)
        stored.amend(journal, changed, overrides)
        _say(f"Reading the data set {changed.dataset.name} ...")
        with launch.evaluators(changed) as make:
            _run(journal, changed, llm, seed, make)


@cli.command()
@click.argument("run")
@OVERRIDES
@JSON
@click.option("--source", metavar="CANDIDATE", help="Print one network's source, as in 3-9.")
def show(run: str, overrides: tuple[str, ...], as_json: bool, source: str | None) -> None:
    """Show the archives of the search RUN: every elite, every prompt, counts by status."""
    from rich.console import Console

    from llmatic import launch, stored, tracking, view

    journal = tracking.open_search(_tracking(overrides), run, read_only=True)
    settings = stored.settings(journal)
    mutations = launch.mutations(settings)
    if source is not None:
        click.echo(launch.whole_network(settings, _source(journal, source)), nl=False)
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
    console = Console()
    console.print(view.map_table(archives.networks.elites(), mutations))
    console.print(view.prompt_table(report["prompts"]))
    console.print(view.status_table(report["status"]))
    if len(archives.networks):
        for line in (view.best_network(archives), *view.writing(journal.spent)):
            console.print(line, highlight=False)


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
    from llmatic import report as reports
    from llmatic import view
    from llmatic.tracking import TrackingError

    named = [each for each in runs if "=" not in each]
    if not named:
        raise UserError("RUN: give at least one search (its run id, or the beginning of it)")
    store = _tracking([each for each in runs if "=" in each])
    read = [reports.read(store, each) for each in named]
    drawn = reports.make([facts for facts, _ in read], view.program())
    folder = output or Path(reports.folder_name([facts for facts, _ in read]))
    try:
        page = drawn.save(folder)
    except OSError as error:
        raise UserError(f"--output {folder}: {error.strerror}") from None
    if len(read) == 1:
        try:
            read[0][1].attach(folder, reports.FOLDER)
        except TrackingError as error:
            _say(f"Not kept with the search: {error}")
    if as_json:
        files = {"page": str(page), "figures": drawn.files(folder)}
        click.echo(json.dumps({**files, **drawn.numbers}, indent=2))
    else:
        click.echo(f"Report: {page} ({len(drawn.pictures)} figures beside it as PNG)")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@OVERRIDES
@JSON
def evaluate(file: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Train and measure the network in FILE, exactly as a search would.

    What is wrong with a network is its status; the exit status is 0 all the same.
    """
    from llmatic import config as configuration
    from llmatic import launch, view

    settings = configuration.compose(overrides)
    _warn_of_no_sandbox(settings)
    if not file.is_file():
        raise UserError(f"{file}: is no regular file")
    with file.open(encoding="utf-8", errors="replace") as opened:
        text = opened.read(LONGEST_FILE)
    genome, measurement = launch.evaluate_source(settings, text)
    report = view.evaluation_json(genome, measurement)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            click.echo(f"{name:16} {value}")


@cli.command()
@OVERRIDES
def doctor(overrides: tuple[str, ...]) -> None:
    """Is this machine ready? Each check says what to do about it."""
    from llmatic import config as configuration
    from llmatic import doctor as checks

    failed = 0
    for check in checks.run(configuration.compose(overrides)):
        failed += not check.ok
        mark = "ok  " if check.ok else "FAIL"
        click.echo(
            f"{mark} {check.name}: {check.finding}" + (f"\n     {check.remedy}" * (not check.ok))
        )
    if failed:
        raise click.exceptions.Exit(2)


@cli.command()
@OVERRIDES
@click.option("--port", default=5000, show_default=True, help="Where the UI listens.")
def ui(overrides: tuple[str, ...], port: int) -> None:
    """Open the MLflow UI on the searches."""
    from llmatic import tracking

    tracking.serve_ui(_tracking(overrides), port, say=_say)


@cli.command()
@click.argument("table", type=click.Choice(["nasbench201"]), metavar="nasbench201")
@OVERRIDES
@click.option(
    "--dataset",
    default="cifar100",
    show_default=True,
    metavar="NAME,...",
    help="What the networks were trained on.",
)
@click.option(
    "--methods",
    default="random,regularised_evolution,local_search,map_elites,llmatic",
    show_default=True,
    metavar="NAME,...",
    help="Controls and searches, as above.",
)
@click.option("--seeds", default=20, show_default=True, help="Searches of each method.")
@click.option("--first-seed", default=0, show_default=True, help="The others follow it.")
@click.option(
    "--budgets",
    default="50,100,200",
    show_default=True,
    metavar="N,...",
    help="Distinct evaluations at which results are given; the highest ends a search.",
)
@click.option(
    "--fitness",
    type=click.Choice(["validation", "test"]),
    default="validation",
    show_default=True,
    help="The accuracy that is searched.",
)
@click.option("--jobs", type=int, help="Processes; one for each CPU if not given.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the figures there too.",
)
@click.option("--paired", is_flag=True, help="With --json: the comparisons instead of the rows.")
@JSON
def benchmark(
    table: str,
    overrides: tuple[str, ...],
    dataset: str,
    methods: str,
    seeds: int,
    first_seed: int,
    budgets: str,
    fitness: str,
    jobs: int | None,
    output: Path | None,
    paired: bool,
    as_json: bool,
) -> None:
    """Compare methods on a table of trained networks, at equal numbers of evaluations.

    Counted are the distinct networks that a search has had evaluated; asking for one
    again is free. Nothing is trained: 20 seeds of the default take about a minute.

    \b
    Data sets  cifar10, cifar100, imagenet16_120
    Controls   random, regularised_evolution, local_search, map_elites
    Searches   llmatic (the paper's, written by the grammar), frontier, and the
               paper's ablations network_archive_only, prompt_archive_only, mutation_only,
               crossover_only, random_generation, mutation_50, mutation_30

    \b
      llmatic benchmark nasbench201 --dataset cifar10,cifar100 --seeds 50
      llmatic benchmark nasbench201 --methods llmatic,mutation_only --budgets 100
      llmatic benchmark nasbench201 search.batch_size=10 --output figures --json

    KEY=VALUE changes a setting of the searches (search, prompts, llm, tracking). Results
    are runs of MLflow: what is finished is not run again, so a study that was
    interrupted goes on where it was, and more seeds or methods can be added.
    """  # noqa: D301  # click wants the character \b itself
    from llmatic.benchmark import command

    settings = command.study(methods, dataset, seeds, first_seed, budgets, fitness, overrides)
    report = command.run(settings, jobs, output, _say)
    if as_json:
        click.echo(json.dumps(report.paired if paired else report.rows, indent=2))
        return
    report.show()


def _run(
    journal: MlflowJournal, settings: Config, llm: LLM, seed: str, make: launch.MakeEvaluator
) -> None:
    """Run a search to its end and show what it found."""
    from llmatic import launch, view
    from llmatic.report.live import LiveReport
    from llmatic.search import SeedFailedError

    _say(
        f"Search {journal.run_id} ({settings.name}); writer: {settings.llm.name} "
        f"({settings.llm.about})"
    )
    if settings.evaluator.kind == "trained":
        _warn_of_no_sandbox(settings)
        _say(f"Starting {settings.executor.slots} workers ...")
    drawing = LiveReport(
        settings.tracking, journal.run_id, view.program(), settings.report.refresh_s, _say
    )
    try:
        with view.LiveProgress() as progress, drawing:

            def observe(state: Progress) -> None:
                if STOPPED.is_set():
                    raise KeyboardInterrupt
                progress(state)
                drawing(state)

            archives, limit = launch.run(journal, settings, llm, seed, make, observe)
    except (KeyboardInterrupt, UserError) as error:
        if isinstance(error, SeedFailedError) and not STOPPED.is_set():
            journal.end("failed")
            raise
        _say(f"Stopped; go on with: {_resume(journal.run_id)}")
        if STOPPED.is_set():  # what was interrupted may have failed in a way of its own
            raise KeyboardInterrupt from error
        raise
    used, candidates = journal.spent, journal.candidates()
    journal.end("finished" if limit is None else "interrupted")
    if limit is not None:
        waiting = sum(each.proposal.id.generation == archives.generation for each in candidates)
        _say(
            f"Stopped in generation {archives.generation}: {limit} is used up. The archives are "
            f"those before it; {waiting} of its candidates are finished and wait for the others."
        )
    if len(archives.networks):
        click.echo(
            view.summary(
                archives, launch.mutations(settings), used, candidates, journal.run_id, limit
            )
        )
    _draw(drawing, journal.run_id)


def _draw(drawing: LiveReport, run_id: str) -> None:
    """Draw the report of a search that has ended."""
    from llmatic import view

    try:
        page = drawing.finish()
    except KeyboardInterrupt:
        _say(f"The report is not drawn; draw it with: {view.program()} report {run_id[:8]}")
        return
    if page is not None:
        click.echo(f"Report: {view.short(page) or 'report/ of the run, in the MLflow UI'}")


def _source(journal: MlflowJournal, candidate: str) -> str:
    try:
        return journal.source(CandidateId.parse(candidate))
    except (LookupError, ValueError) as error:
        raise UserError(f"--source {candidate}: no such network in this search ({error})") from None


def _resume(run_id: str) -> str:
    """What to type to go on with a search."""
    from llmatic import view

    return f"{view.program()} resume {run_id}"


def _tracking(overrides: Sequence[str]) -> TrackingConfig:
    from llmatic import config as configuration

    return configuration.compose(overrides).tracking


def _warn_of_no_sandbox(settings: Config) -> None:
    if settings.evaluator.kind == "trained" and settings.sandbox.name == "none":
        _say(
            "Warning: sandbox=none: what is written runs with your own rights; it can read, "
            "change and send whatever you can."
        )


def _stop(signal_number: int, frame: object) -> None:
    """What systemd, Docker and Slurm send is taken like Ctrl-C."""
    STOPPED.set()  # Python drops an exception that comes up where it cleans up
    raise KeyboardInterrupt


def _say(line: str) -> None:
    click.echo(line, err=True)


def main() -> None:
    """Entry point: exit status 0, 2 for a user's error, 130 after Ctrl-C."""
    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _stop)
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except UserError as error:
        _say(f"Error: {error}")
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
