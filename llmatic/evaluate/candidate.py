"""What happens to one candidate, inside its confined process: check, measure, train, predict.

Sends what it finds and never a score: it has no labels but those to train on, and
does not know which of the other images are validated and which tested, nor what becomes
of what it sends.
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
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from lightning_modules.augmentation import Augmentation, augment
from lightning_modules.callbacks import EpochPredictions
from lightning_modules.classifier import Classifier
from llmatic.evaluate.protocol import PREDICTED_AT_ONCE, Recipe, Settings, most_weights_bytes
from llmatic.network import (
    Limits,
    NetworkError,
    build,
    check_limits,
    check_on_meta,
    describe,
    measure,
    measure_again,
    parameters,
    size,
    status_of,
)
from llmatic.records import Status

__all__ = ["FILES", "Batches", "Images", "Send", "evaluate", "make_trainer"]

Send = Callable[[Mapping[str, Any], bytes], None]
MEMORY = "Python could not get as much memory as it asked for"

FILES = ("train_images", "train_labels", "unlabelled_images")
MB = 2**20


@dataclass(frozen=True)
class Images:
    """What a candidate gets to see.

    Attributes:
        train: Shape (n, channels, height, width).
        train_labels: Shape (n,).
        unlabelled: Of validation and test, mixed; shape (n, channels, height, width).
    """

    train: Tensor
    train_labels: Tensor
    unlabelled: Tensor

    @classmethod
    def read(cls, folder: Path) -> Images:
        """Map the files of a prepared data set, each change private."""
        return cls(
            *(torch.from_numpy(np.load(folder / f"{name}.npy", mmap_mode="c")) for name in FILES)
        )


@dataclass(frozen=True)
class Batches:
    """Shuffled batches, every epoch in another order; a last single image is left out."""

    images: Tensor
    labels: Tensor
    size: int
    generator: torch.Generator
    augmentation: Augmentation = "none"

    @property
    def first(self) -> tuple[Tensor, Tensor]:
        """As many as a batch holds, unshuffled; a copy."""
        return self.images[: self.size].clone(), self.labels[: self.size].clone()

    def __len__(self) -> int:
        return (len(self.images) + self.size - 2) // self.size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.images), generator=self.generator)
        for start in range(0, len(self) * self.size, self.size):
            chosen = order[start : start + self.size]
            images = augment(self.images[chosen], self.augmentation, self.generator)
            yield images, self.labels[chosen]


def make_trainer(recipe: Recipe) -> Trainer:
    """A trainer for one training; making it costs more than using it."""
    return Trainer(
        max_epochs=recipe.epochs,
        accelerator=recipe.accelerator,
        devices=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        default_root_dir=".",
    )


def evaluate(
    source: str,
    seed: int,
    images: Images,
    settings: Settings,
    trainer: Trainer,
    send: Send,
) -> None:
    """Check, measure and train one network, and send what comes out.

    Args:
        source: Of the network.
        seed: Of everything random.
        images: To train on and predict.
        settings: The recipe, and the limits.
        trainer: From `make_trainer`.
        send: Takes a header and a body.
    """
    try:
        _evaluate(source, seed, images, settings, trainer, send)
    except NetworkError as error:
        send({"kind": "failed", "status": error.status.name, "error": error.reason}, b"")
    except MemoryError:
        send({"kind": "failed", "status": Status.OUT_OF_MEMORY.name, "error": MEMORY}, b"")
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # generated code raises anything
        status = status_of(error, Status.CRASHED)
        send({"kind": "failed", "status": status.name, "error": describe(error)}, b"")


def _evaluate(
    source: str,
    seed: int,
    images: Images,
    settings: Settings,
    trainer: Trainer,
    send: Send,
) -> None:
    torch.set_num_threads(settings.recipe.threads)
    warnings.simplefilter("ignore")
    shape, recipe = settings.input_shape, settings.recipe
    limits = Limits(settings.max_params, settings.max_flops, settings.memory_mb)
    batches = Batches(
        images.train,
        images.train_labels,
        settings.batch_size,
        torch.Generator().manual_seed(seed),
        recipe.augmentation,
    )
    _seed(seed)
    check_on_meta(source, shape, min(batches.size, len(batches.images)), limits)
    _seed(seed)
    network = build(source, shape)
    check_limits(limits, params=size(network, trainable=False))
    figures = measure(network, shape, settings.classes)
    check_limits(limits, flops=figures.flops)
    _probe(network, batches, recipe)
    send({"kind": "built", **asdict(figures)}, b"")
    _seed(seed)
    network = build(source, shape)
    if settings.gpu:
        _limit_gpu(settings.memory_mb)
    _train(network, batches, images.unlabelled, recipe, trainer, send)
    predicted = images.unlabelled[:PREDICTED_AT_ONCE].clone()
    again = measure_again(network, predicted, settings.classes)
    send({"kind": "done", **asdict(again)}, _weights(network, settings.max_params))


def _weights(network: nn.Module, max_params: float) -> bytes:
    """A network's state as safetensors; none where that is not all tensors, or too large."""
    state = network.state_dict()
    if not all(isinstance(each, Tensor) for each in state.values()):
        return b""
    packed = save({name: each.detach().cpu().clone() for name, each in state.items()})
    return packed if len(packed) <= most_weights_bytes(max_params) else b""


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def _limit_gpu(memory_mb: float) -> None:
    """Let PyTorch take no more of a GPU than a candidate may have; generated code can undo it."""
    if torch.cuda.is_available():
        _, total = torch.cuda.mem_get_info()
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_mb * MB / total))


def _probe(network: nn.Module, batches: Batches, recipe: Recipe) -> None:
    """One step of training with a network that is not used any further."""
    network.train()
    optimizer = torch.optim.SGD(parameters(network), lr=recipe.learning_rate)
    images, labels = batches.first
    loss = F.cross_entropy(network(images), labels)
    if not loss.isfinite():
        raise NetworkError(Status.DIVERGED, "the training loss is not finite in the first step")
    loss.backward()  # type: ignore[no-untyped-call]  # has no annotations in torch
    optimizer.step()


def _train(
    network: nn.Module,
    batches: Batches,
    unlabelled: Tensor,
    recipe: Recipe,
    trainer: Trainer,
    send: Send,
) -> None:
    """Train, sending predictions after every epoch.

    Raises:
        NetworkError: The loss stopped being finite.
    """

    def emit(epoch: int, loss: float, predicted: Mapping[str, Tensor]) -> None:
        classes = predicted["unlabelled"].to(torch.int32).numpy().astype("<i4")
        send({"kind": "epoch", "epoch": epoch, "train_loss": loss}, classes.tobytes())

    watch = EpochPredictions({"unlabelled": unlabelled}, PREDICTED_AT_ONCE, emit)
    trainer.callbacks.append(watch)  # type: ignore[attr-defined]  # set by a connector
    classifier = Classifier(
        network,
        trained=parameters(network),
        learning_rate=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        nesterov=recipe.nesterov,
        schedule=recipe.schedule,
        label_smoothing=recipe.label_smoothing,
    )
    trainer.fit(classifier, batches)
    if watch.diverged:
        raise NetworkError(Status.DIVERGED, "the training loss is not finite")
