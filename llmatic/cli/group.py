"""The program as a whole, and what its commands share: options, words, the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmatic.config import Config, TrackingConfig
    from llmatic.tracking import MlflowJournal

__all__ = [
    "JSON",
    "OVERRIDES",
    "STOPPED",
    "cli",
    "opened",
    "say",
    "tracking_of",
    "used",
    "warn_of_no_sandbox",
]

OVERRIDES = click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")
STOPPED = threading.Event()
"""Somebody wants this process to end."""
USED = ("sandbox.", "dataset.root")
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


def opened(run: str, overrides: Sequence[str]) -> tuple[TrackingConfig, MlflowJournal, list[str]]:
    """The store, a search in it to read, and the `KEY=VALUE` texts that are not of the store."""
    from llmatic import tracking

    ours = [each for each in overrides if each.startswith("tracking")]
    store = tracking_of(ours)
    journal = tracking.open_search(store, run, read_only=True)
    return store, journal, [each for each in overrides if each not in ours]


def used(journal: MlflowJournal, changes: Sequence[str]) -> Config:
    """The settings that a network of a search is used with.

    Raises:
        ConfigError: Something is to change that made the search what it is.
    """
    from llmatic import config as configuration
    from llmatic import stored

    return configuration.override(stored.settings(journal), changes, USED)


def warn_of_no_sandbox(settings: Config) -> None:
    """Say so where generated code is not kept apart."""
    if settings.evaluator.kind == "trained" and settings.sandbox.name == "none":
        say(
            "Warning: sandbox=none: what is written runs with your own rights; it can read, "
            "change and send whatever you can."
        )
