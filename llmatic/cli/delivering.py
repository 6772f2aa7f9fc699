"""Commands that hand a network of a search out: `export`, `register`."""

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
    cli,
    opened,
    say,
    used,
    warn_of_no_sandbox,
)
from llmatic.errors import UserError

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig
    from llmatic.delivery import Chosen, Found
    from llmatic.tracking import MlflowJournal

__all__ = ["export", "register"]

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
SUFFIXES = {"onnx": "onnx", "pt2": "pt2", "source": "py"}


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
    help="The file; otherwise RUN-CANDIDATE[-TRAINING].SUFFIX in this folder.",
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
    from llmatic import delivery, parts
    from llmatic.evaluate.workbench import Format

    store, journal, changes = opened(run, overrides)
    settings = used(journal, changes)
    if output is not None and not output.parent.is_dir():
        raise UserError(f"--output {output}: there is no folder {output.parent}")
    network = _weighted(store, journal, which, as_searched=as_searched)(candidate)
    trained = "" if network.training is None else f"-{network.training.run_id[:8]}"
    file = output or Path(f"{journal.run_id[:8]}-{candidate}{trained}.{SUFFIXES[name]}")
    say(network.told)
    warn_of_no_sandbox(settings)
    title = f"Candidate {candidate} of search {journal.run_id}, found by LLMatic."
    with parts.workbench(settings) as bench:
        say("Predicting all images again, and exporting.")
        scores = delivery.predictions(bench, network)
        artifact = delivery.export(bench, network, Format(name), title, scores)
        shape, classes = bench.input_shape, bench.preprocessing.names
    unfinished = file.with_name(f".{file.name}.part")
    try:
        unfinished.write_bytes(artifact)
        unfinished.replace(file)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UserError(f"--output {file}: {error.strerror}") from None
    if as_json:
        written = {"file": str(file), "format": name, "bytes": len(artifact)}
        taken = {"input_shape": shape, "classes": classes}
        click.echo(json.dumps({**written, **taken, "weights": network.origin}))
    else:
        click.echo(f"Written: {file} ({len(artifact):,} bytes)")
        click.echo(
            f"It takes float32 images of shape (n, {', '.join(map(str, shape))}) as they come, and "
            f"gives probabilities of {', '.join(classes) or 'the classes by number'}"
        )


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
    from llmatic import delivery, parts
    from llmatic.tracking.registry import Registry

    if "=" in (candidate or ""):
        candidate, overrides = None, (str(candidate), *overrides)
    if (candidate is not None) + best + whole != 1:
        raise UserError("give one of CANDIDATE, --best and --map")
    if which is not None and whole:
        raise UserError("--training: is of one network; give CANDIDATE or --best, not --map")
    store, journal, changes = opened(run, overrides)
    settings = used(journal, changes)
    chosen = _chosen(journal, candidate, whole=whole)
    warn_of_no_sandbox(settings)
    weighted = _weighted(store, journal, which, as_searched=as_searched)
    origin = delivery.lineage(journal, settings)
    try:
        with parts.workbench(settings) as bench:
            registered = delivery.register(
                Registry(store), journal, bench, name, chosen, origin, say, weighted
            )
    except KeyboardInterrupt:
        say("Stopped; nothing was registered.")
        raise
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
