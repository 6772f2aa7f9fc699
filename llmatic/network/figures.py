"""What a network measures, seen from outside while it runs.

Does not know what is computed outside of PyTorch's operations, or in other threads.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.backends import mha
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from llmatic.network.build import NetworkError, describe, status_of
from llmatic.network.structure import (
    is_plain,
    is_tensor,
    modules,
    named_parameters,
    own_parameters,
    shape,
    size,
)
from llmatic.records import Status

__all__ = ["Again", "Counter", "Figures", "measure", "measure_again"]

UNCOUNTED = (
    torch.ops.aten._native_multi_head_attention,
    torch.ops.aten._transformer_encoder_layer_fwd,
)
NORMALISATION = (nn.LayerNorm, nn.RMSNorm)
RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)

_register_hook = nn.Module.register_forward_hook
_rules = dict(flop_registry)
"""A copy, made before generated code is read."""


class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no annotation
    """Counts what runs inside it, by PyTorch's rules: convolutions and matrix products.

    Attention is computed step by step meanwhile: no rule counts the one operation that PyTorch
    makes of it outside of training.

    Attributes:
        flops: Multiply-accumulates.
        largest_bytes: Of the largest tensor that came out of an operation.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no annotation
        self.flops = 0.0
        self.largest_bytes = 0
        self._was_fast = mha.get_fastpath_enabled()

    def __enter__(self) -> Self:
        mha.set_fastpath_enabled(False)
        super().__enter__()  # type: ignore[no-untyped-call]  # torch has no annotation
        return self

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)  # type: ignore[no-untyped-call]  # torch has no annotation
        mha.set_fastpath_enabled(self._was_fast)

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation, and add to the count.

        Raises:
            NetworkError: It is one that cannot be counted.
        """
        if operation._overloadpacket in UNCOUNTED:
            raise NetworkError(Status.FORBIDDEN, f"{operation} is switched on while it is measured")
        named = kwargs or {}
        result = operation(*args, **named)
        if (rule := _rules.get(operation._overloadpacket)) is not None:
            self.flops += rule(*args, **named, out_val=result) / 2
        if is_tensor(result):
            self.largest_bytes = max(self.largest_bytes, result.untyped_storage().nbytes())
        return result


@dataclass(frozen=True, slots=True)
class Figures:
    """What a network measures.

    Attributes:
        flops: Multiply-accumulates of one forward pass of one image.
        params: Trainable parameters.
        width: The largest number of output features of any weight layer.
        depth: Weight layers that one forward pass executes.
        counted: Of the multiply-accumulates, those that `Counter` finds.
        counted_more: What it finds more for each further image of a batch.
    """

    flops: float
    params: int
    width: int
    depth: int
    counted: float
    counted_more: float


@dataclass(frozen=True, slots=True)
class Again:
    """What a network measures when it predicts a batch.

    Attributes:
        params: Trainable parameters.
        width: As in `Figures`.
        depth: As in `Figures`.
        counted: Multiply-accumulates of the batch that `Counter` finds.
        images: Of the batch.
    """

    params: int
    width: int
    depth: int
    counted: float
    images: int


def measure(network: nn.Module, input_shape: Sequence[int], classes: int) -> Figures:
    """Check that a network accepts images and gives one score per class; measure it.

    The depth counts modules that hold a weight of two or more dimensions of their own
    (convolutions, linear, recurrent, attention, embedding, hand-written ones; not
    normalisation), each time they are executed; a recurrent module counts its layers.
    FLOPs are fvcore's, plus those of recurrent layers, which it skips, cross-checked with
    PyTorch's own counter; a network in which neither finds any is given one for each
    parameter.

    Args:
        network: On the CPU.
        input_shape: Channels, height and width of one image.
        classes: Scores there should be.

    Raises:
        NetworkError: It fails on a batch, returns something else, or does not treat each
            image of a batch alike.
    """
    try:
        network.train()
        _check(network(torch.randn(3, *input_shape)), 3, classes)
        network.eval()
        image = torch.randn(1, *input_shape)
        one, two = (_look(network, image.repeat(images, 1, 1, 1), classes) for images in (1, 2))
        if two.counted == 2 * one.counted:
            _check_alike(one, two)
        else:  # a part may be the same for any number of images
            three = _look(network, image.repeat(3, 1, 1, 1), classes)
            _check_alike(one, two, three)
        flops = max(_fvcore_flops(network, image) + one.recurrent, one.counted)
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # generated code may raise anything
        raise NetworkError(status_of(error, Status.DOES_NOT_BUILD), describe(error)) from error
    params = size(network)
    return Figures(
        flops or params, params, one.width, one.depth, one.counted, two.counted - one.counted
    )


def measure_again(network: nn.Module, images: Tensor, classes: int) -> Again:
    """Measure a network while it predicts.

    Args:
        network: As it was trained.
        images: Shape (n, channels, height, width).
        classes: Scores there should be.

    Raises:
        NetworkError: It returns something else than it did.
    """
    network.eval()
    seen = _look(network, images, classes)
    return Again(size(network), seen.width, seen.depth, seen.counted, len(images))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of one forward pass."""

    width: int
    depth: int
    counted: float
    recurrent: float


def _look(network: nn.Module, images: Tensor, classes: int) -> _Seen:
    layers, counter = _Layers(network), Counter()
    with torch.no_grad(), layers, counter:
        scores = network(images)
    _check(scores, len(images), classes)
    width = max(layers.widths, default=classes)
    return _Seen(width, max(1, layers.depth), counter.flops, layers.recurrent)


def _check_alike(*passes: _Seen) -> None:
    """Each further image of a batch costs the same; layers are as many and as wide."""
    costs = [each.counted for each in passes]
    further = {after - before for before, after in pairwise(costs)}
    if len(further) > 1 or min(further) < 0:
        shown = ", ".join(f"{cost:,.0f}" for cost in costs)
        raise NetworkError(
            Status.WRONG_SHAPE,
            f"the images of a batch are not treated alike, each by itself: 1, 2 and 3 cost {shown} "
            "FLOPs (attention takes the first dimension for the batch with batch_first=True)",
        )
    for name in ("width", "depth"):
        if len(found := {getattr(each, name) for each in passes}) > 1:
            raise NetworkError(
                Status.WRONG_SHAPE,
                f"the {name} of the network is {min(found)} or {max(found)}, depending on how many "
                "images a batch has",
            )


def _check(scores: object, batch: int, classes: int) -> None:
    if not is_tensor(scores):
        raise NetworkError(Status.WRONG_SHAPE, f"forward returns {type(scores).__name__}")
    assert isinstance(scores, Tensor)
    if (given := shape(scores)) != (batch, classes):
        raise NetworkError(
            Status.WRONG_SHAPE,
            f"the output of a batch of {batch} has shape {given} instead of {(batch, classes)}",
        )
    if not scores.is_floating_point():
        raise NetworkError(Status.WRONG_SHAPE, f"the output is of type {scores.dtype}")


class _Layers:
    """Watches the weight layers of one forward pass."""

    def __init__(self, network: nn.Module) -> None:
        self.widths: list[int] = []
        self.depth = 0
        self.recurrent = 0.0
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        self._layers = [
            module
            for module in modules(network)
            if module is not network
            and not issubclass(type(module), NORMALISATION)
            and any(len(shape(each)) >= 2 for each in own_parameters(module))
        ]

    def __enter__(self) -> None:
        self._handles = [
            _register_hook(layer, self._executed, with_kwargs=True) for layer in self._layers
        ]

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _executed(
        self, layer: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], output: Any
    ) -> None:
        first = output[0] if issubclass(type(output), tuple) else output
        if not is_tensor(first) or not (features := shape(first)):
            return
        self.widths.append(features[1] if _is_convolution(layer) else features[-1])
        if not is_plain(layer, *RECURRENT):
            self.depth += 1
            return
        weights = {name: shape(each) for name, each in named_parameters(layer).items()}
        self.depth += _layers(weights, output)
        given = inputs[0] if inputs else named["input"]
        matrices = sum(math.prod(each) for each in weights.values() if len(each) >= 2)
        self.recurrent += _steps(given, layer) * matrices


def _layers(weights: Mapping[str, tuple[int, ...]], output: tuple[Any, Any]) -> int:
    """Layers of a recurrent module: as many as have weights, and a state in the end."""
    ways = 2 if any(name.endswith("_reverse") for name in weights) else 1
    state = output[1][0] if issubclass(type(output[1]), tuple) else output[1]
    first = [name for name in weights if name.startswith("weight_ih_l")]
    return min(len(first), shape(state)[0]) // ways


def _steps(given: Any, layer: nn.Module) -> int:
    if issubclass(type(given), PackedSequence):
        return len(given.batch_sizes)
    sizes = shape(given)
    return sizes[1 if len(sizes) == 3 and layer.batch_first else 0]


def _is_convolution(layer: nn.Module) -> bool:
    return issubclass(type(layer), nn.modules.conv._ConvNd)


def _fvcore_flops(network: nn.Module, image: Tensor) -> float:
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(network, image)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.tracer_warnings("none")
        try:
            return float(analysis.total())
        except MemoryError:
            raise
        except Exception:  # what torch.jit cannot trace is counted by PyTorch's counter alone
            return 0.0
