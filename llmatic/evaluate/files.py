"""The files of a prepared data set: images channels-last, as training reads them fastest.

Knows no labels but those to train on, and not who reads them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["FILES", "open_images", "open_labels", "save_images", "save_labels"]

Part = Literal["train", "unlabelled"]
Mode = Literal["r", "c"]

FILES = ("train_images.npy", "train_labels.npy", "unlabelled_images.npy")


def save_images(folder: Path, part: Part, images: NDArray[np.float32]) -> None:
    """Write images (n, channels, height, width)."""
    np.save(folder / f"{part}_images.npy", np.moveaxis(images, 1, -1))


def open_images(folder: Path, part: Part, mode: Mode = "c") -> NDArray[np.float32]:
    """Map images (n, channels, height, width), which lie channels-last; ``c``: changes private."""
    found = np.load(folder / f"{part}_images.npy", mmap_mode=mode)
    return np.moveaxis(found, -1, 1)


def save_labels(folder: Path, labels: NDArray[np.int64]) -> None:
    """Write the labels to train on, (n,)."""
    np.save(folder / "train_labels.npy", labels)


def open_labels(folder: Path, mode: Mode = "c") -> NDArray[np.int64]:
    """Map the labels to train on."""
    return np.asarray(np.load(folder / "train_labels.npy", mmap_mode=mode))
