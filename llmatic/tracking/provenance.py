"""What a search was made with: versions and the commit, as tags of its run.

Knows nothing of what they mean for the search.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["made_with", "made_with_tags"]

_TAG = "llmatic.made_with"
_COMMIT_TAG = "mlflow.source.git.commit"
_PACKAGES = {
    "LLMatic": "llmatic",
    "PyTorch": "torch",
    "Lightning": "lightning",
    "MLflow": "mlflow",
    "NumPy": "numpy",
}
_GIT_READS = ("PATH", "HOME")
"""Variables that git is given; the environment may hold a key."""
_CHECKOUT = Path(__file__).resolve().parents[2]


def made_with_tags() -> dict[str, str]:
    """Tags that say which code begins a search; MLflow's own tag holds the commit, too."""
    versions = {name: _version(package) for name, package in _PACKAGES.items()}
    found = {"Python": platform.python_version(), **versions}
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return {_TAG: json.dumps(found)}
    changed = _git("status", "--porcelain", "--", "llmatic", "lightning_modules", "conf")
    found["commit"] = f"{commit}, with changes" if changed else commit
    return {_TAG: json.dumps(found), _COMMIT_TAG: commit}


def made_with(tags: Mapping[str, str]) -> dict[str, str]:
    """What `made_with_tags` said; empty for a search that was begun without."""
    found: dict[str, str] = json.loads(tags.get(_TAG, "{}"))
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _git(*arguments: str) -> str | None:
    """What git says of the checkout this code is in; None where it is in none."""
    if not (_CHECKOUT / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(_CHECKOUT), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            env={name: os.environ[name] for name in _GIT_READS if name in os.environ},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
