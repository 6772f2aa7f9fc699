"""Settings from ``conf/`` and the command line, composed by Hydra; wrong ones are explained."""

from __future__ import annotations

import difflib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from llmatic.config.checks import ConfigError
from llmatic.config.schema import Config

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["compose", "from_yaml", "override", "to_yaml"]

OPEN = ("dataset.options", "prompts.mutations")
"""Below these keys anything may be named: options of a DataModule, prompts of one's own."""

TEXTS = ("name", "llm.model", "llm.revision", "llm.run")
"""What is a text even where it looks like a number, as the beginning of a run id can."""

SUFFIX = ".yaml"


def compose(overrides: Sequence[str] = ()) -> Config:
    """Compose ``conf/config.yaml`` with overrides.

    Args:
        overrides: ``key=value`` sets one setting, ``group=choice`` takes a file of
            ``conf/group/``, and ``group=FILE.yaml`` a file of the user's own, whose
            defaults may name the files of that group.

    Raises:
        ConfigError: An override names no setting or has a value that is not allowed.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    directory = _directory()
    groups = _groups(directory)
    overrides = [_quoted(text) for text in overrides]
    with (
        _own_files(overrides, groups) as (overrides, folder),
        initialize_config_dir(version_base=None, config_dir=str(directory)),
    ):
        path = [f"hydra.searchpath=[file://{folder}]"]
        chosen = [text for text in overrides if text.partition("=")[0] in groups]
        for text in chosen:
            _check_choice(text, groups, folder)

        def composed(texts: Sequence[str]) -> Any:
            try:
                return hydra_compose("config", overrides=[*path, *texts])
            except (HydraException, OmegaConfBaseException) as error:
                raise ConfigError(_one_line(error)) from None

        free = [f"++{text}" if text.startswith(OPEN) else text for text in overrides]
        try:
            tree = composed(free)
            _check(overrides, tree, groups)
        except ConfigError:
            _check(overrides, composed(chosen), groups)  # knows better what is wrong
            raise
    _check_left_out(tree, directory)
    return _typed(tree)


def _check(overrides: Sequence[str], tree: Any, groups: dict[str, list[str]]) -> None:
    """Each override must name a setting of a configuration, and be one that can be read."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    known = set(_keys(tree))
    for text in overrides:
        _check_key(text, known, groups)
        try:
            parser.parse_override(text)
        except HydraException as error:
            raise ConfigError(f"{text}: {_one_line(error)}") from None


def _quoted(text: str) -> str:
    key, _, value = text.partition("=")
    is_plain = key in TEXTS and value != "null" and re.fullmatch(r"[\w.]+", value)
    return f"{key}='{value}'" if is_plain else text


def from_yaml(text: str) -> Config:
    """Read what `to_yaml` wrote, where a data set is among its options, too, as it once was.

    Raises:
        ConfigError: The text does not fit the schema.
    """
    from omegaconf import OmegaConf

    tree = OmegaConf.create(text)
    options = OmegaConf.select(tree, "dataset.options")
    if options and "root" in options:
        tree.dataset.root = options.pop("root")
    return _typed(tree)


def to_yaml(config: Config) -> str:
    """The whole configuration as YAML, in schema order."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(asdict(config)))


def override(config: Config, overrides: Sequence[str], allowed: Sequence[str]) -> Config:
    """Change single settings of a finished configuration.

    Args:
        config: The configuration to start from.
        overrides: ``key=value`` texts; ``executor=choice`` takes a file of ``conf/executor/``.
        allowed: Keys that may be changed; a key ending in a dot allows all below it.

    Raises:
        ConfigError: A key is unknown, not allowed here, or has a wrong value.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    tree = OmegaConf.create(to_yaml(config))
    if "executor." in allowed:
        tree, overrides = _with_executor(tree, overrides)
    known = set(_keys(tree))
    short = "sandbox="  # its file holds nothing but its name
    overrides = [
        f"sandbox.name={text.removeprefix(short)}" if text.startswith(short) else text
        for text in overrides
    ]
    for text in overrides:
        _check_key(text, known, {})
        key = text.partition("=")[0]
        if not any(
            key == name or (name.endswith(".") and key.startswith(name)) for name in allowed
        ):
            can = [f"{name}*" if name.endswith(".") else name for name in allowed]
            raise ConfigError(
                f"{text}: cannot be changed here, as the search was begun with its own; "
                f"can be: {', '.join(can)}, and tracking.*"
            )
    try:
        return _typed(OmegaConf.merge(tree, _dotlist(map(_quoted, overrides))))
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from None


def _with_executor(tree: Any, overrides: Sequence[str]) -> tuple[Any, list[str]]:
    """The executor that is chosen, in place of the one there was; the other overrides."""
    from omegaconf import OmegaConf

    directory = _directory()
    left = []
    for text in overrides:
        key, _, choice = text.partition("=")
        if key == "executor":
            if choice.endswith(SUFFIX):
                raise ConfigError(
                    f"{text}: no file of your own can be taken over here; choose one of "
                    f"{', '.join(_groups(directory)[key])} and change it (executor.KEY=VALUE)"
                )
            _check_choice(text, _groups(directory), directory)
            tree.executor = OmegaConf.load(directory / key / f"{choice}{SUFFIX}")
        else:
            left.append(text)
    return tree, left


def _dotlist(overrides: Iterable[str]) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.from_dotlist(list(overrides))


@contextmanager
def _own_files(
    overrides: Sequence[str], groups: Mapping[str, list[str]]
) -> Iterator[tuple[list[str], Path]]:
    """Make ``group=FILE.yaml`` a choice that Hydra finds in the folder that is given."""
    import yaml
    from omegaconf import OmegaConf

    with tempfile.TemporaryDirectory() as scratch:
        found = []
        for text in overrides:
            group, _, choice = text.partition("=")
            if group in groups and choice.endswith(SUFFIX):
                name = f"{Path(choice).stem}_of_your_own"
                Path(scratch, group).mkdir(exist_ok=True)
                try:
                    shutil.copyfile(choice, Path(scratch, group, name + SUFFIX))
                    OmegaConf.load(choice)
                except OSError as error:
                    raise ConfigError(f"{text}: {error.strerror}") from None
                except yaml.MarkedYAMLError as error:
                    mark = error.problem_mark
                    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
                    raise ConfigError(
                        f"{text}{where}: {error.problem} (a text that holds a colon needs quotes)"
                    ) from None
                text = f"{group}={name}"
            found.append(text)
        yield found, Path(scratch)


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
    if key not in groups and key not in known and not key.startswith(OPEN):
        raise ConfigError(f"{key}: no such setting{_nearest(key, [*known, *groups])}")


def _check_choice(text: str, groups: dict[str, list[str]], folder: Path) -> None:
    group, _, choice = text.partition("=")
    if choice not in groups[group] and not (folder / group / f"{choice}{SUFFIX}").exists():
        raise ConfigError(
            f"{text}: no such choice{_nearest(choice, groups[group])}; "
            f"there are: {', '.join(groups[group])}, or a file of your own that ends in {SUFFIX}"
        )


def _check_left_out(tree: Any, directory: Path) -> None:
    """A prompt that is left out must be one that there was."""
    from omegaconf import OmegaConf

    left_out = [key for key, each in tree.prompts.get("mutations", {}).items() if each is None]
    files = sorted((directory / "prompts").glob(f"*{SUFFIX}")) if left_out else []
    there = [key for file in files for key in OmegaConf.load(file).mutations]
    for key in left_out:
        if key not in there:
            raise ConfigError(
                f"prompts.mutations.{key}=null: no such prompt to leave out{_nearest(key, there)}"
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
    interpolation, missing, named = lines[0].partition("Missing mandatory value: ")
    if missing:
        name = named if interpolation else key
        return f"{name}: must be given ({name}=...)"
    return f"{key}: {lines[0]}" if key else lines[0]


def _check_fields(schema: Any, values: Any, prefix: str = "") -> None:
    names = {field.name: field for field in fields(schema)}
    for key, value in values.items():
        if key not in names:
            raise ConfigError(f"{prefix}{key}: no such setting{_nearest(key, list(names))}")
        hint = get_type_hints(schema)[key]
        for each in value if isinstance(value, list) else [value]:
            kind = _kind(hint, each)
            if kind is not None:
                _check_fields(kind, each, f"{prefix}{key}.")


def _kind(hint: Any, value: Any) -> Any:
    """The class that a mapping is to become; of several, the one of its ``kind`` or ``name``."""
    if not isinstance(value, dict):
        return None
    classes = [each for each in (hint, *get_args(hint)) if is_dataclass(each)]
    for key in ("kind", "name"):
        if len(classes) > 1 and key in value:
            classes = [each for each in classes if _allows(each, key, value[key])]
    return classes[0] if classes else None


def _allows(schema: Any, key: str, value: Any) -> bool:
    allowed = get_args(get_type_hints(schema)[key])
    return not allowed or value in allowed


def _typed(tree: Any) -> Config:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import ValidationError

    try:
        plain = OmegaConf.to_container(tree, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from None
    _check_fields(Config, plain)
    try:
        return _schema().validate_python(plain)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if isinstance(cause := first.get("ctx", {}).get("error"), ConfigError):
            raise cause from None
        name = _key(plain, first["loc"])
        if first["type"] == "missing":
            raise ConfigError(
                f"{name}: must be given; a file of your own takes over what it leaves out where "
                "it begins with `defaults: [...]`"
            ) from None
        raise ConfigError(f"{name}={first['input']}: {first['msg']}") from None


@cache
def _schema() -> TypeAdapter[Config]:
    """Of the whole configuration, which takes long to make."""
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _key(tree: Any, path: Sequence[str | int]) -> str:
    """A setting's name; as which of several kinds a group was read is no part of it."""
    *groups, last = path
    names = []
    for group in groups:
        if isinstance(tree, dict) and group not in tree:
            continue
        names.append(str(group))
        tree = tree[group]
    return ".".join([*names, str(last)])
