"""A network as a model of MLflow: a folder that was loaded and compared before anybody gets it.

Knows no store, no registry, and not how a network is exported.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import mlflow
import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from numpy.typing import NDArray

from llmatic.sandbox.allowed import package_folders
from llmatic.tracking.store import TrackingError

__all__ = ["Package", "Scores", "package_verified"]

SERVED = Path(__file__).parent / "served.py"
RELOAD = Path(__file__).parent / "reload.py"
RELOAD_S = 300
RELOAD_READS = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
"""Variables that the clean process is given; the environment may hold a key."""
NEEDED = ("mlflow", "numpy", "torch", "safetensors")
EXAMPLES = 2

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Package:
    """A network to be registered.

    Attributes:
        candidate_run_id: The run that it belongs to.
        artifact: A pt2 archive, or a Python file with ``load()``.
        suffix: ``pt2`` or ``py``.
        images: Raw ones to compare predictions on, (n, channels, height, width).
        predicted: What the trained network says of them, (n, classes).
        classes: Their names, in order; may be empty.
        description: Of the version.
        tags: Of the version.
        metrics: Accuracies by name.
        verify: Takes predictions, (n, classes); raises `UserError` where they are wrong.
        run_confined: Predicts the images with a Python file, which is generated code.
    """

    candidate_run_id: str
    artifact: bytes
    suffix: str
    images: Scores
    predicted: Scores
    classes: Sequence[str]
    description: str
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    verify: Callable[[Scores], None]
    run_confined: Callable[[bytes], Scores]


def package_verified(package: Package, folder: Path) -> None:
    """Write a model's folder, load it in a clean process outside of any checkout, and compare.

    Nothing is executed here that was generated: MLflow writes the folder without loading it.

    Args:
        package: What to write.
        folder: Where; must not exist yet.

    Raises:
        UserError: What was loaded says something else.
        TrackingError: It does not load.
    """
    shape = package.images.shape[1:]
    inputs = Schema([TensorSpec(np.dtype("float32"), (-1, *shape))])
    outputs = Schema([TensorSpec(np.dtype("float32"), (-1, len(package.classes) or -1))])
    packages = NEEDED if package.suffix == "py" else NEEDED[:-1]
    with tempfile.TemporaryDirectory() as scratch:
        network = Path(scratch) / f"network.{package.suffix}"
        network.write_bytes(package.artifact)
        mlflow.pyfunc.save_model(
            path=str(folder),
            python_model=str(SERVED),
            artifacts={"network": str(network)},
            signature=ModelSignature(inputs, outputs),
            input_example=package.images[:EXAMPLES],
            pip_requirements=[f"{each}=={version(each).split('+')[0]}" for each in packages],
            metadata={
                **package.tags,
                "classes": list(package.classes),
                "example_probabilities": package.predicted[:EXAMPLES].tolist(),
            },
        )
    package.verify(_reloaded(package, folder))


def _reloaded(package: Package, folder: Path) -> Scores:
    if package.suffix == "py":  # generated code: no process of ours without a sandbox loads it
        return package.run_confined((folder / "artifacts" / "network.py").read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        images, predicted = Path(scratch) / "images.npy", Path(scratch) / "predicted.npy"
        np.save(images, package.images)
        files = (str(folder), str(images), str(predicted))
        command = [sys.executable, "-I", str(RELOAD), *files, *package_folders()]
        try:
            done = subprocess.run(
                command,
                cwd=scratch,
                env={name: os.environ[name] for name in RELOAD_READS if name in os.environ},
                capture_output=True,
                text=True,
                timeout=RELOAD_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TrackingError(f"loading the model took longer than {RELOAD_S} s") from None
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise TrackingError(f"the model does not load in a clean process: {said}")
        found: Scores = np.load(predicted)
        return found
