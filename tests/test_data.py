"""The data sets: which images train, validate and test, and how they look."""

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from lightning_modules import data as modules
from lightning_modules.data import DatasetUnavailableError, ImageFolder

BRIGHT, DARK = (150, 250), (0, 100)
"""Pixels of images to train on, and of those to test on."""


def pictures(shape, targets):
    """Stands in for a data set of torchvision, which cannot be downloaded here."""

    class Pictures:
        classes = ("this", "that")

        def __init__(self, root, train, download=False):
            assert root == "somewhere"
            count, pixels = (40, BRIGHT) if train else (10, DARK)
            rng = np.random.default_rng(int(train))
            self.data = rng.integers(*pixels, (count, *shape), dtype=np.uint8)
            self.targets = targets([number % 2 for number in range(count)])

    return Pictures


@pytest.mark.parametrize(
    ("kind", "shape", "targets", "expected"),
    [
        ("Mnist", (28, 28), torch.tensor, (1, 28, 28)),
        ("FashionMnist", (28, 28), torch.tensor, (1, 28, 28)),
        ("Cifar10", (32, 30, 3), list, (3, 32, 30)),
        ("Cifar100", (32, 30, 3), list, (3, 32, 30)),
    ],
)
def test_sets_of_torchvision_train_and_test_on_their_own_parts(
    monkeypatch, kind, shape, targets, expected
):
    module = getattr(modules, kind)("somewhere", batch_size=8, val_share=0.25)
    monkeypatch.setattr(torchvision.datasets, module.kind, pictures(shape, targets))
    module.prepare_data()
    module.setup("fit")
    told = module.preprocessing
    assert (told["scale"], told["names"]) == (255.0, ["this", "that"])
    mean, deviation = (torch.tensor(told[name])[:, None, None] for name in ("mean", "deviation"))
    for part, count, pixels in (
        ("train", 30, BRIGHT),
        ("val", 10, BRIGHT),
        ("test", 10, DARK),
    ):
        loaded = list(getattr(module, f"{part}_dataloader")())
        images, labels = (torch.cat(each) for each in zip(*loaded, strict=True))
        assert images.shape == (count, *expected)
        raw = (images * deviation + mean) * told["scale"]
        assert pixels[0] - 0.1 <= raw.min()
        assert raw.max() <= pixels[1] + 0.1
        assert labels.bincount().tolist() == [count / 2, count / 2]
        if part == "train":
            assert images.mean().abs() < 1e-4


def paint(folder, value, count=10):
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new("RGB", (6, 5), (value, value, value)).save(folder / f"{number}.png")


def test_a_folder_that_holds_both_parts_is_not_split(tmp_path):
    for part, value in (("train", 200), ("test", 50)):
        for name in ("cats", "dogs"):
            paint(tmp_path / part / name, value)
    module = ImageFolder(str(tmp_path), [1, 4, 4])
    (images, labels), (others, _) = module.load()
    assert images.shape == others.shape == (20, 1, 4, 4)
    assert torch.allclose(images, torch.tensor(200 / 255), atol=1e-3)
    assert torch.allclose(others, torch.tensor(50 / 255), atol=1e-3)
    assert labels.tolist() == [0] * 10 + [1] * 10
    (tmp_path / "test" / "dogs").rename(tmp_path / "test" / "hens")
    with pytest.raises(DatasetUnavailableError, match=r"'dogs'\], but .*'hens'\]"):
        module.load()
    paint(tmp_path / "test" / "empty", 0, count=0)
    with pytest.raises(DatasetUnavailableError, match="empty"):
        module.load()
    (tmp_path / "test").rename(tmp_path / "val")
    with pytest.raises(DatasetUnavailableError, match=r"holds train, val: beside train .* test"):
        module.prepare_data()


def test_an_image_that_cannot_be_read_is_named(tmp_path):
    paint(tmp_path / "cats", 200)
    broken = tmp_path / "cats" / "3.png"
    broken.write_bytes(broken.read_bytes()[:50])
    with pytest.raises(DatasetUnavailableError, match=r"cats/3\.png: "):
        ImageFolder(str(tmp_path), [3, 4, 4]).load()
