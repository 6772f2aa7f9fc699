"""Registers networks of the map as versions of an MLflow model, each checked before it exists.

Chooses which networks, packs them, and has the registry make versions of them: all or
none. Knows no MLflow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from llmatic.archive import Elite
from llmatic.delivery.exporting import (
    CHECKED,
    DeliveryError,
    Found,
    compared,
    export,
    found,
    predictions,
)
from llmatic.evaluate.workbench import Format, Workbench, WorkbenchError
from llmatic.picking import Budget, pick
from llmatic.tracking import MlflowJournal, Training
from llmatic.tracking.registry import Package, Registry, Scores, Version

__all__ = ["CHAMPION", "Chosen", "choose", "register"]

CHAMPION = "champion"
DECADES = {10**3: "1k", 10**4: "10k", 10**5: "100k", 10**6: "1m", 10**7: "10m", 10**8: "100m"}
"""Budgets of FLOPs that a map is registered by."""
WITHOUT_PYTHON = "pt2: loads without executing generated Python"
WITH_PYTHON = "its own source, which loading executes"


@dataclass(frozen=True)
class Chosen:
    """What is to be registered.

    Attributes:
        candidate: Its id, as in ``3-9``.
        aliases: Of its version.
    """

    candidate: str
    aliases: tuple[str, ...]


def choose(elites: Iterable[Elite]) -> list[Chosen]:
    """The best of a map, and the best under each budget of FLOPs that leaves one out.

    A network that is the best under several budgets has several aliases.

    Raises:
        BudgetError: The map is empty.
    """
    elites = list(elites)
    aliases: dict[str, list[str]] = {
        str(pick(elites, Budget())[0].candidate.proposal.id): [CHAMPION]
    }
    flops = [each.candidate.measurement.metrics["flops"] for each in elites]
    for bound, word in DECADES.items():
        if min(flops) <= bound < max(flops):
            best = pick(elites, Budget(max_flops=bound))[0].candidate.proposal.id
            aliases.setdefault(str(best), []).append(f"under-{word}-flops")
    return [Chosen(candidate, tuple(names)) for candidate, names in aliases.items()]


def register(
    registry: Registry,
    journal: MlflowJournal,
    bench: Workbench,
    name: str,
    chosen: Iterable[Chosen],
    lineage: Mapping[str, str],
    say: Callable[[str], None],
    training_of: Callable[[str], Training | None] = lambda candidate: None,
) -> list[Version]:
    """Make versions of networks, each with its aliases; all of them or none.

    Args:
        registry: Where.
        journal: Of the search.
        bench: Of its data set.
        name: Of the registered model.
        chosen: Which networks.
        lineage: Tags of all versions.
        say: Called with what the user should read.
        training_of: Gives the training whose weights a candidate is registered with; None for
            those of the search.

    Raises:
        DeliveryError: One of them cannot be handed out.
        TrackingError: The registry does not take them: the name or an alias is taken.
    """
    chosen = list(chosen)
    registry.check(name, [alias for each in chosen for alias in each.aliases], journal.run_id)
    trainings = [training_of(each.candidate) for each in chosen]
    networks = [
        found(journal, each.candidate, training)
        for each, training in zip(chosen, trainings, strict=True)
    ]
    with registry.all_or_none() as making:
        for each, network, training in zip(chosen, networks, trainings, strict=True):
            of = "the search" if training is None else f"training {training.run_id}"
            package = _packed(journal, bench, network, {**lineage, "weights": of}, say)
            say(f"{network.id}: load it in a clean process")
            making.add(name, package, each.aliases)
    return making.versions


def _packed(
    journal: MlflowJournal,
    bench: Workbench,
    network: Found,
    lineage: Mapping[str, str],
    say: Callable[[str], None],
) -> Package:
    say(f"{network.id}: predict all images again")
    scores = predictions(bench, network)
    title = f"Candidate {network.id} of search {journal.run_id}, found by LLMatic."
    say(f"{network.id}: export it")
    try:
        artifact, form = export(bench, network, Format.PT2, title, scores), WITHOUT_PYTHON
        format = Format.PT2
    except (DeliveryError, WorkbenchError) as error:
        say(f"{network.id}: registered as its source, because {error}")
        format, form = Format.SOURCE, WITH_PYTHON
        artifact = export(bench, network, format, title, scores)
    measurement = network.candidate.measurement
    tags = {
        **lineage,
        "candidate": str(network.id),
        "parents": ",".join(map(str, network.candidate.proposal.parents)),
        "form": form,
        "classes": json.dumps(list(bench.preprocessing.names)),
        **{each: f"{measurement.metrics[each]:.0f}" for each in ("flops", "params")},
        **{each: f"{measurement.metrics[each]:.4f}" for each in ("val_accuracy", "test_accuracy")},
    }

    flops, params, accuracy = (
        measurement.metrics[name] for name in ("flops", "params", "test_accuracy")
    )
    images = bench.raw(CHECKED)
    shape = list(images.shape[1:])
    description = (
        f"Candidate {network.id} of a search by LLMatic: {flops:,.0f} FLOPs, {params:,.0f} "
        f"parameters, test accuracy {accuracy:.4f}. Takes a batch of images {shape} "
        "as they come, and gives the probability of each class."
    )

    def verify(reloaded: Scores) -> None:
        compared(network.id, "a registered model", reloaded, scores[:CHECKED])

    return Package(
        candidate_run_id=journal.candidate_run_id(network.id),
        artifact=artifact,
        suffix="pt2" if format is Format.PT2 else "py",
        images=images,
        classes=bench.preprocessing.names,
        description=description,
        tags=tags,
        metrics={each: measurement.metrics[each] for each in ("val_accuracy", "test_accuracy")},
        verify=verify,
        run_confined=lambda artifact: bench.run(artifact, Format.SOURCE, CHECKED),
    )
