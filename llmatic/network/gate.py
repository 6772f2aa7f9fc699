"""Limits on what a network may cost, checked before anything is allocated.

On the meta device tensors have shapes and no memory. A network that cannot run there
(it looks at values) is not stopped here; it meets the sandbox's limit on memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmatic.network.build import NetworkError, build
from llmatic.network.figures import Counter
from llmatic.network.structure import buffers, parameters, size
from llmatic.records import Status

__all__ = ["Limits", "check_limits", "check_on_meta"]

STATES = 3
"""A trained parameter is kept three times: itself, its gradient, its momentum."""
MB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network may cost.

    Attributes:
        max_params: Parameters, trainable or not.
        max_flops: Multiply-accumulates of one image.
        memory_mb: Of a training step: parameters, gradients, momentum, activations.
    """

    max_params: float
    max_flops: float
    memory_mb: float


def check_on_meta(source: str, input_shape: Sequence[int], batch_size: int, limits: Limits) -> None:
    """Build a network and run a training step's forward pass without memory.

    Args:
        source: Of the network.
        input_shape: Channels, height and width of one image.
        batch_size: Images in a training step.
        limits: What it may cost.

    Raises:
        NetworkError: It is outside the limits.
    """
    try:
        with torch.device("meta"):
            network = build(source, input_shape)
        params = size(network, trainable=False)
    except (NetworkError, MemoryError):
        return  # what is wrong shows when it is built with memory, and says why
    check_limits(limits, params=params)
    try:
        images = torch.empty(batch_size, *input_shape, device="meta")
        with Counter() as counter:
            saved = _saved_bytes(network, images)
    except Exception:  # it cannot run without values; what is wrong shows when it has them
        return
    kept = STATES * sum(map(_bytes, parameters(network))) + sum(map(_bytes, buffers(network)))
    check_limits(
        limits,
        flops=counter.flops / batch_size,
        memory_mb=(kept + max(saved, counter.largest_bytes)) / MB,
    )


def check_limits(limits: Limits, **costs: float) -> None:
    """Refuse what costs more than it may.

    Args:
        limits: What it may cost.
        costs: By name: ``params``, ``flops``, ``memory_mb``.

    Raises:
        NetworkError: Naming the setting that holds the limit.
    """
    for name, value in costs.items():
        setting = name if name == "memory_mb" else f"max_{name}"
        limit = getattr(limits, setting)
        if value > limit:
            said = (
                f"needs {value:,.0f} MB to train" if name == "memory_mb" else f"{value:,.0f} {name}"
            )
            raise NetworkError(
                Status.OUTSIDE_LIMITS, f"{said}; evaluator.{setting} is {limit:,.0f}"
            )


def _saved_bytes(network: nn.Module, images: Tensor) -> int:
    """Bytes that a forward pass keeps for the backward pass, parameters aside."""
    known = {each.untyped_storage()._cdata for each in parameters(network)}
    saved: dict[int, int] = {}
    alive = []

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            saved[storage._cdata] = storage.nbytes()
            alive.append(storage)  # so that no other takes its place
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(images)
    return sum(saved.values())


def _bytes(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()
