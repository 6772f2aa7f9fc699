"""Trains any network that maps images to class scores: SGD and cross-entropy.

Does not know where the network or the data come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

__all__ = ["Classifier", "Schedule"]

Schedule = Literal["constant", "cosine", "one_cycle"]


class Classifier(LightningModule):
    """A network with its training recipe.

    Attributes:
        network: Maps (batch, channels, height, width) to (batch, classes).
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        trained: Sequence[nn.Parameter] | None = None,
        learning_rate: float = 0.05,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        schedule: Schedule = "constant",
        label_smoothing: float = 0.0,
        steps: int | None = None,
    ) -> None:
        """Set the recipe.

        Args:
            network: What is trained.
            trained: Its parameters that are; what its ``parameters()`` gives if None.
            learning_rate: Of SGD; the peak where the schedule moves it.
            momentum: Of SGD.
            weight_decay: Of SGD.
            nesterov: Whether the momentum is Nesterov's.
            schedule: How the learning rate moves, step by step: not at all, along a
                cosine down to 0, or up and down once.
            label_smoothing: Of the cross-entropy that is trained with.
            steps: Of the whole training, for the schedule; what its trainer reckons if None.
        """
        super().__init__()
        self.network = network
        self._trained = trained
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.nesterov = nesterov
        self.schedule = schedule
        self.label_smoothing = label_smoothing
        self.steps = steps

    def forward(self, images: Tensor) -> Tensor:
        """Class scores (batch, classes) of images (batch, channels, height, width)."""
        scores: Tensor = self.network(images)
        return scores

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        """Cross-entropy of one batch of images and labels (batch,)."""
        images, labels = batch
        return F.cross_entropy(self(images), labels, label_smoothing=self.label_smoothing)

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """Log ``val_loss`` and ``val_accuracy`` of one batch."""
        self._score("val", batch)

    def test_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """Log ``test_loss`` and ``test_accuracy`` of one batch."""
        self._score("test", batch)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """SGD with the learning rate's schedule over all steps of the training."""
        optimizer = torch.optim.SGD(
            self.network.parameters() if self._trained is None else self._trained,
            lr=self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            nesterov=self.nesterov,
        )
        if self.schedule == "constant":
            return optimizer
        steps = self.steps or int(self.trainer.estimated_stepping_batches)
        scheduler = (
            CosineAnnealingLR(optimizer, T_max=steps)
            if self.schedule == "cosine"
            else OneCycleLR(
                optimizer, max_lr=self.learning_rate, total_steps=steps, cycle_momentum=False
            )
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }

    def _score(self, part: str, batch: tuple[Tensor, Tensor]) -> None:
        images, labels = batch
        scores = self(images)
        self.log(f"{part}_loss", F.cross_entropy(scores, labels), batch_size=len(labels))
        accuracy = (scores.argmax(1) == labels).float().mean()
        self.log(f"{part}_accuracy", accuracy, prog_bar=True, batch_size=len(labels))
