"""Every setting: names, types, and what is allowed. Knows nothing of files and command lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from llmatic.config.checks import one_of, require
from llmatic.config.llm import LLMConfig, OpenAIConfig
from llmatic.config.pruner import PrunerConfig
from llmatic.config.sandbox import NAMES, SandboxConfig
from llmatic.records import KEPT_EPOCHS

__all__ = [
    "AxisConfig",
    "BudgetConfig",
    "Config",
    "DatasetConfig",
    "EvaluatorConfig",
    "ExecutorConfig",
    "LocalConfig",
    "PromptsConfig",
    "RayConfig",
    "ReportConfig",
    "SearchConfig",
    "TableConfig",
    "TrackingConfig",
    "TrainedConfig",
    "TrainerConfig",
]


TABLES = ("nasbench201_cifar10", "nasbench201_cifar100", "nasbench201_imagenet16_120")
"""Data sets that cells of NAS-Bench-201 were trained on."""
KEY = re.compile(r"[a-z][a-z0-9_]{0,60}")
ADDRESS = re.compile(r"[^/\s]+:\d+")
RESERVED_KEYS = ("crossover", "create", "repair")


@dataclass(frozen=True)
class AxisConfig:
    """Bounds of one descriptor; values outside are clipped to them."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class DatasetConfig:
    """What is classified, and the bounds of its map.

    Attributes:
        name: Of the data set.
        datamodule: Dotted path to a LightningDataModule; null where a table is read.
        options: Its arguments, but for ``root``.
        input_shape: Channels, height and width.
        classes: Number of them.
        batch_size: To train with.
        width_to_depth: Bounds of the map.
        flops: Bounds of the map.
        seed_network: A file with the network to start from; null: the paper's.
        root: Where its files are, given to it as the argument of that name; null: it has none.
    """

    name: str
    datamodule: str | None
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
        require(
            len(shape) == 3 and min(shape) > 0,
            "dataset.input_shape",
            shape,
            "[channels, height, width]",
        )
        require(self.classes > 1, "dataset.classes", self.classes, "at least 2")
        require(self.batch_size > 0, "dataset.batch_size", self.batch_size, "at least 1")
        require(
            self.datamodule is None or "." in self.datamodule,
            "dataset.datamodule",
            self.datamodule,
            "a dotted path to a class",
        )
        for name, axis in (("width_to_depth", self.width_to_depth), ("flops", self.flops)):
            low = f"dataset.{name}.low"
            require(axis.low < axis.high, low, axis.low, f"below dataset.{name}.high={axis.high}")
            require(not axis.log or axis.low > 0, low, axis.low, "above 0 on a log axis")
        given = self.options.get("root", self.root)
        require(given == self.root, "dataset.options.root", given, "given as dataset.root")

    @property
    def arguments(self) -> dict[str, Any]:
        """What the data module is made with."""
        return self.options if self.root is None else {**self.options, "root": self.root}


@dataclass(frozen=True)
class PromptsConfig:
    """What a writer can be asked; the order of the mutations is the prompt archive's first axis."""

    mutations: dict[str, str | None]
    crossover: str
    create: str
    repair: str
    requirements: str

    def __post_init__(self) -> None:
        for key in self.mutations:
            require(
                bool(KEY.fullmatch(key)),
                f"prompts.mutations.{key}",
                self.mutations[key],
                "named by small letters, digits and underscores",
            )
            require(key not in RESERVED_KEYS, f"prompts.mutations.{key}", "...", "named otherwise")
        kept = [key for key, request in self.mutations.items() if request is not None]
        require(len(kept) > 1, "prompts.mutations", kept, "at least 2 prompts")


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
    label_smoothing: float = 0.0
    augmentation: str = "none"
    precision: str = "auto"
    compile: bool = False
    devices: int = 1
    strategy: str = "auto"

    def __post_init__(self) -> None:
        require(self.epochs > 0, "trainer.epochs", self.epochs, "at least 1")
        require(self.learning_rate > 0, "trainer.learning_rate", self.learning_rate, "above 0")
        require(0 <= self.momentum < 1, "trainer.momentum", self.momentum, "in [0, 1)")
        require(self.weight_decay >= 0, "trainer.weight_decay", self.weight_decay, "at least 0")
        require(
            not self.nesterov or self.momentum > 0,
            "trainer.nesterov",
            self.nesterov,
            "false where trainer.momentum is 0",
        )
        one_of("trainer.schedule", self.schedule, ("constant", "cosine", "one_cycle"))
        require(self.threads > 0, "trainer.threads", self.threads, "at least 1")
        one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu"))
        smoothing = self.label_smoothing
        require(0 <= smoothing < 1, "trainer.label_smoothing", smoothing, "in [0, 1)")
        one_of("trainer.augmentation", self.augmentation, ("none", "shift", "shift_flip"))
        one_of("trainer.precision", self.precision, ("auto", "fp32", "bf16"))
        require(self.devices > 0, "trainer.devices", self.devices, "at least 1")
        one_of("trainer.strategy", self.strategy, ("auto", "ddp"))
        require(
            self.devices > 1 or self.strategy == "auto",
            "trainer.strategy",
            self.strategy,
            "auto where trainer.devices is 1",
        )
        require(
            self.devices == 1 or not self.compile,
            "trainer.compile",
            self.compile,
            "false where trainer.devices is above 1",
        )


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


@dataclass(frozen=True)
class BudgetConfig:
    """What a search may use up before it stops, whichever comes first; null: no limit."""

    evaluations: int | None
    hours: float | None
    tokens: int | None
    usd: float | None

    def __post_init__(self) -> None:
        for name in ("evaluations", "hours", "tokens", "usd"):
            value = getattr(self, name)
            require(value is None or value > 0, f"search.budget.{name}", value, "above 0 or null")


@dataclass(frozen=True)
class SearchConfig:
    """The constants of Algorithm 1 (Nasir et al. 2024), by name."""

    generations: int
    batch_size: int
    pool: int | None
    niches: int
    centroid_samples: int
    parents_from: str
    prompts_from: str
    population: int
    init_from: str
    init_networks: int
    init_prompts: int
    init_temperature: float
    operator_draw: str
    mutation_probability: float
    create_share: float
    fresh_share: float
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
    map_share: float
    patience: int | None
    repair: bool
    budget: BudgetConfig

    def __post_init__(self) -> None:
        counts = ("generations", "batch_size", "niches", "population")
        for name in (*counts, "init_networks", "init_prompts"):
            value = getattr(self, name)
            require(value > 0, f"search.{name}", value, "at least 1")
        require(
            self.centroid_samples >= self.niches,
            "search.centroid_samples",
            self.centroid_samples,
            f"at least search.niches={self.niches}",
        )
        for name in ("init_temperature", "crossover_temperature"):
            value = getattr(self, name)
            require(0 < value <= 1, f"search.{name}", value, "in (0, 1]")
        shares = ("create_share", "fresh_share", "curious_share", "perturbed_share", "map_share")
        for name in ("mutation_probability", *shares):
            value = getattr(self, name)
            require(0 <= value <= 1, f"search.{name}", value, "in [0, 1]")
        for name in ("temperature_perturbation", "temperature_step"):
            value = getattr(self, name)
            require(0 <= value < 1, f"search.{name}", value, "in [0, 1)")
        one_of("search.init_from", self.init_from, ("seed", "scratch"))
        one_of("search.parents_from", self.parents_from, ("archive", "population", "both"))
        one_of("search.prompts_from", self.prompts_from, ("archive", "population"))
        require(
            self.pool is None or self.pool >= self.batch_size,
            "search.pool",
            self.pool,
            f"at least search.batch_size={self.batch_size}, or null",
        )
        require(
            self.patience is None or self.patience > 0,
            "search.patience",
            self.patience,
            "at least 1, or null",
        )
        one_of("search.operator_draw", self.operator_draw, ("generation", "candidate"))
        require(
            self.crossover_elites > 0,
            "search.crossover_elites",
            self.crossover_elites,
            "at least 1",
        )
        neighbours = self.crossover_neighbours
        require(
            len(neighbours) > 0 and min(neighbours, default=0) > 0,
            "search.crossover_neighbours",
            neighbours,
            "a list of numbers of at least 1",
        )

    @property
    def written(self) -> int:
        """Candidates that are written in a generation."""
        return self.pool or self.batch_size


@dataclass(frozen=True)
class TrackingConfig:
    """Where the journal is kept, and how long to wait for its server when that is down."""

    uri: str
    experiment: str
    artifacts: str
    wait_s: float = 600.0

    def __post_init__(self) -> None:
        require(self.wait_s >= 0, "tracking.wait_s", self.wait_s, "at least 0")

    @property
    def public(self) -> TrackingConfig:
        """The same for the store itself to keep: without its own address."""
        return replace(self, uri="(not recorded)")


@dataclass(frozen=True)
class LocalConfig:
    """Candidates are evaluated on this machine."""

    name: Literal["local"]
    slots: int

    def __post_init__(self) -> None:
        require(self.slots > 0, "executor.slots", self.slots, "at least 1")


@dataclass(frozen=True)
class RayConfig:
    """Candidates are evaluated on the nodes of a Ray cluster.

    Attributes:
        name: Of the executor.
        address: ``HOST:PORT`` of the cluster or ``auto``; null: start one on this machine.
        slots: Candidates at once; null: as many as the nodes have room for.
        cpus: Of a node, for each slot.
        gpus: Of a node, for each slot; may be a part of one.
        wait_s: How long to wait where no node has room for a slot.
    """

    name: Literal["ray"]
    address: str | None
    slots: int | None
    cpus: float
    gpus: float
    wait_s: float

    def __post_init__(self) -> None:
        address, slots = self.address, self.slots
        known = address is None or address == "auto" or ADDRESS.fullmatch(address) is not None
        require(known, "executor.address", address, "HOST:PORT, auto or null")
        require(slots is None or slots > 0, "executor.slots", slots, "at least 1 or null")
        require(self.cpus > 0, "executor.cpus", self.cpus, "above 0")
        require(self.gpus >= 0, "executor.gpus", self.gpus, "at least 0")
        require(self.wait_s >= 0, "executor.wait_s", self.wait_s, "at least 0")


ExecutorConfig: TypeAlias = Annotated[LocalConfig | RayConfig, Field(discriminator="name")]


@dataclass(frozen=True)
class ReportConfig:
    """How often the report of a running search is drawn anew; null: never, nor at its end."""

    refresh_s: float | None = 60.0

    def __post_init__(self) -> None:
        seconds = self.refresh_s
        require(seconds is None or seconds > 0, "report.refresh_s", seconds, "above 0 or null")


@dataclass(frozen=True)
class Config:
    """One search, completely."""

    seed: int
    name: str
    dataset: DatasetConfig
    llm: LLMConfig
    prompts: PromptsConfig
    trainer: TrainerConfig
    evaluator: EvaluatorConfig
    search: SearchConfig
    tracking: TrackingConfig
    executor: ExecutorConfig
    sandbox: SandboxConfig = field(default_factory=SandboxConfig)
    report: ReportConfig = field(default_factory=ReportConfig)
    pruner: PrunerConfig = field(default_factory=PrunerConfig)

    def __post_init__(self) -> None:
        require(self.seed >= 0, "seed", self.seed, "at least 0")
        usd = self.search.budget.usd
        require(
            usd is None or (isinstance(self.llm, OpenAIConfig) and self.llm.has_prices),
            "search.budget.usd",
            usd,
            "null where no prices are configured (llm.usd_per_million_tokens_in and _out)",
        )
        tabular = isinstance(self.evaluator, TableConfig)
        require(
            tabular or self.dataset.datamodule is not None,
            "dataset.datamodule",
            self.dataset.datamodule,
            "a dotted path to a class where networks are trained "
            f"(dataset={self.dataset.name} goes with evaluator=nasbench201)",
        )
        if tabular:
            one_of("dataset.name (evaluator=nasbench201)", self.dataset.name, TABLES)
        one_of("sandbox.name", self.sandbox.name, NAMES)
        require(
            not self.trainer.compile or self.sandbox.name == "none",
            "trainer.compile",
            self.trainer.compile,
            "false where generated code is kept apart, as torch.compile starts a compiler "
            "(sandbox=none allows that, and everything else)",
        )
        stops = self.pruner.name != "none"
        require(
            not (stops and tabular),
            "pruner",
            self.pruner.name,
            "none where networks are looked up (evaluator=nasbench201)",
        )
        require(
            not stops or self.trainer.epochs <= KEPT_EPOCHS,
            "pruner",
            self.pruner.name,
            f"none where trainer.epochs is more than {KEPT_EPOCHS}",
        )
