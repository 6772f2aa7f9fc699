"""What is done with a finished network, inside a confined process: run it, time it, export it.

One process does one job and ends. Like a candidate's it has no labels, and is locked in
before it reads what it works on: a network's source, or what was exported from one.
"""

from __future__ import annotations

import io
import os
import statistics
import time
import types
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from llmatic.evaluate.files import open_images
from llmatic.evaluate.protocol import PREDICTED_AT_ONCE, Format, Job, Preprocessing
from llmatic.frames import Frame, Reader, encode, write
from llmatic.network import NetworkError, build, describe, restore
from llmatic.network.served import Served
from llmatic.sandbox.confinement import Confinement
from llmatic.sandbox.kernel import hide_memory
from llmatic.sandbox.level import Isolation

__all__ = ["main"]

Scores = Callable[[Tensor], Tensor]
OPSET = 20
WARM_UP = 5
MOST_ROUNDS = 200
TIMED_S = 2.0
SINGLY = 3
"""Images that an exported network gets one by one."""


class RefusedError(Exception):
    """An exporter does not take the network; says why."""


def main() -> None:
    """Answer one job on standard input."""
    orders, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    hide_memory()
    reader = Reader(orders)
    if (first := reader.receive()) is None:
        return
    said = first.header
    _warm_up(Job(said["job"]), Format(said["format"]))
    images = open_images(Path(said["folder"]), "unlabelled")
    confinement = Confinement(
        Isolation(**said["isolation"]),
        memory_mb=int(said["memory_mb"]),
        processor_s=said["processor_s"],
        gpu=False,
    )
    write(answers, encode({"kind": "ready"}))
    confinement.enter(orders, answers)
    if (task := reader.receive()) is None:
        return
    try:
        told, body = _work(task, torch.from_numpy(images[: said["images"]].copy()))
    except NetworkError as error:
        told, body = {"error": error.reason}, b""
    except RefusedError as error:
        told, body = {"error": str(error), "unexportable": True}, b""
    except BaseException as error:  # generated code raises anything
        told, body = {"error": describe(error)}, b""
    write(answers, encode({"kind": "done", **told}, body))
    os._exit(0)


def _warm_up(job: Job, format: Format) -> None:
    """Have imported what is imported lazily, and folders made, while files can still be opened."""
    if job not in (Job.EXPORT, Job.RUN) or format is Format.SOURCE:
        return
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(Path.cwd())
    layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten())
    network = Served(nn.Sequential(layers, nn.Linear(8, 2)), [0.0], [1.0], 1.0)
    images = torch.zeros(2, 1, 4, 4)
    artifact = _exported(network.eval(), images, format)
    if job is Job.RUN:
        _loaded(artifact, format)(images)


def _work(task: Frame, images: Tensor) -> tuple[Mapping[str, Any], bytes]:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    said = task.header
    preprocessing = Preprocessing.from_header(said["preprocessing"])
    raw = preprocessing.undone(images.numpy())
    job, format = Job(said["job"]), Format(said["format"])
    if job is Job.RUN:
        return {}, _scored(_loaded(task.body, format), torch.from_numpy(raw), SINGLY)
    if job is Job.TIME:
        network = build(said["source"], images.shape[1:]).eval()
        places = torch.arange(said["batch_size"]) % len(images)
        return {"latency_s": _latency(network, images[places])}, b""
    network = restore(said["source"], images.shape[1:], task.body)
    if job is Job.PREDICT:
        return {}, _scored(nn.Sequential(network, nn.Softmax(1)).eval(), images)
    served = Served(network, preprocessing.mean, preprocessing.deviation, preprocessing.scale)
    return {}, _exported(served.eval(), torch.from_numpy(raw[:2]), format)


def _scored(scores: Scores, images: Tensor, singly: int = 0) -> bytes:
    """Probabilities of classes, (n, classes), as little-endian float32."""
    alone, together = images[:singly], images[singly:]
    batches = [*torch.split(alone, 1), *torch.split(together, PREDICTED_AT_ONCE)]
    with torch.no_grad():
        found = [scores(batch.clone()) for batch in batches if len(batch)]
    return torch.cat(found).float().numpy().astype("<f4").tobytes()


def _latency(network: nn.Module, images: Tensor) -> float:
    """The median of one batch's seconds, in one thread."""
    seconds: list[float] = []
    with torch.inference_mode():
        for _ in range(WARM_UP):
            network(images)
        while len(seconds) < MOST_ROUNDS and sum(seconds) < TIMED_S:
            began = time.perf_counter()
            network(images)
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _exported(served: nn.Module, example: Tensor, format: Format) -> bytes:
    dynamic = ({0: torch.export.Dim("batch")},)
    try:
        program = torch.export.export(served, (example,), dynamic_shapes=dynamic)
        if format is Format.PT2:
            program.example_inputs = None  # they would be pickled
            buffer = io.BytesIO()
            torch.export.save(program, buffer)
            return buffer.getvalue()
        onnx = torch.onnx.export(
            program,
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=["images"],
            output_names=["probabilities"],
        )
    except Exception as error:  # the exporters raise whatever they come upon
        raise RefusedError(f"it cannot be exported: {describe(error)}") from error
    assert onnx is not None
    proto: bytes = onnx.model_proto.SerializeToString()
    return proto


def _loaded(artifact: bytes, format: Format) -> Scores:
    """What whoever gets the artifact will have."""
    match format:
        case Format.PT2:
            return torch.export.load(io.BytesIO(artifact)).module()
        case Format.ONNX:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            session = onnxruntime.InferenceSession(artifact, options)
            return lambda images: torch.from_numpy(session.run(None, {"images": images.numpy()})[0])
        case Format.SOURCE:
            module = types.ModuleType("network")
            exec(compile(artifact, "network.py", "exec"), module.__dict__)  # confined
            network: Scores = module.load()
            return network


if __name__ == "__main__":
    main()
