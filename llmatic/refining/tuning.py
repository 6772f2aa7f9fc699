"""Tunes the recipe of a network of the map; the sandboxed evaluation says what one is worth.

Every trial is a run under one run of the tuning, from which an interrupted one goes on.
Knows no command line, and not how recipes are suggested.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from llmatic import launch, parts, tracking
from llmatic.config import Config, TrackingConfig
from llmatic.finding import NetworkError, network
from llmatic.records import CandidateId, Status
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
        new_trials: How many of them were made now, those that were tried again included.
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
    trial is stopped whose best accuracy so far is below the median of the others at that
    epoch, from half of the epochs on: some schedules learn late. What failed before for a
    reason that may pass is tried again, and a number that has no trial any more gets one.

    Args:
        store: Where.
        journal: Of the search.
        candidate: Its id in the search, as in ``3-9``.
        config: From `with_epochs`; its epochs, threads and accelerator are those of every trial,
            and its time is that of the search's batches.
        trials: How many in all.
        say: Called with what the user should read.

    Raises:
        NetworkError: There is no such network, no recipe trains it, or it was tuned with other
            epochs.
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
    _check_epochs(tracking.study_results(store, KIND, key), candidate, config)
    with (
        tracking.open_study(store, KIND, key, name, params) as kept,
        parts.prepared(config) as data,
    ):
        texts = {int(key): kept.result(key) for key in kept.keys}
        tried = {number: Tried.from_json(text) for number, text in sorted(texts.items()) if text}
        for each in tried.values():
            if each.status.is_lasting:
                done = each.val_accuracy is not None
                suggester.recall(each.recipe, each.values, done=done)
        due = _due(tried, trials)
        for number in due:
            recipe = tried[number].recipe if number in tried else None
            suggestion = suggester.suggest(number, recipe)
            tried[number] = _try(suggestion, config, data, source)
            suggestion.tell(done=tried[number].val_accuracy is not None)
            _keep(kept, number, tried[number])
            say(f"trial {number + 1}/{max(trials, number + 1)}: {tried[number]}")
        kept.attach_all(suggester.draw)
        best = best_of(tried)
        if best is not None:
            kept.describe(*_told(journal, candidate, tried, best))
    if best is None:
        raise NetworkError(
            f"CANDIDATE {candidate}: no recipe trains it; the search's own {tried[0]}"
        )
    found = tried[best]
    assert found.val_accuracy is not None
    statuses = [each.status for each in tried.values()]
    pruned = statuses.count(Status.PRUNED)
    return Tuned(
        run_id=kept.run_id,
        trials=len(tried),
        new_trials=len(due),
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
    tried = {place: Tried.from_json(each) for place, each in enumerate(texts)}
    best = best_of(tried)
    return None if best is None else tried[best].recipe


def _try(suggestion: Suggestion, config: Config, data: Prepared, source: str) -> Tried:
    settings = recipes.with_recipe(config, suggestion.recipe)
    data = replace(data, batch_size=settings.dataset.batch_size)
    found = launch.train_on(data, settings, source, suggestion.observe, suggestion)
    return Tried(
        suggestion.recipe, config.trainer.epochs, suggestion.values, found.status, found.error
    )


def _check_epochs(texts: Sequence[str], candidate: str, config: Config) -> None:
    """See that trials can be compared with those that were made before.

    Raises:
        NetworkError: They cannot.
    """
    for epochs in {Tried.from_json(each).epochs for each in texts} - {config.trainer.epochs}:
        raise NetworkError(
            f"candidate {candidate} was tuned with {epochs} epochs a trial, which are not "
            f"{config.trainer.epochs}: go on with --epochs {epochs}, or delete that tuning "
            "in the MLflow UI to begin anew"
        )


def _told(
    journal: MlflowJournal, candidate: str, tried: Mapping[int, Tried], best: int
) -> tuple[str, dict[str, float]]:
    """What came of a tuning, as the MLflow UI shows it, and its figures."""
    address = journal.candidate_path(CandidateId.parse(candidate))
    rows = "".join(f"| {name} | {value} |\n" for name, value in tried[best].recipe.items())
    figures = {"val_accuracy": tried[best].val_accuracy or 0.0, "best_trial": best + 1.0}
    note = (
        f"Recipes for training the network [{candidate}]({address}) of a search by LLMatic, each "
        "a run below this one. The search's own recipe, trial 1: "
        f"{tried[0]}. The best is trial {best + 1}: {tried[best]}.\n\n| | |\n| --- | ---: |\n{rows}"
    )
    return note, figures


def _due(tried: Mapping[int, Tried], trials: int) -> list[int]:
    """The trials to be made: those to be tried again, then new ones; 0 is never left out."""
    again = [number for number, each in tried.items() if not each.status.is_lasting]
    missing = max(trials - len(tried), int(0 not in tried))
    free = (number for number in count() if number not in tried)
    return [*again, *islice(free, missing)]


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
