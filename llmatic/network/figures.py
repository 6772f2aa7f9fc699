"""What a network measures, seen from outside while it runs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from llmatic.network.build import NetworkError, describe, status_of
from llmatic.network.structure import modules, own_parameters, size
from llmatic.records import Status

__all__ = ["Counter", "Figures", "flops_per_image", "measure"]

NORMALISATION = (nn.LayerNorm, nn.RMSNorm)

_register_hook = nn.Module.register_forward_hook
_rules = dict(flop_registry)
"""A copy, made before generated code is read."""


class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no annotation
    """Counts what runs inside it, by PyTorch's rules: convolutions and matrix products.

    Attributes:
        flops: Multiply-accumulates.
        largest_bytes: Of the largest tensor that came out of an operation.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no annotation
        self.flops = 0.0
        self.largest_bytes = 0

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation, and add to the count."""
        named = kwargs or {}
        result = operation(*args, **named)
        if (rule := _rules.get(operation._overloadpacket)) is not None:
            self.flops += rule(*args, **named, out_val=result) / 2
        if isinstance(result, Tensor):
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
    """

    flops: float
    params: int
    width: int
    depth: int


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
        NetworkError: It fails on a batch, or returns something else.
    """
    try:
        network.train()
        for batch in (3, 2):
            _check(network(torch.randn(batch, *input_shape)), batch, classes)
        network.eval()
        image = torch.randn(1, *input_shape)
        layers, counter = _Layers(network), Counter()
        with torch.no_grad(), layers, counter:
            _check(network(image), 1, classes)
        flops = max(_fvcore_flops(network, image) + layers.recurrent, counter.flops)
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # generated code may raise anything
        raise NetworkError(status_of(error, Status.DOES_NOT_BUILD), describe(error)) from error
    params = size(network)
    return Figures(
        flops=flops or params,
        params=params,
        width=max(layers.widths, default=classes),
        depth=max(1, layers.depth),
    )


def flops_per_image(network: nn.Module, images: Tensor) -> float:
    """Multiply-accumulates of convolutions and matrix products in a forward pass.

    Args:
        network: In the mode it is to be measured in.
        images: Shape (n, channels, height, width).
    """
    with torch.no_grad(), Counter() as counter:
        network(images)
    return float(counter.flops / len(images))


def _check(scores: object, batch: int, classes: int) -> None:
    if not isinstance(scores, Tensor):
        raise NetworkError(Status.WRONG_SHAPE, f"forward returns {type(scores).__name__}")
    if tuple(scores.shape) != (batch, classes):
        raise NetworkError(
            Status.WRONG_SHAPE,
            f"the output of a batch of {batch} has shape {tuple(scores.shape)} "
            f"instead of {(batch, classes)}",
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
            and any(each.ndim >= 2 for each in own_parameters(module))
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
        first = output[0] if isinstance(output, tuple) else output
        if not isinstance(first, Tensor) or first.ndim == 0:
            return
        self.widths.append(int(first.shape[1] if _is_convolution(layer) else first.shape[-1]))
        self.depth += layer.num_layers if isinstance(layer, nn.RNNBase) else 1
        if isinstance(layer, nn.RNNBase):
            given = inputs[0] if inputs else named["input"]
            steps = given.shape[1 if layer.batch_first else 0]
            weights = sum(each.numel() for each in layer.parameters() if each.ndim >= 2)
            self.recurrent += steps * weights


def _is_convolution(layer: nn.Module) -> bool:
    return isinstance(layer, nn.modules.conv._ConvNd)


def _fvcore_flops(network: nn.Module, image: Tensor) -> float:
    from fvcore.nn import FlopCountAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = FlopCountAnalysis(network, image)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.tracer_warnings("none")
        try:
            return float(analysis.total())
        except MemoryError:
            raise
        except Exception:  # what torch.jit cannot trace is counted by PyTorch's counter alone
            return 0.0
