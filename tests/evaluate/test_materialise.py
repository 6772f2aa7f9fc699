"""What is written of a data set, in the process that reads it."""

from pathlib import Path

import numpy as np
import pytest

from lightning_modules.data import DatasetUnavailableError
from llmatic.config import compose
from llmatic.evaluate.files import open_images, open_labels
from llmatic.evaluate.materialise import UnfitError, materialise


def made(folder: Path, *overrides: str, with_validation: bool = False):
    """The labels that are handed over, and the folder that workers read."""
    dataset = compose(overrides).dataset
    folder.mkdir(exist_ok=True)
    request = {
        "datamodule": dataset.datamodule,
        "options": dataset.arguments,
        "input_shape": dataset.input_shape,
        "classes": dataset.classes,
        "folder": str(folder),
        "with_validation": with_validation,
    }
    return materialise(request)[0]


def test_the_validation_images_can_be_trained_on_and_no_others(tmp_path):
    plain, more = tmp_path / "plain", tmp_path / "more"
    labels, again = made(plain), made(more, with_validation=True)
    for name, numbers in labels.items():
        assert np.array_equal(again[name], numbers)
    unlabelled = open_images(plain, "unlabelled")
    assert np.array_equal(open_images(more, "unlabelled"), unlabelled)
    train, val = open_images(plain, "train"), unlabelled[labels["val_places"]]
    assert (len(train), len(val), len(unlabelled)) == (1149, 288, 288 + 360)
    assert np.array_equal(open_images(more, "train"), np.concatenate([train, val]))
    both = np.concatenate([open_labels(plain), labels["val"]])
    assert np.array_equal(open_labels(more), both)
    trained = {each.tobytes() for each in open_images(more, "train")}
    test = unlabelled[labels["test_places"]]
    assert not trained & {each.tobytes() for each in test}


def test_places_are_of_the_images_that_the_labels_are_of(tmp_path):
    labels = made(tmp_path)
    images = open_images(tmp_path, "unlabelled")
    places = [*labels["val_places"], *labels["test_places"]]
    assert sorted(places) == list(range(len(images)))
    assert places != sorted(places)


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (
            ["dataset=image_folder", "dataset.root=no", "dataset.classes=2"],
            "/no: there is no such folder",
        ),
        (["dataset.input_shape=[1,9,9]"], r"input_shape=\[1, 9, 9\]: the images are \[1, 8, 8\]"),
        (["dataset.datamodule=nowhere.Data"], "dataset.datamodule=nowhere.Data: No module"),
        (["dataset.datamodule=pathlib.Path"], "is not a LightningDataModule"),
        (["dataset.options.colour=red"], "dataset.options: .*colour"),
    ],
)
def test_unfit_data_is_refused(tmp_path, overrides, says):
    with pytest.raises((UnfitError, DatasetUnavailableError), match=says):
        made(tmp_path, *overrides)
