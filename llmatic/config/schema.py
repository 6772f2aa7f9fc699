"""Every setting: names, types, and what is allowed. Knows nothing of files and command lines.

Here is what goes together, and what must fit; each group of settings has a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from llmatic.config.checks import one_of, require
from llmatic.config.dataset import DatasetConfig
from llmatic.config.evaluator import EvaluatorConfig, TableConfig
from llmatic.config.executor import ExecutorConfig
from llmatic.config.llm import LLMConfig, OpenAIConfig
from llmatic.config.prompts import PromptsConfig
from llmatic.config.pruner import PrunerConfig
from llmatic.config.sandbox import NAMES, SandboxConfig
from llmatic.config.search import SearchConfig
from llmatic.config.tracking import TrackingConfig
from llmatic.config.trainer import TrainerConfig
from llmatic.records import KEPT_EPOCHS

__all__ = ["Config", "ReportConfig"]

TABLES = ("nasbench201_cifar10", "nasbench201_cifar100", "nasbench201_imagenet16_120")
"""Data sets that cells of NAS-Bench-201 were trained on."""


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
