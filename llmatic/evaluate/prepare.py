"""The data set, made ready once for all workers of this machine.

A trusted process of its own reads it. Images, and the labels to train on, go into
files that workers map; the labels of validation and test go through a pipe to this
process and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llmatic.config import DatasetConfig
from llmatic.errors import UserError
from llmatic.evaluate.files import FILES
from llmatic.evaluate.protocol import Preprocessing
from llmatic.sandbox import Worker, scratch_folder

__all__ = ["DataError", "Prepared", "prepare"]

Numbers = NDArray[np.int64]


class DataError(UserError):
    """The data set is not there, or not as its configuration says."""


@dataclass(frozen=True)
class Prepared:
    """A data set on this machine.

    Attributes:
        folder: With the images of all parts and the labels of training.
        input_shape: Channels, height and width.
        classes: Number of them.
        batch_size: To train with.
        val_labels: Shape (n,); only here.
        test_labels: Shape (n,); only here.
        val_places: Which of the unlabelled images validate, shape (n,); only here.
        test_places: Which of them test, shape (n,); only here.
        preprocessing: What was done to the images.
    """

    folder: Path
    input_shape: tuple[int, int, int]
    classes: int
    batch_size: int
    val_labels: Numbers
    test_labels: Numbers
    val_places: Numbers
    test_places: Numbers
    preprocessing: Preprocessing

    @property
    def files(self) -> tuple[Path, ...]:
        """What workers read: no label but those to train on."""
        return tuple(self.folder / name for name in FILES)


@contextmanager
def prepare(
    dataset: DatasetConfig, withheld: Collection[str] = (), *, with_validation: bool = False
) -> Iterator[Prepared]:
    """Read a data set; what it takes on disk is given back at the end.

    Args:
        dataset: Settings.
        withheld: Environment variables that the process that reads it is not given.
        with_validation: Whether the validation part is trained on, too; how accurate a network
            is on it says nothing then.

    Raises:
        DataError: It is not there, or not as its configuration says.
    """
    channels, height, width = dataset.input_shape
    with scratch_folder() as folder:
        reader = Worker("llmatic.evaluate.materialise", folder, isolation=None, withheld=withheld)
        try:
            reader.send(
                {
                    "datamodule": dataset.datamodule,
                    "options": dataset.arguments,
                    "input_shape": dataset.input_shape,
                    "classes": dataset.classes,
                    "folder": str(folder),
                    "with_validation": with_validation,
                }
            )
            frames: dict[str, Numbers] = {}
            preprocessing = Preprocessing.none(channels)
            while (frame := reader.receive()) is not None:
                if "error" in frame.header:
                    raise DataError(str(frame.header["error"]))
                if frame.header["name"] == "preprocessing":
                    preprocessing = Preprocessing.from_header(frame.header)
                else:
                    frames[frame.header["name"]] = np.frombuffer(frame.body, np.int64)
        finally:
            reader.close()
        if frames.keys() != {"val", "test", "val_places", "test_places"}:
            raise DataError(f"dataset.datamodule={dataset.datamodule}: reading it ended early")
        yield Prepared(
            folder,
            (channels, height, width),
            dataset.classes,
            dataset.batch_size,
            val_labels=frames["val"],
            test_labels=frames["test"],
            val_places=frames["val_places"],
            test_places=frames["test_places"],
            preprocessing=preprocessing,
        )
