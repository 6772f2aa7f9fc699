"""Commands that make a found network better: `tune` its recipe, `train` it properly."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from llmatic.cli.group import JSON, OVERRIDES, cli, opened, say, warn_of_no_sandbox
from llmatic.errors import UserError

__all__ = ["train", "tune"]

TUNING = ("seed", "evaluator.")
"""What may differ from the search, beside what is of the machine."""
TRAINING = (*TUNING, "trainer.", "dataset.batch_size")


@cli.command()
@click.argument("run")
@click.argument("candidate")
@OVERRIDES
@click.option("--epochs", type=click.IntRange(1), help="How many; otherwise 5 times the search's.")
@click.option("--tuned", "use_tuned", is_flag=True, help="By the best recipe of `tune`.")
@click.option("--with-validation", is_flag=True, help="Train on the validation images, too.")
@click.option(
    "--keep",
    "folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Train nothing: keep the training in this folder, written when the store was away.",
)
@JSON
def train(
    run: str,
    candidate: str,
    overrides: tuple[str, ...],
    epochs: int | None,
    use_tuned: bool,
    with_validation: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Train the network CANDIDATE of the search RUN properly, and keep its weights.

    Longer than in the search, with a one-cycle learning rate, smoothed labels and, from
    16 pixels a side on, shifted images; every part of the recipe can be set, as trainer.*
    and dataset.batch_size, and the epochs as --epochs. The weights are kept in a run
    of their own, and `export` and `register` take the newest, or the one that --training
    names. Test accuracy is measured in the same sandboxed evaluation and told once, at
    the end.

    \b
      llmatic train 3f2a 3-9
      llmatic train 3f2a 3-9 --epochs 100 trainer.augmentation=shift_flip
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import hints, refining, stored

    store, journal, changes = opened(run, overrides)
    if folder is not None:
        if changes or epochs or use_tuned or with_validation:
            raise UserError("--keep: nothing is trained with it; leave the recipe out")
        found = refining.keep(store, journal, candidate, folder)
    else:
        settings = refining.proper_training(stored.settings(journal), epochs)
        if use_tuned:
            recipe = refining.tuned_recipe(store, journal, candidate)
            if recipe is None:
                raise UserError(
                    f"--tuned: CANDIDATE {candidate} was not tuned yet; see `tune --help`"
                )
            settings = refining.with_recipe(settings, recipe)
        settings = refining.overridden(settings, changes, (*stored.MACHINE, *TRAINING))
        warn_of_no_sandbox(settings)

        def observe(epoch: int, val_accuracy: float) -> None:
            about = "" if with_validation else f", validation accuracy {val_accuracy:.4f}"
            say(f"epoch {epoch}/{settings.trainer.epochs}{about}")

        found = refining.train(
            store, journal, candidate, settings, observe, with_validation=with_validation
        )
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    click.echo(
        f"Test accuracy {found.test_accuracy:.4f}; in the search {found.searched_test_accuracy:.4f}"
    )
    click.echo(f"The weights are kept with run {found.run_id}, and are now taken by:")
    name = stored.settings(journal).dataset.name
    for words in (("register", "--name", name), ("export", "--format", "onnx")):
        command = hints.command(store, words[0], run, candidate, *words[1:])
        click.echo(f"  {command}")


@cli.command()
@click.argument("run")
@click.argument("candidate")
@OVERRIDES
@click.option("--trials", type=click.IntRange(1), default=20, show_default=True, help="In all.")
@click.option("--epochs", type=click.IntRange(1), help="Of a trial; otherwise the search's.")
@JSON
def tune(
    run: str,
    candidate: str,
    overrides: tuple[str, ...],
    trials: int,
    epochs: int | None,
    as_json: bool,
) -> None:
    """Tune the recipe that the network CANDIDATE of the search RUN is trained with.

    Learning rate, momentum, weight decay, schedule, batch size, label smoothing and
    augmentation, by validation accuracy: the search's recipe is tried first, and Optuna's
    TPE proposes others. A trial is stopped whose best accuracy so far is below the median
    of the others at the same epoch, from half of the epochs on. Every trial is a run
    under one run of the tuning, with its plots; started again, it goes on where it was.
    A recipe with which the network fails to train says why, and counts as a trial; where
    the reason may pass, as a lack of time or memory, it is tried again by the next start.

    \b
      llmatic tune 3f2a 3-9 --trials 30
      llmatic train 3f2a 3-9 --tuned
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import hints, refining, stored

    store, journal, changes = opened(run, overrides)
    settings = stored.settings(journal)
    settings = refining.with_epochs(settings, epochs or settings.trainer.epochs)
    settings = refining.overridden(settings, changes, (*stored.MACHINE, *TUNING))
    warn_of_no_sandbox(settings)
    try:
        found = refining.tune(store, journal, candidate, settings, trials, say)
    except KeyboardInterrupt:
        say("Stopped; started again, it goes on after the trials that are finished.")
        raise
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    if not found.new_trials:
        say(f"All {found.trials} trials had been done before; a larger --trials goes on.")
    ended = f"{found.pruned} stopped early, {found.failed} failed"
    of = f"{found.trials} trial{'s' * (found.trials != 1)}, {ended}; run {found.run_id}"
    best, was = f"{found.val_accuracy:.4f}", found.searched_val_accuracy
    searched = "failed" if was is None else f"{was:.4f}"
    if found.trial == 1:
        click.echo(f"The search's own recipe won: validation accuracy {best} ({of})")
    else:
        click.echo(
            f"Trial {found.trial} won: validation accuracy {best}; the search's own recipe, "
            f"trial 1: {searched} ({of})"
        )
    for name, value in found.recipe.items():
        click.echo(f"  {name:16} {value if isinstance(value, str) else f'{value:.4g}'}")
    by_it = hints.command(store, "train", run, candidate, "--tuned", study=True)
    click.echo(f"Train by it: {by_it}")
