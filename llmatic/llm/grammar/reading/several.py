"""Functions of several tensors: products, distances, layers whose weights are given.

Each gets shapes, and mends sizes that have to agree. Knows no syntax.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from llmatic.llm.grammar.reading.layers import RULES
from llmatic.llm.grammar.reading.shapes import Mender, axis, broadcast, integer
from llmatic.llm.grammar.reading.values import (
    PLACEHOLDER,
    Layer,
    Shape,
    Tensor,
    UnreadableError,
    Value,
)

__all__ = ["SEVERAL", "product"]

Named = dict[str, Value]


def product(left: Value, right: Value, mender: Mender) -> Tensor:
    """The result of a product of matrices."""
    if not (isinstance(left, Tensor) and isinstance(right, Tensor)):
        raise UnreadableError("a product wants tensors")
    if len(left.shape) < 2 or len(right.shape) < 2:
        raise UnreadableError("a product wants matrices")
    if right.shape[-2] != left.shape[-1]:
        mender.settle(right.shape[-2], left.shape[-1])
    batch = broadcast(left.shape[:-2], right.shape[:-2], mender)
    return Tensor((*batch, left.shape[-2], right.shape[-1]))


def matmul(args: list[Value], named: Named, mender: Mender) -> Value:
    """``matmul`` and its like."""
    return product(args[0], args[1] if len(args) > 1 else named.get("other"), mender)


def einsum(args: list[Value], named: Named, mender: Mender) -> Value:
    """``einsum`` of an equation without dots."""
    equation, tensors = args[0], args[1:]
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = list(tensors[0])
    if not isinstance(equation, str) or "." in equation:
        raise UnreadableError("unknown equation")
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    lengths: dict[str, int] = {}
    for letters, tensor in zip(inputs.split(","), tensors, strict=True):
        shape = shape_of(tensor)
        for letter, length in zip(letters, shape, strict=True):
            known = lengths.setdefault(letter, length)
            if known != length and 1 not in (known, length):
                mender.settle(length, known)
    if not arrow:
        joint = inputs.replace(",", "")
        output = "".join(sorted(each for each in set(joint) if joint.count(each) == 1))
    return Tensor(tuple(lengths[letter] for letter in output))


def linear(args: list[Value], named: Named, mender: Mender) -> Value:
    """``linear`` with a weight of shape (outputs, inputs)."""
    shape = shape_of(args[0])
    width, inputs = shape_of(args[1] if len(args) > 1 else named.get("weight"))
    if inputs != shape[-1]:
        mender.settle(inputs, shape[-1])
    return Tensor((*shape[:-1], width))


def convolution(axes: int) -> Callable[[list[Value], Named, Mender], Value]:
    """``conv1d`` or ``conv2d`` with a weight of shape (outputs, inputs of a group, *kernel)."""

    def rule(args: list[Value], named: Named, mender: Mender) -> Value:
        names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
        given = {**dict(zip(names, args, strict=False)), **named}
        width, inputs, *kernel = shape_of(given.get("weight"))
        groups = integer(given.get("groups", 1))
        arguments: Named = {
            "in_channels": inputs if groups == 1 else inputs * groups,
            "out_channels": width,
            "kernel_size": tuple(kernel),
            **{key: given.get(key, default) for key, default in CONVOLVED.items()},
        }
        layer = Layer(f"Conv{axes}d", arguments, PLACEHOLDER)
        return RULES[layer.kind](layer, shape_of(given.get("input")), mender).value

    return rule


CONVOLVED: Named = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def cdist(args: list[Value], named: Named, mender: Mender) -> Value:
    """``cdist``: distances between rows."""
    left, right = shape_of(args[0]), shape_of(args[1])
    if left[-1] != right[-1]:
        mender.settle(right[-1], left[-1])
    return Tensor((*broadcast(left[:-2], right[:-2], mender), left[-2], right[-2]))


def attention(args: list[Value], named: Named, mender: Mender) -> Value:
    """``scaled_dot_product_attention`` of queries, keys and values."""
    return Tensor((*shape_of(args[0])[:-1], shape_of(args[2])[-1]))


def similarity(args: list[Value], named: Named, mender: Mender) -> Value:
    """``cosine_similarity`` along an axis."""
    shape = broadcast(shape_of(args[0]), shape_of(args[1]), mender)
    at = axis(args[2] if len(args) > 2 else named.get("dim", 1), len(shape))
    return Tensor((*shape[:at], *shape[at + 1 :]))


def as_other(args: list[Value], named: Named, mender: Mender) -> Value:
    """``view_as`` and ``reshape_as``: the same numbers in the shape of another tensor."""
    shape = shape_of(args[1] if len(args) > 1 else named.get("other"))
    if prod(shape) != prod(shape_of(args[0])):
        raise UnreadableError("not as many numbers")
    return Tensor(shape)


def expanded(args: list[Value], named: Named, mender: Mender) -> Value:
    """``expand_as``: axes of length one repeated as another tensor has them."""
    shape = shape_of(args[1] if len(args) > 1 else named.get("other"))
    if broadcast(shape_of(args[0]), shape, mender) != shape:
        raise UnreadableError("cannot be expanded so")
    return Tensor(shape)


def shape_of(value: Value) -> Shape:
    """The shape of a tensor.

    Raises:
        UnreadableError: It is none.
    """
    if not isinstance(value, Tensor):
        raise UnreadableError("no tensor")
    return value.shape


SEVERAL: dict[str, Callable[[list[Value], Named, Mender], Value]] = {
    **dict.fromkeys(("matmul", "bmm", "mm"), matmul),
    **dict.fromkeys(("view_as", "reshape_as"), as_other),
    "cdist": cdist,
    "conv1d": convolution(1),
    "conv2d": convolution(2),
    "cosine_similarity": similarity,
    "einsum": einsum,
    "expand_as": expanded,
    "linear": linear,
    "scaled_dot_product_attention": attention,
}
