"""What a candidate's process says, checked and scored. Nothing of it is believed.

The process runs generated code, which may write here whatever it likes. What it gets
through is bounded: one set of predictions an epoch, in order, of classes there are;
figures within the limits. Accuracy is computed here, from labels that process never had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from llmatic.config import TrainedConfig
from llmatic.errors import tidy
from llmatic.evaluate.prepare import Prepared
from llmatic.evaluate.protocol import PREDICTED_AT_ONCE, most_weights_bytes
from llmatic.frames import Decoder, Frame, FrameError
from llmatic.records import Measurement, Status

__all__ = ["LONGEST_ERROR", "Record"]

HEADER_BYTES = 4096
LONGEST_ERROR = 1200
MARGINS = {"params": 0.0, "width": 0.0, "depth": 0.0, "counted": 0.01}
"""By how much of itself a figure that is measured twice may differ, by name."""
WORDS = {
    "params": "has {now} parameters in the end, had {was}",
    "width": "is {now} wide when it predicts, {was} when it is measured",
    "depth": "is {now} deep when it predicts, {was} when it is measured",
    "counted": "costs {now} FLOPs when it predicts {images} images, {was} when it is measured",
}
OWN_FAULTS = (
    Status.FORBIDDEN,
    Status.DOES_NOT_BUILD,
    Status.WRONG_SHAPE,
    Status.OUTSIDE_LIMITS,
    Status.DIVERGED,
    Status.OUT_OF_MEMORY,
    Status.CRASHED,
)
"""What a process can say of itself; how it ended otherwise is for others to tell."""


@dataclass
class Record:
    """One candidate's training, as far as its process has told.

    Attributes:
        data: With the labels.
        limits: Which no figure exceeds.
        epochs: How many there are to be.
        token: With which every message begins, so that none of another training's is taken. It
            does not tell what trusted code wrote from what generated code did.
        failure: What the process said went wrong.
        complete: Whether it was trained to the end.
    """

    data: Prepared
    limits: TrainedConfig
    epochs: int
    token: str
    failure: Measurement | None = None
    complete: bool = False
    _figures: dict[str, float] = field(default_factory=dict)
    _counted: tuple[float, ...] = ()
    _train_loss: list[float] = field(default_factory=list)
    _val_accuracy: list[float] = field(default_factory=list)
    _test_accuracy: list[float] = field(default_factory=list)
    _weights: bytes | None = None

    def __post_init__(self) -> None:
        self._images = len(self.data.val_labels) + len(self.data.test_labels)
        messages = (self.epochs + 3) * (4 * self._images + HEADER_BYTES)
        self._decoder = Decoder(messages + most_weights_bytes(self.limits.max_params))

    @property
    def val_accuracy(self) -> tuple[float, ...]:
        """After each epoch so far."""
        return tuple(self._val_accuracy)

    @property
    def descriptors(self) -> dict[str, float]:
        """Its place on the map; known after it was built."""
        return {
            "width_to_depth": self._figures["width"] / self._figures["depth"],
            "flops": self._figures["flops"],
        }

    def take(self, data: bytes) -> None:
        """Take in what the process wrote.

        Raises:
            FrameError: It is not what was agreed.
        """
        for frame in self._decoder.feed(data):
            try:
                self._take(frame)
            except (ArithmeticError, KeyError, TypeError, ValueError) as error:
                raise FrameError(f"a message lacks or garbles {error}") from error

    def measurement(self, seconds: float) -> Measurement:
        """Of a network that was trained to the end.

        Args:
            seconds: That its process took.
        """
        val, test = self._val_accuracy[-1], self._test_accuracy[-1]
        return Measurement(
            Status.OK,
            test if self.limits.fitness == "test" else val,
            self.descriptors,
            {
                "val_accuracy": val,
                "test_accuracy": test,
                **self._figures,
                "train_seconds": seconds,
            },
            self._curves,
            weights=self._weights,
        )

    def stopped(self, epoch: int, seconds: float) -> Measurement:
        """Of a network whose training was stopped early.

        Args:
            epoch: The last that counts, from 1; its process may have come further.
            seconds: That its process took.
        """
        return Measurement(
            Status.PRUNED,
            metrics={**self._figures, "train_seconds": seconds},
            curves={name: curve[:epoch] for name, curve in self._curves.items()},
            error=f"stopped after epoch {epoch} of {self.epochs}, "
            f"when its validation accuracy was {self._val_accuracy[epoch - 1]:.4f}",
        )

    @property
    def _curves(self) -> dict[str, tuple[float, ...]]:
        return {
            "train_loss": tuple(self._train_loss),
            "val_accuracy": tuple(self._val_accuracy),
            "test_accuracy": tuple(self._test_accuracy),
        }

    def _take(self, frame: Frame) -> None:
        said = frame.header
        if said["token"] != self.token:
            raise FrameError("a message that is not of this training")
        if self.complete or self.failure is not None:
            raise FrameError("a message after the last one")
        match said["kind"]:
            case "built" if not self._figures:
                self._figures = self._checked(said)
            case "epoch" if self._figures and said["epoch"] == len(self._val_accuracy):
                self._score(float(said["train_loss"]), frame.body)
            case "done" if len(self._val_accuracy) == self.epochs:
                self._look_again(said)
                self._weights = _checked_weights(frame.body)
                self.complete = True
            case "failed":
                self._fail(said)
            case other:
                raise FrameError(f"a message of kind {other!r:.40} at this place")

    def _checked(self, said: Any) -> dict[str, float]:
        bounds = {
            "flops": self.limits.max_flops,
            "params": self.limits.max_params,
            "width": self.limits.max_params,
            "depth": self.limits.max_flops,
        }
        self._counted = tuple(
            _figure(said[name], self.limits.max_flops, may_be_0=True)
            for name in ("counted", "counted_more")
        )
        return {name: _figure(said[name], bound) for name, bound in bounds.items()}

    def _look_again(self, said: Any) -> None:
        """Compare what a network measures when it predicts with what it measured before."""
        images = min(PREDICTED_AT_ONCE, self._images)
        if said["images"] != images:
            raise FrameError("a measurement on the wrong number of images")
        first, more = self._counted
        before = {**self._figures, "counted": first + (images - 1) * more}
        after = {name: _figure(said[name], math.inf, may_be_0=True) for name in MARGINS}
        for name, margin in MARGINS.items():
            if abs(after[name] - before[name]) > margin * before[name]:
                was, now = f"{before[name]:.0f}", f"{after[name]:.0f}"
                error = WORDS[name].format(was=was, now=now, images=images)
                self.failure = Measurement(Status.FORBIDDEN, error=error)
                return

    def _score(self, train_loss: float, body: bytes) -> None:
        predicted: NDArray[np.int32] = np.frombuffer(body, "<i4")
        if len(predicted) != self._images or len(self._val_accuracy) == self.epochs:
            raise FrameError("predictions of the wrong number")
        if predicted.min() < 0 or predicted.max() >= self.data.classes:
            raise FrameError("predictions of classes that there are not")
        if not math.isfinite(train_loss):
            raise FrameError("a loss that is not finite")
        val, test = predicted[self.data.val_places], predicted[self.data.test_places]
        self._train_loss.append(train_loss)
        self._val_accuracy.append(float(np.mean(val == self.data.val_labels)))
        self._test_accuracy.append(float(np.mean(test == self.data.test_labels)))

    def _fail(self, said: Any) -> None:
        status = Status[said["status"]]
        if status not in OWN_FAULTS:
            raise FrameError("a failure that is none")
        self.failure = Measurement(status, error=tidy(str(said["error"]), LONGEST_ERROR))


def _checked_weights(body: bytes) -> bytes | None:
    """The same bytes, whatever tensors they hold; None for none."""
    if not body:
        return None
    try:
        deserialize(body)  # type: ignore[no-untyped-call]  # has no annotations
    except SafetensorError as error:
        raise FrameError(f"weights that are none: {error}") from error
    return body


def _figure(value: object, highest: float, *, may_be_0: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"a figure of {value!r:.40}")
    if not (0 < value <= highest or (may_be_0 and value == 0)):
        raise ValueError(f"a figure of {value!r:.40}")
    return value
