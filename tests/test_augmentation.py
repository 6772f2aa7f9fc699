"""Batches of images, shifted and mirrored."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lightning_modules.augmentation import augment


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from(["none", "shift", "shift_flip"]),
)
def test_the_shape_and_the_values_stay(count, channels, height, width, kind):
    images = torch.arange(count * channels * height * width, dtype=torch.float32)
    images = images.view(count, channels, height, width)
    found = augment(images, kind, seeded())
    assert found.shape == images.shape
    for before, after in zip(images, found, strict=True):
        assert set(after.flatten().tolist()) <= set(before.flatten().tolist())


def test_none_draws_no_random_numbers():
    images, generator = torch.rand(2, 1, 8, 8), seeded()
    before = generator.get_state()
    assert augment(images, "none", generator) is images
    assert torch.equal(generator.get_state(), before)


def test_each_image_goes_its_own_way_and_all_its_channels_with_it():
    images = torch.zeros(200, 2, 16, 16)
    images[:, :, 8, 8] = 1
    found = augment(images, "shift", seeded())
    assert torch.equal(found[:, 0], found[:, 1])
    places = {tuple(each) for each in found[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(row, column) for row in range(6, 11) for column in range(6, 11)}


@pytest.mark.parametrize(("kind", "mirrored"), [("shift", False), ("shift_flip", True)])
def test_only_flips_mirror(kind, mirrored):
    slope = torch.arange(16.0).expand(100, 1, 16, 16)
    found = augment(slope, kind, seeded())
    falls = (found[:, 0, 0, 0] > found[:, 0, 0, -1]).tolist()
    assert any(falls) == mirrored
    assert not all(falls)
