"""Commands by which language models learn: from the grammar, or from a search."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmatic.cli.group import OVERRIDES, cli, say, tracking_of
from llmatic.errors import UserError

if TYPE_CHECKING:
    from lightning.pytorch.loggers import Logger

    from llmatic.config import TrackingConfig, TransformersConfig

__all__ = ["asked_for", "finetune", "train_nano"]

NOT_ASKED = ("kind", "name", "about", "adapter")
"""What of a model's settings is no setting of its own, or another one afterwards."""


@cli.command("train-nano")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("nano"),
    show_default=True,
    help="Where all that is made is kept; an interrupted training goes on from it.",
)
@click.option("--examples", type=click.IntRange(100), help="Of the corpus; 45000 unless given.")
@click.option("--passes", type=click.IntRange(1), help="How often each is seen; 1 unless given.")
@click.option(
    "--width", type=click.IntRange(64), help="Of the model, a multiple of 64; 256 unless given."
)
@click.option("--layers", type=click.IntRange(1), help="Of the model; 6 unless given.")
@click.option(
    "--practice",
    "practice_steps",
    type=click.IntRange(0),
    help="Steps in which it learns from its own answers; 64 unless given.",
)
@click.option("--seed", type=click.IntRange(0), help="Of everything; 0 unless given.")
@OVERRIDES
def train_nano(
    folder: Path, overrides: tuple[str, ...], practice_steps: int | None, **chosen: int | None
) -> None:
    """Train the small code model (llm=nano) from scratch.

    The corpus is written, a tokenizer is made of it, and a transformer is trained on it; then
    it practises: it answers, what it writes is tried in the sandbox, and it learns from what
    works. Two to three hours on two cores; on a GPU where there is one. Curves go to the MLflow
    experiment `nano`. What it has learnt is in FOLDER/model, and any search can use it. The only
    settings are tracking.*, where the curves are kept.

    \b
      llmatic train-nano --folder my-nano
      llmatic train-nano --folder small --examples 5000 --practice 0   # to try it out
      llmatic search llm=nano llm.model=./my-nano/model
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import hints
    from llmatic.config import TransformersConfig
    from llmatic.nano import training
    from llmatic.nano.examples import CELLS, NETWORKS
    from llmatic.nano.practice import Practice
    from llmatic.prompts import Catalogue

    other = [each for each in overrides if not each.startswith("tracking")]
    if other:
        raise UserError(f"{other[0]}: train-nano knows no setting but tracking.*")
    settings = configuration.compose(overrides)
    given = {key: each for key, each in chosen.items() if each is not None}
    practice = Practice() if practice_steps is None else Practice(steps=practice_steps)
    course = training.Course(**given, practice=practice)
    if course.width % training.HEAD:
        raise UserError(f"--width={course.width}: must be a multiple of {training.HEAD}")
    catalogues = {
        name: Catalogue.of(configuration.compose([f"prompts={name}"]).prompts)
        for name in (NETWORKS, CELLS)
    }
    llm = configuration.compose(["llm=nano"]).llm
    assert isinstance(llm, TransformersConfig)

    def log(part: str) -> Logger:
        return _logger(settings.tracking, "nano", f"{folder.name} {part}")

    model = training.train(course, folder, catalogues, llm, log, say)
    use = f"{hints.program()} search llm=nano llm.model={_given(model)}"
    click.echo(f"{model}: use it with `{use}`")


@cli.command()
@click.argument("run")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Where the adapter is kept; otherwise adapters/RUN-MODEL.",
)
@OVERRIDES
def finetune(run: str, folder: Path | None, overrides: tuple[str, ...]) -> None:
    """Let a language model learn from the search RUN.

    Every network that entered the map is a lesson, and counts the more, the more it gained
    over its parents. The model is that of the search, or the one that llm=... names; a
    search without a model that runs on this machine teaches llm=nano. Its settings can be
    overridden (llm.device=cpu). Small models get new weights, in less than a minute; large ones
    a LoRA adapter. A search uses what was learnt with llm.adapter=..., as the last line printed
    says. Whether it is better for it was measured (docs/llms.md).

    \b
      llmatic finetune 3f2a
      llmatic search llm=nano llm.adapter=./adapters/3f2a0c...-nano seed=1
    """  # noqa: D301  # click wants the character \b itself
    from llmatic import config as configuration
    from llmatic import hints, stored, tracking
    from llmatic.config import TransformersConfig
    from llmatic.learning import adapting

    own = [each for each in overrides if each.startswith("tracking")]
    store = tracking_of(own)
    journal = tracking.open_search(store, run, read_only=True)
    searched = stored.settings(journal)
    asked = [each for each in overrides if each not in own]
    for each in asked:
        if not each.startswith(("llm=", "llm.")):
            raise UserError(f"{each}: finetune knows no settings but llm, llm.* and tracking.*")
    if any(each.startswith("llm=") for each in asked):
        llm = configuration.compose(asked).llm
    elif isinstance(searched.llm, TransformersConfig):
        llm = configuration.override(searched, asked, ("llm.",)).llm
    else:
        llm = configuration.compose(["llm=nano", *asked]).llm
    if not isinstance(llm, TransformersConfig):
        raise UserError(f"llm={llm.name}: only a model that runs on this machine can learn")
    words = asked_for(llm)
    found = adapting.lessons(journal, llm.style)
    place = folder or Path("adapters") / f"{journal.run_id}-{llm.name}"
    logger = _logger(store, "finetune", f"{llm.name} by {journal.run_id[:8]}")
    adapting.adapt(llm, found, place, logger, say)
    use = f"{hints.program()} search {words} llm.adapter={_given(place)}"
    click.echo(f"{place}: use it with `{use}` and the settings of your search")


def _logger(store: TrackingConfig, experiment: str, name: str) -> Logger:
    from lightning.pytorch.loggers import MLFlowLogger

    from llmatic.tracking.store import connect

    connect(store.uri)  # makes what has to be made
    return MLFlowLogger(experiment, name, store.uri)


def asked_for(llm: TransformersConfig) -> str:
    """The settings that ask for a model."""
    from llmatic import config as configuration
    from llmatic.config import ConfigError

    model = f"llm.model={llm.model}"
    for words in ([f"llm={llm.name}"], [f"llm={llm.name}", model], ["llm=transformers", model]):
        try:
            known = configuration.compose(words).llm
        except ConfigError:  # it has no model of its own, or was a file of the user's
            continue
        if isinstance(known, type(llm)):
            break
    told = (field.name for field in fields(llm) if field.name not in NOT_ASKED)
    other = [name for name in told if getattr(known, name) != getattr(llm, name)]
    values = ("null" if (value := getattr(llm, name)) is None else value for name in other)
    return " ".join((*words, *(f"llm.{n}={v}" for n, v in zip(other, values, strict=True))))


def _given(folder: Path) -> str:
    """A folder as a setting has it, never to be taken for a name on the hub."""
    return str(folder) if folder.is_absolute() else f"./{folder}"
