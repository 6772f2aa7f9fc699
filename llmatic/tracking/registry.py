"""MLflow's registry of models: versions are made once they were loaded and compared.

Knows neither searches nor how a network is exported.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import mlflow
import numpy as np
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import Schema, TensorSpec
from numpy.typing import NDArray

from llmatic.config import TrackingConfig
from llmatic.tracking.store import TrackingError, connect, plain_errors

__all__ = ["Package", "Registry", "Scores", "Version"]

MADE_BY = "llmatic.search"
"""The tag of registered models and versions that are ours: the search's run."""
SERVED = Path(__file__).parent / "served.py"
RELOAD = Path(__file__).parent / "reload.py"
RELOAD_S = 300
NEEDED = ("mlflow", "numpy", "torch", "safetensors")
EXAMPLES = 2
_TOLD = "MLFLOW_TRACKING_URI"

Scores = NDArray[np.float32]
ABOUT_NAME = (
    "Networks that LLMatic found. The aliases name the best one (`champion`) and the best under a "
    "budget; each version's tags say where it came from."
)


@dataclass(frozen=True)
class Package:
    """A network to be registered.

    Attributes:
        candidate_run_id: The run that it is logged with.
        artifact: A pt2 archive, or a Python file with ``load()``.
        suffix: ``pt2`` or ``py``.
        images: Raw ones to compare predictions on, (n, channels, height, width).
        classes: Their names, in order; may be empty.
        description: Of the version.
        tags: Of the version.
        metrics: Of the network; MLflow ties metrics to runs, and its run has them already.
        verify: Takes predictions, (n, classes); raises `UserError` where they are wrong.
        run_confined: Predicts the images with a Python file, which is generated code.
    """

    candidate_run_id: str
    artifact: bytes
    suffix: str
    images: Scores
    classes: Sequence[str]
    description: str
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    verify: Callable[[Scores], None]
    run_confined: Callable[[bytes], Scores]


@dataclass(frozen=True)
class Version:
    """A version of a registered model.

    Attributes:
        name: Of the model.
        version: Its number.
        aliases: Of the version.
        tags: Of the version.
    """

    name: str
    version: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


class Registry:
    """The registry beside a tracking store."""

    def __init__(self, tracking: TrackingConfig) -> None:
        """Reach it.

        Raises:
            TrackingError: It cannot be reached.
        """
        self.uri = tracking.uri
        self.client = connect(tracking.uri)

    def check(self, name: str, aliases: Sequence[str], search: str) -> None:
        """See that a name and aliases are free, or of the same search.

        Raises:
            TrackingError: They are not; says what has them.
        """
        try:
            taken = self.client.get_registered_model(name)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return
            raise TrackingError(f"--name {name}: {error.message}") from None
        if MADE_BY not in taken.tags:
            raise TrackingError(
                f"--name {name}: is a registered model that LLMatic did not make; choose another"
            )
        for alias in aliases:
            if alias not in taken.aliases:
                continue
            theirs = self.client.get_model_version(name, taken.aliases[alias])
            if theirs.tags.get(MADE_BY) != search:
                raise TrackingError(
                    f"--name {name}: the alias {alias} is version {theirs.version}'s, of search "
                    f"{theirs.tags.get(MADE_BY, 'unknown')}; delete it or choose another name"
                )

    @contextmanager
    def all_or_none(self) -> Iterator[Making]:
        """Versions that are made together; an error leaves nothing of them.

        Raises:
            TrackingError: The store failed.
        """
        making = Making(self.client, self.uri)
        before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
        told = os.environ.get(_TOLD)
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        try:
            with plain_errors(self.uri):
                yield making
                making.finish()
        except BaseException:  # Ctrl-C too leaves nothing half-made
            making.undo()
            raise
        finally:
            mlflow.set_tracking_uri(before[0])
            mlflow.set_registry_uri("" if before[1] == before[0] else before[1])  # as it follows
            os.environ.pop(_TOLD, None)  # MLflow sets it, too
            if told is not None:
                os.environ[_TOLD] = told


@dataclass
class Making:
    """Versions in the making: first all models are stored and verified, then named."""

    client: MlflowClient
    uri: str
    versions: list[Version] = field(default_factory=list)
    _models: list[str] = field(default_factory=list)
    _wanted: list[tuple[str, str, Package, tuple[str, ...]]] = field(default_factory=list)
    _new_name: str | None = None
    _made: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, package: Package, aliases: tuple[str, ...]) -> None:
        """Store a model and load it in a clean process, outside of any checkout.

        Raises:
            UserError: What was loaded says something else.
        """
        with tempfile.TemporaryDirectory() as folder:
            network = Path(folder) / f"network.{package.suffix}"
            network.write_bytes(package.artifact)
            model_id = self._log(package, network)
            self._wanted.append((name, model_id, package, aliases))
            reloaded = self._reloaded(f"models:/{model_id}", package, Path(folder))
        package.verify(reloaded)

    def finish(self) -> None:
        """Make the versions."""
        for name, model_id, package, aliases in self._wanted:
            try:
                self.client.create_registered_model(
                    name, {MADE_BY: package.tags[MADE_BY]}, description=ABOUT_NAME
                )
                self._new_name = name
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            source = self.client.get_logged_model(model_id).artifact_location
            made = self.client.create_model_version(
                name,
                source,
                run_id=package.candidate_run_id,
                tags=dict(package.tags),
                description=package.description,
                model_id=model_id,
            )
            self._made.append((name, made.version))
            for alias in aliases:
                self.client.set_registered_model_alias(name, alias, made.version)
            self.versions.append(Version(name, str(made.version), aliases, package.tags))

    def undo(self) -> None:
        """Take away what was made."""
        with suppress(MlflowException, OSError):
            for name, number in self._made:
                self.client.delete_model_version(name, number)
            if self._new_name is not None:
                self.client.delete_registered_model(self._new_name)
            for model_id in self._models:
                self.client.delete_logged_model(model_id)

    def _log(self, package: Package, network: Path) -> str:
        shape = package.images.shape[1:]
        inputs = Schema([TensorSpec(np.dtype("float32"), (-1, *shape))])
        classes = len(package.classes) or -1
        outputs = Schema([TensorSpec(np.dtype("float32"), (-1, classes))])
        packages = NEEDED if package.suffix == "py" else NEEDED[:-1]
        run = self.client.get_run(package.candidate_run_id)
        model = self.client.create_logged_model(
            run.info.experiment_id,
            "network",
            source_run_id=run.info.run_id,
            tags=dict(package.tags),
            params={name: f"{value:.4f}" for name, value in package.metrics.items()},
        )
        self._models.append(model.model_id)
        mlflow.pyfunc.log_model(
            name="network",
            model_id=model.model_id,
            python_model=str(SERVED),
            artifacts={"network": str(network)},
            signature=ModelSignature(inputs, outputs),
            input_example=package.images[:EXAMPLES],
            pip_requirements=[f"{each}=={version(each).split('+')[0]}" for each in packages],
            metadata={"classes": list(package.classes), **package.tags},
        )
        self.client.finalize_logged_model(model.model_id, "READY")
        return str(model.model_id)

    def _reloaded(self, model: str, package: Package, folder: Path) -> Scores:
        if package.suffix == "py":  # generated code: no process of ours without a sandbox loads it
            stored = mlflow.artifacts.download_artifacts(model, dst_path=str(folder / "stored"))
            (file,) = Path(stored).rglob("network.py")
            return package.run_confined(file.read_bytes())
        images, predicted = folder / "images.npy", folder / "predicted.npy"
        np.save(images, package.images)
        local = mlflow.artifacts.download_artifacts(model, dst_path=str(folder / "stored"))
        command = [sys.executable, "-I", str(RELOAD), local, str(images), str(predicted)]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=RELOAD_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise TrackingError(f"loading the model took longer than {RELOAD_S} s") from None
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
            raise TrackingError(f"the model does not load in a clean process: {said}")
        found: Scores = np.load(predicted)
        return found
