"""What the controller and its workers tell each other: settings, tasks, ends.

Light, and without the configuration, which a worker cannot read. Knows nothing of how
a message travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from llmatic.sandbox.level import Isolation

__all__ = [
    "LOST",
    "MOST_THREADS",
    "PREDICTED_AT_ONCE",
    "End",
    "Format",
    "How",
    "Job",
    "Preprocessing",
    "Recipe",
    "Settings",
    "Task",
    "most_weights_bytes",
]

MOST_THREADS = 256
PREDICTED_AT_ONCE = 512
LOST = 77
"""Exit status of a candidate's first process when another ended without a word."""
SPARE_S = 10.0
"""Of processor time: what a process uses before its task comes."""
BYTES_OF_A_PARAMETER = 8
BUFFERS_BYTES = 2**20


def most_weights_bytes(max_params: float) -> int:
    """How large weights may be where a network may have so many parameters; with buffers."""
    return int(max_params) * BYTES_OF_A_PARAMETER + BUFFERS_BYTES


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained: the fields of `TrainerConfig`."""

    epochs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    nesterov: bool
    schedule: Literal["constant", "cosine", "one_cycle"]
    threads: int
    accelerator: str
    label_smoothing: float
    augmentation: Literal["none", "shift", "shift_flip"]
    precision: Literal["auto", "fp32", "bf16"]
    compile: bool
    devices: int
    strategy: Literal["auto", "ddp"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker is told once, when it starts.

    Attributes:
        isolation: How its candidates are kept apart.
        gpu: Whether they train on one.
        folder: With the images.
        input_shape: Channels, height and width of one.
        classes: Number of them.
        batch_size: To train with.
        recipe: How networks are trained.
        timeout_s: For one candidate, all of it.
        memory_mb: For one candidate.
        max_params: Parameters, trainable or not.
        max_flops: Multiply-accumulates of one image.
    """

    isolation: Isolation
    gpu: bool
    folder: Path
    input_shape: tuple[int, int, int]
    classes: int
    batch_size: int
    recipe: Recipe
    timeout_s: float
    memory_mb: float
    max_params: float
    max_flops: float

    @property
    def processor_s(self) -> float:
        """Seconds of processor time that each process of a candidate has, of all its threads."""
        return self.timeout_s * self.recipe.threads + SPARE_S

    def to_header(self) -> dict[str, Any]:
        """As JSON holds them; `from_header` gives equal ones back."""
        return {**asdict(self), "folder": str(self.folder)}

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> Self:
        """Read what `to_header` wrote."""
        channels, height, width = header["input_shape"]
        return cls(
            **{
                **header,
                "isolation": Isolation(**header["isolation"]),
                "folder": Path(header["folder"]),
                "input_shape": (channels, height, width),
                "recipe": Recipe(**header["recipe"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One network to be trained.

    Attributes:
        source: Of the network.
        seed: Of everything random.
        token: With which every message of this training begins.
    """

    source: str
    seed: int
    token: str


class Job(StrEnum):
    """What is done with a finished network."""

    PREDICT = "predict"
    TIME = "time"
    EXPORT = "export"
    RUN = "run"
    """What was exported, with the runtime it is meant for."""


class Format(StrEnum):
    """What a network is exported as."""

    SOURCE = "source"
    ONNX = "onnx"
    PT2 = "pt2"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How images as they come became those that networks are trained on.

    Attributes:
        scale: The value of a pixel that is 1 after the first step, which divides by it.
        mean: Of each channel, taken off next.
        deviation: Of each channel, by which the rest is divided.
        names: Of the classes, in order; empty where the data set has none.
    """

    scale: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    names: tuple[str, ...] = ()

    @classmethod
    def none(cls, channels: int) -> Self:
        """Images are trained on as they come."""
        return cls(1.0, (0.0,) * channels, (1.0,) * channels)

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> Self:
        """Read the fields out of a message."""
        mean, deviation = tuple(header["mean"]), tuple(header["deviation"])
        return cls(float(header["scale"]), mean, deviation, tuple(header["names"]))

    def undone(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Images (n, channels, height, width) as they came."""
        shape = (1, -1, 1, 1)
        mean = np.array(self.mean, np.float32).reshape(shape)
        deviation = np.array(self.deviation, np.float32).reshape(shape)
        return np.asarray((images * deviation + mean) * np.float32(self.scale), np.float32)


class How(StrEnum):
    """How a candidate's process ended."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    PROCESSOR = "processor"
    MEMORY = "memory"
    THREADS = "threads"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a candidate's process.

    Attributes:
        how: It came.
        seconds: From its task to its end.
        code: Its exit status, or the number of the signal, where one of them ended it.
    """

    how: How
    seconds: float
    code: int = 0

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> Self:
        """Read the fields out of a message."""
        return cls(How(header["how"]), float(header["seconds"]), int(header["code"]))
