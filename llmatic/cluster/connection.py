"""Being a part of a cluster, and what it has room for. Knows nothing of slots."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import ray
from ray.exceptions import RayError

from llmatic.config import RayConfig
from llmatic.errors import UserError, tidy
from llmatic.sandbox import scratch_folder

__all__ = ["ClusterError", "connected", "host", "room", "share"]

KNOCK_S = 10.0
LONGEST_ERROR = 600
LONGEST_FOLDER = 42
"""In which Ray can make sockets, whose paths have 107 characters at most."""


class ClusterError(UserError):
    """The cluster cannot be reached, has no room, or one of its nodes lacks something."""


@contextmanager
def connected(address: str | None, withheld: Collection[str]) -> Iterator[None]:
    """Be a part of a cluster; one that is started here ends with this."""
    with ExitStack() as started:
        if address is None:
            options: dict[str, Any] = {"address": "local", "include_dashboard": False}
            folder = str(started.enter_context(scratch_folder()))
            options |= {"_temp_dir": folder} if len(folder) <= LONGEST_FOLDER else {}
        else:
            options = {"address": address}
        try:
            _knock(address)
            with _without(withheld), _own_signals():
                ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError, RayError) as error:
            reason = tidy(str(error), LONGEST_ERROR) or type(error).__name__
            raise ClusterError(f"executor.address={address or 'null'}: {reason}") from None
        started.callback(ray.shutdown)
        ray._private.worker._worker_logs_enabled = False  # on standard output, of nodes that end
        yield


def _knock(address: str | None) -> None:
    """Fail at once where nobody answers, which Ray takes minutes to find out.

    Raises:
        OSError: Nobody does.
    """
    host, colon, port = (address or "").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()


@contextmanager
def _without(names: Collection[str]) -> Iterator[None]:
    """Keep environment variables from processes that are started meanwhile."""
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        yield
    finally:
        os.environ.update(kept)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this process does on SIGTERM, which Ray takes over."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


def room(settings: RayConfig) -> int:
    """How many slots the nodes that live have room for, if nobody else were there."""
    found = 0
    for node in ray.nodes():
        if node["Alive"]:
            here = node["Resources"]
            slots = [here.get("CPU", 0) / settings.cpus]
            slots += [here.get("GPU", 0) / settings.gpus] if settings.gpus else []
            found += int(min(slots))
    return found


def share(settings: RayConfig) -> str:
    """What a slot needs, in words."""
    return f"executor.cpus={settings.cpus:g} executor.gpus={settings.gpus:g}"


def host(node: str | None) -> str:
    """A node by its name."""
    names = {each["NodeID"]: each["NodeManagerHostname"] for each in ray.nodes()}
    return f"node {names.get(node, 'without a name')}"
