"""Settings from ``conf/`` and the command line, composed by Hydra; wrong ones are explained."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from llmatic.config.schema import Config, ConfigError

__all__ = ["compose", "from_yaml", "override", "to_yaml"]

OPTIONS = "dataset.options"
"""Below this key anything goes: it is passed to the DataModule as it is."""


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
    package = Path(__file__).resolve().parent.parent
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
    near = by_tail[:3] or difflib.get_close_matches(text, sorted(set(known)), n=2, cutoff=0.65)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _one_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    key = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("full_key")), ""
    )
    if lines[0].startswith("Missing mandatory value"):
        return f"{key}: must be given ({key}=...)"
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
