"""Augments batches of images that are tensors already, all at once.

Knows no data sets; standardised images are shifted into what is nearest to their edge.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

__all__ = ["Augmentation", "augment"]

Augmentation = Literal["none", "shift", "shift_flip"]
REACH = 8
"""Images are shifted by up to an eighth of their height and width."""


def augment(images: Tensor, kind: Augmentation, generator: torch.Generator) -> Tensor:
    """Shift each image by its own random pixels; with ``shift_flip`` mirror half of them, too.

    Args:
        images: (n, channels, height, width)
        kind: What is done.
        generator: Of the random numbers; on the device of the images.

    Returns:
        As many images, channels-last; the same ones for ``none``.
    """
    if kind == "none":
        return images
    device = images.device
    count, _, height, width = images.shape
    down, right = -(-height // REACH), -(-width // REACH)

    def moved(reach: int, size: int) -> Tensor:
        by = torch.randint(-reach, reach + 1, (count, 1), generator=generator, device=device)
        return (by + torch.arange(size, device=device)).clamp(0, size - 1)

    rows, columns = moved(down, height), moved(right, width)
    if kind == "shift_flip":
        mirrored = torch.rand(count, 1, generator=generator, device=device) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    each = torch.arange(count, device=device).view(count, 1, 1)
    taken = images.permute(0, 2, 3, 1)[each, rows.unsqueeze(2), columns.unsqueeze(1)]
    return taken.permute(0, 3, 1, 2)
