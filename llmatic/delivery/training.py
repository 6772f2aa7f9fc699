"""Trains a network of the map properly: by a recipe of its own, and kept with its weights.

The evaluation is the search's, in the same sandbox. Knows no command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from llmatic import launch, tracking
from llmatic.config import Config, TrackingConfig
from llmatic.delivery.finding import DeliveryError, network

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal

__all__ = ["Trained", "train"]


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
        config: From `proper`.
        observe: Called with each epoch, from 1, and the validation accuracy after it.
        with_validation: Whether the validation images are trained on, too.

    Raises:
        DeliveryError: There is no such network, or it cannot be trained by this recipe.
    """
    searched, source = network(journal, candidate)
    recorder = tracking.TrainingRecorder(store)
    with launch.prepared(config, with_validation=with_validation) as data:
        measurement = launch.train_on(data, config, source, observe)
    if not measurement.status.trainable or measurement.weights is None:
        why = measurement.error or "its weights cannot be stored"
        raise DeliveryError(f"CANDIDATE {candidate}: {measurement.status}: {why}")
    recipe = {**asdict(config.trainer), "batch_size": config.dataset.batch_size}
    params = {**recipe, "with_validation": with_validation, "seed": config.seed}
    run_id = recorder.keep(
        journal.run_id,
        candidate,
        {name: str(value) for name, value in params.items()},
        measurement.metrics,
        measurement.curves,
        source,
        measurement.weights,
    )
    now, before = measurement.metrics, searched.measurement.metrics
    return Trained(
        run_id=run_id,
        val_accuracy=now["val_accuracy"],
        test_accuracy=now["test_accuracy"],
        with_validation=with_validation,
        searched_val_accuracy=before["val_accuracy"],
        searched_test_accuracy=before["test_accuracy"],
    )
