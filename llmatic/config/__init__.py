"""The settings: a typed schema, composed from ``conf/``. Knows nothing of what they do."""

from llmatic.config.checks import ConfigError
from llmatic.config.composition import compose, from_yaml, override, to_yaml
from llmatic.config.dataset import AxisConfig, DatasetConfig
from llmatic.config.evaluator import EvaluatorConfig, TableConfig, TrainedConfig
from llmatic.config.executor import ExecutorConfig, LocalConfig, RayConfig
from llmatic.config.llm import (
    GrammarConfig,
    LLMConfig,
    ModelConfig,
    OpenAIConfig,
    ReplayConfig,
    Style,
    TransformersConfig,
)
from llmatic.config.prompts import PromptsConfig
from llmatic.config.pruner import PrunerConfig
from llmatic.config.sandbox import SandboxConfig
from llmatic.config.schema import Config, ReportConfig
from llmatic.config.search import BudgetConfig, SearchConfig
from llmatic.config.tracking import TrackingConfig
from llmatic.config.trainer import TrainerConfig

__all__ = [
    "AxisConfig",
    "BudgetConfig",
    "Config",
    "ConfigError",
    "DatasetConfig",
    "EvaluatorConfig",
    "ExecutorConfig",
    "GrammarConfig",
    "LLMConfig",
    "LocalConfig",
    "ModelConfig",
    "OpenAIConfig",
    "PromptsConfig",
    "PrunerConfig",
    "RayConfig",
    "ReplayConfig",
    "ReportConfig",
    "SandboxConfig",
    "SearchConfig",
    "Style",
    "TableConfig",
    "TrackingConfig",
    "TrainedConfig",
    "TrainerConfig",
    "TransformersConfig",
    "compose",
    "from_yaml",
    "override",
    "to_yaml",
]
