"""The settings: a typed schema, composed from ``conf/``. Knows nothing of what they do."""

from llmatic.config.checks import ConfigError
from llmatic.config.composition import compose, from_yaml, override, to_yaml
from llmatic.config.llm import (
    GrammarConfig,
    LLMConfig,
    ModelConfig,
    OpenAIConfig,
    ReplayConfig,
    Style,
    TransformersConfig,
)
from llmatic.config.pruner import PrunerConfig
from llmatic.config.sandbox import SandboxConfig
from llmatic.config.schema import (
    AxisConfig,
    BudgetConfig,
    Config,
    DatasetConfig,
    EvaluatorConfig,
    ExecutorConfig,
    LocalConfig,
    PromptsConfig,
    RayConfig,
    ReportConfig,
    SearchConfig,
    TableConfig,
    TrackingConfig,
    TrainedConfig,
    TrainerConfig,
)

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
