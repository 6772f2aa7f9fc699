"""What a candidate's process says, checked and scored. Nothing of it is believed.

The process runs generated code, which may write here whatever it likes. What it gets
through is bounded: one set of predictions an epoch, in order, of classes there are;
figures within the limits. Accuracy is computed here, from labels that process never had.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmatic.config import TrainedConfig
from llmatic.evaluate.prepare import Prepared
from llmatic.frames import Decoder, Frame, FrameError
from llmatic.records import Measurement, Status

__all__ = ["Record"]

HEADER_BYTES = 4096
LONGEST_ERROR = 1200
MARGIN = 1.01
"""By which a cost that is counted twice may differ, for rounding."""
PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+")
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
        token: With which every message begins, so that none of another's is taken.
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
    _train_loss: list[float] = field(default_factory=list)
    _val_accuracy: list[float] = field(default_factory=list)
    _test_accuracy: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._images = len(self.data.val_labels) + len(self.data.test_labels)
        self._decoder = Decoder((self.epochs + 3) * (4 * self._images + HEADER_BYTES))

    def take(self, data: bytes) -> None:
        """Take in what the process wrote.

        Raises:
            FrameError: It is not what was agreed.
        """
        for frame in self._decoder.feed(data):
            try:
                self._take(frame)
            except FrameError:
                raise
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
            {
                "width_to_depth": self._figures["width"] / self._figures["depth"],
                "flops": self._figures["flops"],
            },
            {
                "val_accuracy": val,
                "test_accuracy": test,
                **self._figures,
                "train_seconds": seconds,
            },
            {
                "train_loss": tuple(self._train_loss),
                "val_accuracy": tuple(self._val_accuracy),
                "test_accuracy": tuple(self._test_accuracy),
            },
        )

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
        return {name: _figure(said[name], bound) for name, bound in bounds.items()}

    def _look_again(self, said: Any) -> None:
        """Compare what a network measures after its training with what it measured before."""
        before, after = self._figures, {name: float(said[name]) for name in ("params", "flops")}
        if after["params"] != before["params"]:
            error = f"has {after['params']:.0f} parameters in the end, had {before['params']:.0f}"
            self.failure = Measurement(Status.FORBIDDEN, error=error)
        elif not after["flops"] <= MARGIN * before["flops"]:
            error = (
                f"costs {after['flops']:.0f} FLOPs when it predicts, "
                f"{before['flops']:.0f} when it is measured"
            )
            self.failure = Measurement(Status.FORBIDDEN, error=error)

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
        self.failure = Measurement(status, error=_tidy(str(said["error"])))


def _tidy(text: str) -> str:
    """A text of somebody else's, without host paths and what a terminal would obey."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return PATH.sub("", " ".join(shown.split()))[:LONGEST_ERROR]


def _figure(value: object, bound: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= bound:
        raise ValueError(f"a figure of {value!r:.40}")
    return value
