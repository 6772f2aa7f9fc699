"""How generated code is kept apart."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NAMES", "SandboxConfig"]

NAMES = ("auto", "landlock", "bubblewrap", "none")


@dataclass(frozen=True)
class SandboxConfig:
    """By which mechanism generated code is kept apart: the strongest here, one, or none."""

    name: str = "auto"
