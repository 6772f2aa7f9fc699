"""Many training steps for each batch that Lightning knows of.

Lightning does about half a millisecond of work of its own per step, as much as a small
network takes. Here it is handed stretches of batches, and the module's own steps are taken
in a plain loop. For one optimizer on one device, in 32 bits or bf16; knows no networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

import torch
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

__all__ = ["InStretches", "Stretches"]

STEPS = 64
"""Of a stretch; what Lightning does between two of them is then below a hundredth."""


class Sized(Protocol):
    """Batches that can be counted and gone through."""

    def __len__(self) -> int:
        """How many."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """One epoch."""
        ...


class Stretches:
    """Gives an epoch's batches as iterators over the next few of them."""

    def __init__(self, batches: Sized) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return -(-len(self._batches) // STEPS)

    def __iter__(self) -> Iterator[Iterator[Any]]:
        batches = iter(self._batches)
        for _ in range(len(self)):
            yield islice(batches, STEPS)


class InStretches(LightningModule):
    """Trains a module, with its own ``training_step`` and optimizer, on `Stretches`.

    The module's hooks around single steps are not called. Whatever it reckons from its
    trainer's number of steps is of stretches: it has to be told that number.
    """

    def __init__(self, module: LightningModule, precision: torch.dtype | None = None) -> None:
        """Set what is trained.

        Args:
            module: With its step and its optimizer.
            precision: In which its steps compute what may be less precise (``torch.autocast``);
                None: all is computed as it comes.
        """
        super().__init__()
        self.automatic_optimization = False
        self.module = module
        self.precision = precision

    def forward(self, *given: Any) -> Any:
        """What the module makes of it."""
        return self.module(*given)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The module's optimizer and schedule."""
        return self.module.configure_optimizers()

    def training_step(self, batches: Iterable[Any], index: int) -> dict[str, Any]:
        """Take a step with each batch.

        Returns:
            ``loss``, the mean of those of the steps, and ``steps``, their number.
        """
        (optimizer,) = self.trainer.optimizers
        schedules = [
            each.scheduler for each in self.trainer.lr_scheduler_configs if each.interval == "step"
        ]
        total: Tensor | float = 0.0
        steps = 0
        for batch in batches:
            with torch.autocast(self.device.type, self.precision, self.precision is not None):
                loss = self.module.training_step(batch, steps)
            if not isinstance(loss, Tensor):
                name = f"{type(self.module).__name__}.training_step"
                raise TypeError(f"{name} has to return the loss, not {type(loss).__name__}")
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # has no annotations in torch
            optimizer.step()
            for schedule in schedules:
                schedule.step()
            total = total + loss.detach()
            steps += 1
        return {"loss": total / steps, "steps": steps}
