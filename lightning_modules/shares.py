"""One training in several processes that comes to what it would in one: DDP over shares.

All processes go through the same batches, and each takes its share of every one; losses are
weighted so that gradients are those of the whole batch, whatever number it divides into.
Layers that normalise over the batch do so over all of it. Knows nothing of how the processes
came to be, nor how they found each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning.pytorch import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm

from lightning_modules.stretches import Sized

__all__ = ["Shared", "Shares", "StartedBefore", "same_buffers", "synchronised"]


class StartedBefore(ClusterEnvironment):
    """Processes of one machine that have been started and connected already."""

    def __init__(self, rank: int, world: int) -> None:
        """Set which of how many this one is."""
        self._rank = rank
        self._world = world

    @property
    def creates_processes_externally(self) -> bool:
        """They are there."""
        return True

    @property
    def main_address(self) -> str:
        """Not asked for by who is connected."""
        return "127.0.0.1"

    @property
    def main_port(self) -> int:
        """Not asked for by who is connected."""
        return 0

    @staticmethod
    def detect() -> bool:
        """Nobody can tell from outside."""
        return False

    def world_size(self) -> int:
        """How many there are."""
        return self._world

    def set_world_size(self, size: int) -> None:
        """It is known already."""

    def global_rank(self) -> int:
        """Which of them this is."""
        return self._rank

    def set_global_rank(self, rank: int) -> None:
        """It is known already."""

    def local_rank(self) -> int:
        """The same, on one machine."""
        return self._rank

    def node_rank(self) -> int:
        """There is one machine."""
        return 0


class Shares:
    """One process's share of each batch, with the weight of its loss.

    The mean over all processes of weighted losses is the loss of the whole batch. Where there
    are fewer images than processes, those without one are given the first with weight 0, as
    they have to take the step, too.
    """

    def __init__(self, batches: Sized, rank: int, world: int) -> None:
        """Set whose share it is.

        Args:
            batches: Give tuples of tensors, each of as many rows; the same in every process.
            rank: Of this process.
            world: How many processes there are.
        """
        self._batches = batches
        self._rank = rank
        self._world = world

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, ...], float]]:
        for batch in self._batches:
            count = len(batch[0])
            share = tuple(each.tensor_split(self._world)[self._rank] for each in batch)
            mine = len(share[0])
            if not mine:
                share = tuple(each[:1] for each in batch)
            yield share, mine * self._world / count


class Shared(LightningModule):
    """Trains a module, with its own ``training_step`` and optimizer, on `Shares`."""

    def __init__(
        self,
        module: LightningModule,
        norms: Sequence[_Synchronised] = (),
        precision: torch.dtype | None = None,
    ) -> None:
        """Set what is trained.

        Args:
            module: Its ``training_step`` returns a loss that is a mean over the batch.
            norms: From `synchronised`, of the same module.
            precision: In which its steps compute what may be less precise (``torch.autocast``);
                None: all is computed as it comes.
        """
        super().__init__()
        self.module = module
        self._norms = norms
        self.precision = precision

    def forward(self, *given: Any) -> Any:
        """What the module makes of it."""
        return self.module(*given)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The module's optimizer and schedule."""
        return self.module.configure_optimizers()

    def training_step(self, given: tuple[tuple[Tensor, ...], float], index: int) -> Tensor:
        """The weighted loss of a share."""
        batch, weight = given
        for norm in self._norms:
            norm.counts = weight > 0
        with torch.autocast(self.device.type, self.precision, self.precision is not None):
            loss: Any = self.module.training_step(batch, index)
        if not isinstance(loss, Tensor):
            name = f"{type(self.module).__name__}.training_step"
            raise TypeError(f"{name} has to return the loss, not {type(loss).__name__}")
        return weight * loss


def same_buffers(module: nn.Module) -> None:
    """Give all processes the first one's buffers, such as running means."""
    for each in module.buffers():
        distributed.broadcast(each.detach(), 0)


@contextmanager
def synchronised(network: nn.Module) -> Iterator[list[_Synchronised]]:
    """Have batch norm normalise over the shares of all processes while it trains.

    On any device; ``nn.SyncBatchNorm`` needs a GPU. Layers keep their place, parameters and
    hooks, wherever the network refers to them.
    """
    kinds = {
        each: type(each)
        for each in network.modules()
        if type(each) in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    }
    norms: list[_Synchronised] = []
    for norm in kinds:
        norm.__class__ = _Synchronised
        assert isinstance(norm, _Synchronised)
        norms.append(norm)
    try:
        yield norms
    finally:
        for norm, kind in kinds.items():
            norm.__dict__.pop("counts", None)
            norm.__class__ = kind


class _Synchronised(_BatchNorm):
    """Batch norm over the batches of all processes.

    Attributes:
        counts: Whether this process's batch does.
    """

    counts = True

    def forward(self, given: Tensor) -> Tensor:
        """Normalise (batch, channels, ...)."""
        if not self.training:
            plain: Tensor = super().forward(given)
            return plain
        x = given.float() if given.dtype is torch.bfloat16 else given
        dims = [0, *range(2, x.dim())]
        shape = [1, -1, *[1] * (x.dim() - 2)]
        size = x.new_tensor([x.numel() / x.size(1)]) * self.counts
        total: Tensor = _Summed.apply(torch.cat([x.sum(dims) * self.counts, size]))
        count = total[-1].detach()
        mean = total[:-1] / count
        centred = x - mean.view(shape)
        variance: Tensor = _Summed.apply(centred.square().sum(dims) * self.counts) / count
        self._remember(mean.detach(), variance.detach() * count / (count - 1))
        found: Tensor = centred * (variance + self.eps).rsqrt().view(shape)
        if self.weight is not None:
            found = found * self.weight.view(shape)
        if self.bias is not None:
            found = found + self.bias.view(shape)
        return found.to(given.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running figures."""
        if self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        by = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, by)
        self.running_var.lerp_(variance, by)

    def _check_input_dim(self, given: Tensor) -> None:
        """Checked before, when the network was built."""


class _Summed(torch.autograd.Function):
    """The sum over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        total = tensor.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total
