"""Registers networks of the map as versions of an MLflow model, each checked before it exists.

Chooses which networks, packs them, and has the registry make versions of them: all or
none. Knows no MLflow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmatic.archive import Elite
from llmatic.delivery.exporting import CHECKED, compared, export, predictions
from llmatic.delivery.finding import DeliveryError, Found, found
from llmatic.evaluate.workbench import Format, Workbench, WorkbenchError
from llmatic.picking import Budget, pick
from llmatic.tracking import MlflowJournal, Training
from llmatic.tracking.registry import Package, Registry, Scores, Version

__all__ = ["CHAMPION", "Chosen", "Registered", "choose", "register"]

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


def register(
    registry: Registry,
    journal: MlflowJournal,
    bench: Workbench,
    name: str,
    chosen: Iterable[Chosen],
    lineage: Mapping[str, str],
    say: Callable[[str], None],
    trainings_of: Callable[[str], Sequence[Training]] = lambda candidate: (),
    which: str | None = None,
) -> list[Registered]:
    """Make versions of networks, each with its aliases; all of them or none.

    Args:
        registry: Where.
        journal: Of the search.
        bench: Of its data set.
        name: Of the registered model.
        chosen: Which networks.
        lineage: Tags of all versions.
        say: Called with what the user should read.
        trainings_of: Gives the trainings of a candidate, newest first; it is registered with
            the weights of the newest, or of the search where there is none.
        which: The run id of another training, or its beginning.

    Raises:
        DeliveryError: One of them cannot be handed out.
        TrackingError: The registry does not take them: the name or an alias is taken.
    """
    chosen = list(chosen)
    registry.check(name, [alias for each in chosen for alias in each.aliases], journal.run_id)
    networks = [
        found(journal, each.candidate, trainings_of(each.candidate), which) for each in chosen
    ]
    for network in networks:
        say(network.told)
    with registry.all_or_none() as making:
        for each, network in zip(chosen, networks, strict=True):
            training = network.training
            of = "the search" if training is None else f"training {training.run_id}"
            package = _packed(journal, bench, network, {**lineage, "weights": of}, say)
            say(f"{network.id}: loading it in a clean process")
            making.add(name, package, each.aliases)
    return [Registered(*each) for each in zip(making.versions, networks, strict=True)]


def _packed(
    journal: MlflowJournal,
    bench: Workbench,
    network: Found,
    lineage: Mapping[str, str],
    say: Callable[[str], None],
) -> Package:
    say(f"{network.id}: predicting all images again")
    scores = predictions(bench, network)
    title = f"Candidate {network.id} of search {journal.run_id}, found by LLMatic."
    say(f"{network.id}: exporting it")
    try:
        artifact, form = export(bench, network, Format.PT2, title, scores), WITHOUT_PYTHON
        format = Format.PT2
    except (DeliveryError, WorkbenchError) as error:
        say(f"{network.id}: registered as its source, because {error}")
        format, form = Format.SOURCE, WITH_PYTHON
        artifact = export(bench, network, format, title, scores)
    metrics = network.metrics
    tags = {
        **lineage,
        "candidate": str(network.id),
        "parents": ",".join(map(str, network.candidate.proposal.parents)),
        "form": form,
        "classes": json.dumps(list(bench.preprocessing.names)),
        **{each: f"{metrics[each]:.0f}" for each in ("flops", "params")},
        **{each: f"{metrics[each]:.4f}" for each in ("val_accuracy", "test_accuracy")},
    }

    images = bench.raw(CHECKED)
    description = (
        f"Candidate {network.id} of a search by LLMatic: {metrics['flops']:,.0f} FLOPs, "
        f"{metrics['params']:,.0f} parameters, test accuracy {metrics['test_accuracy']:.4f}. Takes "
        f"a batch of raw images, float32 of the shape (n, {', '.join(map(str, images.shape[1:]))}) "
        f"with pixels from 0 to {bench.preprocessing.scale:g}, and gives the probability of each "
        "class."
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
        metrics={each: metrics[each] for each in ("val_accuracy", "test_accuracy")},
        verify=verify,
        run_confined=lambda artifact: bench.run(artifact, Format.SOURCE, CHECKED),
    )
