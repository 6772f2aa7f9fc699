"""From source to a network, and from what goes wrong to a status and a sentence.

Does not know what the network costs or how it is trained.
"""

from __future__ import annotations

import errno
import linecache
import sys
import traceback
import types
from collections.abc import Sequence
from itertools import chain

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import nn
from torch.nn.parameter import is_lazy

from llmatic.errors import tidy
from llmatic.genome import CLASS_NAME
from llmatic.network.structure import buffers, is_module, parameters
from llmatic.records import Status

__all__ = ["NetworkError", "build", "describe", "status_of"]

FILE = "network.py"
LONGEST_TEXT = 500
LAST_LINES = 3
ALLOCATION = "can't allocate memory"


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
        if not is_module(network):
            raise NetworkError(Status.DOES_NOT_BUILD, f"{CLASS_NAME} is not an nn.Module")
        if _has_lazy(network):
            with torch.no_grad():
                network(torch.zeros(2, *input_shape))
        if _has_lazy(network):
            unused = "a lazy layer is never used, so that its size is not known"
            raise NetworkError(Status.DOES_NOT_BUILD, unused)
        trainable = any(each.requires_grad for each in parameters(network))
    except (NetworkError, MemoryError):
        raise
    except Exception as error:  # generated code may raise anything
        raise NetworkError(status_of(error, Status.DOES_NOT_BUILD), describe(error)) from error
    if not trainable:
        raise NetworkError(Status.DOES_NOT_BUILD, "the network has no trainable parameters")
    assert isinstance(network, nn.Module)
    return network


def _has_lazy(network: nn.Module) -> bool:
    return any(is_lazy(each) for each in chain(parameters(network), buffers(network)))


def restore(source: str, input_shape: Sequence[int], weights: bytes) -> nn.Module:
    """Make a network and give it its weights; ready to predict.

    Args:
        source: Python that defines the class `CLASS_NAME`.
        input_shape: Channels, height and width of one image.
        weights: As safetensors.

    Raises:
        NetworkError: It does not build, or the weights are not of it.
    """
    network = build(source, input_shape)
    try:
        network.load_state_dict(load(weights))
    except (RuntimeError, SafetensorError) as error:
        reason = f"its weights do not fit its source: {error}"
        raise NetworkError(Status.DOES_NOT_BUILD, reason) from error
    return network.eval()


def describe(error: BaseException) -> str:
    """An error for people: its kind, its text without host paths, the last lines that led to it."""
    frames = traceback.extract_tb(error.__traceback__)
    led = [f"line {each.lineno}: {each.line}" for each in frames if each.filename == FILE]
    where = f" ({'; '.join(led[-LAST_LINES:])[:LONGEST_TEXT]})" if led else ""
    said = tidy(_text(error), LONGEST_TEXT) or "no message"
    return f"{type(error).__name__}: {said}" + where


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # generated code may define what its errors say
        return "its message cannot be read"


def status_of(error: BaseException, otherwise: Status) -> Status:
    """Out of memory, or forbidden, where that is what an error says.

    A network has no need of files, sockets or processes, so that an error with a number of the
    operating system means it tried what the sandbox denies.
    """
    lacks_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if lacks_memory or isinstance(error, torch.OutOfMemoryError) or ALLOCATION in _text(error):
        return Status.OUT_OF_MEMORY
    denied = isinstance(error, OSError) and error.errno is not None
    if denied or "can't start new thread" in _text(error):
        return Status.FORBIDDEN
    return otherwise
