"""Has things done with finished networks, each in a sandboxed process of its own.

The controller's half of `llmatic.evaluate.workshop`. Nothing a process says of itself is
believed but how long its network takes: what was exported is run by another one, and both are
compared here.
"""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmatic.config import TrainedConfig
from llmatic.errors import UserError, tidy
from llmatic.evaluate.files import open_images
from llmatic.evaluate.prepare import Prepared
from llmatic.evaluate.protocol import Format, Job, Preprocessing
from llmatic.frames import Frame, FrameError
from llmatic.sandbox import Isolation, Worker

__all__ = ["Format", "UnexportableError", "Workbench", "WorkbenchError"]

WORKSHOP = "llmatic.evaluate.workshop"
READY_S = 120.0
TIMEOUT_S = 600.0
PROCESSOR_S = 1200
MEMORY_MB = 8_000
LONGEST_ERROR = 1_200
HEADER_BYTES = 2**20
OVERHEAD = 2, 2**26
"""An export may be so many times as large as the weights, and so many bytes more."""

Scores = NDArray[np.float32]


class WorkbenchError(UserError):
    """A network cannot be used as was asked; says why."""


class UnexportableError(WorkbenchError):
    """The exporters of PyTorch do not take a network; says why."""


class Workbench:
    """Runs, times and exports networks of one data set."""

    def __init__(self, data: Prepared, limits: TrainedConfig, isolation: Isolation) -> None:
        """Set what is worked with; processes start when there is something to do.

        Args:
            data: The images to predict.
            limits: What a network was allowed; an export may take more memory than that.
            isolation: How generated code is kept apart.
        """
        self._data = data
        self._memory_mb = max(limits.memory_mb, MEMORY_MB)
        self._isolation = isolation

    @property
    def preprocessing(self) -> Preprocessing:
        """What was done to the images."""
        return self._data.preprocessing

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        return self._data.input_shape

    @property
    def counts(self) -> tuple[int, int]:
        """How many images of validation and test there are."""
        return len(self._data.val_labels), len(self._data.test_labels)

    def raw(self, count: int) -> Scores:
        """The first images as they came, (n, channels, height, width)."""
        images = open_images(self._data.folder, "unlabelled", "r")
        return self._data.preprocessing.undone(images[:count])

    def predict(self, source: str, weights: bytes) -> Scores:
        """Probabilities of all images, (n, classes), validation and test mixed.

        Raises:
            WorkbenchError: The network does not do it.
        """
        return self._scores(Job.PREDICT, weights, None, source=source)

    def accuracies(self, scores: Scores) -> tuple[float, float]:
        """Of validation and test, of what `predict` gives."""
        data, classes = self._data, scores.argmax(1)
        val = np.mean(classes[data.val_places] == data.val_labels)
        test = np.mean(classes[data.test_places] == data.test_labels)
        return float(val), float(test)

    def latency_s(self, source: str, batch_size: int) -> float:
        """The median time of one batch on this machine, in one thread.

        Raises:
            WorkbenchError: The network does not run.
        """
        told = self._do(Job.TIME, b"", batch_size, 0, source=source, batch_size=batch_size)
        seconds = told.header.get("latency_s")
        if not isinstance(seconds, float) or not 0 < seconds < math.inf:
            raise WorkbenchError(f"its latency is told as {seconds!r:.40}")
        return seconds

    def export(self, source: str, weights: bytes, format: Format) -> bytes:
        """The network with its preprocessing as pt2 or ONNX: raw images in, probabilities out.

        Raises:
            UnexportableError: The exporter does not take it.
            WorkbenchError: It was not exported for another reason.
        """
        times, more = OVERHEAD
        limit = times * len(weights) + more
        return self._do(Job.EXPORT, weights, 2, limit, source=source, format=format).body

    def run(self, artifact: bytes, format: Format, images: int) -> Scores:
        """What an exported network says of the first images, given as they came.

        Some are given by themselves, as who serves it will, and the others together.

        Raises:
            WorkbenchError: It does not load or run.
        """
        return self._scores(Job.RUN, artifact, images, format=format)

    def _scores(self, job: Job, body: bytes, images: int | None, **asked: Any) -> Scores:
        count = sum(self.counts)
        shape = (count if images is None else min(images, count), self._data.classes)
        size = np.dtype("<f4").itemsize * math.prod(shape)
        told = self._do(job, body, images, size, **asked)
        if len(told.body) != size:
            raise WorkbenchError("it gives scores of another number")
        found: Scores = np.frombuffer(told.body, "<f4").reshape(shape)
        return found

    def _do(
        self,
        job: Job,
        body: bytes,
        images: int | None,
        limit: int,
        *,
        format: Format = Format.SOURCE,
        **task: Any,
    ) -> Frame:
        asked = {"job": job, "format": format}
        settings = {
            **asked,
            "isolation": self._isolation.flags,
            "memory_mb": self._memory_mb,
            "processor_s": PROCESSOR_S,
            "folder": str(self._data.folder),
            "images": images,
        }
        preprocessing = asdict(self._data.preprocessing)
        with tempfile.TemporaryDirectory(dir=self._data.folder) as folder:
            worker = Worker(
                WORKSHOP, Path(folder), isolation=self._isolation, reads=self._data.files
            )
            try:
                worker.send(settings)
                allowed_s = READY_S
                if worker.receive(time.monotonic() + allowed_s) is None:
                    raise worker.failure()
                worker.send({**asked, "preprocessing": preprocessing, **task}, body)
                allowed_s = TIMEOUT_S
                answer = worker.receive(time.monotonic() + allowed_s, HEADER_BYTES + limit)
            except TimeoutError:
                what = "started" if allowed_s == READY_S else "finished"
                raise WorkbenchError(f"not {what} after {allowed_s:.0f} s") from None
            except BrokenPipeError:
                raise worker.failure() from None
            except FrameError as error:
                raise WorkbenchError(f"wrote messages of its own: {error}") from None
            finally:
                worker.close()
        if answer is None:
            raise WorkbenchError("its process ended: out of memory, time, or what it may do")
        if answer.header.get("error"):
            kind = UnexportableError if answer.header.get("unexportable") else WorkbenchError
            raise kind(tidy(str(answer.header["error"]), LONGEST_ERROR))
        return answer
