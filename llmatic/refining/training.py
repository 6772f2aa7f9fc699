"""Trains a network of the map properly: by a recipe of its own, and kept with its weights.

The evaluation is the search's, in the same sandbox. Knows no command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmatic import launch, parts
from llmatic.config import Config, TrackingConfig
from llmatic.finding import NetworkError, network
from llmatic.records import CandidateId
from llmatic.refining import rescue
from llmatic.tracking import FinishedTraining, TrackingError, TrainingRecorder

if TYPE_CHECKING:
    from llmatic.records import Candidate, Measurement
    from llmatic.tracking import MlflowJournal

__all__ = ["Trained", "keep", "train"]

TOLD_ONCE = ("test_accuracy",)
"""Curves that nobody is to choose an epoch by."""


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes:
        run_id: Its MLflow run.
        val_accuracy: On the validation images, after the last epoch.
        test_accuracy: On the test images, after the last epoch.
        with_validation: Whether the validation images were trained on, too.
        searched_val_accuracy: In the search.
        searched_test_accuracy: In the search.
    """

    run_id: str
    val_accuracy: float
    test_accuracy: float
    with_validation: bool
    searched_val_accuracy: float
    searched_test_accuracy: float


def train(
    store: TrackingConfig,
    journal: MlflowJournal,
    candidate: str,
    config: Config,
    observe: Callable[[int, float], None],
    *,
    with_validation: bool,
) -> Trained:
    """Train a network, and keep the training in a run of its own.

    Args:
        store: Where.
        journal: Of the search.
        candidate: Its id in the search, as in ``3-9``.
        config: From `proper_training`.
        observe: Called with each epoch, from 1, and the validation accuracy after it.
        with_validation: Whether the validation images are trained on, too.

    Raises:
        NetworkError: There is no such network, it cannot be trained by this recipe, or the
            store did not take the training, which is in a folder then.
    """
    searched, source = network(journal, candidate)
    recorder = TrainingRecorder(store)
    with parts.prepared(config, with_validation=with_validation) as data:
        measurement = launch.train_on(data, config, source, observe)
        finished = _finished(journal, candidate, config, source, measurement, with_validation)
        try:
            return _kept(recorder, finished, searched)
        except BaseException as error:
            told = _rescued(finished, error)
            if isinstance(error, (TrackingError, KeyboardInterrupt)):
                raise NetworkError(told) from None
            error.add_note(told)
            raise


def keep(store: TrackingConfig, journal: MlflowJournal, candidate: str, folder: Path) -> Trained:
    """Keep a training that the store did not take when it was done.

    Args:
        store: Where.
        journal: Of the search.
        candidate: Its id in the search, as in ``3-9``.
        folder: With the training.

    Raises:
        NetworkError: There is no training of this network in it.
        TrackingError: It is kept already, or the store failed.
    """
    searched, _ = network(journal, candidate)
    finished = rescue.read(folder)
    if (finished.search, finished.candidate) != (journal.run_id, candidate):
        raise NetworkError(
            f"{folder}: is a training of candidate {finished.candidate} of search {finished.search}"
        )
    return _kept(TrainingRecorder(store), finished, searched)


def _finished(
    journal: MlflowJournal,
    candidate: str,
    config: Config,
    source: str,
    measurement: Measurement,
    with_validation: bool,
) -> FinishedTraining:
    if not measurement.status.trainable or measurement.weights is None:
        why = measurement.error or "its weights cannot be stored"
        raise NetworkError(f"CANDIDATE {candidate}: {measurement.status}: {why}")
    recipe = {**asdict(config.trainer), "batch_size": config.dataset.batch_size}
    params = {**recipe, "with_validation": with_validation, "seed": config.seed}
    return FinishedTraining(
        search=journal.run_id,
        candidate=candidate,
        params={name: str(value) for name, value in params.items()},
        metrics=measurement.metrics,
        curves={name: v for name, v in measurement.curves.items() if name not in TOLD_ONCE},
        source=source,
        weights=measurement.weights,
        note=_note(journal, candidate, config, measurement, with_validation),
    )


def _note(
    journal: MlflowJournal,
    candidate: str,
    config: Config,
    measurement: Measurement,
    with_validation: bool,
) -> str:
    """What a training is, as the MLflow UI shows it."""
    address = journal.candidate_path(CandidateId.parse(candidate))
    images = "training and validation images" if with_validation else "training images"
    return (
        f"The network [{candidate}]({address}) of a search by LLMatic, trained for "
        f"{config.trainer.epochs} epochs on the {images}: test accuracy "
        f"{measurement.metrics['test_accuracy']:.2%}.\n\nThe recipe is among the parameters, the "
        "weights among the artifacts. `llmatic register` and `llmatic export` take them, unless "
        "there is a newer training."
    )


def _rescued(finished: FinishedTraining, error: BaseException) -> str:
    """Write a training that was not kept to a folder; says so."""
    folder = rescue.write(finished)
    return (
        f"the training of {finished.candidate} is done, but not kept: "
        f"{str(error) or 'interrupted'}. All of it is in {folder}, its weights as safetensors; "
        f"once the store answers, `train` keeps it with --keep {folder}"
    )


def _kept(recorder: TrainingRecorder, finished: FinishedTraining, searched: Candidate) -> Trained:
    now, before = finished.metrics, searched.measurement.metrics
    return Trained(
        val_accuracy=now["val_accuracy"],
        test_accuracy=now["test_accuracy"],
        with_validation=finished.params["with_validation"] == "True",
        searched_val_accuracy=before["val_accuracy"],
        searched_test_accuracy=before["test_accuracy"],
        run_id=recorder.keep(finished),
    )
