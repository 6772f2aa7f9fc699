"""How settings are refused: which, its value, and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from llmatic.errors import UserError

__all__ = ["ConfigError", "one_of", "require"]


class ConfigError(UserError):
    """A setting is unknown or has a value that is not allowed."""


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Refuse a value.

    Args:
        condition: Whether it is allowed.
        field: The setting's name.
        value: The value it was given.
        allowed: What it must be, to follow "must be".

    Raises:
        ConfigError: It is not allowed.
    """
    if not condition:
        raise ConfigError(f"{field}={value}: must be {allowed}")


def one_of(field: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a value that is not one of those allowed.

    Raises:
        ConfigError: It is not.
    """
    if value not in allowed:
        raise ConfigError(f"{field}={value}: must be one of {', '.join(allowed)}")
