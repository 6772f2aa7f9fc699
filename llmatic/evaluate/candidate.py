"""What happens to one candidate, inside its confined process: build, measure, train, predict.

Sends what it finds as frames and never a score: it has no labels but those to
train on.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Trainer
from torch import Tensor

from lightning_modules.callbacks import EpochPredictions
from lightning_modules.classifier import Classifier
from llmatic.network import NetworkError, build, describe, measure, status_of
from llmatic.records import Status

__all__ = ["Batches", "Images", "Send", "evaluate"]

Send = Callable[[Mapping[str, Any], bytes], None]

PREDICTED_AT_ONCE = 512


@dataclass(frozen=True)
class Images:
    """What a candidate gets to see: no labels of validation and test.

    Attributes:
        train: Shape (n, channels, height, width).
        train_labels: Shape (n,).
        val: Shape (n, channels, height, width).
        test: Shape (n, channels, height, width).
    """

    train: Tensor
    train_labels: Tensor
    val: Tensor
    test: Tensor

    @classmethod
    def read(cls, folder: Path) -> Images:
        """Map the files of a prepared data set, each change private."""
        return cls(
            *(
                torch.from_numpy(np.load(folder / f"{name}.npy", mmap_mode="c"))
                for name in ("train_images", "train_labels", "val_images", "test_images")
            )
        )


@dataclass(frozen=True)
class Batches:
    """Shuffled batches, every epoch in another order; a last single image is left out."""

    images: Tensor
    labels: Tensor
    size: int
    generator: torch.Generator

    def __len__(self) -> int:
        return (len(self.images) + self.size - 2) // self.size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.images), generator=self.generator)
        for start in range(0, len(self) * self.size, self.size):
            chosen = order[start : start + self.size]
            yield self.images[chosen], self.labels[chosen]


def evaluate(
    source: str, seed: int, images: Images, settings: Mapping[str, Any], send: Send
) -> None:
    """Build, measure and train one network, and send what comes out.

    Args:
        source: Of the network.
        seed: Of everything random.
        images: To train on and predict.
        settings: ``trainer``, ``input_shape``, ``classes``, ``batch_size``, ``max_params``,
            ``max_flops``.
        send: Takes a header and a body.
    """
    try:
        _evaluate(source, seed, images, settings, send)
    except NetworkError as error:
        send({"kind": "failed", "status": error.status.name, "error": error.reason}, b"")
    except MemoryError:
        send({"kind": "failed", "status": Status.OUT_OF_MEMORY.name, "error": "in Python"}, b"")
    except Exception as error:  # generated code may raise anything
        status = status_of(error, Status.CRASHED)
        send({"kind": "failed", "status": status.name, "error": describe(error)}, b"")


def _evaluate(
    source: str, seed: int, images: Images, settings: Mapping[str, Any], send: Send
) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.set_num_threads(settings["trainer"]["threads"])
    warnings.simplefilter("ignore")
    network = build(source, settings["input_shape"])
    _check_limit("params", sum(each.numel() for each in network.parameters()), settings)
    figures = measure(network, settings["input_shape"], settings["classes"])
    _check_limit("flops", figures.flops, settings)
    send({"kind": "built", **asdict(figures)}, b"")
    torch.manual_seed(seed)
    fresh = build(source, settings["input_shape"])
    if _train(fresh, seed, images, settings, send):
        raise NetworkError(Status.DIVERGED, "the training loss is not finite")
    send({"kind": "done"}, b"")


def _check_limit(name: str, value: float, settings: Mapping[str, Any]) -> None:
    limit = settings[f"max_{name}"]
    if value > limit:
        reason = f"{value:,.0f} {name}; evaluator.max_{name} is {limit:,.0f}"
        raise NetworkError(Status.OUTSIDE_LIMITS, reason)


def _train(
    network: torch.nn.Module,
    seed: int,
    images: Images,
    settings: Mapping[str, Any],
    send: Send,
) -> bool:
    """Train, sending predictions after every epoch; whether the loss stopped being finite."""

    def emit(epoch: int, loss: float, predicted: Mapping[str, Tensor]) -> None:
        classes = [predicted[name].to(torch.int32).numpy() for name in ("val", "test")]
        send(
            {"kind": "epoch", "epoch": epoch, "train_loss": loss},
            b"".join(each.astype("<i4").tobytes() for each in classes),
        )

    recipe = settings["trainer"]
    watch = EpochPredictions({"val": images.val, "test": images.test}, PREDICTED_AT_ONCE, emit)
    trainer = Trainer(
        max_epochs=recipe["epochs"],
        accelerator=recipe["accelerator"],
        devices=1,
        callbacks=[watch],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        default_root_dir=".",
    )
    names = ("learning_rate", "momentum", "weight_decay", "nesterov", "schedule")
    classifier = Classifier(network, **{name: recipe[name] for name in names})
    generator = torch.Generator().manual_seed(seed)
    batches = Batches(images.train, images.train_labels, settings["batch_size"], generator)
    trainer.fit(classifier, batches)
    return watch.diverged
