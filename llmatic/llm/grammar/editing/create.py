"""Networks from scratch: plain, residual, recurrent or dense ones of random size."""

from __future__ import annotations

from random import Random

from llmatic.llm.grammar.editing.parts import ACTIVATIONS, rounded

__all__ = ["create"]


def create(rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int) -> str:
    """The text of a network; what its dense layers take has still to be mended.

    Args:
        rng: Decides everything.
        bold: Between 0 and 1; the larger, the larger the network may be.
        input_shape: Channels, height and width of an image.
        classes: Number of classes.
    """
    style = rng.choice((convolutional, convolutional, sequential, sequential, dense, recurrent))
    return style(rng, bold, input_shape, classes)


def first_width(rng: Random, bold: float) -> int:
    """The width of a first layer."""
    return rounded(2 ** rng.uniform(3, 4 + 2 * bold))


def convolutional(rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int) -> str:
    """Convolutions with names, some of them with a residual connection."""
    channels, height, _ = input_shape
    width = first_width(rng, bold)
    act = rng.choice(list(ACTIVATIONS.values())[: 2 + round(4 * bold)])
    init: list[str] = []
    forward: list[str] = []
    side = height
    for number in range(1, 1 + rng.randint(1, 2 + round(2 * bold))):
        kernel = rng.choice((3, 3, 5) if side > 4 else (1, 3))
        init.append(
            f"self.conv{number} = nn.Conv2d({channels}, {width}, {kernel}, padding={kernel // 2})"
        )
        inner = f"self.conv{number}(x)"
        if rng.random() < 0.6:
            init.append(f"self.bn{number} = nn.BatchNorm2d({width})")
            inner = f"self.bn{number}({inner})"
        skip = "x + " if channels == width else ""
        forward.append(f"x = {skip}F.{act}({inner})")
        if side >= 4 and rng.random() < 0.5:
            forward.append("x = F.max_pool2d(x, 2)")
            side //= 2
        channels = width
        width = rounded(width * rng.choice((1, 1, 1.5, 2)))
    if rng.random() < 0.3:
        forward.append("x = x.mean((2, 3))")
    else:
        forward.append("x = x.flatten(1)")
    if rng.random() < 0.5:
        hidden = first_width(rng, bold) * 2
        init.append(f"self.hidden = nn.Linear(1, {hidden})")
        forward.append(f"x = F.{act}(self.hidden(x))")
    init.append(f"self.fc = nn.Linear(1, {classes})")
    return written(init, [*forward, "return self.fc(x)"])


def sequential(rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int) -> str:
    """A sequence of convolutions and one dense layer."""
    channels, side, _ = input_shape
    width = first_width(rng, bold)
    act = rng.choice(list(ACTIVATIONS)[: 2 + round(4 * bold)])
    layers: list[str] = []
    for _ in range(rng.randint(1, 2 + round(3 * bold))):
        layers.append(f"nn.Conv2d({channels}, {width}, kernel_size=3, padding=1),")
        if rng.random() < 0.6:
            layers.append(f"nn.BatchNorm2d({width}),")
        layers.append(f"nn.{act}(),")
        if side >= 4 and rng.random() < 0.5:
            layers.append(f"nn.{rng.choice(('MaxPool2d', 'AvgPool2d'))}(2),")
            side //= 2
        channels = width
        width = rounded(width * rng.choice((1, 1.5, 2)))
    if rng.random() < 0.4:
        layers.append("nn.AdaptiveAvgPool2d(1),")
    layers.append("nn.Flatten(),")
    if rng.random() < 0.5:
        layers.append(f"nn.Dropout({round(rng.uniform(0.1, 0.5), 2)}),")
    layers.append(f"nn.Linear(1, {classes}),")
    init = ["self.layers = nn.Sequential(", *(f"    {layer}" for layer in layers), ")"]
    return written(init, ["return self.layers(x)"])


def dense(rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int) -> str:
    """Dense layers only."""
    act = rng.choice(list(ACTIVATIONS.values())[: 2 + round(4 * bold)])
    init: list[str] = []
    forward = ["x = x.flatten(1)"]
    for number in range(1, 1 + rng.randint(1, 1 + round(3 * bold))):
        init.append(f"self.fc{number} = nn.Linear(1, {first_width(rng, bold) * 2})")
        forward.append(f"x = F.{act}(self.fc{number}(x))")
    init.append(f"self.out = nn.Linear(1, {classes})")
    return written(init, [*forward, "return self.out(x)"])


def recurrent(rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int) -> str:
    """A recurrent layer over the rows of the image."""
    channels, _, across = input_shape
    kind = rng.choice(("GRU", "LSTM"))
    hidden = first_width(rng, bold)
    init = [
        f"self.rnn = nn.{kind}({channels * across}, {hidden}, batch_first=True)",
        f"self.fc = nn.Linear(1, {classes})",
    ]
    last = rng.choice(("x = x[:, -1]", "x = x.mean(1)", "x = x.flatten(1)"))
    forward = ["x = x.transpose(1, 2).flatten(2)", "x, _ = self.rnn(x)", last, "return self.fc(x)"]
    return written(init, forward)


def written(init: list[str], forward: list[str]) -> str:
    """The text of a network from the lines of its two methods."""
    functional = any("F." in line for line in forward)
    lines = [
        "import torch.nn as nn",
        *(["import torch.nn.functional as F"] if functional else []),
        "",
        "",
        "class Net(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in init),
        "",
        "    def forward(self, x):",
        *(f"        {line}" for line in forward),
    ]
    return "\n".join(lines) + "\n"
