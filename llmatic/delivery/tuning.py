"""Tunes the recipe of a network of the map: Optuna proposes, the sandboxed evaluation answers.

Every trial is a run under one run of the tuning, from which an interrupted one goes on.
Knows no command line; the only module that knows Optuna.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmatic import launch, tracking
from llmatic.config import Config, TrackingConfig
from llmatic.delivery.finding import DeliveryError, network

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

    from llmatic.evaluate.prepare import Prepared
    from llmatic.tracking import MlflowJournal

__all__ = ["Tuned", "tune", "tuned"]

KIND = "tuning"
STARTUP_TRIALS = 3
LEARNING_RATES = (3e-3, 0.5)
MOMENTA = (0.5, 0.99)
WEIGHT_DECAYS = (1e-6, 3e-2)
MOST_SMOOTHING = 0.2
BATCH_SIZES = (16, 32, 64, 128)
FAILED = 0.0
"""What a recipe is worth that does not train the network."""


@dataclass(frozen=True)
class Tuned:
    """What a tuning has found.

    Attributes:
        run_id: Of the tuning.
        trials: How many were finished, pruned ones too.
        new_trials: How many of them were made now.
        pruned: How many of them were stopped early.
        trial: The best, from 1.
        val_accuracy: Of the best.
        searched_val_accuracy: Of the first trial: the search's own recipe.
        recipe: Of the best: fields of `TrainerConfig`, and ``batch_size``.
    """

    run_id: str
    trials: int
    new_trials: int
    pruned: int
    trial: int
    val_accuracy: float
    searched_val_accuracy: float
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

    The first is the search's own. Validation accuracy after the last epoch is maximised
    (TPE, Bergstra et al. 2011); a trial that is worse than the median of the others at the
    same epoch is stopped, from half of the epochs on: some schedules learn late.

    Args:
        store: Where.
        journal: Of the search.
        candidate: Its id in the search, as in ``3-9``.
        config: Of the search; its trainer's epochs, threads and accelerator are kept.
        trials: How many in all.
        say: Called with what the user should read.

    Raises:
        DeliveryError: There is no such network, or no recipe trains it.
        TrackingError: The store failed, or another process tunes this network.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _, source = network(journal, candidate)
    study = optuna.create_study(
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, config.trainer.epochs // 2),
    )
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
        while (text := kept.result(str(len(study.trials)))) is not None:
            if (epochs := json.loads(text)["epochs"]) != config.trainer.epochs:
                raise DeliveryError(
                    f"--epochs {config.trainer.epochs}: candidate {candidate} was tuned with "
                    f"{epochs}; go on with that, or delete run {kept.run_id} to begin anew"
                )
            study.add_trial(_trial(text, _sizes(config)))
        before = len(study.trials)
        for number in range(before, trials):
            study.sampler = optuna.samplers.TPESampler(seed=config.seed + number)
            if number == 0:
                study.enqueue_trial(_as_searched(config))
            trial = study.ask()
            curve = _run(trial, config, data, source)
            state = (
                optuna.trial.TrialState.COMPLETE if curve.done else optuna.trial.TrialState.PRUNED
            )
            finished = study.tell(trial, curve.value if curve.done else None, state)
            kept.record(
                str(number),
                f"trial {number + 1}",
                {"state": state.name.lower(), **{n: str(v) for n, v in finished.params.items()}},
                [("val_accuracy", value, epoch) for epoch, value in enumerate(curve.values)],
                json.dumps(
                    {
                        "params": finished.params,
                        "done": curve.done,
                        "values": curve.values,
                        "epochs": config.trainer.epochs,
                    }
                ),
            )
            word = (
                f"{curve.value:.4f}" if curve.done else f"stopped after epoch {len(curve.values)}"
            )
            say(f"trial {number + 1}/{trials}: {word}")
        kept.attach_all(lambda folder: _draw(study, folder))
        found = _tuned(kept.run_id, study, before)
    if found is None:
        raise DeliveryError(f"CANDIDATE {candidate}: no recipe trains it")
    return found


def tuned(store: TrackingConfig, journal: MlflowJournal, candidate: str) -> dict[str, Any] | None:
    """The best recipe that a tuning of this network has found so far; None without one."""
    texts = tracking.study_results(store, KIND, _key(journal, candidate))
    done = [each for each in map(json.loads, texts) if each["done"] and each["values"]]
    best = max(done, key=lambda each: each["values"][-1], default=None)
    return None if best is None else dict(best["params"])


@dataclass
class _Curve:
    values: list[float]
    done: bool

    @property
    def value(self) -> float:
        return self.values[-1] if self.values else FAILED


def _run(trial: Trial, config: Config, data: Prepared, source: str) -> _Curve:
    import optuna

    recipe = _suggested(trial, _sizes(config))
    size = recipe.pop("batch_size")
    trainer = replace(config.trainer, **recipe)
    curve = _Curve([], done=True)

    def observe(epoch: int, val_accuracy: float) -> None:
        curve.values.append(val_accuracy)
        trial.report(val_accuracy, epoch)
        if epoch < trainer.epochs and trial.should_prune():
            raise optuna.TrialPruned

    settings = replace(config, trainer=trainer)
    try:
        measurement = launch.train_on(replace(data, batch_size=size), settings, source, observe)
    except optuna.TrialPruned:
        curve.done = False
        return curve
    if not measurement.status.trainable:
        curve.values = []
    return curve


def _sizes(config: Config) -> list[int]:
    return sorted({*BATCH_SIZES, config.dataset.batch_size})


def _as_searched(config: Config) -> dict[str, Any]:
    """The search's own recipe, as near as what is tuned comes to it."""
    trainer = config.trainer
    return {
        "learning_rate": min(max(trainer.learning_rate, LEARNING_RATES[0]), LEARNING_RATES[1]),
        "momentum": min(max(trainer.momentum, MOMENTA[0]), MOMENTA[1]),
        "weight_decay": min(max(trainer.weight_decay, WEIGHT_DECAYS[0]), WEIGHT_DECAYS[1]),
        "schedule": trainer.schedule,
        "batch_size": config.dataset.batch_size,
        "label_smoothing": min(trainer.label_smoothing, MOST_SMOOTHING),
        "augmentation": trainer.augmentation,
    }


def _suggested(trial: Trial, sizes: list[int]) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", *LEARNING_RATES, log=True),
        "momentum": trial.suggest_float("momentum", *MOMENTA),
        "weight_decay": trial.suggest_float("weight_decay", *WEIGHT_DECAYS, log=True),
        "schedule": trial.suggest_categorical("schedule", ("constant", "cosine", "one_cycle")),
        "batch_size": trial.suggest_categorical("batch_size", sizes),
        "label_smoothing": trial.suggest_float("label_smoothing", 0.0, MOST_SMOOTHING),
        "augmentation": trial.suggest_categorical("augmentation", ("none", "shift", "shift_flip")),
    }


def _trial(text: str, sizes: list[int]) -> FrozenTrial:
    """A finished trial as it was recorded."""
    import optuna

    told = json.loads(text)
    blank = optuna.create_study().ask()
    _suggested(blank, sizes)
    state = optuna.trial.TrialState.COMPLETE if told["done"] else optuna.trial.TrialState.PRUNED
    values = told["values"]
    return optuna.trial.create_trial(
        state=state,
        value=(values[-1] if values else FAILED) if told["done"] else None,
        params=told["params"],
        distributions=blank.distributions,
        intermediate_values=dict(enumerate(values, 1)),
    )


def _tuned(run_id: str, study: Study, before: int) -> Tuned | None:
    import optuna

    pruned = [each for each in study.trials if each.state is optuna.trial.TrialState.PRUNED]
    if len(pruned) == len(study.trials) or study.best_value == FAILED:
        return None
    best, count = study.best_trial, len(study.trials)
    return Tuned(
        run_id=run_id,
        trials=count,
        new_trials=count - before,
        pruned=len(pruned),
        trial=best.number + 1,
        val_accuracy=study.best_value,
        searched_val_accuracy=study.trials[0].value or FAILED,
        recipe=dict(best.params),
    )


def _draw(study: Study, folder: Path) -> None:
    """History, and what mattered where there is enough to tell."""
    import optuna
    from optuna.visualization import matplotlib as plots

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna calls its plots experimental
        _save(plots.plot_optimization_history(study), folder / "history.png")
        done = [each for each in study.trials if each.state is optuna.trial.TrialState.COMPLETE]
        if len({each.value for each in done}) > 1:
            _save(plots.plot_param_importances(study), folder / "importances.png")


def _save(axes: Any, file: Path) -> None:
    axes.figure.savefig(file, bbox_inches="tight")


def _key(journal: MlflowJournal, candidate: str) -> str:
    return f"{journal.run_id}:{candidate}"
