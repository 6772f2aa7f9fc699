"""Batches from memory, and many steps for each that Lightning knows of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning.pytorch import LightningModule, Trainer
from torch import nn

from lightning_modules.callbacks import EpochPredictions
from lightning_modules.classifier import Classifier
from lightning_modules.data import Noise
from lightning_modules.resident import Batches
from lightning_modules.stretches import STEPS, InStretches, Stretches

# Lightning asks this of PyTorch wherever its trainer is given batches, and wants validation.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:You defined a `validation_step`"),
]


def batches(count=300, size=2, augmentation="none", seed=0, layout=torch.channels_last):
    numbers = torch.Generator().manual_seed(7)
    images = torch.randn(count, 3, 4, 4, generator=numbers)
    labels = torch.randint(0, 5, (count,), generator=numbers)
    generator = torch.Generator().manual_seed(seed)
    return Batches(images, labels, size, generator, augmentation, layout)


def number(image):
    """Of an image among all: its first pixel."""
    return image[0, 0, 0].item()


def trainer(epochs, *callbacks):
    return Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=list(callbacks),
    )


def classifier(schedule="constant", steps=None):
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 5))
    return Classifier(
        network, learning_rate=0.05, weight_decay=0.01, schedule=schedule, steps=steps
    )


@given(st.integers(1, 40), st.integers(1, 20))
def test_an_epoch_has_every_image_once(count, size):
    given_ = batches(count, size)
    found = list(given_)
    assert len(found) == len(given_)
    seen = torch.cat([images for images, _ in found]) if found else torch.empty(0)
    left_out = count % size == 1 % size
    assert len(seen) == count - left_out
    assert all(len(images) == size for images, _ in found[:-1])
    whole = {number(image) for image in given_.images}
    assert {number(image) for image in seen} <= whole
    assert len({number(image) for image in seen}) == len(seen)


def test_images_keep_their_labels():
    given_ = batches()
    pairs = zip(given_.images, given_.labels, strict=True)
    label = {number(image): int(y) for image, y in pairs}
    for images, labels in given_:
        for image, y in zip(images, labels, strict=True):
            assert label[number(image)] == int(y)


def test_epochs_differ_and_seeds_repeat():
    one, other = batches(seed=1), batches(seed=1)
    first, second = (torch.cat([y for _, y in one]) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(first, torch.cat([y for _, y in other]))


@pytest.mark.parametrize("augmentation", ["none", "shift", "shift_flip"])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_images_come_in_the_layout_asked_for(augmentation, layout):
    images, _ = next(iter(batches(augmentation=augmentation, layout=layout)))
    assert images.is_contiguous(memory_format=layout)


@pytest.mark.parametrize("count", [2, 2 * STEPS, 2 * STEPS + 2, 5 * STEPS])
def test_stretches_are_the_batches_in_order(count):
    whole = [y for _, y in batches(count)]
    stretches = Stretches(batches(count))
    found = [[y for _, y in stretch] for stretch in stretches]
    assert len(found) == len(stretches)
    assert all(len(stretch) == STEPS for stretch in found[:-1])
    assert torch.equal(torch.cat([y for stretch in found for y in stretch]), torch.cat(whole))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle"])
def test_training_in_stretches_is_training(schedule):
    plain, told = [], []
    images = batches().images

    def watch(into):
        return EpochPredictions(
            {"x": images}, 100, lambda epoch, loss, found: into.append((epoch, loss, found["x"]))
        )

    one, other = classifier(schedule), classifier(schedule, steps=3 * 150)
    trainer(3, watch(plain)).fit(one, batches())
    trainer(3, watch(told)).fit(InStretches(other), Stretches(batches()))
    for before, after in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(before, after)
    for (epoch, loss, found), (again, other_loss, other_found) in zip(plain, told, strict=True):
        assert epoch == again
        assert other_loss == pytest.approx(loss, rel=1e-5)
        assert torch.equal(found, other_found)


class Regression(LightningModule):
    """A module of a user's own."""

    def __init__(self, loss=lambda loss: loss):
        super().__init__()
        self.layer = nn.Linear(48, 1)
        self.loss = loss

    def forward(self, images):
        return self.layer(images.flatten(1))

    def training_step(self, batch, index):
        images, labels = batch
        return self.loss((self(images).squeeze(1) - labels).square().mean())

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


def test_any_module_trains_in_stretches():
    torch.manual_seed(0)
    one = Regression()
    torch.manual_seed(0)
    other = Regression()
    trainer(2).fit(one, batches())
    trainer(2).fit(InStretches(other), Stretches(batches()))
    assert torch.equal(one.layer.weight, other.layer.weight)


def test_a_step_without_a_loss_is_told():
    module = Regression(loss=lambda loss: {"loss": loss})
    with pytest.raises(TypeError, match=r"Regression.training_step has to return the loss"):
        trainer(1).fit(InStretches(module), Stretches(batches()))


@pytest.mark.parametrize("precision", [None, torch.bfloat16])
def test_steps_compute_in_the_precision_asked_for_and_predictions_in_32_bits(precision):
    module = classifier()
    seen = {True: set(), False: set()}
    module.network[0].register_forward_hook(
        lambda layer, given, out: seen[layer.training].add(out.dtype)
    )
    watch = EpochPredictions({"x": batches().images}, 100, lambda *told: None)
    trainer(1, watch).fit(InStretches(module, precision), Stretches(batches()))
    assert seen == {True: {precision or torch.float32}, False: {torch.float32}}
    assert {each.dtype for each in module.parameters()} == {torch.float32}


def test_noise_has_the_shape_it_is_asked_for_and_is_the_same_again():
    first, second = (Noise([3, 16, 12], 5, seed=2) for _ in range(2))
    for each in (first, second):
        each.setup("fit")
    images, labels = first._parts["train"].tensors
    assert images.shape == (45, 3, 16, 12)
    assert set(labels.tolist()) == set(range(5))
    assert first.preprocessing["names"] == list("01234")
    assert torch.equal(images, second._parts["train"].tensors[0])
