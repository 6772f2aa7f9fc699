"""Watches a training run: its loss, and what the network predicts after every epoch.

Knows no labels of what is predicted; scoring is for whoever holds them. Where several processes
train together each predicts its share of the batches, and the first hands all out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from lightning_modules.shares import same_buffers

__all__ = ["EpochPredictions"]

Emit = Callable[[int, float, Mapping[str, Tensor]], None]


class EpochPredictions(Callback):
    """Hands out the training loss and the predicted classes after every epoch.

    Stops the training when the loss is not finite.

    Attributes:
        diverged: Whether the loss was not finite in the last epoch.
    """

    def __init__(
        self,
        inputs: Mapping[str, Tensor],
        batch_size: int,
        emit: Emit,
        layout: torch.memory_format = torch.preserve_format,
    ) -> None:
        """Set what is predicted.

        Args:
            inputs: Images (n, channels, height, width) by name.
            batch_size: How many are predicted at once.
            emit: Called with the epoch from 0, its mean training loss, and for each
                of the inputs the predicted classes (n,).
            layout: Of the images that the network is given.
        """
        self.diverged = False
        self._inputs = inputs
        self._batch_size = batch_size
        self._emit = emit
        self._layout = layout
        self._loss: Tensor | float = 0.0
        self._steps = 0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin a new mean."""
        self._loss = 0.0
        self._steps = 0

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Mapping[str, Any],  # type: ignore[override]  # wider in the base class
        batch: object,
        batch_idx: int,
    ) -> None:
        """Add to the mean, by ``outputs["steps"]`` where it is; no value leaves the device."""
        steps = int(outputs.get("steps", 1))
        self._loss = self._loss + steps * outputs["loss"].detach()
        self._steps += steps

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Predict, or stop."""
        loss = float(self._loss) / max(1, self._steps)
        if trainer.world_size > 1:
            ours = torch.tensor(loss, device=pl_module.device)
            loss = float(trainer.strategy.reduce(ours, reduce_op="mean"))
        if not math.isfinite(loss):
            self.diverged = True
            trainer.should_stop = True
            return
        was_training = pl_module.training
        pl_module.eval()
        with torch.no_grad():
            predict = self._predict if trainer.world_size == 1 else self._predict_together
            predicted = {name: predict(trainer, x) for name, x in self._inputs.items()}
        pl_module.train(was_training)
        if trainer.is_global_zero:
            self._emit(trainer.current_epoch, loss, predicted)

    def _predict(self, trainer: Trainer, images: Tensor) -> Tensor:
        module = trainer.lightning_module
        batches = torch.split(images, self._batch_size)
        scores = [
            module(batch.to(module.device, copy=True, memory_format=self._layout))
            for batch in batches
        ]
        return torch.cat([each.argmax(1).cpu() for each in scores])

    def _predict_together(self, trainer: Trainer, images: Tensor) -> Tensor:
        """The same in every process; batches are those that a single one would predict."""
        module = trainer.lightning_module
        same_buffers(module)
        order = torch.arange(len(images))
        batches = torch.arange(-(-len(images) // self._batch_size))
        of_each = [
            order[chosen[0] * self._batch_size : (chosen[-1] + 1) * self._batch_size]
            for chosen in batches.tensor_split(trainer.world_size)
            if len(chosen)
        ]
        predicted = torch.zeros(len(images), dtype=torch.int64, device=module.device)
        if trainer.global_rank < len(of_each):
            mine = of_each[trainer.global_rank]
            predicted[mine] = self._predict(trainer, images[mine]).to(module.device)
        total = trainer.strategy.reduce(predicted, reduce_op="sum")
        assert isinstance(total, Tensor)
        return total.cpu()
