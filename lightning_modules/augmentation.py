"""Augments batches of images that are tensors already, all at once.

Knows no data sets; standardised images are shifted into what is nearest to their edge.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Augmentation", "augment"]

Augmentation = Literal["none", "shift", "shift_flip"]
REACH = 8
"""Images are shifted by up to an eighth of their height and width."""


def augment(images: Tensor, kind: Augmentation, generator: torch.Generator) -> Tensor:
    """Shift each image by its own random pixels; with ``shift_flip`` mirror half of them, too.

    Args:
        images: (n, channels, height, width)
        kind: What is done.
        generator: Of the random numbers.
    """
    if kind == "none":
        return images
    count, channels, height, width = images.shape
    down, right = -(-height // REACH), -(-width // REACH)
    padded = F.pad(images, (right, right, down, down), mode="replicate")
    rows = torch.randint(0, 2 * down + 1, (count, 1), generator=generator) + torch.arange(height)
    columns = torch.randint(0, 2 * right + 1, (count, 1), generator=generator)
    places = columns + torch.arange(width)
    if kind == "shift_flip":
        mirrored = torch.rand(count, 1, generator=generator) < 0.5
        places = torch.where(mirrored, places.flip(1), places)
    taken = padded.gather(
        2, rows.view(count, 1, height, 1).expand(-1, channels, -1, padded.shape[3])
    )
    return taken.gather(3, places.view(count, 1, 1, width).expand(-1, channels, height, -1))
