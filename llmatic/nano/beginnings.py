"""Networks as people write them, from which walks begin.

Small variations of the kinds of networks that textbooks have: perceptrons, convolutions
with and without padding, residual and separable blocks, branches, gates, loops, recurrent
ones. Not every one works, which is for the caller to find out. Knows nothing of requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from textwrap import indent

__all__ = ["beginning"]

WIDTHS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
HIDDEN = (8, 12, 16, 20, 24, 30, 32, 40, 50, 64, 84, 96, 100, 120, 128)
FUNCTIONS = (
    "F.relu", "F.relu", "F.relu", "torch.relu", "torch.tanh", "F.gelu", "F.silu", "F.elu",
    "F.leaky_relu", "F.selu", "F.mish", "torch.sigmoid",
)  # fmt: skip
MODULES = ("ReLU", "ReLU", "GELU", "SiLU", "ELU", "LeakyReLU", "Tanh", "ReLU6", "Mish")
RESIDUAL = """class {name}(nn.Module):
    def __init__(self, {channels}):
        super().__init__()
        self.conv1 = nn.Conv2d({channels}, {channels}, {kernel}, padding={padding}{bias})
        self.bn1 = nn.BatchNorm2d({channels})
        self.conv2 = nn.Conv2d({channels}, {channels}, {kernel}, padding={padding}{bias})
        self.bn2 = nn.BatchNorm2d({channels})

    def forward(self, x):
        y = {function}(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return {function}(x + y)
"""
BLOCK = """class {name}(nn.Module):
    def __init__(self, {channels}, {out}):
        super().__init__()
        self.conv = nn.Conv2d({channels}, {out}, {kernel}, padding={padding}{bias})
        self.norm = nn.BatchNorm2d({out})

    def forward(self, x):
        return {function}(self.norm(self.conv(x)))
"""
SEPARABLE = """class {name}(nn.Module):
    def __init__(self, {channels}, {out}):
        super().__init__()
        self.depthwise = nn.Conv2d({channels}, {channels}, {kernel}, padding={padding}, groups={channels})
        self.pointwise = nn.Conv2d({channels}, {out}, 1)

    def forward(self, x):
        return {function}(self.pointwise(self.depthwise(x)))
"""  # noqa: E501


@dataclass(slots=True)
class _Draft:
    """A network that is being written; the sizes are those of its image or its features."""

    rng: Random
    channels: int
    height: int
    width: int
    function: str
    module: str
    helpers: list[str] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def layer(self, stem: str, made: str) -> str:
        """Make a layer and say how it is reached."""
        count = sum(each.startswith(f"self.{stem}") for each in self.layers)
        name = f"self.{stem}{count + 1}"
        self.layers.append(f"{name} = {made}")
        return name

    def then(self, expression: str) -> None:
        """What is done next to `x`."""
        self.lines.append(f"x = {expression}")

    def likely(self, chance: float) -> bool:
        """Whether something happens."""
        return self.rng.random() < chance


def beginning(rng: Random, shape: tuple[int, int, int], classes: int) -> str:
    """A network at random.

    Args:
        rng: Decides everything.
        shape: Channels, height and width of an image.
        classes: Size of the output.
    """
    draft = _Draft(rng, *shape, rng.choice(FUNCTIONS), f"nn.{rng.choice(MODULES)}()")
    rng.choice(KINDS)(draft, classes)
    text = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
    text += "".join(f"{each}\n\n" for each in draft.helpers)
    text += "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += indent("\n".join(draft.layers), " " * 8)
    text += "\n\n    def forward(self, x):\n"
    text += indent("\n".join(draft.lines), " " * 8) + "\n"
    for stem in sorted(set(re.findall(r"self\.([a-z]+)1\b", text))):
        if f"self.{stem}2" not in text:
            text = text.replace(f"self.{stem}1", f"self.{stem}")
    return text


def _perceptron(draft: _Draft, classes: int) -> None:
    _flat(draft)
    for _ in range(draft.rng.randint(1, 3)):
        _hidden(draft)
    _last(draft, classes)


def _convolutional(draft: _Draft, classes: int) -> None:
    for _ in range(draft.rng.randint(1, 3)):
        _convolution(draft)
    _classified(draft, classes)


def _sequential(draft: _Draft, classes: int) -> None:
    """Everything, or all but the last layers, in one `nn.Sequential`."""
    parts: list[str] = []
    if draft.likely(0.25):
        parts.append("nn.Flatten()")
        draft.channels *= draft.height * draft.width
        draft.height = draft.width = 1
        for _ in range(draft.rng.randint(1, 3)):
            wide = draft.rng.choice(HIDDEN)
            parts += [f"nn.Linear({draft.channels}, {wide})", draft.module]
            parts += [f"nn.Dropout({_rate(draft)})"] * draft.likely(0.3)
            draft.channels = wide
    else:
        for _ in range(draft.rng.randint(1, 3)):
            parts.append(_conv(draft, draft.rng.choice(WIDTHS)))
            parts += [_norm(draft)] * draft.likely(0.4)
            parts.append(draft.module)
            if draft.likely(0.5) and min(draft.height, draft.width) > 1:
                parts.append(f"nn.{draft.rng.choice(('MaxPool2d', 'AvgPool2d'))}(2)")
                _halve(draft)
        if draft.likely(0.6):
            draft.then(f"{draft.layer('features', _in_turn(parts))}(x)")
            _classified(draft, classes)
            return
        parts += ["nn.Flatten()"]
    parts.append(f"nn.Linear({_features(draft)}, {classes})")
    draft.lines.append(f"return {draft.layer('net', _in_turn(parts))}(x)")


def _in_turn(parts: list[str]) -> str:
    return f"nn.Sequential({', '.join(parts)})"


def _blocks(draft: _Draft, classes: int) -> None:
    """A convolution, then blocks of a class of their own."""
    is_residual = draft.likely(0.5)
    template = RESIDUAL if is_residual else draft.rng.choice((BLOCK, SEPARABLE))
    name = draft.rng.choice(("Block", "Unit", "Stage", "ConvBlock", "Basic", "Cell"))
    kernel = draft.rng.choice((3, 3, 5))
    given = draft.rng.choice((("channels", "width"), ("inputs", "outputs"), ("c", "d")))
    draft.helpers.append(
        template.format(
            name=name,
            channels=given[0],
            out=given[1],
            kernel=kernel,
            padding=kernel // 2,
            bias=", bias=False" * draft.likely(0.5),
            function=draft.function,
        )
    )
    if is_residual or draft.likely(0.5):
        _convolution(draft)
    for _ in range(draft.rng.randint(1, 3)):
        wide = draft.channels if is_residual else draft.rng.choice(WIDTHS)
        said = str(wide) if is_residual else f"{draft.channels}, {wide}"
        draft.then(f"{draft.layer('block', f'{name}({said})')}(x)")
        draft.channels = wide
        if draft.likely(0.3):
            _pool(draft)
    _classified(draft, classes)


def _branches(draft: _Draft, classes: int) -> None:
    """Convolutions side by side."""
    if draft.likely(0.4):
        _convolution(draft)
    count, wide = draft.rng.randint(2, 3), draft.rng.choice(WIDTHS[:10])
    made = [
        f"nn.Conv2d({draft.channels}, {wide}, kernel_size={each}, padding={each // 2})"
        for each in draft.rng.sample((1, 3, 5, 7), count)
    ]
    names = [draft.layer("path", each) for each in made]
    if draft.likely(0.5):
        draft.then(f"torch.cat([{', '.join(f'{each}(x)' for each in names)}], dim=1)")
        draft.channels = count * wide
    else:
        draft.then(" + ".join(f"{each}(x)" for each in names))
        draft.channels = wide
    inner = f"{draft.layer('bn', _norm(draft))}(x)" if draft.likely(0.5) else "x"
    draft.then(f"{draft.function}({inner})")
    if draft.likely(0.6):
        _pool(draft)
    _classified(draft, classes)


def _gated(draft: _Draft, classes: int) -> None:
    """Channels weighed by what the whole image shows."""
    _convolution(draft)
    few = draft.rng.choice((2, 3, 4, 6, 8))
    down = draft.layer("gate", f"nn.Linear({draft.channels}, {few})")
    up = draft.layer("gate", f"nn.Linear({few}, {draft.channels})")
    mean = draft.rng.choice(("x.mean(dim=(2, 3))", "x.mean((2, 3))", "x.flatten(2).mean(2)"))
    scale = draft.rng.choice(("scale", "gates", "s"))
    draft.lines.append(f"{scale} = torch.sigmoid({up}({draft.function}({down}({mean}))))")
    spread = draft.rng.choice(("[:, :, None, None]", ".view(x.size(0), -1, 1, 1)"))
    draft.then(f"x * {scale}{spread}")
    if draft.likely(0.5):
        _pool(draft)
    _classified(draft, classes)


def _looped(draft: _Draft, classes: int) -> None:
    """Layers that a loop makes."""
    widths = [draft.rng.choice(WIDTHS) for _ in range(draft.rng.randint(2, 3))]
    stride = draft.rng.choice((1, 2))
    step = f", stride={stride}" if stride > 1 else ""
    draft.layers += [
        "layers = []",
        f"channels = {draft.channels}",
        f"for width in ({', '.join(map(str, widths))}):",
        f"    layers.append(nn.Conv2d(channels, width, 3{step}, padding=1))",
        *["    layers.append(nn.BatchNorm2d(width))"] * draft.likely(0.5),
        f"    layers.append({draft.module})",
        "    channels = width",
        "self.body1 = nn.Sequential(*layers)",
    ]
    draft.channels = widths[-1]
    for _ in widths:
        draft.height, draft.width = (-(-each // stride) for each in (draft.height, draft.width))
    draft.then("self.body1(x)")
    _classified(draft, classes)


def _recurrent(draft: _Draft, classes: int) -> None:
    """The rows of the image, one after the other."""
    kind, wide = draft.rng.choice(("GRU", "LSTM", "RNN")), draft.rng.choice(HIDDEN[:10])
    more = draft.rng.choice(("", "", ", num_layers=2"))
    if draft.channels == 1:
        draft.then("x.squeeze(1)")
    else:
        draft.then("x.permute(0, 2, 1, 3).flatten(2)")
    takes = draft.channels * draft.width
    name = draft.layer("rnn", f"nn.{kind}({takes}, {wide}{more}, batch_first=True)")
    out = draft.rng.choice(("x", "out", "seen"))
    draft.lines.append(f"{out}, _ = {name}(x)")
    picked = draft.rng.choice((f"{out}[:, -1]", f"{out}.mean(1)", f"{out}[:, -1, :]"))
    if draft.likely(0.4):
        picked = f"{draft.layer('norm', f'nn.LayerNorm({wide})')}({picked})"
    draft.then(picked)
    draft.channels = wide
    draft.height = draft.width = 1
    _last(draft, classes)


KINDS: tuple[Callable[[_Draft, int], None], ...] = (
    _perceptron,
    _convolutional,
    _convolutional,
    _sequential,
    _sequential,
    _blocks,
    _blocks,
    _branches,
    _gated,
    _looped,
    _recurrent,
)


def _convolution(draft: _Draft) -> None:
    conv = draft.layer("conv", _conv(draft, draft.rng.choice(WIDTHS)))
    inner = f"{conv}(x)"
    if draft.likely(0.4):
        inner = f"{draft.layer('bn', _norm(draft))}({inner})"
    draft.then(f"{draft.function}({inner})" if draft.likely(0.9) else inner)
    if draft.likely(0.4):
        _pool(draft)


def _conv(draft: _Draft, wide: int) -> str:
    smallest = min(draft.height, draft.width)
    kernel = draft.rng.choice([each for each in (1, 3, 3, 3, 5) if each <= smallest])
    padding = kernel // 2 if draft.likely(0.6) else 0
    stride = 2 if draft.likely(0.15) and smallest > 3 else 1
    groups = draft.channels if draft.likely(0.07) and wide % draft.channels == 0 else 1
    said = f"kernel_size={kernel}" if draft.likely(0.4) else str(kernel)
    said += f", stride={stride}" * (stride > 1)
    said += f", padding={padding}" * (padding > 0)
    said += f", groups={groups}" * (groups > 1)
    said += ", bias=False" * draft.likely(0.1)
    made = f"nn.Conv2d({draft.channels}, {wide}, {said})"
    draft.channels = wide
    draft.height, draft.width = (
        (each + 2 * padding - kernel) // stride + 1 for each in (draft.height, draft.width)
    )
    return made


def _norm(draft: _Draft) -> str:
    if draft.likely(0.2) and draft.channels % 2 == 0:
        return f"nn.GroupNorm(2, {draft.channels})"
    return f"nn.{'InstanceNorm2d' if draft.likely(0.1) else 'BatchNorm2d'}({draft.channels})"


def _pool(draft: _Draft) -> None:
    if min(draft.height, draft.width) < 2:
        return
    kind = draft.rng.choice(("max", "max", "avg"))
    if draft.likely(0.6):
        draft.then(f"F.{kind}_pool2d(x, 2)")
    else:
        draft.then(f"{draft.layer('pool', f'nn.{kind.title()}Pool2d(2)')}(x)")
    _halve(draft)


def _halve(draft: _Draft) -> None:
    draft.height, draft.width = draft.height // 2, draft.width // 2


def _classified(draft: _Draft, classes: int) -> None:
    """From features of an image to scores."""
    if draft.likely(0.35):
        draft.height = draft.width = 1
        ways = ("x.mean(dim=(2, 3))", "x.mean((2, 3))", "F.adaptive_avg_pool2d(x, 1).flatten(1)")
        draft.then(draft.rng.choice(ways))
    else:
        if draft.likely(0.15):
            draft.then("F.adaptive_avg_pool2d(x, 2)")
            draft.height = draft.width = 2
        _flat(draft)
    if draft.likely(0.35):
        _hidden(draft)
    _last(draft, classes)


def _flat(draft: _Draft) -> None:
    ways = (
        "x.flatten(1)",
        "torch.flatten(x, 1)",
        "x.view(x.size(0), -1)",
        "x.reshape(x.shape[0], -1)",
    )
    draft.then(draft.rng.choice(ways))


def _features(draft: _Draft) -> str:
    """How many features there are, as a number or as the product that it is."""
    channels, height, width = draft.channels, draft.height, draft.width
    draft.channels, draft.height, draft.width = channels * height * width, 1, 1
    if height * width > 1 and draft.likely(0.4):
        return draft.rng.choice(
            (f"{channels} * {height} * {width}", f"{channels} * {height * width}")
        )
    return str(channels * height * width)


def _hidden(draft: _Draft) -> None:
    wide = draft.rng.choice(HIDDEN)
    name = draft.layer("fc", f"nn.Linear({_features(draft)}, {wide})")
    draft.channels = wide
    draft.then(f"{draft.function}({name}(x))")
    if draft.likely(0.25):
        draft.then(f"{draft.layer('drop', f'nn.Dropout({_rate(draft)})')}(x)")


def _last(draft: _Draft, classes: int) -> None:
    name = draft.layer("fc", f"nn.Linear({_features(draft)}, {classes})")
    draft.lines.append(f"return {name}(x)")


def _rate(draft: _Draft) -> float:
    return draft.rng.choice((0.1, 0.2, 0.25, 0.3, 0.5))
