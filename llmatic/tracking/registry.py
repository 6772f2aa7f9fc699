"""MLflow's registry of models: versions are made together, or nothing of them stays.

Knows neither searches nor what is in a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from llmatic.config import TrackingConfig
from llmatic.tracking.packaging import Package
from llmatic.tracking.store import TrackingError, connect, plain_errors

__all__ = ["MADE_BY", "Packed", "Registry", "Version"]

MADE_BY = "llmatic.search"
"""The tag of registered models and versions that are ours: the search's run."""
ABOUT_NAME = (
    "Networks that LLMatic found. The aliases name the best one (`champion`) and the best under a "
    "budget; each version's tags say where it came from."
)


@dataclass(frozen=True)
class Packed:
    """A model's folder that is to become a version.

    Attributes:
        package: What it was written from.
        folder: As `package_verified` left it.
        aliases: Of the version.
    """

    package: Package
    folder: Path
    aliases: tuple[str, ...]


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
        with plain_errors(self.uri):
            taken = self._registered(name)
            if taken is None:
                return
            if MADE_BY not in taken.tags:
                raise TrackingError(
                    f"--name {name}: is a registered model that LLMatic did not make; choose "
                    "another"
                )
            for alias in aliases:
                if alias not in taken.aliases:
                    continue
                theirs = self.client.get_model_version(name, taken.aliases[alias])
                if theirs.tags.get(MADE_BY) != search:
                    raise TrackingError(
                        f"--name {name}: the alias {alias} is version {theirs.version}'s, of "
                        f"search {theirs.tags.get(MADE_BY, 'unknown')}; delete it (in the UI) or "
                        "choose another name"
                    )

    def make(self, name: str, search: str, packed: Sequence[Packed]) -> list[Version]:
        """Versions of models; an error leaves all as it was, and so does Ctrl-C.

        Args:
            name: Of the registered model.
            search: Whose networks they are.
            packed: What is to be stored.

        Raises:
            TrackingError: The store failed, or does not take them, as `check` says.
        """
        self.check(name, [alias for each in packed for alias in each.aliases], search)
        with plain_errors(self.uri), _Undo() as undo:
            models = [self._stored(each, undo) for each in packed]
            before = self._registered(name)
            if before is None:
                self.client.create_registered_model(name, {MADE_BY: search}, description=ABOUT_NAME)
                undo.by(self._forget_name, name)
            versions = [
                self._version(name, each, model, undo)
                for each, model in zip(packed, models, strict=True)
            ]
            for version in versions:
                for alias in version.aliases:
                    self._point(name, alias, version.version, before, undo)
            undo.forget()
            return versions

    def _registered(self, name: str) -> RegisteredModel | None:
        try:
            return self.client.get_registered_model(name)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise

    def _stored(self, packed: Packed, undo: _Undo) -> Any:
        """The logged model of a folder, whose files know where they are."""
        package = packed.package
        run = self.client.get_run(package.candidate_run_id).info
        logged = self.client.create_logged_model(
            run.experiment_id,
            "network",
            source_run_id=run.run_id,
            tags=dict(package.tags),
            params={name: f"{value:.4f}" for name, value in package.metrics.items()},
        )
        undo.by(self._forget_model, logged)
        described = Model.load(str(packed.folder))
        described.artifact_path = logged.artifact_location
        described.model_id = described.model_uuid = logged.model_id
        described.run_id = run.run_id
        described.save(str(packed.folder / "MLmodel"))
        self.client.log_model_artifacts(logged.model_id, str(packed.folder))
        return self.client.finalize_logged_model(logged.model_id, "READY")

    def _version(self, name: str, packed: Packed, model: Any, undo: _Undo) -> Version:
        package = packed.package
        made = self.client.create_model_version(
            name,
            model.artifact_location,
            run_id=package.candidate_run_id,
            tags=dict(package.tags),
            description=package.description,
            model_id=model.model_id,
        )
        undo.by(self.client.delete_model_version, name, made.version)
        return Version(name, str(made.version), packed.aliases, package.tags)

    def _point(
        self, name: str, alias: str, version: str, before: RegisteredModel | None, undo: _Undo
    ) -> None:
        """Have an alias name a version; undone, it names what it named before."""
        was = None if before is None else before.aliases.get(alias)
        if was is None:
            undo.by(self.client.delete_registered_model_alias, name, alias)
        else:
            undo.by(self.client.set_registered_model_alias, name, alias, was)
        self.client.set_registered_model_alias(name, alias, version)

    def _forget_name(self, name: str) -> None:
        """Delete a registered model, if nobody has added a version."""
        if not self.client.search_model_versions(f"name='{name}'"):
            self.client.delete_registered_model(name)

    def _forget_model(self, logged: Any) -> None:
        """Delete a logged model with its files, if there is no version that needs them."""
        place = logged.artifact_location
        if not self.client.search_model_versions(f"source_path='{place}'"):
            get_artifact_repository(place, tracking_uri=self.uri).delete_artifacts()  # type: ignore[no-untyped-call]  # has no annotations
            self.client.delete_logged_model(logged.model_id)


class _Undo:
    """What takes back what was done, last first; a step that fails does not keep the others."""

    def __init__(self) -> None:
        self._steps = ExitStack()

    def __enter__(self) -> _Undo:
        return self

    def __exit__(self, *_: object) -> None:
        self._steps.close()

    def by(self, step: Callable[..., object], *arguments: object) -> None:
        self._steps.callback(_tried, partial(step, *arguments))

    def forget(self) -> None:
        self._steps.pop_all()


def _tried(step: Callable[[], object]) -> None:
    with suppress(Exception):
        step()
