"""How a network is measured: by training, or in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from llmatic.config.checks import one_of, require

__all__ = ["EvaluatorConfig", "TableConfig", "TrainedConfig"]


@dataclass(frozen=True)
class TrainedConfig:
    """Training: how a network is measured, and what it may cost."""

    kind: Literal["trained"]
    fitness: str
    timeout_s: float
    memory_mb: int
    max_params: int
    max_flops: float

    def __post_init__(self) -> None:
        one_of("evaluator.fitness", self.fitness, ("validation", "test"))
        require(self.timeout_s > 0, "evaluator.timeout_s", self.timeout_s, "above 0")
        require(self.memory_mb > 0, "evaluator.memory_mb", self.memory_mb, "above 0")
        require(self.max_params > 0, "evaluator.max_params", self.max_params, "above 0")
        require(self.max_flops > 0, "evaluator.max_flops", self.max_flops, "above 0")


@dataclass(frozen=True)
class TableConfig:
    """Looking up in the table of NAS-Bench-201."""

    kind: Literal["nasbench201"]
    fitness: str

    def __post_init__(self) -> None:
        one_of("evaluator.fitness", self.fitness, ("validation", "test"))


EvaluatorConfig: TypeAlias = Annotated[TrainedConfig | TableConfig, Field(discriminator="kind")]
