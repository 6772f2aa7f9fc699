"""The layers of torch.nn that can be read, with their parameters and defaults.

A layer that is neither here nor elementwise cannot be read.
"""

from __future__ import annotations

import ast

from llmatic.llm.grammar.reading.names import ELEMENTWISE
from llmatic.llm.grammar.reading.values import Layer, UnreadableError, Value

__all__ = ["INFERRED", "PARAMETERS", "WIDTHS", "make"]

WIDTHS = {
    "Conv1d": "out_channels",
    "Conv2d": "out_channels",
    "ConvTranspose2d": "out_channels",
    "Linear": "out_features",
    "RNN": "hidden_size",
    "GRU": "hidden_size",
    "LSTM": "hidden_size",
}
"""The argument that says how wide a layer is."""

CONVOLUTION = (
    "in_channels out_channels kernel_size stride=1 padding=0 dilation=1 groups=1 bias=True"
)
POOLING = "kernel_size stride=None padding=0"
NORM = "num_features eps=0 momentum=0 affine=True track_running_stats=True"
RECURRENT = (
    "input_size hidden_size num_layers=1 bias=True batch_first=False dropout=0 bidirectional=False"
)
SIGNATURES = {
    "Linear": "in_features out_features bias=True",
    "Conv1d": CONVOLUTION,
    "Conv2d": CONVOLUTION,
    "ConvTranspose2d": "in_channels out_channels kernel_size stride=1 padding=0 output_padding=0"
    " groups=1 bias=True dilation=1",
    "BatchNorm1d": NORM,
    "BatchNorm2d": NORM,
    "InstanceNorm1d": NORM,
    "InstanceNorm2d": NORM,
    "GroupNorm": "num_groups num_channels",
    "LayerNorm": "normalized_shape",
    "MaxPool1d": POOLING + " dilation=1 return_indices=False ceil_mode=False",
    "MaxPool2d": POOLING + " dilation=1 return_indices=False ceil_mode=False",
    "AvgPool1d": POOLING + " ceil_mode=False",
    "AvgPool2d": POOLING + " ceil_mode=False",
    "LPPool2d": "norm_type kernel_size stride=None ceil_mode=False padding=0",
    "AdaptiveAvgPool1d": "output_size",
    "AdaptiveAvgPool2d": "output_size",
    "AdaptiveMaxPool1d": "output_size",
    "AdaptiveMaxPool2d": "output_size",
    "Flatten": "start_dim=1 end_dim=-1",
    "Unflatten": "dim unflattened_size",
    "PReLU": "num_parameters=1",
    "Bilinear": "in1_features in2_features out_features bias=True",
    "Unfold": "kernel_size dilation=1 padding=0 stride=1",
    "RNNCell": "input_size hidden_size bias=True nonlinearity=None",
    "GRUCell": "input_size hidden_size bias=True",
    "LSTMCell": "input_size hidden_size bias=True",
    "RNN": RECURRENT.replace(" bias", " nonlinearity=None bias"),
    "GRU": RECURRENT,
    "LSTM": RECURRENT,
    "Upsample": "size=None scale_factor=None",
    "UpsamplingNearest2d": "size=None scale_factor=None",
    "ZeroPad2d": "padding",
    "ReflectionPad2d": "padding",
    "ReplicationPad2d": "padding",
    "PixelShuffle": "upscale_factor",
    "PixelUnshuffle": "downscale_factor",
    "ChannelShuffle": "groups",
    "MultiheadAttention": "embed_dim num_heads dropout=0 bias=True add_bias_kv=False"
    " add_zero_attn=False kdim=None vdim=None batch_first=False",
    "TransformerEncoderLayer": "d_model nhead dim_feedforward=2048",
}


def signature(text: str) -> dict[str, Value]:
    """Parameters with their defaults; one without a default is its own default."""
    parts = [part.partition("=") for part in text.split()]
    return {name: ast.literal_eval(default) if default else ... for name, _, default in parts}


PARAMETERS = {kind: signature(text) for kind, text in SIGNATURES.items()}


LAZY = frozenset({*WIDTHS, "BatchNorm1d", "BatchNorm2d", "InstanceNorm1d", "InstanceNorm2d"})
LAZY -= {"RNN", "GRU", "LSTM"}
"""Layers that may leave their first argument to what comes, with ``Lazy`` before their name."""
INFERRED = object()
"""A size that a layer takes from its first input."""


def make(kind: str, call: ast.Call, given: list[Value], named: dict[str, Value]) -> Layer:
    """A layer from the arguments it was called with; a lazy one is of the kind that it becomes.

    Raises:
        UnreadableError: If the kind is not known or an argument is missing.
    """
    if kind in ELEMENTWISE:
        return Layer(kind, named, call)
    eager = kind.removeprefix("Lazy")
    if kind != eager and eager in LAZY:
        kind, given = eager, [INFERRED, *given]
    parameters = PARAMETERS.get(kind)
    if parameters is None or len(given) > len(parameters):
        raise UnreadableError(f"unknown layer {kind}")
    args = {**parameters, **dict(zip(parameters, given, strict=False)), **named}
    if ... in args.values():
        raise UnreadableError(f"{kind} lacks an argument")
    return Layer(kind, args, call)
