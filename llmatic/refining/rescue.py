"""A finished training in a folder of this machine, until a store that was away takes it.

Knows files; no store and no networks.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from llmatic.finding import NetworkError
from llmatic.tracking import FinishedTraining

__all__ = ["read", "write"]

WEIGHTS = "weights.safetensors"
SOURCE = "network.py"
REST = "training.json"


def write(finished: FinishedTraining) -> Path:
    """Write a training to a new folder in the working folder; gives its path.

    Where it cannot be written there, it is in the folder for temporary files. A folder of
    that name is complete.

    Raises:
        NetworkError: It cannot be written there either.
    """
    for parent in (".", tempfile.gettempdir()):
        with suppress(OSError):
            return _write(finished, Path(parent).resolve())
    raise NetworkError(f"the training of {finished.candidate} is lost: no folder takes it")


def read(folder: Path) -> FinishedTraining:
    """What `write` has written.

    Raises:
        NetworkError: It is not there, or not complete.
    """
    try:
        rest = json.loads((folder / REST).read_text(encoding="utf-8"))
        source = (folder / SOURCE).read_text(encoding="utf-8")
        weights = (folder / WEIGHTS).read_bytes()
        return _checked(rest, source, weights)
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        said = f"{error}: missing" if isinstance(error, KeyError) else error
        raise NetworkError(f"{folder}: holds no training of LLMatic ({said})") from None


def _write(finished: FinishedTraining, parent: Path) -> Path:
    name = f"training-of-{finished.candidate}-"
    folder = Path(tempfile.mkdtemp(prefix=f".unfinished-{name}", dir=parent))
    try:
        rest = dict(vars(finished))
        (folder / WEIGHTS).write_bytes(rest.pop("weights"))
        (folder / SOURCE).write_text(rest.pop("source"), encoding="utf-8")
        (folder / REST).write_text(json.dumps(rest, indent=2), encoding="utf-8")
        return folder.rename(folder.with_name(folder.name.removeprefix(".unfinished-")))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _checked(rest: Any, source: str, weights: bytes) -> FinishedTraining:
    """A training of which all is there that is asked of one that is kept."""
    metrics = {name: float(value) for name, value in rest["metrics"].items()}
    params = {name: str(value) for name, value in rest["params"].items()}
    needed = {"val_accuracy", "test_accuracy", "with_validation"}
    if missing := needed - {*metrics, *params}:
        raise ValueError(f"{', '.join(sorted(missing))}: missing")
    curves = {name: [float(each) for each in curve] for name, curve in rest["curves"].items()}
    return FinishedTraining(
        str(rest["search"]),
        str(rest["candidate"]),
        params,
        metrics,
        curves,
        source,
        weights,
        str(rest["note"]),
        int(rest["trained_ms"]),
    )
