"""Registers networks of the map as versions of an MLflow model, each checked before it exists.

Chooses which networks, packs and verifies them, and has the registry make versions of them:
all or none. Knows no MLflow.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from llmatic.archive import Elite
from llmatic.config import Config
from llmatic.delivery.exporting import (
    CHECKED,
    UnsafeArchiveError,
    compared,
    export,
    predictions,
)
from llmatic.evaluate.workbench import Format, UnexportableError, Workbench
from llmatic.finding import Found
from llmatic.picking import Budget, pick
from llmatic.tracking import MlflowJournal
from llmatic.tracking.packaging import Package, Scores, package_verified
from llmatic.tracking.registry import MADE_BY, Packed, Registry, Version

__all__ = ["CHAMPION", "Chosen", "Registered", "choose", "lineage", "register"]

CHAMPION = "champion"
DECADES = {
    10**3: "1k",
    10**4: "10k",
    10**5: "100k",
    10**6: "1m",
    10**7: "10m",
    10**8: "100m",
    10**9: "1g",
    10**10: "10g",
}
"""Budgets of FLOPs that a map is registered by."""
WITH_VALIDATION = " It was trained on the validation images, too."
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


@dataclass(frozen=True)
class Registered:
    """What was registered.

    Attributes:
        version: Of the model.
        network: With the weights that the version has.
    """

    version: Version
    network: Found


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


def lineage(journal: MlflowJournal, config: Config) -> dict[str, str]:
    """Which search a network comes from, for the tags of its version.

    Args:
        journal: Of the search.
        config: Of the search.
    """
    return {
        MADE_BY: journal.run_id,
        "search": config.name,
        "llm": config.llm.name,
        "commit": journal.made_with.get("commit", "not recorded"),
    }


def register(
    registry: Registry,
    journal: MlflowJournal,
    bench: Workbench,
    name: str,
    chosen: Iterable[Chosen],
    origin: Mapping[str, str],
    say: Callable[[str], None],
    weighted: Callable[[str], Found],
) -> list[Registered]:
    """Make versions of networks, each with its aliases; all of them or none.

    Args:
        registry: Where.
        journal: Of the search.
        bench: Of its data set.
        name: Of the registered model.
        chosen: Which networks.
        origin: From `lineage`.
        say: Called with what the user should read.
        weighted: Gives a candidate's network with the weights that are to be registered.

    Raises:
        DeliveryError: One of them cannot be handed out.
        TrackingError: The registry does not take them: the name or an alias is taken.
    """
    chosen = list(chosen)
    registry.check(name, [alias for each in chosen for alias in each.aliases], journal.run_id)
    networks = [weighted(each.candidate) for each in chosen]
    for network in networks:
        say(network.told)
    with tempfile.TemporaryDirectory() as scratch:
        packed = []
        for each, network in zip(chosen, networks, strict=True):
            package = _package(journal, bench, network, origin, say)
            say(f"{network.id}: loading it in a clean process")
            folder = Path(scratch) / str(network.id)
            package_verified(package, folder)
            packed.append(Packed(package, folder, each.aliases))
        versions = registry.make(name, journal.run_id, packed)
    return [Registered(*each) for each in zip(versions, networks, strict=True)]


def _package(
    journal: MlflowJournal,
    bench: Workbench,
    network: Found,
    origin: Mapping[str, str],
    say: Callable[[str], None],
) -> Package:
    say(f"{network.id}: predicting all images again")
    scores = predictions(bench, network)
    title = f"Candidate {network.id} of search {journal.run_id}, found by LLMatic."
    say(f"{network.id}: exporting it")
    try:
        artifact, form = export(bench, network, Format.PT2, title, scores), WITHOUT_PYTHON
        format = Format.PT2
    except (UnexportableError, UnsafeArchiveError) as error:
        say(f"{network.id}: registered as its source, because {error}")
        format, form = Format.SOURCE, WITH_PYTHON
        artifact = export(bench, network, format, title, scores)
    metrics, training = network.metrics, network.training
    tags = {
        **origin,
        "weights": "the search" if training is None else f"training {training.run_id}",
        "candidate": str(network.id),
        "parents": ",".join(map(str, network.candidate.proposal.parents)),
        "form": form,
        "classes": json.dumps(list(bench.preprocessing.names)),
        **{each: f"{metrics[each]:.0f}" for each in ("flops", "params")},
        **{each: f"{metrics[each]:.4f}" for each in ("val_accuracy", "test_accuracy")},
    }
    images = bench.raw(CHECKED)
    told = "" if training is None or not training.with_validation else WITH_VALIDATION
    shape = ", ".join(map(str, images.shape[1:]))
    description = (
        f"Candidate {network.id} of a search by LLMatic: {metrics['flops']:,.0f} FLOPs, "
        f"{metrics['params']:,.0f} parameters, test accuracy {metrics['test_accuracy']:.4f}.{told} "
        f"Takes a batch of raw images, float32 of the shape (n, {shape}) with pixels from 0 to "
        f"{bench.preprocessing.scale:g}, and gives the probability of each class."
    )

    def verify(reloaded: Scores) -> None:
        compared(network.id, "a registered model", reloaded, scores[:CHECKED])

    return Package(
        candidate_run_id=journal.candidate_run_id(network.id),
        artifact=artifact,
        suffix="pt2" if format is Format.PT2 else "py",
        images=images,
        predicted=scores[:CHECKED],
        classes=bench.preprocessing.names,
        description=description,
        tags=tags,
        metrics={each: metrics[each] for each in ("val_accuracy", "test_accuracy")},
        verify=verify,
        run_confined=lambda artifact: bench.run(artifact, Format.SOURCE, CHECKED),
    )
