"""The trusted process that candidates are forked from: everything is loaded and warm.

Reads settings, then one task after the other; relays what each candidate's process
writes, unread, and says how the process ended. Its first words are ``ready``.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from llmatic.evaluate import candidate
from llmatic.evaluate.candidate import Images
from llmatic.frames import Decoder, Frame, encode
from llmatic.genome import seed_source
from llmatic.sandbox import adopt_orphans, confine, end_descendants

__all__ = ["main"]

CHUNK = 2**16
LOOK_EVERY_S = 0.5
LOOK_AGAIN_S = 0.002


def main() -> None:
    """Answer tasks on standard input until it is closed."""
    answers = os.dup(1)
    os.dup2(2, 1)
    adopt_orphans()
    torch.set_num_threads(1)
    tasks = _frames(0)
    settings = next(tasks).header
    images = Images.read(Path(settings["folder"]))
    _warm_up(images, settings)
    gc.collect()
    gc.freeze()
    _write(answers, encode({"kind": "ready"}))
    for task in tasks:
        _run(task.header, images, settings, answers)


def _warm_up(images: Images, settings: Mapping[str, Any]) -> None:
    """One step of everything, so that what is imported lazily is imported once."""
    few = Images(images.train[:2], images.train_labels[:2], images.val[:2], images.test[:2])
    recipe = {**settings["trainer"], "epochs": 1, "threads": 1, "accelerator": "cpu"}
    channels, height, width = settings["input_shape"]
    source = seed_source((channels, height, width), settings["classes"])
    sent: list[str] = []
    warm = {**settings, "trainer": recipe, "max_params": float("inf"), "max_flops": float("inf")}
    candidate.evaluate(source, 0, few, warm, lambda header, _: sent.append(str(header)))
    if len(sent) != 3:
        raise RuntimeError(f"a first training step fails: {sent[-1]}")


def _run(
    task: Mapping[str, Any], images: Images, settings: Mapping[str, Any], answers: int
) -> None:
    deadline = time.monotonic() + settings["timeout_s"]
    folder = Path(tempfile.mkdtemp(dir=Path.cwd()))
    output, channel = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_candidate(task, images, settings, folder, channel)
    os.close(channel)
    how = _relay(pid, output, answers, deadline)
    end_descendants()
    while data := os.read(output, CHUNK):
        _write(answers, encode({"kind": "output"}, data))
    os.close(output)
    shutil.rmtree(folder, ignore_errors=True)
    _write(answers, encode({"kind": "end", **how}))


def _be_candidate(
    task: Mapping[str, Any],
    images: Images,
    settings: Mapping[str, Any],
    folder: Path,
    channel: int,
) -> None:
    """The forked process, to its end."""
    status = 1
    try:
        confine(folder, channel, settings["memory_mb"])
        candidate.evaluate(
            task["source"],
            task["seed"],
            images,
            settings,
            lambda header, body: _write(channel, encode(header, body)),
        )
        status = 0
    finally:
        os._exit(status)


def _relay(pid: int, output: int, answers: int, deadline: float) -> dict[str, Any]:
    """Pass on what a candidate writes until it ends or its time is over.

    Returns:
        How it ended.
    """
    is_open = True
    while (left := deadline - time.monotonic()) > 0:
        pause = LOOK_EVERY_S if is_open else LOOK_AGAIN_S
        ready, _, _ = select.select([0, output] if is_open else [0], [], [], min(left, pause))
        if 0 in ready:  # no task comes before this one is answered: the controller is gone
            end_descendants()
            raise SystemExit
        if output in ready:
            data = os.read(output, CHUNK)
            if data:
                _write(answers, encode({"kind": "output"}, data))
                continue
            is_open = False
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return _ended(status)
    return {"how": "timeout"}


def _ended(status: int) -> dict[str, Any]:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return {"how": "signal", "signal": signal.Signals(-code).name}
    return {"how": "exit", "status": code}


def _frames(descriptor: int) -> Iterator[Frame]:
    decoder = Decoder()
    while data := os.read(descriptor, CHUNK):
        yield from decoder.feed(data)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
