"""Data held in memory whole: batches are gathered from tensors, not loaded one by one.

Images come out channels-last, which most layers are faster on; where they lie so, gathering
costs nothing more. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from lightning_modules.augmentation import Augmentation, augment

__all__ = ["Batches"]


@dataclass(frozen=True)
class Batches:
    """Shuffled batches, every epoch in another order; a last single image is left out.

    They are gathered and augmented where the images are, and come out on ``device``.

    Attributes:
        images: Shape (n, channels, height, width).
        labels: Shape (n,), on the same device.
        size: Of a batch.
        generator: Of everything random, on the same device.
        augmentation: What is done to the images.
        layout: Of the images that come out.
        device: Where batches are wanted; where the images are if None.
    """

    images: Tensor
    labels: Tensor
    size: int
    generator: torch.Generator
    augmentation: Augmentation = "none"
    layout: torch.memory_format = torch.channels_last
    device: torch.device | None = None

    def __len__(self) -> int:
        """Batches of an epoch."""
        return (len(self.images) + self.size - 2) // self.size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        here = self.images.device
        order = torch.randperm(len(self.images), generator=self.generator, device=here)
        for chosen in torch.split(order, self.size)[: len(self)]:
            images = augment(self.images[chosen], self.augmentation, self.generator)
            yield self._sent(self._laid_out(images)), self._sent(self.labels[chosen])

    def _laid_out(self, images: Tensor) -> Tensor:
        if self.layout is torch.channels_last:
            return images.contiguous(memory_format=self.layout)
        return images.clone(memory_format=self.layout)  # one channel counts as either, but is not

    def _sent(self, tensor: Tensor) -> Tensor:
        if self.device is None or self.device == tensor.device:
            return tensor
        return tensor.pin_memory().to(self.device, non_blocking=True)
