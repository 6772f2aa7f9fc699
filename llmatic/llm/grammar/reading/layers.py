"""What the layers of torch.nn do to a shape, what they cost and what they demand.

Layers that are not listed cannot be read. Counts are multiply-accumulates of one
image and learnt numbers, biases left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd, prod

from llmatic.llm.grammar.reading.names import ELEMENTWISE
from llmatic.llm.grammar.reading.shapes import Mender, axis, integer, pair, reshape, slide
from llmatic.llm.grammar.reading.signatures import INFERRED
from llmatic.llm.grammar.reading.values import BATCH, Layer, Shape, Tensor, UnreadableError, Value

__all__ = ["RULES", "Result", "apply", "pooled"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a layer gives.

    Attributes:
        value: A tensor, or a tuple of them.
        macs: Multiply-accumulates for one image.
        parameters: Learnt numbers.
    """

    value: Value
    macs: int = 0
    parameters: int = 0


def apply(layer: Layer, inputs: list[Value], mender: Mender) -> Result:
    """Run a layer on shapes.

    Raises:
        UnreadableError: If it would fail.
    """
    if not inputs or not isinstance(inputs[0], Tensor):
        raise UnreadableError("a layer wants a tensor")
    shape = inputs[0].shape
    if layer.kind in ELEMENTWISE:
        return Result(Tensor(shape))
    if len(shape) > 1:
        own = shape[-1 if layer.kind == "Linear" else 1]
        layer.args.update({name: own for name, x in layer.args.items() if x is INFERRED})
    rule = RULES.get(layer.kind)
    if rule is None:
        raise UnreadableError(f"unknown layer {layer.kind}")
    return rule(layer, shape, mender)


def linear(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """A dense layer over the last axis."""
    mender.settle(layer.args["in_features"], shape[-1])
    width = integer(layer.args["out_features"])
    weights = shape[-1] * width
    return Result(Tensor((*shape[:-1], width)), prod(shape[:-1]) * weights // BATCH, weights)


def convolution(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """A convolution, transposed or not."""
    axes = int(layer.kind[-2])
    args = layer.args
    if len(shape) != axes + 2:
        raise UnreadableError("a convolution wants another rank")
    declared, groups, width = (
        integer(args[name]) for name in ("in_channels", "groups", "out_channels")
    )
    channels = shape[1]
    mender.settle(declared, channels)
    if groups > 1 and groups == declared and groups != channels:
        mender.settle(groups, channels)
        groups = channels
    if groups < 1 or channels % groups:
        raise UnreadableError("groups do not divide the channels")
    if width % groups:
        mender.settle(width, max(groups, width // groups * groups))
        width = max(groups, width // groups * groups)
    kernel, stride, dilation = (
        pair(args[name], axes) for name in ("kernel_size", "stride", "dilation")
    )
    if args["padding"] == "same":
        spatial = shape[2:]
    else:
        padding = pair(0 if args["padding"] == "valid" else args["padding"], axes)
        windows = list(zip(shape[2:], kernel, stride, padding, dilation, strict=True))
        if layer.kind.startswith("ConvTranspose"):
            extra = pair(args["output_padding"], axes)
            spatial = tuple(
                (n - 1) * s - 2 * p + d * (k - 1) + e + 1
                for (n, k, s, p, d), e in zip(windows, extra, strict=True)
            )
        else:
            spatial = tuple(slide(*window) for window in windows)
    if min((width, *spatial)) < 1:
        raise UnreadableError("nothing would be left")
    weights = channels * width // groups * prod(kernel)
    return Result(Tensor((shape[0], width, *spatial)), prod(spatial) * weights, weights)


def norm(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Batch and instance normalisation."""
    flat = layer.kind.endswith("1d")
    if len(shape) not in ((2, 3) if flat else (4,)):
        raise UnreadableError("a normalisation wants another rank")
    if layer.kind.startswith("Instance") and (len(shape) == 2 or prod(shape[2:]) == 1):
        raise UnreadableError("nothing to normalise over")
    mender.settle(layer.args["num_features"], shape[1])
    return Result(Tensor(shape), parameters=2 * shape[1])


def group_norm(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Group normalisation; the groups are made to divide the channels."""
    groups = integer(layer.args["num_groups"])
    mender.settle(layer.args["num_channels"], shape[1])
    if groups < 1 or shape[1] % groups:
        mender.settle(groups, gcd(abs(groups), shape[1]))
    if prod(shape[1:]) // gcd(groups, shape[1]) <= 1:
        raise UnreadableError("nothing to normalise over")
    return Result(Tensor(shape), parameters=2 * shape[1])


def layer_norm(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Layer normalisation over the last axes."""
    given = layer.args["normalized_shape"]
    sizes = list(given) if isinstance(given, list | tuple) else [given]
    if not 0 < len(sizes) < len(shape):
        raise UnreadableError("too many axes to normalise")
    for size, actual in zip(sizes, shape[-len(sizes) :], strict=True):
        mender.settle(size, actual)
    return Result(Tensor(shape), parameters=2 * prod(shape[-len(sizes) :]))


def pooled(shape: Shape, axes: int, args: dict[str, Value]) -> Shape:
    """The shape after pooling with a window."""
    if len(shape) not in (axes + 1, axes + 2):
        raise UnreadableError("a pooling wants another rank")
    kernel = pair(args["kernel_size"], axes)
    stride = kernel if args.get("stride") is None else pair(args["stride"], axes)
    padding = pair(args.get("padding", 0), axes)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)) or args.get("return_indices"):
        raise UnreadableError("no such pooling")
    dilation = pair(args.get("dilation", 1), axes)
    ceil = bool(args.get("ceil_mode", False))
    windows = zip(shape[-axes:], kernel, stride, padding, dilation, strict=True)
    return (*shape[:-axes], *(slide(*window, ceil) for window in windows))


def pooling(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Pooling with a window."""
    return Result(Tensor(pooled(shape, int(layer.kind[-2]), layer.args)))


def adaptive(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Pooling to a size."""
    axes = int(layer.kind[-2])
    size = layer.args["output_size"]
    wanted = size if isinstance(size, list | tuple) else (size,) * axes
    if len(shape) not in (axes + 1, axes + 2) or len(wanted) != axes:
        raise UnreadableError("a pooling wants another rank")
    sizes = [
        old if new is None else integer(new) for old, new in zip(shape[-axes:], wanted, strict=True)
    ]
    if min(sizes) < 1:
        raise UnreadableError("nothing would be left")
    return Result(Tensor((*shape[:-axes], *sizes)))


def flatten(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Several axes made one."""
    first, last = (axis(layer.args[name], len(shape)) for name in ("start_dim", "end_dim"))
    if first > last:
        raise UnreadableError("no axes to flatten")
    middle = (prod(shape[first : last + 1]),) if first < last else (shape[first],)
    return Result(Tensor((*shape[:first], *middle, *shape[last + 1 :])))


def unflatten(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """One axis made several."""
    at = axis(layer.args["dim"], len(shape))
    sizes = layer.args["unflattened_size"]
    if not isinstance(sizes, list | tuple):
        raise UnreadableError("cannot be unflattened so")
    inner = reshape((1, shape[at]), (1, *sizes), mender)[1:]
    return Result(Tensor((*shape[:at], *inner, *shape[at + 1 :])))


def recurrent(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """A recurrent layer; it gives its outputs and its last states."""
    args = layer.args
    if len(shape) not in (2, 3):
        raise UnreadableError("a recurrent layer wants another rank")
    mender.settle(args["input_size"], shape[-1])
    hidden, depth = integer(args["hidden_size"]), integer(args["num_layers"])
    ways = 2 if args["bidirectional"] else 1
    if hidden < 1 or depth < 1 or args.get("proj_size"):
        raise UnreadableError("no such recurrent layer")
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[layer.kind]
    inner = hidden * ways if ways > 1 else hidden
    weights = ways * gates * hidden * (shape[-1] + hidden)
    weights += (depth - 1) * ways * gates * hidden * (inner + hidden)
    state = Tensor(
        (
            depth * ways,
            *((shape[0] if args["batch_first"] else shape[1],) if len(shape) == 3 else ()),
            hidden,
        )
    )
    states: Value = (state, state) if layer.kind == "LSTM" else state
    steps = prod(shape[:-1]) // BATCH
    return Result((Tensor((*shape[:-1], inner)), states), steps * weights, weights)


def recurrent_cell(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """One step of a recurrent layer; a long short-term memory gives two states."""
    mender.settle(layer.args["input_size"], shape[-1])
    hidden = integer(layer.args["hidden_size"])
    gates = {"LSTMCell": 4, "GRUCell": 3, "RNNCell": 1}[layer.kind]
    weights = gates * hidden * (shape[-1] + hidden)
    state = Tensor((*shape[:-1], hidden))
    value: Value = (state, state) if layer.kind == "LSTMCell" else state
    return Result(value, prod(shape[:-1]) * weights // BATCH, weights)


def bilinear(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Products of two inputs, of which the first is seen here."""
    args = layer.args
    mender.settle(args["in1_features"], shape[-1])
    width = integer(args["out_features"])
    weights = shape[-1] * integer(args["in2_features"]) * width
    return Result(Tensor((*shape[:-1], width)), prod(shape[:-1]) * weights // BATCH, weights)


def unfold(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Patches of an image, each a column."""
    if len(shape) != 4:
        raise UnreadableError("patches want images")
    kernel, dilation, padding, stride = (
        pair(layer.args[name]) for name in ("kernel_size", "dilation", "padding", "stride")
    )
    windows = zip(shape[2:], kernel, stride, padding, dilation, strict=True)
    return Result(
        Tensor((shape[0], shape[1] * prod(kernel), prod(slide(*window) for window in windows)))
    )


def prelu(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """A rectifier with learnt slopes."""
    if layer.args["num_parameters"] != 1:
        mender.settle(layer.args["num_parameters"], shape[1])
    return Result(Tensor(shape), parameters=integer(layer.args["num_parameters"]))


def upsample(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Spatial axes made larger."""
    size, factor = layer.args["size"], layer.args["scale_factor"]
    if size is not None:
        return Result(Tensor((*shape[:2], *pair(size, len(shape) - 2))))
    if not isinstance(factor, int | float) or len(shape) < 3:
        raise UnreadableError("cannot be scaled so")
    spatial = tuple(int(length * factor) for length in shape[2:])
    if min(spatial) < 1:
        raise UnreadableError("nothing would be left")
    return Result(Tensor((*shape[:2], *spatial)))


def pad(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """A margin around an image."""
    given = layer.args["padding"]
    left, right, top, bottom = pair(given, 4)
    if len(shape) != 4 or min(left, right, top, bottom) < 0:
        raise UnreadableError("cannot be padded so")
    if layer.kind == "ReflectionPad2d" and max(left, right, top, bottom) >= min(shape[2:]):
        raise UnreadableError("too wide a margin")
    return Result(Tensor((*shape[:2], shape[2] + top + bottom, shape[3] + left + right)))


def shuffle(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Channels moved into space or back, or among each other."""
    if len(shape) != 4:
        raise UnreadableError("a shuffle wants images")
    batch, channels, height, width = shape
    if layer.kind == "ChannelShuffle":
        if channels % integer(layer.args["groups"]):
            raise UnreadableError("groups do not divide the channels")
        return Result(Tensor(shape))
    if layer.kind == "PixelShuffle":
        factor = integer(layer.args["upscale_factor"])
        if channels % factor**2:
            raise UnreadableError("too few channels to shuffle")
        return Result(Tensor((batch, channels // factor**2, height * factor, width * factor)))
    factor = integer(layer.args["downscale_factor"])
    if height % factor or width % factor:
        raise UnreadableError("too few pixels to shuffle")
    return Result(Tensor((batch, channels * factor**2, height // factor, width // factor)))


def attention(layer: Layer, shape: Shape, mender: Mender) -> Result:
    """Attention among tokens."""
    args = layer.args
    name, heads = ("embed_dim", "num_heads") if "embed_dim" in args else ("d_model", "nhead")
    if len(shape) != 3 or shape[-1] % integer(args[heads]):
        raise UnreadableError("heads do not divide the features")
    mender.settle(args[name], shape[-1])
    weights = 4 * shape[-1] ** 2
    if name == "embed_dim":
        tokens = shape[1] if args["batch_first"] else shape[0]
        scores = Tensor((shape[0], tokens, tokens))
        return Result((Tensor(shape), scores), prod(shape[:-1]) * weights // BATCH, weights)
    weights += 2 * shape[-1] * integer(args["dim_feedforward"])
    return Result(Tensor(shape), prod(shape[:-1]) * weights // BATCH, weights)


Rule = Callable[[Layer, Shape, Mender], Result]
RULES: dict[str, Rule] = {
    "Linear": linear,
    "GroupNorm": group_norm,
    "LayerNorm": layer_norm,
    "Flatten": flatten,
    "Unflatten": unflatten,
    "PReLU": prelu,
    "Bilinear": bilinear,
    "Unfold": unfold,
    **dict.fromkeys(("RNNCell", "GRUCell", "LSTMCell"), recurrent_cell),
    **dict.fromkeys(("Conv1d", "Conv2d", "ConvTranspose2d"), convolution),
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "InstanceNorm1d", "InstanceNorm2d"), norm),
    **dict.fromkeys(("MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d", "LPPool2d"), pooling),
    **dict.fromkeys(
        ("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d"),
        adaptive,
    ),
    **dict.fromkeys(("RNN", "GRU", "LSTM"), recurrent),
    **dict.fromkeys(("Upsample", "UpsamplingNearest2d"), upsample),
    **dict.fromkeys(("ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d"), pad),
    **dict.fromkeys(("PixelShuffle", "PixelUnshuffle", "ChannelShuffle"), shuffle),
    **dict.fromkeys(("MultiheadAttention", "TransformerEncoderLayer"), attention),
}
