"""The connection to a tracking store: client, experiment, artifact texts, locks, plain errors.

Knows nothing of searches and candidates. Schemes: SQLite and other databases
(artifacts in a local folder), and HTTP (artifacts wherever the server keeps them).
"""

from __future__ import annotations

import fcntl
import gc
import logging
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO
from urllib.parse import unquote, urlsplit

os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
)
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # silent; `patience` speaks
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")

from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import SQLAlchemyError

from llmatic.errors import UserError
from llmatic.tracking.patience import absence, as_patient, patient

if TYPE_CHECKING:
    from mlflow.entities import Experiment, Run

    from llmatic.config import TrackingConfig

__all__ = [
    "RunFolder",
    "TrackingError",
    "connect",
    "database_exists",
    "experiment",
    "experiment_ids",
    "lock",
    "place",
    "plain_errors",
    "search_runs",
]

for _name in ("mlflow", "alembic"):
    logging.getLogger(_name).setLevel(logging.ERROR)

_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_SERVERS = ("http", "https")
_PAGE = 1_000
_RUNS_PAGE = 10_000
"""For each page the store sorts all runs that match."""


class TrackingError(UserError):
    """The tracking store cannot be used as asked; the text says what to change."""


@contextmanager
def plain_errors(uri: str) -> Iterator[None]:
    """Turn whatever the store raises into one sentence without credentials.

    Raises:
        TrackingError: In place of the store's own errors.
    """
    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error, ImportError, OSError) as error:
        why = absence(error)
        said = next(iter(str(error).splitlines()), "") or type(error).__name__
        said = said if why is None else f"does not answer ({why})"
        raise TrackingError(_redacted(f"tracking store {place(uri)}: {said}", uri)) from None


def place(uri: str) -> str:
    """Which store, for people: without credentials, a SQLite file with its whole path."""
    scheme, _, path = uri.partition("://")
    return f"sqlite:///{_file(path)}" if scheme == "sqlite" else _redacted(uri, uri)


def connect(uri: str, wait_s: float = 0.0) -> MlflowClient:
    """A client for a store that was reached; a missing SQLite database is created.

    Args:
        uri: Of the store.
        wait_s: How long each later call waits for a server that is down.

    Raises:
        TrackingError: The scheme is not supported or the store cannot be reached.
    """
    scheme, _, path = uri.partition("://")
    dialect = scheme.partition("+")[0]
    if dialect not in (*_DATABASES, *_SERVERS) or not path.strip("/"):
        raise TrackingError(
            f"tracking.uri={_redacted(uri, uri)}: must be sqlite:///FILE, http(s)://SERVER or "
            "postgresql://SERVER/DATABASE; MLflow no longer keeps runs in a plain folder"
        )
    with plain_errors(uri):
        if dialect == "sqlite":
            return _connect_sqlite(_file(path))
        with _one_quick_try():
            client = MlflowClient(tracking_uri=uri)
            client.search_experiments(max_results=1)
        return patient(client, wait_s)


def database_exists(uri: str) -> bool:
    """Whether there is anything to connect to; False only for a SQLite file not yet made."""
    scheme, _, path = uri.partition("://")
    return scheme != "sqlite" or _file(path).exists()


def experiment(client: MlflowClient, tracking: TrackingConfig) -> Experiment:
    """The experiment of that name, created if missing; two processes may do so at once.

    Raises:
        TrackingError: It was deleted, or its artifacts are on another machine.
    """
    server = urlsplit(tracking.uri).scheme in _SERVERS
    found = client.get_experiment_by_name(tracking.experiment)
    if found is None:
        location = None
        if not server:
            folder = re.sub(r"[^A-Za-z0-9._-]+", "-", tracking.experiment)[:60]
            location = (Path(tracking.artifacts).resolve() / folder).as_uri()
        try:
            client.create_experiment(tracking.experiment, artifact_location=location)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        found = client.get_experiment_by_name(tracking.experiment)
    if found is None or found.lifecycle_stage != "active":
        raise TrackingError(
            f"tracking.experiment={tracking.experiment}: was deleted in the tracking store; "
            "restore it (mlflow experiments restore) or choose another name"
        )
    root = _local_path(found.artifact_location)
    if root is not None and server and not root.is_dir():
        raise TrackingError(
            f"tracking.experiment={tracking.experiment}: keeps its artifacts in {root}, a folder "
            "of another machine; choose another name"
        )
    return found


def experiment_ids(client: MlflowClient) -> list[str]:
    """Of all active experiments."""
    ids: list[str] = []
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=_PAGE, page_token=token)
        ids.extend(each.experiment_id for each in page)
        token = page.token
        if not token:
            return ids


def search_runs(client: MlflowClient, experiment_ids: Sequence[str], query: str) -> list[Run]:
    """All active runs that match, oldest first, in large pages (3 times faster without gc)."""
    runs: list[Run] = []
    token: str | None = None
    collecting = gc.isenabled()
    gc.disable()
    try:
        while True:
            page = client.search_runs(
                list(experiment_ids),
                query,
                max_results=_RUNS_PAGE,
                order_by=["attributes.start_time ASC"],
                page_token=token,
            )
            runs.extend(page)
            token = page.token
            if not token:
                return runs
    finally:
        if collecting:
            gc.enable()


class RunFolder(NamedTuple):
    """The artifacts of one run. Bytes survive exactly, odd Unicode in texts included.

    Attributes:
        client: Used where the artifacts are not local.
        run_id: Whose artifacts.
        path: The local folder; None where only the store can reach it.
    """

    client: MlflowClient
    run_id: str
    path: Path | None

    @classmethod
    def of(cls, client: MlflowClient, run: Run) -> RunFolder:
        """The folder of a run."""
        return cls(client, run.info.run_id, _local_path(run.info.artifact_uri))

    def write(self, name: str, content: str | bytes) -> None:
        """Store a text or bytes, whole or not at all."""
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        if self.path is None:
            with tempfile.TemporaryDirectory() as scratch:
                file = Path(scratch, name)
                file.write_bytes(data)
                self.client.log_artifact(self.run_id, str(file))
            return
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self.path / f".{name}.part"
        unfinished.write_bytes(data)
        unfinished.replace(self.path / name)

    def read(self, name: str) -> str | None:
        """A stored text; None where there is none."""
        data = self.read_bytes(name)
        return None if data is None else data.decode("utf-8", "surrogatepass")

    def read_bytes(self, name: str) -> bytes | None:
        """What is stored under a name; None where there is nothing."""
        if self.path is not None:
            file = self.path / name
            return file.read_bytes() if file.exists() else None
        if not self._is_stored(name):
            return None
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(self.client.download_artifacts(self.run_id, name, dst_path=scratch))
            return file.read_bytes()

    def delete(self, name: str) -> None:
        """Remove what is stored under a name, if there is anything."""
        if self.path is not None:
            (self.path / name).unlink(missing_ok=True)
        elif self._is_stored(name):
            uri = self.client.get_run(self.run_id).info.artifact_uri
            store = get_artifact_repository(uri, tracking_uri=self.client.tracking_uri)
            store = as_patient(self.client, store)
            store.delete_artifacts(name)  # type: ignore[no-untyped-call]  # has no annotations

    def _is_stored(self, name: str) -> bool:
        return name in (entry.path for entry in self.client.list_artifacts(self.run_id))

    def attach(self, folder: Path, name: str) -> Path | None:
        """Copy the files of a folder to one of that name; where it is, if that is here."""
        if self.path is None:
            self.client.log_artifacts(self.run_id, str(folder), name)
            return None
        target = self.path / name
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.iterdir()):
            unfinished = target / f".{file.name}.part"
            unfinished.write_bytes(file.read_bytes())
            unfinished.replace(target / file.name)
        return target

    @property
    def is_here(self) -> bool:
        """Whether the folder is on this machine."""
        return self.path is not None and self.path.is_dir()

    @property
    def lock_path(self) -> Path:
        """Where the run's one controller holds its lock: of this machine if artifacts are not."""
        if self.path is None or not self.is_here:
            return Path(tempfile.gettempdir(), f"llmatic-{self.run_id}.lock")
        return self.path.with_name("controller.lock")


def lock(path: Path) -> TextIO | None:
    """Hold a lock until the returned file is closed or the process dies; None if it is held.

    What belongs to another user counts as held: nobody else can take it.

    Forked children let go of their copy, so a worker that outlives its controller
    does not keep the search locked.
    """
    try:
        file = path.open("a")
    except PermissionError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    os.register_at_fork(after_in_child=file.close)
    return file


def _file(path: str) -> Path:
    """Of a SQLite address: what comes after the scheme."""
    return Path(path.removeprefix("/").partition("?")[0]).resolve()


def _connect_sqlite(path: Path) -> MlflowClient:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two processes must not both create the tables
        connection = sqlite3.connect(path)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
        return MlflowClient(tracking_uri=f"sqlite:///{path}")


@contextmanager
def _one_quick_try() -> Iterator[None]:
    """MLflow tries an unreachable server for minutes; the first contact should not."""
    quick = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
    before = {name: os.environ.get(name) for name in quick}
    os.environ.update(quick)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _local_path(uri: str) -> Path | None:
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme in ("", "file") else None


def _redacted(text: str, uri: str) -> str:
    text = re.sub(r"://[^\s]*@", "://***@", text)
    text = re.sub(r"(password=)[^\s&;]+", r"\1***", text, flags=re.IGNORECASE)
    try:
        password = urlsplit(uri).password
    except ValueError:
        password = None
    for secret in {password, unquote(password)} if password else ():
        text = text.replace(secret, "***")
    return text
