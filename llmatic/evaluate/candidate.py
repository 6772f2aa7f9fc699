"""What happens to one candidate, inside its confined process: check, measure, train, predict.

Sends what it finds and never a score: it has no labels but those to train on, and
does not know which of the other images are validated and which tested, nor what becomes
of what it sends.
"""

from __future__ import annotations

import os
import random
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.strategies import DDPStrategy
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from lightning_modules.callbacks import EpochPredictions
from lightning_modules.classifier import Classifier
from lightning_modules.resident import Batches
from lightning_modules.shares import Shared, Shares, StartedBefore, synchronised
from lightning_modules.stretches import InStretches, Stretches
from llmatic.evaluate.files import open_images, open_labels
from llmatic.evaluate.protocol import PREDICTED_AT_ONCE, Recipe, Settings, most_weights_bytes
from llmatic.evaluate.ranks import FIRST, Helper, Others
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

__all__ = ["Images", "Send", "assist", "autocast_dtype", "evaluate", "make_trainer"]

Send = Callable[[Mapping[str, Any], bytes], None]
MEMORY = "Python could not get as much memory as it asked for"

MB = 2**20
RESIDENT_SHARE = 0.25
"""Of a candidate's memory on a GPU, which the data set may take; else it streams."""
LAYOUTS = {
    "channels-last": torch.channels_last,
    "contiguous": torch.contiguous_format,
}
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


def make_trainer(recipe: Recipe, rank: int = FIRST) -> Trainer:
    """A trainer for one training; making it costs more than using it.

    Args:
        recipe: With the number of devices.
        rank: Of the process, where each device has one.
    """
    world = recipe.devices
    return Trainer(
        max_epochs=recipe.epochs,
        accelerator=recipe.accelerator,
        devices=world,
        strategy="auto"
        if world == 1
        else DDPStrategy(
            cluster_environment=StartedBefore(rank, world),
            find_unused_parameters=True,
            broadcast_buffers=False,
        ),
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
    others: Others | None = None,
) -> None:
    """Check, measure and train one network, and send what comes out.

    Args:
        source: Of the network.
        seed: Of everything random.
        images: To train on and predict.
        settings: The recipe, and the limits.
        trainer: From `make_trainer`.
        send: Takes a header and a body.
        others: The processes that train along, if there are any.

    Raises:
        LostError: One of them ended without a word.
    """
    try:
        _evaluate(source, seed, images, settings, trainer, send, others)
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # generated code raises anything
        at = time.monotonic()
        failure = _failure(error)
        told = failure if others is None else others.first_failure(failure, at)
        send({"kind": "failed", **told}, b"")


def assist(first: Helper, images: Images, settings: Settings, trainer: Trainer) -> None:
    """Train the network that the first process has measured along with it.

    Args:
        first: That process.
        images: To train on and predict.
        settings: The recipe, and the limits.
        trainer: From `make_trainer`.
    """
    if (task := first.task()) is None:
        return
    try:
        _prepare(settings)
        _seed(task["seed"])
        network = build(task["source"], settings.input_shape)
        _seed(task["seed"] + trainer.global_rank)  # images of one place are not dropped alike
        _connect(first, settings, trainer)
        _train(network, images, LAYOUTS[task["layout"]], task["seed"], settings, trainer, _nobody)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        first.say("failed", at=time.monotonic(), **_failure(error))
    else:
        first.say("done")


def _nobody(header: Mapping[str, Any], body: bytes) -> None:
    """The first process sends what there is to send."""


def _failure(error: BaseException) -> dict[str, str]:
    """As it is sent."""
    if isinstance(error, NetworkError):
        return {"status": error.status.name, "error": error.reason}
    if isinstance(error, MemoryError):
        return {"status": Status.OUT_OF_MEMORY.name, "error": MEMORY}
    return {"status": status_of(error, Status.CRASHED).name, "error": describe(error)}


def _prepare(settings: Settings) -> None:
    torch.set_num_threads(settings.recipe.threads)
    os.environ["OMP_NUM_THREADS"] = str(settings.recipe.threads)  # or Lightning sets another number
    warnings.simplefilter("ignore")


def _connect(others: Others | Helper, settings: Settings, trainer: Trainer) -> None:
    """Have all processes that train together know each other.

    NCCL wants more than the sandbox allows: memory that is shared, sockets of other kinds.
    """
    device = trainer.strategy.root_device
    is_free = device.type == "cuda" and not settings.isolation.confines
    others.connect(device, "nccl" if is_free else "gloo")


def _evaluate(
    source: str,
    seed: int,
    images: Images,
    settings: Settings,
    trainer: Trainer,
    send: Send,
    others: Others | None,
) -> None:
    _prepare(settings)
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
    if others is not None:
        others.begin({"source": source, "seed": seed, "layout": layout})
    _seed(seed)
    network = build(source, shape)
    if others is not None:
        _connect(others, settings, trainer)
    _train(network, images, LAYOUTS[layout], seed, settings, trainer, send)
    if others is not None:
        others.end()
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


def _limit_gpu(memory_mb: float, device: torch.device) -> None:
    """Let PyTorch take no more of a GPU than a candidate may have; generated code can undo it."""
    if device.type == "cuda":
        _, total = torch.cuda.mem_get_info(device)
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_mb * MB / total), device)


def _layout(network: nn.Module, first: tuple[Tensor, Tensor], recipe: Recipe) -> str:
    """Of images as this network can see them, by one step with each until one works.

    The network is not to be used any further.
    """
    *faster, last = LAYOUTS
    for layout in faster:
        try:
            _probe(network, first, LAYOUTS[layout], recipe)
        except RuntimeError:  # such as view(), where reshape() would do
            continue
        return layout
    _probe(network, first, LAYOUTS[last], recipe)
    return last


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
    if settings.gpu:
        _limit_gpu(settings.memory_mb, device)
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
    precision = autocast_dtype(recipe, device)
    if recipe.devices == 1:
        trainer.fit(InStretches(classifier, precision), Stretches(batches))
    else:
        with synchronised(network) as norms:
            shares = Shares(batches, trainer.global_rank, recipe.devices)
            trainer.fit(Shared(classifier, norms, precision), shares)
    if watch.diverged:
        raise NetworkError(Status.DIVERGED, "the training loss is not finite")


def _compiled(network: nn.Module) -> nn.Module:
    """The same network, compiled at its first step."""
    from torch._inductor import config as inductor

    inductor.compile_threads = 1  # no processes of its own
    return torch.compile(network)  # type: ignore[return-value]  # a module for a module


def autocast_dtype(recipe: Recipe, device: torch.device) -> torch.dtype | None:
    """In which steps of training compute; what a network predicts is always computed in 32 bits."""
    if recipe.precision == "auto":
        able = device.type == "cuda" and torch.cuda.is_bf16_supported()
    else:
        able = recipe.precision == "bf16"
    return torch.bfloat16 if able else None
