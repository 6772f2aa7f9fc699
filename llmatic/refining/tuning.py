"""Tunes the recipe of a network of the map; the sandboxed evaluation says what one is worth.

Every trial is a run under one run of the tuning, from which an interrupted one goes on.
Knows no command line, and not how recipes are proposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmatic import launch, tracking
from llmatic.config import Config, TrackingConfig
from llmatic.finding import NetworkError, network
from llmatic.records import Measurement, Status
from llmatic.refining import recipes
from llmatic.refining.suggesting import Suggester, Suggestion
from llmatic.refining.tried import Tried, best_of

if TYPE_CHECKING:
    from llmatic.evaluate.prepare import Prepared
    from llmatic.tracking import MlflowJournal, StudyJournal

__all__ = ["Tuned", "tune", "tuned_recipe"]

KIND = "tuning"


@dataclass(frozen=True)
class Tuned:
    """What a tuning has found.

    Attributes:
        run_id: Of the tuning.
        trials: How many were finished, however they ended.
        new_trials: How many of them were made now.
        pruned: How many of them were stopped early.
        failed: How many of them did not train the network.
        trial: The best, from 1.
        val_accuracy: Of the best.
        searched_val_accuracy: Of the first trial: the search's own recipe. None where it failed.
        recipe: Of the best: fields of `TrainerConfig`, and ``batch_size``.
    """

    run_id: str
    trials: int
    new_trials: int
    pruned: int
    failed: int
    trial: int
    val_accuracy: float
    searched_val_accuracy: float | None
    recipe: dict[str, Any]


def tune(
    store: TrackingConfig,
    journal: MlflowJournal,
    candidate: str,
    config: Config,
    trials: int,
    say: Callable[[str], None],
) -> Tuned:
    """Try recipes until so many were tried; those of an earlier, interrupted tuning count.

    The first is the search's own. Validation accuracy after the last epoch is maximised; a
    trial that is worse than the median of the others at the same epoch is stopped, from half
    of the epochs on: some schedules learn late.

    Args:
        store: Where.
        journal: Of the search.
        candidate: Its id in the search, as in ``3-9``.
        config: From `with_epochs`; its epochs, threads and accelerator are those of every trial,
            and its time is that of the search's batches.
        trials: How many in all.
        say: Called with what the user should read.

    Raises:
        NetworkError: There is no such network, no recipe trains it, or it was tuned otherwise.
        TrackingError: The store failed, or another process tunes this network.
    """
    _, source = network(journal, candidate)
    suggester = Suggester(recipes.searched_recipe(config), config.trainer.epochs, config.seed)
    params = {
        "search": journal.run_id,
        "candidate": candidate,
        "epochs": str(config.trainer.epochs),
    }
    key, name = _key(journal, candidate), f"tuning of {candidate}"
    with (
        tracking.open_study(store, KIND, key, name, params) as kept,
        launch.prepared(config) as data,
    ):
        tried = _recalled(kept, candidate, config)
        for each in tried:
            done = each.val_accuracy is not None
            suggester.recall(each.recipe, each.values, done=done)
        before = len(tried)
        for number in range(before, trials):
            suggestion = suggester.suggest()
            each = _try(suggestion, config, data, source)
            suggestion.tell(each.val_accuracy)
            tried.append(each)
            _keep(kept, number, each)
            say(f"trial {number + 1}/{trials}: {each}")
        kept.attach_all(suggester.draw)
    best = best_of(tried)
    if best is None:
        raise NetworkError(
            f"CANDIDATE {candidate}: no recipe trains it; the search's own {tried[0]}"
        )
    found = tried[best]
    assert found.val_accuracy is not None
    statuses = [each.status for each in tried]
    pruned = statuses.count(Status.PRUNED)
    return Tuned(
        run_id=kept.run_id,
        trials=len(tried),
        new_trials=len(tried) - before,
        pruned=pruned,
        failed=len(tried) - pruned - statuses.count(Status.OK),
        trial=best + 1,
        val_accuracy=found.val_accuracy,
        searched_val_accuracy=tried[0].val_accuracy,
        recipe=found.recipe,
    )


def tuned_recipe(
    store: TrackingConfig, journal: MlflowJournal, candidate: str
) -> dict[str, Any] | None:
    """The best recipe that a tuning of this network has found so far; None without one."""
    texts = tracking.study_results(store, KIND, _key(journal, candidate))
    tried = [Tried.from_json(each) for each in texts]
    best = best_of(tried)
    return None if best is None else tried[best].recipe


def _try(suggestion: Suggestion, config: Config, data: Prepared, source: str) -> Tried:
    settings = recipes.with_recipe(config, suggestion.recipe)
    values: list[float] = []

    def observe(epoch: int, val_accuracy: float) -> None:
        values.append(val_accuracy)
        if suggestion.is_hopeless(epoch, val_accuracy):
            raise _Hopeless

    data = replace(data, batch_size=settings.dataset.batch_size)
    try:
        measurement = launch.train_on(data, settings, source, observe)
    except _Hopeless:
        measurement = Measurement(Status.PRUNED)
    return Tried(
        suggestion.recipe, config.trainer.epochs, values, measurement.status, measurement.error
    )


class _Hopeless(Exception):  # noqa: N818, it is none
    """A trial promises too little to go on."""


def _recalled(kept: StudyJournal, candidate: str, config: Config) -> list[Tried]:
    """The trials so far.

    Raises:
        NetworkError: Those to come could not be compared with them.
    """
    tried: list[Tried] = []
    while (text := kept.result(str(len(tried)))) is not None:
        tried.append(Tried.from_json(text))
    anew = f"delete run {kept.run_id} to begin anew"
    for epochs in {each.epochs for each in tried} - {config.trainer.epochs}:
        raise NetworkError(
            f"--epochs {config.trainer.epochs}: candidate {candidate} was tuned with "
            f"{epochs}; go on with that, or {anew}"
        )
    if tried and tried[0].recipe != recipes.searched_recipe(config):
        raise NetworkError(
            f"CANDIDATE {candidate}: its tuning did not begin with the search's recipe; {anew}"
        )
    return tried


def _keep(kept: StudyJournal, number: int, tried: Tried) -> None:
    tags = {"status": tried.status.name.lower()}
    if tried.error is not None:
        tags["error"] = tried.error
    kept.record(
        str(number),
        f"trial {number + 1}",
        tags,
        [("val_accuracy", value, epoch) for epoch, value in enumerate(tried.values)],
        tried.to_json(),
        {name: str(value) for name, value in tried.recipe.items()},
    )


def _key(journal: MlflowJournal, candidate: str) -> str:
    return f"{journal.run_id}:{candidate}"
