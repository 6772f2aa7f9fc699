"""The MLflow UI on a tracking store: started as a child process, stopped with us.

A store behind an MLflow server has a UI already; only its address is said. Knows
nothing of what the UI shows.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from llmatic.tracking.browsing import elites_page
from llmatic.tracking.searches import list_searches
from llmatic.tracking.store import TrackingError, database_exists, place

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig

__all__ = ["serve_ui"]

_HOST = "127.0.0.1"
_STARTS_WITHIN_S = 120
_STOPS_WITHIN_S = 10


def serve_ui(tracking: TrackingConfig, port: int, say: Callable[[str], None]) -> None:
    """Show the searches of a store in a browser until Ctrl-C.

    Args:
        tracking: Where; of a server only the address is said.
        port: Where the UI listens, on this machine only.
        say: Called with what the user should read.

    Raises:
        TrackingError: There is no store, the port cannot be used, or the UI stopped.
    """
    if not database_exists(tracking.uri):
        raise TrackingError(
            f"tracking.uri={place(tracking.uri)}: there is no store yet; make one with: "
            "llmatic search"
        )
    page = _page(tracking)
    if urlsplit(tracking.uri).scheme in ("http", "https"):
        say(_without_credentials(tracking.uri) + page)
        return
    _check_port(port)
    with tempfile.TemporaryFile() as log, _child(tracking, port, log) as child:
        _await_answer(child, port, log)
        if not page:
            say("There is no search yet; make one with: llmatic search")
        say(f"http://{_HOST}:{port}{page}")
        say("Ctrl-C stops it.")
        child.wait()
        raise _stopped(log)


def _page(tracking: TrackingConfig) -> str:
    """The path of the page with the newest search's elites; empty if there is none."""
    searches = list_searches(tracking)
    if not searches:
        return ""
    return f"/{elites_page(searches[0].experiment_id, searches[0].run_id)}"


def _without_credentials(uri: str) -> str:
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


def _check_port(port: int) -> None:
    if not 0 < port < 2**16:
        raise TrackingError(f"--port {port}: must be from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise TrackingError(
                f"port {port} cannot be used ({os.strerror(error.errno or 0)}); "
                "choose another with --port"
            ) from None


@contextmanager
def _child(
    tracking: TrackingConfig, port: int, log: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """The UI's process, in a group of its own that is gone afterwards; Ctrl-C ends the context."""
    environment = {
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": tracking.uri,
        "MLFLOW_ARTIFACTS_DESTINATION": str(Path(tracking.artifacts).resolve()),
        "MLFLOW_WORKERS": "1",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    command = [sys.executable, "-m", "mlflow", "ui", "--host", _HOST, "--port", str(port)]
    with _ended_like_ctrl_c():
        child = subprocess.Popen(
            [*command, "--uvicorn-opts", "--log-level warning"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield child
        except KeyboardInterrupt:
            return
        finally:
            _stop(child)


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does, so that no child is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _await_answer(child: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise _stopped(log)
        connection = http.client.HTTPConnection(_HOST, port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise TrackingError(f"the MLflow UI did not answer on port {port} in {_STARTS_WITHIN_S} s")


def _stopped(log: IO[bytes]) -> TrackingError:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it did not say why")
    return TrackingError(f"the MLflow UI stopped by itself: {last}")


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the whole group, politely first."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, sign)
            child.wait(_STOPS_WITHIN_S)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    child.wait()
