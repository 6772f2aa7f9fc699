"""A network that is being written, and the parts that most kinds of networks have.

Knows what sizes there are as lines are added. Knows nothing of which kinds there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

__all__ = [
    "FUNCTIONS", "HIDDEN", "MODULES", "WIDTHS", "Draft", "classified", "conv", "convolution",
    "features", "flat", "halve", "hidden", "last", "norm", "pool", "rate",
]  # fmt: skip

WIDTHS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
HIDDEN = (8, 12, 16, 20, 24, 30, 32, 40, 50, 64, 84, 96, 100, 120, 128)
FUNCTIONS = (
    "F.relu", "F.relu", "F.relu", "torch.relu", "torch.tanh", "F.gelu", "F.silu", "F.elu",
    "F.leaky_relu", "F.selu", "F.mish", "torch.sigmoid",
)  # fmt: skip
MODULES = ("ReLU", "ReLU", "GELU", "SiLU", "ELU", "LeakyReLU", "Tanh", "ReLU6", "Mish")


@dataclass(slots=True)
class Draft:
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


def convolution(draft: Draft) -> None:
    """A convolution, perhaps with a norm, an activation and a pool."""
    name = draft.layer("conv", conv(draft, draft.rng.choice(WIDTHS)))
    inner = f"{name}(x)"
    if draft.likely(0.4):
        inner = f"{draft.layer('bn', norm(draft))}({inner})"
    draft.then(f"{draft.function}({inner})" if draft.likely(0.9) else inner)
    if draft.likely(0.4):
        pool(draft)


def conv(draft: Draft, wide: int) -> str:
    """A convolution, written; the draft has its sizes afterwards."""
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


def norm(draft: Draft) -> str:
    """A norm for the channels that there are, written."""
    if draft.likely(0.2) and draft.channels % 2 == 0:
        return f"nn.GroupNorm(2, {draft.channels})"
    return f"nn.{'InstanceNorm2d' if draft.likely(0.1) else 'BatchNorm2d'}({draft.channels})"


def pool(draft: Draft) -> None:
    """Half the height and width, where there is something to halve."""
    if min(draft.height, draft.width) < 2:
        return
    kind = draft.rng.choice(("max", "max", "avg"))
    if draft.likely(0.6):
        draft.then(f"F.{kind}_pool2d(x, 2)")
    else:
        draft.then(f"{draft.layer('pool', f'nn.{kind.title()}Pool2d(2)')}(x)")
    halve(draft)


def halve(draft: Draft) -> None:
    """Height and width after a pool of 2."""
    draft.height, draft.width = draft.height // 2, draft.width // 2


def classified(draft: Draft, classes: int) -> None:
    """From features of an image to scores."""
    if draft.likely(0.35):
        draft.height = draft.width = 1
        ways = ("x.mean(dim=(2, 3))", "x.mean((2, 3))", "F.adaptive_avg_pool2d(x, 1).flatten(1)")
        draft.then(draft.rng.choice(ways))
    else:
        if draft.likely(0.15):
            draft.then("F.adaptive_avg_pool2d(x, 2)")
            draft.height = draft.width = 2
        flat(draft)
    if draft.likely(0.35):
        hidden(draft)
    last(draft, classes)


def flat(draft: Draft) -> None:
    """From an image to features."""
    ways = (
        "x.flatten(1)",
        "torch.flatten(x, 1)",
        "x.view(x.size(0), -1)",
        "x.reshape(x.shape[0], -1)",
    )
    draft.then(draft.rng.choice(ways))


def features(draft: Draft) -> str:
    """How many features there are, as a number or as the product that it is."""
    channels, height, width = draft.channels, draft.height, draft.width
    draft.channels, draft.height, draft.width = channels * height * width, 1, 1
    if height * width > 1 and draft.likely(0.4):
        return draft.rng.choice(
            (f"{channels} * {height} * {width}", f"{channels} * {height * width}")
        )
    return str(channels * height * width)


def hidden(draft: Draft) -> None:
    """A hidden linear layer, perhaps with dropout."""
    wide = draft.rng.choice(HIDDEN)
    name = draft.layer("fc", f"nn.Linear({features(draft)}, {wide})")
    draft.channels = wide
    draft.then(f"{draft.function}({name}(x))")
    if draft.likely(0.25):
        draft.then(f"{draft.layer('drop', f'nn.Dropout({rate(draft)})')}(x)")


def last(draft: Draft, classes: int) -> None:
    """The layer that gives the scores."""
    name = draft.layer("fc", f"nn.Linear({features(draft)}, {classes})")
    draft.lines.append(f"return {name}(x)")


def rate(draft: Draft) -> float:
    """Of dropout."""
    return draft.rng.choice((0.1, 0.2, 0.25, 0.3, 0.5))
