"""Commands that measure: one network, this machine, or one method against another."""

from __future__ import annotations

import json
from pathlib import Path

import click

from llmatic.cli.group import JSON, OVERRIDES, cli, say, warn_of_no_sandbox
from llmatic.errors import UserError

__all__ = ["benchmark", "doctor", "evaluate"]

LONGEST_FILE = 1_000_000
"""Characters of a file that are looked at."""


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@OVERRIDES
@JSON
def evaluate(file: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Train and measure the network in FILE, exactly as a search would.

    What is wrong with a network is its status; the exit status is 0 all the same.
    """
    from llmatic import config as configuration
    from llmatic import launch, view

    settings = configuration.compose(overrides)
    warn_of_no_sandbox(settings)
    if not file.is_file():
        raise UserError(f"{file}: is no regular file")
    with file.open(encoding="utf-8", errors="replace") as opened:
        text = opened.read(LONGEST_FILE)
    genome, measurement = launch.evaluate_source(settings, text)
    report = view.evaluation_json(genome, measurement)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            click.echo(f"{name:16} {value}")


@cli.command()
@OVERRIDES
def doctor(overrides: tuple[str, ...]) -> None:
    """Is this machine ready? Each check says what to do about it."""
    from llmatic import config as configuration
    from llmatic import doctor as checks

    failed = 0
    for check in checks.run(configuration.compose(overrides)):
        failed += not check.ok
        mark = "ok  " if check.ok else "FAIL"
        click.echo(
            f"{mark} {check.name}: {check.finding}" + (f"\n     {check.remedy}" * (not check.ok))
        )
    if failed:
        raise click.exceptions.Exit(2)


@cli.command()
@click.argument("table", type=click.Choice(["nasbench201"]), metavar="nasbench201")
@OVERRIDES
@click.option(
    "--dataset",
    default="cifar100",
    show_default=True,
    metavar="NAME,...",
    help="What the networks were trained on.",
)
@click.option(
    "--methods",
    default="random,regularised_evolution,local_search,map_elites,llmatic",
    show_default=True,
    metavar="NAME,...",
    help="Controls and searches, as above.",
)
@click.option("--seeds", default=20, show_default=True, help="Searches of each method.")
@click.option("--first-seed", default=0, show_default=True, help="The others follow it.")
@click.option(
    "--budgets",
    default="50,100,200",
    show_default=True,
    metavar="N,...",
    help="Distinct evaluations at which results are given; the highest ends a search.",
)
@click.option(
    "--fitness",
    type=click.Choice(["validation", "test"]),
    default="validation",
    show_default=True,
    help="The accuracy that is searched.",
)
@click.option("--jobs", type=int, help="Processes; one for each CPU if not given.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the figures there too.",
)
@click.option("--paired", is_flag=True, help="With --json: the comparisons instead of the rows.")
@JSON
def benchmark(
    table: str,
    overrides: tuple[str, ...],
    dataset: str,
    methods: str,
    seeds: int,
    first_seed: int,
    budgets: str,
    fitness: str,
    jobs: int | None,
    output: Path | None,
    paired: bool,
    as_json: bool,
) -> None:
    """Compare methods on a table of trained networks, at equal numbers of evaluations.

    Counted are the distinct networks that a search has had evaluated; asking for one
    again is free. Nothing is trained: 20 seeds of the default take about a minute.

    \b
    Data sets  cifar10, cifar100, imagenet16_120
    Controls   random, regularised_evolution, local_search, map_elites
    Searches   llmatic (the paper's, written by the grammar), frontier, and the
               paper's ablations network_archive_only, prompt_archive_only, mutation_only,
               crossover_only, random_generation, mutation_50, mutation_30

    \b
      llmatic benchmark nasbench201 --dataset cifar10,cifar100 --seeds 50
      llmatic benchmark nasbench201 --methods llmatic,mutation_only --budgets 100
      llmatic benchmark nasbench201 search.batch_size=10 --output figures --json

    KEY=VALUE changes a setting of the searches (search, prompts, llm, tracking). Results
    are runs of MLflow: what is finished is not run again, so a study that was
    interrupted goes on where it was, and more seeds or methods can be added.
    """  # noqa: D301  # click wants the character \b itself
    from llmatic.benchmark import command

    settings = command.study(methods, dataset, seeds, first_seed, budgets, fitness, overrides)
    report = command.run(settings, jobs, output, say)
    if as_json:
        click.echo(json.dumps(report.paired if paired else report.rows, indent=2))
        return
    report.show()
