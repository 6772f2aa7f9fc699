"""A network's modules and parameters as they are, whatever its own methods say of them.

Looks where `nn.Module` itself keeps them. A network may override ``parameters()``,
``modules()``, ``__class__`` or ``numel()``; none of these is called here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["buffers", "is_module", "modules", "own_parameters", "parameters", "size"]

MOST_MODULES = 100_000

_attributes = vars(nn.Module)["__dict__"].__get__
_numel = Tensor.numel
_requires_grad = vars(torch._C.TensorBase)["requires_grad"].__get__
_own_behaviour_off = torch._C.DisableTorchFunctionSubclass


def is_module(thing: object) -> bool:
    """Whether it is one, not whether it says so."""
    return issubclass(type(thing), nn.Module)


def modules(network: nn.Module) -> Iterator[nn.Module]:
    """The network and all modules in it, each once.

    Raises:
        ValueError: There are more than `MOST_MODULES`.
    """
    left, seen = [network], {id(network)}
    while left:
        module = left.pop()
        yield module
        for child in reversed(_values(module, "_modules")):
            if is_module(child) and id(child) not in seen:
                seen.add(id(child))
                left.append(child)
        if len(seen) > MOST_MODULES:
            raise ValueError(f"more than {MOST_MODULES} modules")


def own_parameters(module: nn.Module) -> list[nn.Parameter]:
    """The parameters of a module itself."""
    return [each for each in _values(module, "_parameters") if issubclass(type(each), Tensor)]


def parameters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters of all modules, each once."""
    found = {id(each): each for module in modules(network) for each in own_parameters(module)}
    return list(found.values())


def buffers(network: nn.Module) -> list[Tensor]:
    """The buffers of all modules, each once."""
    kept = (each for module in modules(network) for each in _values(module, "_buffers"))
    found = {id(each): each for each in kept if issubclass(type(each), Tensor)}
    return list(found.values())


def size(network: nn.Module, *, trainable: bool = True) -> int:
    """How many numbers its parameters are.

    Args:
        network: Without lazy parameters.
        trainable: Leave out those that no gradient reaches.
    """
    with _own_behaviour_off():
        return sum(
            int(_numel(each))
            for each in parameters(network)
            if not trainable or _requires_grad(each)
        )


def _values(module: nn.Module, name: str) -> list[Any]:
    kept = _attributes(module).get(name)
    return list(dict.values(kept)) if issubclass(type(kept), dict) else []
