"""Recipes that a network of the map is trained with, and the time that they take.

A recipe is a mapping of fields of `TrainerConfig`, and ``batch_size``. Trains nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmatic.config import Config, ConfigError, PrunerConfig, TrainedConfig, override

__all__ = ["overridden", "proper_training", "searched_recipe", "with_epochs", "with_recipe"]

LONGER = 5
SMOOTHING = 0.1
LARGE_PIXELS = 16
"""Pixels of a side from which on shifting by one is not much."""
SLACK = 3
"""How much longer than in the search an epoch may take, augmented."""
FIELDS = (
    "learning_rate",
    "momentum",
    "weight_decay",
    "schedule",
    "label_smoothing",
    "augmentation",
)
"""What a recipe sets of the trainer."""


def searched_recipe(config: Config) -> dict[str, Any]:
    """The recipe that a search has trained its networks with."""
    fields = {name: getattr(config.trainer, name) for name in FIELDS}
    return {**fields, "batch_size": config.dataset.batch_size}


def with_recipe(config: Config, recipe: Mapping[str, Any]) -> Config:
    """Settings with another recipe; where its batches are smaller, with more time."""
    fields = {name: value for name, value in recipe.items() if name != "batch_size"}
    size = recipe["batch_size"]
    dataset = replace(config.dataset, batch_size=size)
    trainer = replace(config.trainer, **fields)
    changed = replace(config, dataset=dataset, trainer=trainer)
    return _timed(changed, _slower(config, size))


def overridden(config: Config, changes: Sequence[str], allowed: Sequence[str]) -> Config:
    """Settings of a training with some of them changed; smaller batches have more time.

    Args:
        config: From `with_epochs` or `proper_training`.
        changes: ``key=value`` texts. A time among them is given as it is.
        allowed: As in `llmatic.config.override`; never the number of epochs.

    Raises:
        ConfigError: A key is unknown, not allowed, or has a wrong value.
    """
    for each in changes:
        key, _, value = each.partition("=")
        if key == "trainer.epochs":
            raise ConfigError(f"{each}: give --epochs {value}, which gives the time for them, too")
    changed = override(config, changes, allowed)
    timed = any(each.startswith("evaluator.timeout_s=") for each in changes)
    return changed if timed else _timed(changed, _slower(config, changed.dataset.batch_size))


def with_epochs(config: Config, epochs: int) -> Config:
    """Settings of a search with so many epochs, and the time that they take, augmented too.

    What stops a search's trainings early has no part in it.
    """
    trainer = replace(config.trainer, epochs=epochs)
    times = SLACK * max(1.0, epochs / config.trainer.epochs)
    return _timed(replace(config, trainer=trainer, pruner=PrunerConfig()), times)


def proper_training(config: Config, epochs: int | None) -> Config:
    """A search's settings with the recipe of a proper training, and the time that it takes.

    Args:
        config: Of the search.
        epochs: How many; None for 5 times the search's.
    """
    config = with_epochs(config, epochs or LONGER * config.trainer.epochs)
    recipe = replace(
        config.trainer,
        schedule="one_cycle",
        label_smoothing=SMOOTHING,
        augmentation="shift" if min(config.dataset.input_shape[1:]) >= LARGE_PIXELS else "none",
    )
    return replace(config, trainer=recipe)


def _slower(config: Config, batch_size: int) -> float:
    """How many times as long a training takes with other batches, at most."""
    return max(1.0, config.dataset.batch_size / batch_size)


def _timed(config: Config, times: float) -> Config:
    """With so many times as much time for a training."""
    evaluator = config.evaluator
    if not isinstance(evaluator, TrainedConfig):
        return config
    return replace(config, evaluator=replace(evaluator, timeout_s=times * evaluator.timeout_s))
