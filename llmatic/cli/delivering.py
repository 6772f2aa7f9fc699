"""Commands that take a network out of a search: `tune`, `train`, `export`, `register`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmatic.cli.group import (
    JSON,
    OVERRIDES,
    USED,
    cli,
    opened,
    say,
    tracking_of,
    warn_of_no_sandbox,
)
from llmatic.errors import UserError

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig
    from llmatic.delivery import Chosen, Found
    from llmatic.tracking import MlflowJournal

__all__ = ["export", "register", "train", "tune"]

AS_SEARCHED = click.option(
    "--as-searched",
    "as_searched",
    is_flag=True,
    help="Take the search's weights where a later training has others.",
)
OF_TRAINING = click.option(
    "--training",
    "which",
    metavar="RUN",
    help="Take the weights of this training (its run id, or the beginning) instead of the newest.",
)
TRAINING = ("trainer.", "seed", "sandbox.", "evaluator.", "dataset.root", "dataset.options.")
TUNING = ("seed", "sandbox.", "evaluator.", "dataset.root", "dataset.options.", "trainer.threads")
SUFFIXES = {"onnx": "onnx", "pt2": "pt2", "source": "py"}


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
    16 pixels a side on, shifted images; every part of the recipe can be set. The weights
    are kept in a run of their own, and `export` and `register` take the newest, or the
    one that --training names. Test accuracy is measured in the same sandboxed
    evaluation and told once, at the end.

    \b
      llmatic train 3f2a 3-9
      llmatic train 3f2a 3-9 --epochs 100 trainer.augmentation=shift_flip
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import delivery, hints, stored, tracking

    ours = [each for each in overrides if each.startswith("tracking")]
    store = tracking_of(ours)
    journal = tracking.open_search(store, run, read_only=True)
    changes = [each for each in overrides if each not in ours]
    if folder is not None:
        if changes or epochs or use_tuned or with_validation:
            raise UserError("--keep: nothing is trained with it; leave the recipe out")
        found = delivery.keep(store, journal, candidate, folder)
    else:
        settings = delivery.proper(stored.settings(journal), epochs)
        if use_tuned:
            recipe = delivery.tuned(store, journal, candidate)
            if recipe is None:
                raise UserError(
                    f"--tuned: CANDIDATE {candidate} was not tuned yet; see `tune --help`"
                )
            settings = delivery.by(settings, recipe)
        settings = configuration.override(settings, changes, TRAINING)
        warn_of_no_sandbox(settings)

        def observe(epoch: int, val_accuracy: float) -> None:
            about = "" if with_validation else f", validation accuracy {val_accuracy:.4f}"
            say(f"epoch {epoch}/{settings.trainer.epochs}{about}")

        found = delivery.train(
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
    augmentation, by validation accuracy: the search's recipe is tried first, Optuna's
    TPE proposes others, and trials are stopped that are worse than the median at the
    same epoch, from half of the epochs on. Every trial is a run under one run of
    the tuning, with its plots; started again, it goes on where it was. A recipe with
    which the network fails to train says why, and counts as a trial.

    \b
      llmatic tune 3f2a 3-9 --trials 30
      llmatic train 3f2a 3-9 --tuned
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import delivery, hints, stored, tracking

    ours = [each for each in overrides if each.startswith("tracking")]
    store = tracking_of(ours)
    journal = tracking.open_search(store, run, read_only=True)
    settings = stored.settings(journal)
    settings = delivery.longer(settings, epochs or settings.trainer.epochs)
    changes = [each for each in overrides if each not in ours]
    settings = configuration.override(settings, changes, TUNING)
    warn_of_no_sandbox(settings)
    found = delivery.tune(store, journal, candidate, settings, trials, say)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
        return
    if not found.new_trials:
        say(f"All {found.trials} trials had been done before; a larger --trials goes on.")
    ended = f"{found.pruned} stopped early, {found.failed} failed"
    of = f"{found.trials} trials, {ended}; run {found.run_id}"
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


@cli.command()
@click.argument("run")
@click.argument("candidate")
@OVERRIDES
@click.option(
    "--format", "name", type=click.Choice(sorted(SUFFIXES)), required=True, help="What is written."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; otherwise RUN-CANDIDATE.SUFFIX in this folder.",
)
@OF_TRAINING
@AS_SEARCHED
@JSON
def export(
    run: str,
    candidate: str,
    overrides: tuple[str, ...],
    name: str,
    output: Path | None,
    which: str | None,
    as_searched: bool,
    as_json: bool,
) -> None:
    """Write the trained network CANDIDATE of the search RUN to a file.

    It takes images as they come (pixels as in the data set's files) and gives
    probabilities of classes. Before it is written it is run with the runtime it is
    meant for, and compared with the network that was trained.

    \b
      onnx    for ONNX Runtime and everything else that reads ONNX
      pt2     for torch.export.load(); no generated Python is executed
      source  one Python file with a load() that a person can read

    \b
      llmatic export 3f2a 3-9 --format onnx
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import delivery, launch
    from llmatic.evaluate.workbench import Format

    store, journal, settings = opened(run, overrides, USED)
    file = output or Path(f"{journal.run_id[:8]}-{candidate}.{SUFFIXES[name]}")
    if not file.parent.is_dir():
        raise UserError(f"--output {file}: there is no folder {file.parent}")
    network = _weighted(store, journal, which, as_searched=as_searched)(candidate)
    say(network.told)
    warn_of_no_sandbox(settings)
    title = f"Candidate {candidate} of search {journal.run_id}, found by LLMatic."
    with launch.workbench(settings) as bench:
        say("Predicting all images again, and exporting.")
        scores = delivery.predictions(bench, network)
        artifact = delivery.export(bench, network, Format(name), title, scores)
    try:
        file.write_bytes(artifact)
    except OSError as error:
        raise UserError(f"--output {file}: {error.strerror}") from None
    if as_json:
        written = {"file": str(file), "format": name, "bytes": len(artifact)}
        click.echo(json.dumps({**written, "weights": network.origin}))
    else:
        click.echo(f"Written: {file} ({len(artifact):,} bytes)")


@cli.command()
@click.argument("run")
@click.argument("candidate", required=False)
@OVERRIDES
@click.option("--best", "best", is_flag=True, help="The fittest of the map.")
@click.option("--map", "whole", is_flag=True, help="One version for every budget of FLOPs.")
@click.option("--name", required=True, help="Of the registered model.")
@OF_TRAINING
@AS_SEARCHED
@JSON
def register(
    run: str,
    candidate: str | None,
    overrides: tuple[str, ...],
    best: bool,
    whole: bool,
    name: str,
    which: str | None,
    as_searched: bool,
    as_json: bool,
) -> None:
    """Register networks of the search RUN as versions of an MLflow model.

    CANDIDATE, or the fittest with --best, or one for every budget of FLOPs with --map.
    The fittest has the alias champion; others under-10k-flops, under-1m-flops and so
    on. A version takes images as they come and gives probabilities. Before it is made
    it is loaded in a clean process without LLMatic, and compared with the network that
    was trained; where one of them differs, none is made.

    \b
      llmatic register 3f2a --map --name digits
      mlflow models serve -m models:/digits@champion --env-manager local
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import delivery, launch
    from llmatic.tracking.registry import Registry

    if "=" in (candidate or ""):
        candidate, overrides = None, (str(candidate), *overrides)
    if (candidate is not None) + best + whole != 1:
        raise UserError("give one of CANDIDATE, --best and --map")
    if which is not None and whole:
        raise UserError("--training: is of one network; give CANDIDATE or --best, not --map")
    store, journal, settings = opened(run, overrides, USED)
    chosen = _chosen(journal, candidate, whole=whole)
    warn_of_no_sandbox(settings)
    weighted = _weighted(store, journal, which, as_searched=as_searched)
    origin = delivery.lineage(journal, settings)
    with launch.workbench(settings) as bench:
        registered = delivery.register(
            Registry(store), journal, bench, name, chosen, origin, say, weighted
        )
    if as_json:
        rows = [{**asdict(each.version), "weights": each.network.origin} for each in registered]
        click.echo(json.dumps(rows, indent=2))
        return
    for each in (one.version for one in registered):
        named = "".join(f", models:/{name}@{alias}" for alias in each.aliases)
        click.echo(f"models:/{name}/{each.version}{named}: candidate {each.tags['candidate']}")


def _weighted(
    store: TrackingConfig, journal: MlflowJournal, which: str | None, *, as_searched: bool
) -> Callable[[str], Found]:
    """What gives a candidate's network with the weights that the options choose."""
    from llmatic import delivery, tracking

    if which is not None and as_searched:
        raise UserError("give --training or --as-searched, not both")

    def weighted(candidate: str) -> Found:
        trained = () if as_searched else tracking.trainings(store, journal.run_id, candidate)
        return delivery.found(journal, candidate, trained, which)

    return weighted


def _chosen(journal: MlflowJournal, candidate: str | None, *, whole: bool) -> list[Chosen]:
    from llmatic import delivery, launch

    if candidate is not None:
        return [delivery.Chosen(candidate, ())]
    of_the_map = delivery.choose(launch.replay(journal).networks.elites())
    return of_the_map if whole else [delivery.Chosen(of_the_map[0].candidate, (delivery.CHAMPION,))]
