"""What a search was made with: versions, the machine and the commit, as tags of its run.

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

import psutil

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
_GPUS = Path("/proc/driver/nvidia/gpus")
_CHECKOUT = Path(__file__).resolve().parents[2]


def made_with_tags() -> dict[str, str]:
    """Tags that say which code begins a search; MLflow's own tag holds the commit, too."""
    versions = {name: _version(package) for name, package in _PACKAGES.items()}
    found = {"Python": platform.python_version(), **versions, "machine": _machine()}
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


def _machine() -> str:
    """The cores this process may use, the processor, the memory and what GPUs there are."""
    cores = len(os.sched_getaffinity(0))
    described = Path("/proc/cpuinfo")
    processors = _said("model name", described) if described.exists() else []
    gpus = [name for path in sorted(_GPUS.glob("*/information")) for name in _said("Model", path)]
    memory = psutil.virtual_memory().total / 2**30
    return "; ".join(
        [
            f"{cores} CPU core{'s' * (cores != 1)}"
            + (f" ({processors[0]})" if processors else f" ({platform.machine()})"),
            f"{memory:.0f} GiB",
            *(gpus or ["no GPU"]),
        ]
    )


def _said(name: str, file: Path) -> list[str]:
    """What a file of ``name: value`` lines says under a name."""
    lines = (line.partition(":") for line in file.read_text().splitlines())
    return [value.strip() for key, _, value in lines if key.strip() == name]


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
