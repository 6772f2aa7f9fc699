"""From source to a network, and what it measures: FLOPs, parameters, width, depth.

Executes generated code, so it belongs inside the sandbox. Knows nothing of
training.
"""

from __future__ import annotations

import linecache
import logging
import re
import sys
import traceback
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils.flop_counter import FlopCounterMode

from llmatic.genome import CLASS_NAME
from llmatic.records import Status

__all__ = ["Figures", "NetworkError", "build", "describe", "measure", "status_of"]

FILE = "network.py"
PATH = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+")
LONGEST_ERROR = 500
NORMALISATION = (nn.LayerNorm, nn.RMSNorm)


class NetworkError(Exception):
    """The network is no good; becomes the measurement's status.

    Attributes:
        status: How the candidate ends.
        reason: For people.
    """

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


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


def build(source: str, input_shape: Sequence[int]) -> nn.Module:
    """Execute a network's source and make the network; lazy layers are given their sizes.

    Args:
        source: Python that defines the class `CLASS_NAME`.
        input_shape: Channels, height and width of one image.

    Raises:
        NetworkError: It does not build.
    """
    module = types.ModuleType("network")
    sys.modules[module.__name__] = module
    linecache.cache[FILE] = len(source), None, source.splitlines(keepends=True), FILE
    try:
        exec(compile(source, FILE, "exec"), module.__dict__)
        network = getattr(module, CLASS_NAME)()
        if not isinstance(network, nn.Module):
            raise NetworkError(Status.DOES_NOT_BUILD, f"{CLASS_NAME} is not an nn.Module")
        if any(is_lazy(each) for each in network.parameters()):
            with torch.no_grad():
                network(torch.zeros(2, *input_shape))
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # generated code may raise anything
        raise NetworkError(status_of(error, Status.DOES_NOT_BUILD), describe(error)) from error
    if not any(each.requires_grad for each in network.parameters()):
        raise NetworkError(Status.DOES_NOT_BUILD, "the network has no trainable parameters")
    return network


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
        layers = _Layers(network)
        with torch.no_grad(), layers:
            _check(network(image), 1, classes)
        flops = max(_fvcore_flops(network, image) + layers.recurrent, _torch_flops(network, image))
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # generated code may raise anything
        raise NetworkError(status_of(error, Status.DOES_NOT_BUILD), describe(error)) from error
    params = sum(each.numel() for each in network.parameters() if each.requires_grad)
    return Figures(
        flops=flops or params,
        params=params,
        width=max(layers.widths, default=classes),
        depth=max(1, layers.depth),
    )


def describe(error: BaseException) -> str:
    """An error for people: its kind, its text without host paths, the line of the network."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    where = f" (line {lines[-1].lineno}: {lines[-1].line})" if lines else ""
    said = PATH.sub("", str(error)).strip() or "no message"
    return f"{type(error).__name__}: {said}"[:LONGEST_ERROR] + where[:LONGEST_ERROR]


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


def status_of(error: Exception, otherwise: Status) -> Status:
    """Out of memory where that is what an error says."""
    memory = isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    return Status.OUT_OF_MEMORY if memory else otherwise


class _Layers:
    """Watches the weight layers of one forward pass."""

    def __init__(self, network: nn.Module) -> None:
        self.widths: list[int] = []
        self.depth = 0
        self.recurrent = 0.0
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        self._layers = [
            module
            for module in network.modules()
            if module is not network
            and not isinstance(module, NORMALISATION)
            and any(each.ndim >= 2 for each in module.parameters(recurse=False))
        ]

    def __enter__(self) -> None:
        self._handles = [
            layer.register_forward_hook(self._executed, with_kwargs=True) for layer in self._layers
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


def _torch_flops(network: nn.Module, image: Tensor) -> float:
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(image)
    return counter.get_total_flops() / 2
