"""Every field of a recipe reaches the training; without processes, and without a sandbox."""

import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from llmatic.config import compose
from llmatic.evaluate import candidate
from llmatic.evaluate.candidate import Images
from llmatic.evaluate.protocol import Recipe, Settings
from llmatic.genome import seed_source
from llmatic.sandbox import Isolation

pytestmark = [pytest.mark.usefixtures("one_thread"), pytest.mark.filterwarnings("ignore")]

SOURCE = seed_source((1, 8, 8), 10)
BATCH_SIZE, BATCHES = 16, 3
COUNT = BATCH_SIZE * BATCHES
PLAIN = Recipe(
    **asdict(
        replace(
            compose().trainer,
            epochs=3,
            learning_rate=0.05,
            momentum=0.9,
            weight_decay=0.01,
            nesterov=False,
            schedule="constant",
            threads=1,
            accelerator="cpu",
            precision="fp32",
        )
    )
)


@pytest.fixture(scope="module")
def images():
    numbers = torch.Generator().manual_seed(5)
    return Images(
        torch.randn(COUNT, 1, 8, 8, generator=numbers),
        torch.randint(0, 10, (COUNT,), generator=numbers),
        torch.randn(4, 1, 8, 8, generator=numbers),
    )


def losses(images, batch_size=BATCH_SIZE, **changes):
    recipe = replace(PLAIN, **changes)
    settings = Settings(
        isolation=Isolation(landlock=False, bubblewrap=False),
        gpu=False,
        folder=Path(),
        input_shape=(1, 8, 8),
        classes=10,
        batch_size=batch_size,
        recipe=recipe,
        timeout_s=60,
        memory_mb=math.inf,
        max_params=1e6,
        max_flops=math.inf,
    )
    sent = []
    trainer = candidate.make_trainer(recipe)
    candidate.evaluate(SOURCE, 0, images, settings, trainer, lambda header, _: sent.append(header))
    assert sent[-1]["kind"] == "done", sent[-1]
    return [each["train_loss"] for each in sent if each["kind"] == "epoch"]


@pytest.fixture(scope="module")
def plain(images):
    found = losses(images)
    assert len(found) == PLAIN.epochs
    assert losses(images) == found
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 12},
        {"learning_rate": 0.04},
        {"momentum": 0.5},
        {"weight_decay": 0.1},
        {"nesterov": True},
        {"schedule": "cosine"},
        {"schedule": "one_cycle"},
        {"label_smoothing": 0.1},
        {"augmentation": "shift"},
        {"augmentation": "shift_flip"},
        {"precision": "bf16"},
    ],
    ids=lambda change: "-".join(map(str, *change.items())),
)
def test_every_field_makes_another_training(images, plain, change):
    found = losses(images, **change)
    assert len(found) == len(plain)
    assert found != plain


def test_a_longer_training_is_longer(images, plain):
    assert losses(images, epochs=4)[:3] == plain


def test_schedules_end_with_the_training(images, monkeypatch):
    steps = []
    make = candidate.Classifier

    def made(*arguments, **named):
        steps.append(named["steps"])
        return make(*arguments, **named)

    monkeypatch.setattr(candidate, "Classifier", made)
    losses(images, schedule="cosine")
    assert steps == [PLAIN.epochs * BATCHES]
