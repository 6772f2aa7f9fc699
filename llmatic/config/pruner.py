"""Which trainings are stopped early; see `llmatic.pruning`."""

from __future__ import annotations

from dataclasses import dataclass

from llmatic.config.checks import one_of, require

__all__ = ["PrunerConfig"]

NAMES = ("none", "elite", "median", "successive_halving", "hyperband")


@dataclass(frozen=True)
class PrunerConfig:
    """Whether a network that promises nothing is trained to the end."""

    name: str = "none"
    warmup_share: float = 0.5

    def __post_init__(self) -> None:
        one_of("pruner.name", self.name, NAMES)
        share = self.warmup_share
        require(0 < share <= 1, "pruner.warmup_share", share, "above 0 and at most 1")
