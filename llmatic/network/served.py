"""A network as it is handed out: images as they come in, probabilities of classes out.

Knows no files and no formats.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Served"]


class Served(nn.Module):
    """A network with the preprocessing of the images that it was trained on."""

    def __init__(
        self,
        network: nn.Module,
        mean: Sequence[float],
        deviation: Sequence[float],
        scale: float,
    ) -> None:
        """Put the steps together.

        Args:
            network: Maps standardised images to class scores.
            mean: Of each channel, of images in [0, 1].
            deviation: Of each channel, of images in [0, 1].
            scale: The value of a pixel that is 1 in [0, 1].
        """
        super().__init__()
        self.network = network
        self.scale = scale
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Probabilities (n, classes) of images (n, channels, height, width), unscaled."""
        scores: Tensor = self.network((images / self.scale - self.mean) / self.deviation)
        return scores.softmax(1)
