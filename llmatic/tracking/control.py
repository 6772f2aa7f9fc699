"""Who controls a run: one process, by a lock that vanishes with it.

Where the artifacts are remote the lock covers this machine only, and a tag names the
controller's host for the others. Knows nothing of what is controlled.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, TextIO

from llmatic.tracking.store import RunFolder, TrackingError, lock

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

__all__ = ["CONTROLLER_TAG", "on_another_host", "take_control", "this_process"]

CONTROLLER_TAG = "llmatic.controller"


def take_control(
    client: MlflowClient, run: Run, what: str, way_out: str, *, take_over: bool = False
) -> TextIO:
    """Hold the lock of a run, and say so in its tag.

    Args:
        client: Of its store.
        run: As it was just read.
        what: Is controlled, for people.
        way_out: What to do where its controller is gone, for people.
        take_over: Go on although another machine did not say it had stopped.

    Raises:
        TrackingError: Another process controls it.
    """
    folder, run_id = RunFolder.of(client, run), run.info.run_id
    controller = run.data.tags.get(CONTROLLER_TAG)
    if not folder.is_here and not take_over and on_another_host(controller):
        raise TrackingError(f"{what}: process {controller} controls it; if that is gone, {way_out}")
    held = lock(folder.lock_path)
    if held is None:
        who = f"process {controller} controls it" if controller else "another user's"
        raise TrackingError(f"{what}: {who} (the lock is {folder.lock_path})")
    try:
        client.set_tag(run_id, CONTROLLER_TAG, this_process())
        controller = client.get_run(run_id).data.tags.get(CONTROLLER_TAG)
        if controller != this_process():
            raise TrackingError(f"{what}: process {controller} controls it since this moment")
    except BaseException:
        held.close()
        raise
    return held


def on_another_host(controller: str | None) -> bool:
    """Whether a controller, as its tag names it, is on another machine."""
    return controller is not None and controller.partition("@")[2] != socket.gethostname()


def this_process() -> str:
    """As a controller's tag names it."""
    return f"{os.getpid()}@{socket.gethostname()}"
