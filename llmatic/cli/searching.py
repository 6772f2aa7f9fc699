"""Commands that search: `search` and `resume`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from llmatic.cli.group import OVERRIDES, STOPPED, cli, say, tracking_of, warn_of_no_sandbox
from llmatic.errors import UserError

if TYPE_CHECKING:
    from llmatic import parts
    from llmatic.config import Config, TrackingConfig
    from llmatic.llm import LLM
    from llmatic.loop import Progress
    from llmatic.report.live import LiveReport
    from llmatic.tracking import MlflowJournal

__all__ = ["resume", "search"]


@cli.command()
@OVERRIDES
def search(overrides: tuple[str, ...]) -> None:
    """Run a new search.

    The default searches networks for handwritten digits in two to three minutes. Its
    writer, llm=grammar, is a program that edits syntax trees: a grammar and no
    language model. It needs no weights, and is the blind control that every
    language model has to beat. Ctrl-C stops cleanly; `llmatic resume` goes on.

    Language models write with, for example

    \b
      llmatic search llm=nano                            # ships with LLMatic
      llmatic search llm=qwen2.5_coder_1.5b dataset=cifar10
      llmatic search llm=ollama llm.model=qwen2.5-coder:7b
      llmatic search llm=openai llm.model=NAME search.budget.usd=5
      llmatic search llm=replay llm.run=RUN
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import launch, parts, stored

    settings = configuration.compose(overrides)
    recorded = parts.recorded_search(settings)
    if recorded is not None:
        settings = stored.recorded_settings(settings, recorded, overrides)
    llm = parts.writer(settings, recorded, say)
    seed = parts.seed_network(settings, recorded)

    from llmatic import tracking  # takes seconds, which a wrong setting need not wait for

    for earlier in tracking.list_searches(settings.tracking):
        if earlier.interrupted and earlier.name == settings.name:
            go_on = _resume(settings.tracking, earlier.run_id)
            say(f"An earlier search was interrupted; go on with: {go_on}")
            break
    say(f"Reading the data set {settings.dataset.name} ...")
    with parts.executors(settings, say) as make, launch.new_search(settings) as journal:
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
    from llmatic import parts, stored, tracking

    store = tracking_of([each for each in overrides if each.startswith("tracking")])
    changes = [each for each in overrides if not each.startswith("tracking")]
    info, text = tracking.find_search(store, run)
    begun = stored.read(info.run_id, text)
    changed = configuration.override(begun, changes, stored.resumable(begun))
    changed = replace(changed, tracking=store)
    generations = changed.search.generations
    if info.state == "finished" and info.committed >= generations:
        say(_longer(store, run, info.committed))
        return
    with tracking.open_search(store, run, take_over=take_over) as journal:
        if journal.committed >= generations:
            journal.end("finished")
            say(_longer(store, run, journal.committed))
            return
        recorded = parts.recorded_search(changed)
        llm = parts.writer(changed, recorded, say)
        seed = parts.seed_network(changed, recorded)
        say(f"Reading the data set {changed.dataset.name} ...")
        with parts.executors(changed, say) as make:
            stored.amend(journal, changed, changes)
            _run(journal, changed, llm, seed, make)


def _run(
    journal: MlflowJournal, settings: Config, llm: LLM, seed: str, make: parts.MakeExecutor
) -> None:
    """Run a search to its end and show what it found."""
    from llmatic import hints, launch, view
    from llmatic.report.live import LiveReport
    from llmatic.search import SeedFailedError

    say(
        f"Search {journal.run_id} ({settings.name}); writer: {settings.llm.name} "
        f"({settings.llm.about})"
    )
    if settings.evaluator.kind == "trained":
        warn_of_no_sandbox(settings)
        if settings.executor.name == "local":
            say(f"Starting {settings.executor.slots} workers ...")
    drawing = LiveReport(
        settings.tracking, journal.run_id, hints.program(), settings.report.refresh_s, say
    )
    try:
        with view.LiveProgress() as progress, drawing:

            def observe(state: Progress) -> None:
                if STOPPED.is_set():
                    raise KeyboardInterrupt
                progress(state)
                drawing(state)

            archives, limit = launch.run(journal, settings, llm, seed, make, observe)
        used, candidates = journal.spent, journal.candidates()
        journal.end("finished" if limit is None else "interrupted")
    except (KeyboardInterrupt, UserError) as error:
        if isinstance(error, SeedFailedError) and not STOPPED.is_set():
            with suppress(UserError):  # what was wrong with the seed is what matters
                journal.end("failed")
            raise
        say(f"Stopped; go on with: {_resume(settings.tracking, journal.run_id)}")
        if STOPPED.is_set():  # what was interrupted may have failed in a way of its own
            raise KeyboardInterrupt from error
        raise
    if limit is not None:
        waiting = sum(each.proposal.id.generation == archives.generation for each in candidates)
        say(
            f"Stopped in generation {archives.generation}: {limit} is used up. The archives are "
            f"those before it; {waiting} of its candidates are finished and wait for the others."
        )
    if len(archives.networks):
        click.echo(
            view.summary(
                archives,
                launch.mutations(settings),
                used,
                candidates,
                journal.run_id,
                limit,
                settings,
            )
        )
    _draw(drawing, journal.run_id, settings.tracking)


def _draw(drawing: LiveReport, run_id: str, store: TrackingConfig) -> None:
    """Draw the report of a search that has ended."""
    from llmatic import hints

    try:
        page = drawing.finish()
    except KeyboardInterrupt:
        say(f"The report is not drawn; draw it with: {hints.command(store, 'report', run_id[:8])}")
        return
    if page is not None:
        click.echo(f"Report: {hints.short(page) or 'report/ of the run, in the MLflow UI'}")


def _longer(store: TrackingConfig, run: str, done: int) -> str:
    """That a search is finished, and how to go on with it."""
    from llmatic import hints

    longer = hints.command(store, "resume", run, f"search.generations={2 * done}")
    return f"Already finished, with {done} generations; to go on, for example: {longer}"


def _resume(store: TrackingConfig, run_id: str) -> str:
    """What to type to go on with a search."""
    from llmatic import hints

    return hints.command(store, "resume", run_id)
