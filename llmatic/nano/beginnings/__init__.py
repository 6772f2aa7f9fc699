"""Networks as people write them, from which walks begin.

Small variations of networks of many kinds. Not every one works, which is for the caller to
find out. Knows nothing of requests.
"""

from __future__ import annotations

import re
from random import Random
from textwrap import indent

from llmatic.nano.beginnings import composed, direct, familiar
from llmatic.nano.beginnings.draft import FUNCTIONS, MODULES, Draft

__all__ = ["KINDS", "beginning"]

KINDS = (*familiar.KINDS, *composed.KINDS, *direct.KINDS)


def beginning(rng: Random, shape: tuple[int, int, int], classes: int) -> str:
    """A network at random.

    Args:
        rng: Decides everything.
        shape: Channels, height and width of an image.
        classes: Size of the output.
    """
    draft = Draft(rng, *shape, rng.choice(FUNCTIONS), f"nn.{rng.choice(MODULES)}()")
    rng.choice(KINDS)(draft, classes)
    text = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
    text += "".join(f"{each}\n\n" for each in draft.helpers)
    text += "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += indent("\n".join(draft.layers), " " * 8)
    text += "\n\n    def forward(self, x):\n"
    text += indent("\n".join(draft.lines), " " * 8) + "\n"
    for stem in sorted(set(re.findall(r"self\.([a-z]+)1\b", text))):
        if not re.search(rf"self\.{stem}(2|\b)", text):
            text = text.replace(f"self.{stem}1", f"self.{stem}")
    return text
