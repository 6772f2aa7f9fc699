"""Networks of the kinds that textbooks have.

Perceptrons, convolutions with and without padding, residual and separable blocks, branches,
gates, loops, recurrent ones. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Callable

from llmatic.nano.beginnings.draft import (
    HIDDEN,
    WIDTHS,
    Draft,
    classified,
    conv,
    convolution,
    features,
    flat,
    halve,
    hidden,
    last,
    norm,
    pool,
    rate,
)

__all__ = ["KINDS"]

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


def _perceptron(draft: Draft, classes: int) -> None:
    flat(draft)
    for _ in range(draft.rng.randint(1, 3)):
        hidden(draft)
    last(draft, classes)


def _convolutional(draft: Draft, classes: int) -> None:
    for _ in range(draft.rng.randint(1, 3)):
        convolution(draft)
    classified(draft, classes)


def _sequential(draft: Draft, classes: int) -> None:
    """Everything, or all but the last layers, in one `nn.Sequential`."""
    parts: list[str] = []
    if draft.likely(0.25):
        parts.append("nn.Flatten()")
        draft.channels *= draft.height * draft.width
        draft.height = draft.width = 1
        for _ in range(draft.rng.randint(1, 3)):
            wide = draft.rng.choice(HIDDEN)
            parts += [f"nn.Linear({draft.channels}, {wide})", draft.module]
            parts += [f"nn.Dropout({rate(draft)})"] * draft.likely(0.3)
            draft.channels = wide
    else:
        for _ in range(draft.rng.randint(1, 3)):
            parts.append(conv(draft, draft.rng.choice(WIDTHS)))
            parts += [norm(draft)] * draft.likely(0.4)
            parts.append(draft.module)
            if draft.likely(0.5) and min(draft.height, draft.width) > 1:
                parts.append(f"nn.{draft.rng.choice(('MaxPool2d', 'AvgPool2d'))}(2)")
                halve(draft)
        if draft.likely(0.6):
            draft.then(f"{draft.layer('features', _in_turn(parts))}(x)")
            classified(draft, classes)
            return
        parts += ["nn.Flatten()"]
    parts.append(f"nn.Linear({features(draft)}, {classes})")
    draft.lines.append(f"return {draft.layer('net', _in_turn(parts))}(x)")


def _in_turn(parts: list[str]) -> str:
    return f"nn.Sequential({', '.join(parts)})"


def _blocks(draft: Draft, classes: int) -> None:
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
        convolution(draft)
    for _ in range(draft.rng.randint(1, 3)):
        wide = draft.channels if is_residual else draft.rng.choice(WIDTHS)
        said = str(wide) if is_residual else f"{draft.channels}, {wide}"
        draft.then(f"{draft.layer('block', f'{name}({said})')}(x)")
        draft.channels = wide
        if draft.likely(0.3):
            pool(draft)
    classified(draft, classes)


def _branches(draft: Draft, classes: int) -> None:
    """Convolutions side by side."""
    if draft.likely(0.4):
        convolution(draft)
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
    inner = f"{draft.layer('bn', norm(draft))}(x)" if draft.likely(0.5) else "x"
    draft.then(f"{draft.function}({inner})")
    if draft.likely(0.6):
        pool(draft)
    classified(draft, classes)


def _gated(draft: Draft, classes: int) -> None:
    """Channels weighed by what the whole image shows."""
    convolution(draft)
    few = draft.rng.choice((2, 3, 4, 6, 8))
    down = draft.layer("gate", f"nn.Linear({draft.channels}, {few})")
    up = draft.layer("gate", f"nn.Linear({few}, {draft.channels})")
    mean = draft.rng.choice(("x.mean(dim=(2, 3))", "x.mean((2, 3))", "x.flatten(2).mean(2)"))
    scale = draft.rng.choice(("scale", "gates", "s"))
    draft.lines.append(f"{scale} = torch.sigmoid({up}({draft.function}({down}({mean}))))")
    spread = draft.rng.choice(("[:, :, None, None]", ".view(x.size(0), -1, 1, 1)"))
    draft.then(f"x * {scale}{spread}")
    if draft.likely(0.5):
        pool(draft)
    classified(draft, classes)


def _looped(draft: Draft, classes: int) -> None:
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
    classified(draft, classes)


def _recurrent(draft: Draft, classes: int) -> None:
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
    last(draft, classes)


KINDS: tuple[Callable[[Draft, int], None], ...] = (
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
