"""The settings a search is stored with: what is kept, what may change, what a replay takes over.

Knows the journal they are read from; nothing of what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from llmatic.config import (
    BudgetConfig,
    Config,
    ConfigError,
    ReplayConfig,
    from_yaml,
    override,
    to_yaml,
)

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal

__all__ = [
    "MACHINE",
    "amend",
    "parameters",
    "public",
    "read",
    "recorded_settings",
    "resumable",
    "settings",
]

MACHINE = (
    "sandbox.",
    "evaluator.timeout_s",
    "trainer.threads",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.strategy",
    "dataset.root",
)
"""What of a training is of the machine that it is done on."""

RESUMABLE = (
    "search.generations",
    "search.budget.",
    "executor.",
    "report.",
    *MACHINE,
)
"""What may change between a search's beginning and its resumption or replay."""

LLM_RESUMABLE = {
    "transformers": ("device", "dtype", "batch_size"),
    "openai": ("base_url", "api_key_env", "concurrency", "timeout_s", "retries"),
}
"""What else may change of a writer: where it runs, not which it is."""


def public(config: Config) -> Config:
    """What others may read in the tracking store."""
    return replace(config, tracking=config.tracking.public)


def parameters(config: Config) -> dict[str, str]:
    """Every setting by its whole name, for people to see."""
    from omegaconf import OmegaConf

    tree = OmegaConf.create(to_yaml(public(config)))
    flat: dict[str, str] = {}

    def visit(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                visit(f"{prefix}.{key}" if prefix else str(key), child)
        else:
            flat[prefix] = str(value)

    visit("", OmegaConf.to_container(tree))
    return flat


def settings(journal: MlflowJournal) -> Config:
    """What a search was begun with, or last resumed with.

    Raises:
        ConfigError: Another version of LLMatic wrote it.
    """
    return read(journal.run_id, journal.config())


def read(run_id: str, text: str) -> Config:
    """The settings of a search, from what its journal keeps.

    Raises:
        ConfigError: Another version of LLMatic wrote it.
    """
    try:
        return from_yaml(text)
    except ConfigError as error:
        raise ConfigError(
            f"search {run_id}: its settings are of another version of LLMatic ({error})"
        ) from None


def resumable(config: Config) -> tuple[str, ...]:
    """What may change when a search is resumed; a key that ends in a dot allows all below it."""
    writers = LLM_RESUMABLE.get(config.llm.kind, ())
    return (*RESUMABLE, *(f"llm.{name}" for name in writers))


def amend(journal: MlflowJournal, config: Config, overrides: Sequence[str]) -> None:
    """Store what was changed when a search was resumed, so that it holds from now on.

    Args:
        journal: Of the search.
        config: With the changes.
        overrides: ``key=value`` texts of what was changed, none of the store.
    """
    if overrides:
        journal.amend(to_yaml(public(config)), " ".join(overrides))


def recorded_settings(config: Config, journal: MlflowJournal, overrides: Sequence[str]) -> Config:
    """Settings of a search that goes through the completions of an earlier one again.

    They are the earlier search's, without its budget; only what could change between two
    parts of a search may be overridden.

    Args:
        config: As composed from the overrides.
        journal: Of the earlier search.
        overrides: ``key=value`` texts.

    Raises:
        ConfigError: Something else is overridden.
    """
    assert isinstance(config.llm, ReplayConfig)
    if journal.committed < 1:
        raise ConfigError(f"llm.run={config.llm.run}: has no complete generation to go through")
    earlier = settings(journal)
    earlier = replace(
        earlier,
        name=f"{earlier.name}-replay",
        llm=replace(config.llm, run=journal.run_id, style=earlier.llm.style),
        search=replace(
            earlier.search,
            generations=journal.committed,
            budget=BudgetConfig(None, None, None, None),
        ),
        tracking=config.tracking,
    )
    changes = [each for each in overrides if not each.startswith(("llm", "tracking"))]
    return override(earlier, changes, ("name", *RESUMABLE))
