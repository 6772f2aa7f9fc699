"""The typed schema of every setting, composed from ``conf/`` by Hydra.

Checks names, types and ranges, and says what would have been right. Knows
nothing of what the settings do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

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
    "compose",
    "from_yaml",
    "override",
    "to_yaml",
]


OPTIONS = "dataset.options"
"""Below this key anything goes: it is passed to the DataModule as it is."""


class ConfigError(UserError):
    """A setting is unknown or has a value that is not allowed."""


def _require(condition: bool, field: str, value: object, allowed: str) -> None:
    if not condition:
        raise ConfigError(f"{field}={value}: must be {allowed}")


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

    def __post_init__(self) -> None:
        _require(self.seed >= 0, "seed", self.seed, "at least 0")


def compose(overrides: Sequence[str] = ()) -> Config:
    """Compose ``conf/config.yaml`` with overrides such as ``dataset=cifar10``.

    Raises:
        ConfigError: An override names no setting or has a value that is not allowed.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    directory = _directory()
    parser = OverridesParser.create()
    with initialize_config_dir(version_base=None, config_dir=str(directory)):
        groups = _groups(directory)
        chosen = [text for text in overrides if text.partition("=")[0] in groups]
        for text in chosen:
            _check_choice(text, groups)
        known = set(_keys(hydra_compose("config", overrides=chosen)))
        for text in overrides:
            _check_key(text, known, groups)
            try:
                parser.parse_override(text)
            except HydraException as error:
                raise ConfigError(f"{text}: {_one_line(error)}") from None
        try:
            free = [f"++{text}" if text.startswith(OPTIONS) else text for text in overrides]
            composed = hydra_compose("config", overrides=free)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(_one_line(error)) from None
    return _typed(composed)


def from_yaml(text: str) -> Config:
    """Read what `to_yaml` wrote.

    Raises:
        ConfigError: The text does not fit the schema.
    """
    from omegaconf import OmegaConf

    return _typed(OmegaConf.create(text))


def to_yaml(config: Config) -> str:
    """The whole configuration as YAML, in schema order."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.structured(config))


def override(config: Config, overrides: Sequence[str], allowed: Sequence[str]) -> Config:
    """Change single settings of a finished configuration.

    Args:
        config: The configuration to start from.
        overrides: ``key=value`` texts.
        allowed: Keys that may be changed; a key ending in a dot allows all below it.

    Raises:
        ConfigError: A key is unknown, not allowed here, or has a wrong value.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    known = set(_keys(OmegaConf.structured(config)))
    for text in overrides:
        _check_key(text, known, {})
        key = text.partition("=")[0]
        if not any(
            key == name or (name.endswith(".") and key.startswith(name)) for name in allowed
        ):
            raise ConfigError(
                f"{key}: cannot be changed for a search that has begun; "
                f"can be: {', '.join(allowed)}"
            )
    try:
        return _typed(OmegaConf.merge(OmegaConf.create(to_yaml(config)), _dotlist(overrides)))
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from None


def _dotlist(overrides: Sequence[str]) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.from_dotlist(list(overrides))


def _directory() -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def _groups(directory: Path) -> dict[str, list[str]]:
    return {
        group.name: sorted(option.stem for option in group.glob("*.yaml"))
        for group in sorted(directory.iterdir())
        if group.is_dir()
    }


def _keys(tree: Any, prefix: str = "") -> Iterator[str]:
    from omegaconf import DictConfig

    for key in tree:
        yield f"{prefix}{key}"
        value = tree._get_node(key)
        if isinstance(value, DictConfig) and not value._is_none() and not value._is_interpolation():
            yield from _keys(value, f"{prefix}{key}.")


def _check_key(text: str, known: set[str], groups: dict[str, list[str]]) -> None:
    key, equals, _ = text.partition("=")
    if not equals:
        raise ConfigError(f"{text!r}: expected KEY=VALUE{_nearest(text, [*known, *groups])}")
    if key not in groups and key not in known and not key.startswith(OPTIONS):
        raise ConfigError(f"{key}: no such setting{_nearest(key, [*known, *groups])}")


def _check_choice(text: str, groups: dict[str, list[str]]) -> None:
    group, _, choice = text.partition("=")
    if choice not in groups[group]:
        raise ConfigError(
            f"{text}: no such choice{_nearest(choice, groups[group])}; "
            f"there are: {', '.join(groups[group])}"
        )


def _nearest(text: str, known: Sequence[str]) -> str:
    by_tail = [name for name in known if name.rpartition(".")[2] == text.rpartition(".")[2]]
    near = by_tail[:3] or difflib.get_close_matches(text, known, n=3, cutoff=0.5)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ConfigError(f"{field}={value}: must be one of {', '.join(allowed)}")


def _one_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    key = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("full_key")), ""
    )
    return f"{key}: {lines[0]}" if key else lines[0]


def _check_fields(schema: Any, values: Any, prefix: str = "") -> None:
    names = {field.name: field for field in fields(schema)}
    for key, value in values.items():
        if key not in names:
            raise ConfigError(f"{prefix}{key}: no such setting{_nearest(key, list(names))}")
        kind = get_type_hints(schema)[key]
        if is_dataclass(kind) and isinstance(value, dict):
            _check_fields(kind, value, f"{prefix}{key}.")


def _typed(tree: Any) -> Config:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import TypeAdapter, ValidationError

    try:
        plain = OmegaConf.to_container(tree, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from None
    _check_fields(Config, plain)
    try:
        return TypeAdapter(Config).validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if isinstance(cause := first.get("ctx", {}).get("error"), ConfigError):
            raise cause from None
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{name}={first['input']}: {first['msg']}") from None
