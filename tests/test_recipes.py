"""The recipes of trainings, and how long they may take."""

from dataclasses import replace

import pytest
from core import small_config

from llmatic import refining, stored
from llmatic.cli import cli, training
from llmatic.config import ConfigError, override
from llmatic.refining.recipes import searched_recipe

RECIPE = {
    "learning_rate": 0.02,
    "momentum": 0.7,
    "weight_decay": 0.0,
    "schedule": "cosine",
    "label_smoothing": 0.05,
    "augmentation": "shift_flip",
    "batch_size": 32,
}


def timeout_s(config):
    return config.evaluator.timeout_s


def test_a_proper_training_is_longer_and_has_the_time():
    config = small_config("trainer.epochs=4", "evaluator.timeout_s=10", "dataset=cifar10")
    proper = refining.proper_training(config, None)
    assert proper.trainer == replace(
        config.trainer, epochs=20, schedule="one_cycle", label_smoothing=0.1, augmentation="shift"
    )
    assert timeout_s(proper) == 10 * 5 * 3
    assert refining.proper_training(config, 6).trainer.epochs == 6
    assert timeout_s(refining.proper_training(config, 6)) == 10 * 1.5 * 3
    assert timeout_s(refining.proper_training(config, 1)) == 10 * 3


def test_small_images_are_not_shifted():
    assert (
        refining.proper_training(small_config("dataset=digits"), None).trainer.augmentation
        == "none"
    )


def test_only_epochs_and_time_are_longer():
    config = small_config("trainer.epochs=4", "evaluator.timeout_s=10")
    longer = refining.with_epochs(config, 8)
    assert longer.trainer == replace(config.trainer, epochs=8)
    assert timeout_s(longer) == 10 * 2 * 3
    assert searched_recipe(longer) == searched_recipe(config)


def test_what_stops_a_searchs_trainings_early_has_no_part_in_longer_ones():
    config = small_config("trainer.epochs=100", "pruner=elite")
    assert refining.proper_training(config, None).trainer.epochs == 500
    assert refining.with_epochs(config, 500).pruner.name == "none"


def test_a_recipe_sets_what_it_names():
    config = small_config()
    changed = refining.with_recipe(config, RECIPE)
    assert searched_recipe(changed) == RECIPE
    assert changed.trainer.epochs == config.trainer.epochs
    assert refining.with_recipe(changed, searched_recipe(config)).trainer == config.trainer


@pytest.mark.parametrize(("size", "times"), [(16, 4), (64, 1), (256, 1)])
def test_small_batches_have_more_time(size, times):
    config = small_config("dataset.batch_size=64", "evaluator.timeout_s=10")
    assert timeout_s(refining.with_recipe(config, {**RECIPE, "batch_size": size})) == 10 * times


TRAINING = ("trainer.", "dataset.batch_size", "evaluator.")


def test_a_batch_size_that_is_given_has_the_time_that_it_takes():
    config = small_config("dataset.batch_size=64", "evaluator.timeout_s=10")
    changed = refining.overridden(
        config, ["dataset.batch_size=16", "trainer.momentum=0.5"], TRAINING
    )
    assert (changed.dataset.batch_size, changed.trainer.momentum) == (16, 0.5)
    assert timeout_s(changed) == 10 * 4
    given = ["dataset.batch_size=16", "evaluator.timeout_s=7"]
    assert timeout_s(refining.overridden(config, given, TRAINING)) == 7


def test_epochs_are_not_given_without_the_time_for_them():
    with pytest.raises(ConfigError, match=r"^trainer\.epochs=200: give --epochs 200"):
        refining.overridden(small_config(), ["trainer.epochs=200"], TRAINING)


@pytest.mark.parametrize("command", ["train", "tune"])
def test_a_network_is_trained_on_whatever_machine(monkeypatch, command):
    config = small_config("trainer.accelerator=gpu")
    asked = []

    def overridden(config, changes, allowed):
        asked.append(override(config, changes, allowed))
        raise ConfigError("enough")

    monkeypatch.setattr(training, "opened", lambda run, changes: (None, None, [*changes]))
    monkeypatch.setattr(stored, "settings", lambda journal: config)
    monkeypatch.setattr(refining, "overridden", overridden)
    other = ("accelerator=cpu", "devices=2", "strategy=ddp", "threads=3")
    arguments = [command, "3f2a", "1-0", *(f"trainer.{each}" for each in other)]
    with pytest.raises(ConfigError, match="enough"):
        cli.main(arguments, standalone_mode=False)
    (changed,) = asked
    assert (changed.trainer.accelerator, changed.trainer.devices) == ("cpu", 2)


def test_a_search_in_a_table_has_no_time_to_scale():
    config = small_config("experiment=nasbench201_cifar10")
    assert refining.with_epochs(config, 400).evaluator == config.evaluator
