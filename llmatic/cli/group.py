"""The program as a whole, and what its commands share: options, words, the store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmatic.config import Config, TrackingConfig
    from llmatic.tracking import MlflowJournal

__all__ = [
    "JSON",
    "OVERRIDES",
    "STOPPED",
    "USED",
    "cli",
    "opened",
    "say",
    "tracking_of",
    "warn_of_no_sandbox",
]

OVERRIDES = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")
STOPPED = threading.Event()
"""Somebody wants this process to end."""
USED = ("sandbox.", "dataset.root", "dataset.options.")
"""Settings that may differ where a found network is used."""


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


def say(line: str) -> None:
    """Tell the user something that is no result."""
    click.echo(line, err=True)


def tracking_of(overrides: Sequence[str]) -> TrackingConfig:
    """Where the runs are, as `KEY=VALUE` texts have it."""
    from llmatic import config as configuration

    return configuration.compose(overrides).tracking


def opened(
    run: str,
    overrides: Sequence[str],
    allowed: Sequence[str],
    changed: Callable[[Config], Config] = lambda settings: settings,
) -> tuple[TrackingConfig, MlflowJournal, Config]:
    """The store, a search in it to read, and its settings with what `KEY=VALUE` texts change.

    Args:
        run: Of the search, or its beginning.
        overrides: Of the store and of settings.
        allowed: Settings that may be overridden, as `config.override` takes them.
        changed: What the command itself makes of the search's settings before that.
    """
    from llmatic import config as configuration
    from llmatic import stored, tracking

    ours = [each for each in overrides if each.startswith("tracking")]
    store = tracking_of(ours)
    journal = tracking.open_search(store, run, read_only=True)
    changes = [each for each in overrides if each not in ours]
    settings = changed(stored.settings(journal))
    return store, journal, configuration.override(settings, changes, allowed)


def warn_of_no_sandbox(settings: Config) -> None:
    """Say so where generated code is not kept apart."""
    if settings.evaluator.kind == "trained" and settings.sandbox.name == "none":
        say(
            "Warning: sandbox=none: what is written runs with your own rights; it can read, "
            "change and send whatever you can."
        )
