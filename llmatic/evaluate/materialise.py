"""The trusted process that reads a data set through its LightningDataModule.

Writes images and training labels to files and hands the other labels to whoever
started it. The images of validation and test are written in an order that only those
labels tell. Knows nothing of networks.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray

from llmatic.evaluate.files import save_images, save_labels
from llmatic.evaluate.protocol import Preprocessing
from llmatic.frames import Reader, encode

__all__ = ["main", "materialise"]


class UnfitError(Exception):
    """The data set is not as its configuration says."""


def materialise(
    request: Mapping[str, Any],
) -> tuple[dict[str, NDArray[np.int64]], dict[str, Any] | None]:
    """Write all parts into the requested folder.

    Returns:
        The labels of validation and test, and where their images are among the unlabelled;
        the fields of `Preprocessing`, None where the data module tells nothing of it.

    Raises:
        UnfitError: Naming the setting that does not fit.
    """
    torch.manual_seed(0)
    data = _module(request["datamodule"], request["options"])
    data.prepare_data()
    data.setup("fit")
    data.setup("test")
    folder = Path(request["folder"])
    images: dict[str, NDArray[np.float32]] = {}
    labels: dict[str, NDArray[np.int64]] = {}
    for part in ("train", "val", "test"):
        images[part], labels[part] = _read(part, getattr(data, f"{part}_dataloader")(), request)
    if request["with_validation"]:
        for parts in (images, labels):
            parts["train"] = np.concatenate([parts["train"], parts["val"]])
    save_images(folder, "train", images["train"])
    save_labels(folder, labels.pop("train"))
    order = _order(np.concatenate([labels["val"], labels["test"]]))
    unlabelled = np.concatenate([images["val"], images["test"]])
    save_images(folder, "unlabelled", unlabelled[order])
    places = np.argsort(order)
    val, test = np.split(places, [len(labels["val"])])
    return {**labels, "val_places": val, "test_places": test}, _preprocessing(data)


def _preprocessing(data: LightningDataModule) -> dict[str, Any] | None:
    """The fields of `Preprocessing`; another attribute of that name tells nothing."""
    told = getattr(data, "preprocessing", None)
    if not isinstance(told, Mapping):
        return None
    found = {"names": [], **told}
    return found if found.keys() == {each.name for each in fields(Preprocessing)} else None


def _order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """A shuffle that can be repeated by whoever has the labels, and by nobody else."""
    secret = hashlib.sha256(labels.astype("<i8").tobytes()).digest()
    return np.random.default_rng(list(secret)).permutation(len(labels))


def _module(path: str, options: Mapping[str, Any]) -> LightningDataModule:
    module, _, name = path.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UnfitError(f"dataset.datamodule={path}: {error}") from error
    try:
        data = kind(**options)
    except TypeError as error:
        raise UnfitError(f"dataset.options: {error}") from error
    if not isinstance(data, LightningDataModule):
        raise UnfitError(f"dataset.datamodule={path}: is not a LightningDataModule")
    return data


def _read(
    part: str, batches: Any, request: Mapping[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    pairs = [(images.float().numpy(), labels.numpy()) for images, labels in batches]
    if not pairs:
        raise UnfitError(f"the {part} part of the data set is empty")
    images = np.concatenate([pair[0] for pair in pairs])
    labels = np.concatenate([pair[1] for pair in pairs]).astype(np.int64)
    shape, classes = list(images.shape[1:]), request["classes"]
    if shape != request["input_shape"]:
        raise UnfitError(f"dataset.input_shape={request['input_shape']}: the images are {shape}")
    beyond = labels.max() >= classes or (part == "train" and labels.max() < classes - 1)
    if labels.ndim != 1 or labels.min() < 0 or beyond:
        raise UnfitError(
            f"dataset.classes={classes}: the labels of the {part} part go from {labels.min()} to "
            f"{labels.max()}"
        )
    return images, labels


def main() -> None:
    """Answer one request on standard input."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if (request := Reader(0).receive()) is None:
        return
    try:
        labels, preprocessing = materialise(request.header)
        for name, numbers in labels.items():
            answers.write(encode({"name": name}, numbers.tobytes()))
        if preprocessing is not None:
            answers.write(encode({"name": "preprocessing", **preprocessing}))
    except Exception as error:  # whatever a data module raises is told to the user
        told = isinstance(error, UnfitError) or type(error).__module__.startswith("lightning_")
        kind = "" if told else f"reading the data set failed: {type(error).__name__}: "
        answers.write(encode({"error": f"{kind}{error}"}))
    answers.flush()


if __name__ == "__main__":
    main()
