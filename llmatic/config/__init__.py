"""The settings: a typed schema, composed from ``conf/``. Knows nothing of what they do."""

from llmatic.config.composition import compose, from_yaml, override, to_yaml
from llmatic.config.sandbox import SandboxConfig
from llmatic.config.schema import (
    AxisConfig,
    Config,
    ConfigError,
    DatasetConfig,
    EvaluatorConfig,
    ExecutorConfig,
    LLMConfig,
    SearchConfig,
    TrackingConfig,
    TrainerConfig,
)

__all__ = [
    "AxisConfig",
    "Config",
    "ConfigError",
    "DatasetConfig",
    "EvaluatorConfig",
    "ExecutorConfig",
    "LLMConfig",
    "SandboxConfig",
    "SearchConfig",
    "TrackingConfig",
    "TrainerConfig",
    "compose",
    "from_yaml",
    "override",
    "to_yaml",
]
