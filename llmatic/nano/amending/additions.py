"""What can be put into a network, by the shape that it gets; most of it keeps that shape.

Knows nothing of where it is put.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

__all__ = ["ACTIVATIONS", "KINDS", "Addition", "addition"]

ACTIVATIONS = ("relu", "gelu", "silu", "elu", "leaky_relu", "tanh", "mish", "selu", "hardswish")
MODULES = {
    "relu": "ReLU", "gelu": "GELU", "silu": "SiLU", "elu": "ELU", "leaky_relu": "LeakyReLU",
    "tanh": "Tanh", "mish": "Mish", "selu": "SELU", "hardswish": "Hardswish",
}  # fmt: skip
KINDS = ("conv", "linear", "pool", "norm", "dropout", "recurrent", "activation")
RATES = ("0.1", "0.2", "0.25", "0.3", "0.4", "0.5")
CHANNELS = (8, 12, 16, 24, 32, 32, 48, 64, 64, 96, 128)
"""Between two convolutions, the first of which makes them more; many of them take long."""
LONGEST_SEQUENCE = 1_024
"""Features that a convolution of one channel goes along, which takes long."""
FEATURES = (*CHANNELS, 128, 192, 256, 384, 512, 768, 1024)
"""Between two linear layers of flat features."""
EXPANDED = 0.75
"""Share of convolutions and linear layers that are several: so a network can grow at any place."""
DEEPER = 0.4
"""Share of these that have another layer between, of as many channels: what costs most."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A layer that can be put into a network.

    Attributes:
        kind: One of `KINDS`.
        layer: The module that is made; empty for a function.
        name: What the module is called, by preference.
        use: The expression that uses it: `{m}` is the module, `{x}` what it gets.
        is_part: Whether the module by itself can stand in a sequence.
        keeps: Whether it keeps the shape of what it gets.
    """

    kind: str
    layer: str
    name: str
    use: str = "{m}({x})"
    is_part: bool = True
    keeps: bool = True


def addition(
    rng: Random,
    shape: tuple[int, ...],
    kind: str,
    known: Callable[[int], bool],
    nn: str,
    functional: str | None,
    *,
    bold: bool,
) -> Addition | None:
    """An addition that suits a shape; None where there is none.

    Args:
        rng: Decides.
        shape: Of what it gets, the batch left out.
        kind: One of `KINDS`.
        known: Whether a size can be seen in the source or the prompt.
        nn: How the source spells `torch.nn`.
        functional: How it spells `torch.nn.functional`; None where it does not.
        bold: Whether another shape can come out.
    """
    makers = {1: _flat, 2: _rows, 3: _maps}
    if len(shape) not in makers:
        return None
    made: Addition | None
    if kind == "dropout":
        made = _dropout(rng, functional)
    elif kind == "activation":
        made = _activation(rng, functional)
    elif bold and (other := _other_shape(rng, kind, shape)) is not None:
        made = other
    else:
        made = makers[len(shape)](rng, kind, shape, known)
    if made is None or ("F." in made.use and functional is None):
        return None
    layer = made.layer.replace("nn.", f"{nn}.")
    use = made.use.replace("nn.", f"{nn}.").replace("F.", f"{functional}.")
    return replace(made, layer=layer, use=use)


def _dropout(rng: Random, functional: str | None) -> Addition:
    rate = rng.choice(RATES)
    if functional is not None and rng.random() < 0.25:
        return Addition("dropout", "", "", f"F.dropout({{x}}, {rate}, self.training)", False)
    return Addition("dropout", f"nn.Dropout({rate})", "drop")


def _activation(rng: Random, functional: str | None) -> Addition:
    name = rng.choice(ACTIVATIONS)
    if functional is not None and rng.random() < 0.6:
        return Addition("activation", "", "", f"F.{name}({{x}})", False)
    return Addition("activation", f"nn.{MODULES[name]}()", "act")


def _several(rng: Random, first: str, between: str, last: str) -> str:
    act = f"nn.{rng.choice(('ReLU', 'ReLU', 'GELU', 'SiLU', 'Tanh'))}()"
    layers = [first, act, between, act, last] if rng.random() < DEEPER else [first, act, last]
    return f"nn.Sequential({', '.join(layers)})"


def _linear(rng: Random, width: int, between: tuple[int, ...] = CHANNELS) -> tuple[str, str]:
    """A layer or several that keep a width, and what they are called."""
    if rng.random() < EXPANDED:
        many = rng.choice(between)
        sizes = ((width, many), (many, many), (many, width))
        return _several(rng, *(f"nn.Linear({a}, {b})" for a, b in sizes)), "block"
    return rng.choice((f"nn.Linear({width}, {width})", f"nn.LazyLinear({width})")), "fc"


def _other_shape(rng: Random, kind: str, shape: tuple[int, ...]) -> Addition | None:
    """A layer after which others must find out what they take."""
    many = rng.choice(CHANNELS if kind == "conv" else FEATURES)
    match kind, shape:
        case "conv", (_, height, width):
            kernel = rng.choice((1, 3, 3, 3, 5))
            more = f", padding={kernel // 2}" if kernel > 1 else ""
            if min(height, width) > 3 and rng.random() < 0.2:
                more += ", stride=2"
            return Addition(kind, f"nn.LazyConv2d({many}, {kernel}{more})", "conv", keeps=False)
        case "linear", (_,):
            return Addition(kind, f"nn.LazyLinear({many})", "fc", keeps=False)
        case "pool", (_, height, width) if min(height, width) > 1:
            layer = rng.choice(("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"))
            return Addition(kind, layer, "pool", keeps=False)
    return None


def _maps(
    rng: Random, kind: str, shape: tuple[int, ...], known: Callable[[int], bool]
) -> Addition | None:
    channels, height, width = shape
    kernel = rng.choice((1, 3, 3, 3, 5))
    padded = f", padding={kernel // 2}" if kernel > 1 else ""
    match kind:
        case "conv" if known(channels) and rng.random() < EXPANDED:
            many = rng.choice(CHANNELS)
            first = f"nn.Conv2d({channels}, {many}, {kernel}{padded})"
            between = f"nn.Conv2d({many}, {many}, 3, padding=1)"
            last = f"nn.Conv2d({many}, {channels}, 1)"
            return Addition(kind, _several(rng, first, between, last), "block")
        case "conv" if known(channels):
            grouped = f", groups={channels}" if channels > 1 and rng.random() < 0.2 else ""
            layer = f"nn.Conv2d({channels}, {channels}, {kernel}{padded}{grouped})"
            if not grouped and rng.random() < 0.5:
                layer = f"nn.LazyConv2d({channels}, {kernel}{padded})"
            return Addition(kind, layer, "conv")
        case "linear" if known(width):
            return Addition(kind, *_linear(rng, width))
        case "pool" if min(height, width) > 1:
            if rng.random() < 0.5:
                return Addition(kind, "nn.MaxPool2d(3, stride=1, padding=1)", "pool")
            return Addition(kind, "nn.AvgPool2d(3, stride=1, padding=1)", "pool")
        case "norm":
            layers = ["nn.LazyBatchNorm2d()", "nn.LocalResponseNorm(3)"]
            if known(channels):
                layers += [f"nn.BatchNorm2d({channels})"] * 2
                layers += [f"nn.GroupNorm(1, {channels})", f"nn.InstanceNorm2d({channels})"]
            return Addition(kind, rng.choice(layers), "norm")
        case "recurrent" if known(width):
            cell = rng.choice(("GRU", "LSTM", "RNN"))
            layer = f"nn.{cell}({width}, {width}, batch_first=True)"
            if width % 2 == 0 and known(width // 2) and rng.random() < 0.3:
                layer = f"nn.{cell}({width}, {width // 2}, batch_first=True, bidirectional=True)"
            return Addition(kind, layer, "rnn", "{m}({x}.flatten(0, 1))[0].view_as({x})", False)
    return None


def _rows(
    rng: Random, kind: str, shape: tuple[int, ...], known: Callable[[int], bool]
) -> Addition | None:
    length, width = shape
    match kind:
        case "conv" if known(length):
            return Addition(kind, f"nn.Conv1d({length}, {length}, 3, padding=1)", "conv")
        case "linear" if known(width):
            return Addition(kind, *_linear(rng, width))
        case "pool" if width > 1:
            return Addition(kind, "nn.AvgPool1d(3, stride=1, padding=1)", "pool")
        case "norm" if known(width):
            return Addition(kind, f"nn.LayerNorm({width})", "norm")
        case "recurrent" if known(width):
            cell = rng.choice(("GRU", "LSTM", "RNN"))
            layer = f"nn.{cell}({width}, {width}, batch_first=True)"
            return Addition(kind, layer, "rnn", "{m}({x})[0]", False)
    return None


def _flat(
    rng: Random, kind: str, shape: tuple[int, ...], known: Callable[[int], bool]
) -> Addition | None:
    (width,) = shape
    through = "{m}({x}.unsqueeze(1)).squeeze(1)"
    match kind:
        case "conv" if width <= LONGEST_SEQUENCE:
            kernel = rng.choice((3, 3, 5))
            layer = f"nn.Conv1d(1, 1, {kernel}, padding={kernel // 2})"
            return Addition(kind, layer, "conv", through, False)
        case "linear" if known(width):
            return Addition(kind, *_linear(rng, width, FEATURES))
        case "pool" if width > 1:
            return Addition(kind, "nn.AvgPool1d(3, stride=1, padding=1)", "pool", through, False)
        case "norm" if known(width):
            layer = rng.choice((f"nn.BatchNorm1d({width})", f"nn.LayerNorm({width})"))
            return Addition(kind, layer, "norm")
        case "norm":
            return Addition(kind, "nn.LazyBatchNorm1d()", "norm")
        case "recurrent" if known(width):
            cell = rng.choice(("GRU", "LSTM", "RNN"))
            layer = f"nn.{cell}({width}, {width}, batch_first=True)"
            return Addition(kind, layer, "rnn", "{m}({x}.unsqueeze(1))[0].squeeze(1)", False)
    return None
