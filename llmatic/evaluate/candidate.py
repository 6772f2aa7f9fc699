"""What happens to one candidate, inside its confined process: check, measure, train, predict.

Sends what it finds and never a score: it has no labels but those to train on, and
does not know which of the other images are validated and which tested, nor what becomes
of what it sends.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Trainer
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from lightning_modules.callbacks import EpochPredictions
from lightning_modules.classifier import Classifier
from lightning_modules.resident import Batches
from lightning_modules.stretches import InStretches, Stretches
from llmatic.evaluate.files import open_images, open_labels
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

__all__ = ["Images", "Send", "evaluate", "make_trainer"]

Send = Callable[[Mapping[str, Any], bytes], None]
MEMORY = "Python could not get as much memory as it asked for"

MB = 2**20
RESIDENT_SHARE = 0.25
"""Of a candidate's memory on a GPU, which the data set may take; else it streams."""
LAYOUTS = (torch.channels_last, torch.contiguous_format)
"""Of images; the first is faster, but not every network can see through it."""


@dataclass(frozen=True)
class Images:
    """What a candidate gets to see; images lie channels-last.

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
            torch.from_numpy(open_images(folder, "train")),
            torch.from_numpy(open_labels(folder)),
            torch.from_numpy(open_images(folder, "unlabelled")),
        )

    def brought_to(self, device: torch.device, most_bytes: float) -> Images:
        """The same on a device where they fit; else here, from where batches are sent."""
        tensors = (self.train, self.train_labels, self.unlabelled)
        if sum(each.nbytes for each in tensors) > most_bytes:
            return self
        return Images(*(each.to(device) for each in tensors))


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
    shape, size_of_batch = settings.input_shape, min(settings.batch_size, len(images.train))
    limits = Limits(settings.max_params, settings.max_flops, settings.memory_mb)
    _seed(seed)
    check_on_meta(source, shape, size_of_batch, limits)
    _seed(seed)
    network = build(source, shape)
    check_limits(limits, params=size(network, trainable=False))
    figures = measure(network, shape, settings.classes)
    check_limits(limits, flops=figures.flops)
    first = images.train[:size_of_batch], images.train_labels[:size_of_batch]
    layout = _layout(network, first, settings.recipe)
    send({"kind": "built", **asdict(figures)}, b"")
    _seed(seed)
    network = build(source, shape)
    if settings.gpu:
        _limit_gpu(settings.memory_mb)
    _train(network, images, layout, seed, settings, trainer, send)
    predicted = images.unlabelled[:PREDICTED_AT_ONCE].clone(memory_format=torch.contiguous_format)
    again = measure_again(network, predicted, settings.classes)
    send({"kind": "done", **asdict(again)}, _weights(network, settings.max_params))


def _weights(network: nn.Module, max_params: float) -> bytes:
    """A network's state as safetensors; none where that is not all tensors, or too large."""
    state = network.state_dict()
    if not all(isinstance(each, Tensor) for each in state.values()):
        return b""
    plain = torch.contiguous_format
    packed = save(
        {name: each.detach().cpu().clone(memory_format=plain) for name, each in state.items()}
    )
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


def _layout(
    network: nn.Module, first: tuple[Tensor, Tensor], recipe: Recipe
) -> torch.memory_format:
    """Of images as this network can see them, by one step with each until one works.

    The network is not to be used any further.
    """
    for layout in LAYOUTS:
        try:
            _probe(network, first, layout, recipe)
        except RuntimeError:  # such as view(), where reshape() would do
            if layout is LAYOUTS[-1]:
                raise
        else:
            break
    return layout


def _probe(
    network: nn.Module, first: tuple[Tensor, Tensor], layout: torch.memory_format, recipe: Recipe
) -> None:
    images, labels = first
    images = images.clone(memory_format=layout)
    network.train()
    optimizer = torch.optim.SGD(parameters(network), lr=recipe.learning_rate)
    loss = F.cross_entropy(network(images), labels.clone())
    if not loss.isfinite():
        raise NetworkError(Status.DIVERGED, "the training loss is not finite in the first step")
    loss.backward()  # type: ignore[no-untyped-call]  # has no annotations in torch
    optimizer.step()
    network.eval()
    with torch.no_grad():
        network(first[0].clone(memory_format=layout))


def _train(
    network: nn.Module,
    images: Images,
    layout: torch.memory_format,
    seed: int,
    settings: Settings,
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

    recipe, device = settings.recipe, trainer.strategy.root_device
    images = images.brought_to(device, RESIDENT_SHARE * settings.memory_mb * MB)
    batches = Batches(
        images.train,
        images.train_labels,
        settings.batch_size,
        torch.Generator(images.train.device).manual_seed(seed),
        recipe.augmentation,
        layout,
        device,
    )
    watch = EpochPredictions({"unlabelled": images.unlabelled}, PREDICTED_AT_ONCE, emit, layout)
    trainer.callbacks.append(watch)  # type: ignore[attr-defined]  # set by a connector
    classifier = Classifier(
        _compiled(network) if recipe.compile else network,
        trained=parameters(network),
        learning_rate=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        nesterov=recipe.nesterov,
        schedule=recipe.schedule,
        label_smoothing=recipe.label_smoothing,
        steps=recipe.epochs * len(batches),
    )
    trainer.fit(InStretches(classifier, _precision(recipe, device)), Stretches(batches))
    if watch.diverged:
        raise NetworkError(Status.DIVERGED, "the training loss is not finite")


def _compiled(network: nn.Module) -> nn.Module:
    """The same network, compiled at its first step."""
    from torch._inductor import config as inductor

    inductor.compile_threads = 1  # no processes of its own
    return torch.compile(network)  # type: ignore[return-value]  # a module for a module


def _precision(recipe: Recipe, device: torch.device) -> torch.dtype | None:
    """In which steps of training compute; what a network predicts is always computed in 32 bits."""
    if recipe.precision == "auto":
        able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    else:
        able = recipe.precision == "bf16"
    return torch.bfloat16 if able else None
