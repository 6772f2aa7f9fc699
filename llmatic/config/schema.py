"""Every setting: names, types, and what is allowed. Knows nothing of files and command lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llmatic.config.sandbox import NAMES, SandboxConfig
from llmatic.errors import UserError

__all__ = [
    "AxisConfig",
    "Config",
    "ConfigError",
    "DatasetConfig",
    "EvaluatorConfig",
    "ExecutorConfig",
    "LLMConfig",
    "SearchConfig",
    "TrackingConfig",
    "TrainerConfig",
]


class ConfigError(UserError):
    """A setting is unknown or has a value that is not allowed."""


def _require(condition: bool, field: str, value: object, allowed: str) -> None:
    if not condition:
        raise ConfigError(f"{field}={value}: must be {allowed}")


def _one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ConfigError(f"{field}={value}: must be one of {', '.join(allowed)}")


@dataclass(frozen=True)
class AxisConfig:
    """Bounds of one descriptor; values outside are clipped to them."""

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        _require(self.low < self.high, "low", self.low, f"below high={self.high}")
        _require(not self.log or self.low > 0, "low", self.low, "above 0 on a log axis")


@dataclass(frozen=True)
class DatasetConfig:
    """What is classified, and the bounds of its map."""

    name: str
    datamodule: str
    options: dict[str, Any]
    input_shape: list[int]
    classes: int
    batch_size: int
    width_to_depth: AxisConfig
    flops: AxisConfig
    seed_network: str | None = None
    root: str | None = None

    def __post_init__(self) -> None:
        shape = self.input_shape
        _require(
            len(shape) == 3 and min(shape) > 0,
            "dataset.input_shape",
            shape,
            "[channels, height, width]",
        )
        _require(self.classes > 1, "dataset.classes", self.classes, "at least 2")
        _require(self.batch_size > 0, "dataset.batch_size", self.batch_size, "at least 1")
        _require(
            "." in self.datamodule,
            "dataset.datamodule",
            self.datamodule,
            "a dotted path to a class",
        )


@dataclass(frozen=True)
class LLMConfig:
    """Who writes the networks."""

    name: str
    about: str

    def __post_init__(self) -> None:
        _require(self.name == "grammar", "llm.name", self.name, "grammar")


@dataclass(frozen=True)
class TrainerConfig:
    """The recipe each network is trained with."""

    epochs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    nesterov: bool
    schedule: str
    threads: int
    accelerator: str

    def __post_init__(self) -> None:
        _require(self.epochs > 0, "trainer.epochs", self.epochs, "at least 1")
        _require(self.learning_rate > 0, "trainer.learning_rate", self.learning_rate, "above 0")
        _require(0 <= self.momentum < 1, "trainer.momentum", self.momentum, "in [0, 1)")
        _require(self.weight_decay >= 0, "trainer.weight_decay", self.weight_decay, "at least 0")
        _require(
            not self.nesterov or self.momentum > 0,
            "trainer.nesterov",
            self.nesterov,
            "false where trainer.momentum is 0",
        )
        _one_of("trainer.schedule", self.schedule, ("constant", "cosine", "one_cycle"))
        _require(self.threads > 0, "trainer.threads", self.threads, "at least 1")
        _one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu"))


@dataclass(frozen=True)
class EvaluatorConfig:
    """How a network is measured, and what it may cost."""

    name: str
    fitness: str
    timeout_s: float
    memory_mb: int
    max_params: int
    max_flops: float

    def __post_init__(self) -> None:
        _one_of("evaluator.name", self.name, ("trained",))
        _one_of("evaluator.fitness", self.fitness, ("validation", "test"))
        _require(self.timeout_s > 0, "evaluator.timeout_s", self.timeout_s, "above 0")
        _require(self.memory_mb > 0, "evaluator.memory_mb", self.memory_mb, "above 0")
        _require(self.max_params > 0, "evaluator.max_params", self.max_params, "above 0")
        _require(self.max_flops > 0, "evaluator.max_flops", self.max_flops, "above 0")


@dataclass(frozen=True)
class SearchConfig:
    """The constants of Algorithm 1 (Nasir et al. 2024), by name."""

    generations: int
    batch_size: int
    niches: int
    centroid_samples: int
    init_networks: int
    init_prompts: int
    init_temperature: float
    operator_draw: str
    mutation_probability: float
    curious_share: float
    perturbed_share: float
    temperature_perturbation: float
    temperature_step: float
    crossover_elites: int
    crossover_neighbours: list[int]
    crossover_temperature: float
    curiosity_entered: float
    curiosity_rejected: float
    curiosity_untrainable: float

    def __post_init__(self) -> None:
        for name in ("generations", "batch_size", "niches", "init_networks", "init_prompts"):
            value = getattr(self, name)
            _require(value > 0, f"search.{name}", value, "at least 1")
        _require(
            self.centroid_samples >= self.niches,
            "search.centroid_samples",
            self.centroid_samples,
            f"at least search.niches={self.niches}",
        )
        for name in ("init_temperature", "crossover_temperature"):
            value = getattr(self, name)
            _require(0 < value <= 1, f"search.{name}", value, "in (0, 1]")
        for name in ("mutation_probability", "curious_share", "perturbed_share"):
            value = getattr(self, name)
            _require(0 <= value <= 1, f"search.{name}", value, "in [0, 1]")
        for name in ("temperature_perturbation", "temperature_step"):
            value = getattr(self, name)
            _require(0 <= value < 1, f"search.{name}", value, "in [0, 1)")
        _one_of("search.operator_draw", self.operator_draw, ("generation", "candidate"))
        _require(
            self.crossover_elites > 0,
            "search.crossover_elites",
            self.crossover_elites,
            "at least 1",
        )
        neighbours = self.crossover_neighbours
        _require(
            len(neighbours) > 0 and min(neighbours, default=0) > 0,
            "search.crossover_neighbours",
            neighbours,
            "a list of numbers of at least 1",
        )


@dataclass(frozen=True)
class TrackingConfig:
    """Where the journal is kept."""

    uri: str
    experiment: str
    artifacts: str

    @property
    def public_uri(self) -> str:
        """The URI without user, password and query."""
        scheme, separator, rest = self.uri.partition("://")
        place, slash, path = rest.partition("/")
        return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}"

    @property
    def public(self) -> TrackingConfig:
        """The same without what nobody else should read."""
        return replace(self, uri=self.public_uri)


@dataclass(frozen=True)
class ExecutorConfig:
    """Where candidates are evaluated."""

    name: str
    slots: int

    def __post_init__(self) -> None:
        _one_of("executor.name", self.name, ("local",))
        _require(self.slots > 0, "executor.slots", self.slots, "at least 1")


@dataclass(frozen=True)
class Config:
    """One search, completely."""

    seed: int
    name: str
    dataset: DatasetConfig
    llm: LLMConfig
    trainer: TrainerConfig
    evaluator: EvaluatorConfig
    search: SearchConfig
    tracking: TrackingConfig
    executor: ExecutorConfig
    sandbox: SandboxConfig = field(default_factory=SandboxConfig)

    def __post_init__(self) -> None:
        _require(self.seed >= 0, "seed", self.seed, "at least 0")
        _one_of("sandbox.name", self.sandbox.name, NAMES)
