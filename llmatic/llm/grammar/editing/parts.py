"""Layers that suit a shape.

Every function draws a layer, or a few that belong together, for a tensor of a
given shape; an empty list says that none suits. Widths of what comes before are
written down as they are; `llmatic.llm.grammar.reading.repair` sees to what comes after.
"""

from __future__ import annotations

from random import Random

from llmatic.llm.grammar.editing.draft import Part
from llmatic.llm.grammar.reading.values import Shape

__all__ = [
    "ACTIVATIONS",
    "WIDEST",
    "activation",
    "block",
    "convolution",
    "dropout",
    "linear",
    "normalization",
    "pooling",
    "recurrent",
    "residual",
    "rounded",
]

ACTIVATIONS = {
    "ReLU": "relu",
    "GELU": "gelu",
    "SiLU": "silu",
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "Mish": "mish",
    "Hardswish": "hardswish",
    "SELU": "selu",
    "ReLU6": "relu6",
    "Softplus": "softplus",
}
"""Layers and the functions that do the same, the usual ones first."""

WIDEST = 1024
STEPS_OF_WIDTH = 4
MOST_TOKENS = 256
AS_WIDE = 0.2
MOST_FEATURES = 1024


def rounded(width: float) -> int:
    """A width within limits, a multiple of four where it is not small."""
    limited = min(max(width, 1), WIDEST)
    return round(limited) if limited < 8 else int(limited) // STEPS_OF_WIDTH * STEPS_OF_WIDTH


def width(rng: Random, bold: float, near: int) -> int:
    """The width of a new layer behind one of a given width."""
    return rounded(max(near, rng.choice((8, 16, 24, 32))) * 2 ** rng.uniform(-0.5, 0.5 + bold))


def activation(rng: Random, bold: float) -> Part:
    """An activation function; unusual ones take boldness."""
    names = list(ACTIVATIONS)
    name = rng.choice(names[: 1 + round(bold * rng.random() * (len(names) - 1))])
    return Part("act", f"nn.{name}()", ACTIVATIONS[name])


def channels_behind(shape: Shape, rng: Random, bold: float) -> int:
    """The channels of a new convolution, now and then as many as before it."""
    return shape[1] if rng.random() < AS_WIDE else width(rng, bold, min(shape[1], 128))


def convolution(shape: Shape, rng: Random, bold: float, channels: int | None = None) -> list[Part]:
    """A convolution, with as many channels as told."""
    if len(shape) != 4:
        return []
    side = min(shape[2:])
    kernels = [1, 3, 3, 3] + ([5] if side > 4 else []) + ([7] if side > 8 and bold > 0.5 else [])
    kernel = rng.choice(kernels) if side > 1 else 1
    stride = 2 if side >= 8 and rng.random() < 0.15 * bold else 1
    channels = channels or channels_behind(shape, rng, bold)
    code = f"nn.Conv2d({shape[1]}, {channels}, kernel_size={kernel}"
    code += (f", stride={stride}" if stride > 1 else "") + (
        f", padding={kernel // 2}" * (kernel > 1)
    )
    return [Part("conv", code + ")")]


def block(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A convolution or dense layer with a normalisation and an activation."""
    act = activation(rng, bold)
    if len(shape) != 4:
        made = linear(shape, rng, bold)
        return [*made, act] if made else []
    channels = channels_behind(shape, rng, bold)
    norm = [Part("bn", f"nn.BatchNorm2d({channels})")] if rng.random() < 0.6 else []
    return [*convolution(shape, rng, bold, channels), *norm, act]


def linear(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A dense layer."""
    if len(shape) not in (2, 3):
        return []
    features = width(rng, bold, min(shape[-1], 128))
    return [Part("fc", f"nn.Linear({shape[-1]}, {features})")]


def normalization(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A normalisation."""
    if len(shape) == 4:
        channels = shape[1]
        groups = next(count for count in (8, 4, 2, 1) if channels % count == 0)
        codes = [f"nn.BatchNorm2d({channels})"] * 3
        if channels // groups * shape[2] * shape[3] > 1:
            codes.append(f"nn.GroupNorm({groups}, {channels})")
        if min(shape[2:]) > 1:
            codes.append(f"nn.InstanceNorm2d({channels}, affine=True)")
    elif len(shape) == 2:
        codes = [f"nn.BatchNorm1d({shape[1]})", f"nn.LayerNorm({shape[1]})"]
    else:
        codes = [f"nn.LayerNorm({shape[-1]})"] if len(shape) == 3 else []
    return [Part("norm", rng.choice(codes))] if codes else []


def dropout(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A dropout layer."""
    share = round(rng.uniform(0.05, 0.1 + 0.4 * bold), 2)
    kind = "Dropout2d" if len(shape) == 4 and rng.random() < 0.5 else "Dropout"
    return [Part("drop", f"nn.{kind}({share})")]


def pooling(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A pooling layer; none where there is one pixel."""
    if len(shape) != 4 or min(shape[2:]) < 2:
        return []
    side = min(shape[2:])
    codes = ["nn.MaxPool2d(2)", "nn.AvgPool2d(2)"]
    if side >= 3:
        codes.append("nn.MaxPool2d(kernel_size=3, stride=2, padding=1)")
    if bold > 0.3:
        codes.append(f"nn.AdaptiveAvgPool2d({rng.randint(1, max(1, side // 2))})")
        codes.append(f"nn.AdaptiveMaxPool2d({rng.randint(1, max(1, side // 2))})")
    return [Part("pool", rng.choice(codes))]


def residual(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """Layers whose output has the shape of their input, for a residual connection."""
    act = activation(rng, bold)
    if len(shape) == 4:
        channels = shape[1]
        inner = max(1, channels // rng.choice((1, 1, 2, 4)))
        kernel = rng.choice((1, 3, 3)) if min(shape[2:]) > 1 else 1
        first = f"nn.Conv2d({channels}, {inner}, kernel_size={kernel}, padding={kernel // 2})"
        norm = f"nn.BatchNorm2d({inner})"
        second = f"nn.Conv2d({inner}, {channels}, kernel_size=1)"
        if inner == channels and rng.random() < 0.5:
            return [Part("conv", first), Part("bn", norm), act]
        return [Part("conv", first), Part("bn", norm), act, Part("conv", second)]
    features = shape[-1]
    inner = min(max(4, features // rng.choice((1, 2, 4))), 256)
    if features > 4 * MOST_FEATURES:
        return []
    return [
        Part("fc", f"nn.Linear({features}, {inner})"),
        act,
        Part("fc", f"nn.Linear({inner}, {features})"),
    ]


def recurrent(shape: Shape, rng: Random, bold: float) -> list[Part]:
    """A recurrent layer over pixels, rows, tokens or parts of a vector."""
    kind = rng.choice(("GRU", "LSTM") if bold > 0.3 else ("GRU",))
    hidden = rng.choice((8, 16, 24, 32, 48, 64))
    ways = ", bidirectional=True" if bold > 0.5 and rng.random() < 0.3 else ""

    def rnn(features: int) -> str:
        return f"nn.{kind}({features}, {hidden}, batch_first=True{ways})"

    if len(shape) == 4:
        _, channels, height, across = shape
        if height * across <= MOST_TOKENS and rng.random() < 0.6:
            return [Part("rnn", f"Pixels({rnn(channels)})", helper="Pixels")]
        if channels * across <= MOST_FEATURES:
            return [Part("rnn", f"Rows({rnn(channels * across)})", helper="Rows")]
    elif len(shape) == 3 and shape[1] <= MOST_TOKENS:
        return [Part("rnn", f"Tokens({rnn(shape[2])})", helper="Tokens")]
    elif len(shape) == 2:
        lengths = [
            count
            for count in range(2, 33)
            if shape[1] % count == 0 and shape[1] // count <= MOST_FEATURES
        ]
        if lengths:
            steps = rng.choice(lengths)
            code = f"Steps({steps}, {rnn(shape[1] // steps)})"
            return [Part("rnn", code, helper="Steps")]
    return []
