"""A network's modules and parameters as they are, whatever its own methods say of them.

Looks where `nn.Module` itself keeps them. A network may override ``parameters()``,
``modules()``, ``__class__`` or ``numel()``; none of these is called here. Does not know
what the network does when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

__all__ = [
    "buffers",
    "is_module",
    "is_plain",
    "is_tensor",
    "modules",
    "named_parameters",
    "own_parameters",
    "parameters",
    "shape",
    "size",
]

MOST_MODULES = 100_000

_attributes = vars(nn.Module)["__dict__"].__get__
_numel = Tensor.numel
_requires_grad = vars(torch._C.TensorBase)["requires_grad"].__get__
_shape = vars(torch._C.TensorBase)["shape"].__get__
_own_behaviour_off = torch._C.DisableTorchFunctionSubclass


def is_module(thing: object) -> bool:
    """Whether it is one, not whether it says so."""
    return issubclass(type(thing), nn.Module)


def is_plain(module: nn.Module, *kinds: type[nn.Module]) -> bool:
    """Whether it is of one of these classes themselves, and runs as the class says."""
    return type(module) in kinds and "forward" not in _attributes(module)


def is_tensor(thing: object) -> bool:
    """Whether it is one, not whether it says so."""
    return issubclass(type(thing), Tensor)


def shape(tensor: Tensor) -> tuple[int, ...]:
    """Of a tensor, whatever its own class says."""
    with _own_behaviour_off():
        return tuple(_shape(tensor))


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


def named_parameters(module: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters of a module itself, by name."""
    kept = _attributes(module).get("_parameters")
    items = dict.items(kept) if issubclass(type(kept), dict) else ()
    return {name: each for name, each in items if is_tensor(each)}


def own_parameters(module: nn.Module) -> list[nn.Parameter]:
    """The parameters of a module itself."""
    return list(named_parameters(module).values())


def parameters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters of all modules, each once."""
    found = {id(each): each for module in modules(network) for each in own_parameters(module)}
    return list(found.values())


def buffers(network: nn.Module) -> list[Tensor]:
    """The buffers of all modules, each once."""
    kept = (each for module in modules(network) for each in _values(module, "_buffers"))
    found = {id(each): each for each in kept if is_tensor(each)}
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
