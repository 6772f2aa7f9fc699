"""What Optuna does for a tuning: suggests recipes, stops trials, draws what mattered.

Knows no network, no training and no store. What a trial is told and asked depends on
the trials before it alone, so that a study can be made anew from those at any time.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution

    from llmatic.pruning import Judge

__all__ = ["Space", "Suggester", "Suggestion"]

STARTUP_TRIALS = 3
"""That were trained to the end before any other is stopped."""
SEEDS = 2**32
"""A sampler takes seeds below it."""
LEARNING_RATES = (3e-3, 0.5)
MOMENTA = (0.5, 0.99)
WEIGHT_DECAYS = (1e-6, 3e-2)
SMOOTHINGS = (0.0, 0.2)
BATCH_SIZES = (16, 32, 64, 128)


class Space:
    """The recipes that can be suggested: usual ones, and all between them and the search's own.

    Weight decay is looked for on a log scale, which has no place for 0. Where the search has
    none, the lower end of the scale stands for none.
    """

    def __init__(self, own: Mapping[str, Any]) -> None:
        """Span the space.

        Args:
            own: The search's recipe, every value of which is in the space.
        """
        from optuna.distributions import CategoricalDistribution, FloatDistribution

        self._none = WEIGHT_DECAYS[0] if own["weight_decay"] == 0 else None
        place = self.place(own)

        def between(name: str, usual: tuple[float, float], *, log: bool = False) -> Any:
            ends = (*usual, place[name])
            return FloatDistribution(min(ends), max(ends), log=log)

        self.distributions: dict[str, BaseDistribution] = {
            "learning_rate": between("learning_rate", LEARNING_RATES, log=True),
            "momentum": between("momentum", MOMENTA),
            "weight_decay": between("weight_decay", WEIGHT_DECAYS, log=True),
            "schedule": CategoricalDistribution(("constant", "cosine", "one_cycle")),
            "batch_size": CategoricalDistribution(sorted({*BATCH_SIZES, place["batch_size"]})),
            "label_smoothing": between("label_smoothing", SMOOTHINGS),
            "augmentation": CategoricalDistribution(("none", "shift", "shift_flip")),
        }

    def recipe(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """What stands at a place of the space."""
        none = place["weight_decay"] == self._none
        return {**place, "weight_decay": 0.0 if none else place["weight_decay"]}

    def place(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """Where a recipe stands."""
        decay = recipe["weight_decay"]
        return {**recipe, "weight_decay": self._none if decay == 0 else decay}


class Suggestion:
    """A recipe to be tried, and the pruner of its training.

    Attributes:
        recipe: Fields of `TrainerConfig`, and ``batch_size``.
        values: Validation accuracy after each epoch so far.
    """

    def __init__(self, study: Study, trial: Trial, recipe: dict[str, Any]) -> None:
        """Made by `Suggester.suggest`."""
        self.recipe = recipe
        self.values: list[float] = []
        self._study = study
        self._trial = trial

    def observe(self, epoch: int, val_accuracy: float) -> None:
        """Take in the validation accuracy after an epoch, from 1."""
        self.values.append(val_accuracy)
        self._trial.report(val_accuracy, epoch)

    def judge(self, descriptors: Mapping[str, float]) -> Judge:
        """Stops by what was observed, wherever on the map the network is."""
        return lambda accuracies: bool(self._trial.should_prune())

    def tell(self, *, done: bool) -> None:
        """How the trial ended.

        Args:
            done: Whether it was trained to the end.
        """
        from optuna.trial import TrialState

        if done:
            self._study.tell(self._trial, self.values[-1])
        else:
            self._study.tell(self._trial, state=TrialState.PRUNED)


class Suggester:
    """Suggests recipes by TPE (Bergstra et al. 2011), and stops trials by Optuna's median pruner.

    That compares the best accuracy of a trial so far with the median of the trials that were
    trained to the end, as they were at that epoch; from half of the epochs on.

    A trial that failed is to Optuna one that was stopped early: its sampler learns from those
    that they are worse than any that got to the end, and nothing from those that it calls
    failed; and no figure has to be made up.
    """

    def __init__(self, own: Mapping[str, Any], epochs: int, seed: int) -> None:
        """Begin without trials.

        Args:
            own: The search's recipe, which is trial 0.
            epochs: Of a trial.
            seed: Of all suggestions.
        """
        import optuna

        self._own = own
        self._space = Space(own)
        self._seed = seed
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # it announces every new study
        try:
            self._study = optuna.create_study(
                direction="maximize",
                pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, epochs // 2),
            )
        finally:
            optuna.logging.set_verbosity(before)

    def recall(self, recipe: Mapping[str, Any], values: Sequence[float], *, done: bool) -> None:
        """Take in a trial of an earlier session, in their order.

        Args:
            recipe: That was tried.
            values: Validation accuracy after each epoch.
            done: Whether it was trained to the end.
        """
        from optuna.trial import TrialState, create_trial

        trial = create_trial(
            state=TrialState.COMPLETE if done else TrialState.PRUNED,
            value=values[-1] if values else None,
            params=self._space.place(recipe),
            distributions=self._space.distributions,
            intermediate_values=dict(enumerate(values, 1)),
        )
        self._study.add_trial(trial)

    def suggest(self, number: int, recipe: Mapping[str, Any] | None = None) -> Suggestion:
        """A recipe to be tried; what was suggested before must have been told.

        Args:
            number: Of the trial, from 0; no two that are known have the same.
            recipe: That is to be tried again; None for one that promises much.
        """
        from optuna.samplers import TPESampler

        if number == 0:
            recipe = self._own
        if recipe is not None:
            self._study.enqueue_trial(self._space.place(recipe))
        self._study.sampler = TPESampler(seed=(self._seed + number) % SEEDS)
        trial = self._study.ask(self._space.distributions)
        return Suggestion(self._study, trial, self._space.recipe(trial.params))

    def draw(self, folder: Path) -> None:
        """History, and what mattered where there is enough to tell."""
        from optuna.trial import TrialState
        from optuna.visualization import matplotlib as plots

        done = [each for each in self._study.trials if each.state is TrialState.COMPLETE]
        if not done:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna calls its plots experimental
            _save(plots.plot_optimization_history(self._study), folder / "history.png")
            if len({each.value for each in done}) > 1:
                _save(plots.plot_param_importances(self._study), folder / "importances.png")


def _save(axes: Any, file: Path) -> None:
    axes.figure.savefig(file, bbox_inches="tight")
