"""How the sizes of layers are written: what they take as a number, or left to PyTorch.

Rewrites syntax trees and nothing of what a network computes. Knows nothing of other styles.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Literal

__all__ = ["Lazy", "size"]

Lazy = Literal["none", "computed", "all"]
WIDTHS = {
    "Conv2d": 1,
    "Conv1d": 1,
    "ConvTranspose2d": 1,
    "Linear": 1,
    "GRU": 1,
    "LSTM": 1,
    "RNN": 1,
}

COMPUTED = ("Linear", "BatchNorm1d")
"""Layers that may take the product of several sizes."""
TAKING = (*COMPUTED, "Conv1d", "Conv2d", "BatchNorm2d")
"""Layers of whose kind PyTorch has lazy ones, which find out themselves what they take."""
LAZY = ("LazyLinear", "LazyConv1d", "LazyConv2d")
TAKES = ("in_features", "in_channels", "num_features")


def size(tree: ast.Module, lazy: Lazy, known: Collection[str] | None, *, positional: bool) -> None:
    """Write layers with or without what they take, and kernels with or without a keyword.

    Args:
        tree: Of a network; it is changed.
        lazy: Of which layers PyTorch is left to find out what they take.
        known: Calls; what a layer takes that is none of them is left to PyTorch in any case.
        positional: Kernel sizes have no keyword.
    """
    widths = {
        _number(call, WIDTHS[name], "out_channels", "out_features", "hidden_size")
        for name in WIDTHS
        for call in _calls(tree, name)
    }
    widths |= {_number(call, 0, "out_channels", "out_features") for call in _calls(tree, *LAZY)}
    for call in _calls(tree, *TAKING):
        assert isinstance(call.func, ast.Attribute)
        computed = call.func.attr in COMPUTED and _number(call, 0, *TAKES) not in widths - {None}
        is_new = known is not None and ast.unparse(call) not in known
        if is_new or lazy == "all" or (lazy == "computed" and computed):
            _leave(call)
    for call in _calls(tree, "Conv2d", "LazyConv2d"):
        assert isinstance(call.func, ast.Attribute)
        keyed = [each for each in call.keywords if each.arg == "kernel_size"]
        if positional and keyed and len(call.args) == 1 + (call.func.attr == "Conv2d"):
            call.args.append(keyed[0].value)
            call.keywords.remove(keyed[0])


def _calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of `nn.NAME`."""
    for each in ast.walk(tree):
        if (
            isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and isinstance(each.func.value, ast.Name)
            and each.func.value.id == "nn"
            and each.func.attr in names
        ):
            yield each


def _number(call: ast.Call, place: int, *keys: str) -> int | None:
    given = next((each.value for each in call.keywords if each.arg in keys), None)
    if given is None and len(call.args) > place:
        given = call.args[place]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, int) else None


def _leave(call: ast.Call) -> None:
    """Leave to PyTorch what a layer takes, where that is a number or a product of numbers."""
    keyed = [each for each in call.keywords if each.arg in TAKES]
    takes = keyed[0].value if keyed else call.args[0] if call.args else ast.Name("unknown")
    if not all(isinstance(each, ast.Constant | ast.BinOp | ast.Mult) for each in ast.walk(takes)):
        return
    assert isinstance(call.func, ast.Attribute)
    call.func.attr = f"Lazy{call.func.attr}"
    call.keywords = [each for each in call.keywords if each not in keyed]
    call.args = call.args if keyed else call.args[1:]
