"""Commands that are told to a user: as they can be typed here, the store included.

Knows how this program was called and where runs are kept unless one says otherwise; runs
nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from llmatic import config as configuration

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig

__all__ = ["command", "program", "short", "ui"]

CHECKOUT = Path(__file__).resolve().parent.parent


def command(store: TrackingConfig, *words: str, study: bool = False) -> str:
    """A command of this program on a store.

    Args:
        store: Named where it is not the one that is taken anyway.
        words: The command and its arguments.
        study: Whether the command looks in the store's experiment, rather than in all.
    """
    return " ".join([program(), *map(shlex.quote, words), *_where(store, study=study)])


def ui(store: TrackingConfig) -> str:
    """The command that opens the MLflow UI on a store."""
    if Path.cwd() != CHECKOUT or not (CHECKOUT / "Makefile").is_file():
        return command(store, "ui")
    where = " ".join(_where(store, study=False))
    return f'make ui ARGS="{where}"' if where else "make ui"


def program() -> str:
    """How this program is called from here."""
    path = Path(sys.argv[0])
    if shutil.which("llmatic") or path.name != "llmatic":
        return "llmatic"
    return short(str(path))


def short(path: str) -> str:
    """A path as people type it from here."""
    here = Path(path)
    return str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else path)


def _where(store: TrackingConfig, *, study: bool) -> list[str]:
    """The settings that name a store; what may hold a password is left to the user."""
    usual = _usual(os.environ.get("MLFLOW_TRACKING_URI"))
    settings = []
    if store.uri != usual.uri:
        secret = not store.uri.startswith("sqlite:") and re.search("[@?]", store.uri)
        settings.append(f"tracking.uri={'...' if secret else store.uri}")
    if study and store.experiment != usual.experiment:
        settings.append(f"tracking.experiment={store.experiment}")
    return [shlex.quote(each) for each in settings]


@cache
def _usual(environment: str | None) -> TrackingConfig:
    """Where runs are kept unless one says otherwise; read once for each `MLFLOW_TRACKING_URI`."""
    return configuration.compose().tracking
