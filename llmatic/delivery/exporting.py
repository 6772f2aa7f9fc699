"""Exports a network of the map, and compares what comes out with what was trained.

Every number of the comparison is from a sandboxed process; the recorded accuracy is the
measure of the first, and the first of the second. A graph is handed out as `archives` has
written it anew. Knows no registry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llmatic.delivery.errors import DeliveryError
from llmatic.delivery.pt2 import RefusedError, rewritten
from llmatic.delivery.standalone import standalone
from llmatic.evaluate.workbench import Format, Workbench
from llmatic.finding import Found
from llmatic.records import CandidateId

__all__ = ["UnsafeArchiveError", "compared", "export", "predictions"]

CHECKED = 256
"""Images on which an export is compared."""
TOLERANCE = 1e-4
"""Of a probability: other kernels sum in another order."""
ACCURACY_TOLERANCE, FLIPPED = 0.005, 2
"""Of the accuracies, or so many images, for those between two classes."""

Scores = NDArray[np.float32]


class UnsafeArchiveError(DeliveryError):
    """An exported graph holds what might harm whoever loads it; says what."""


def predictions(bench: Workbench, network: Found) -> Scores:
    """What a network says of all images, which has to be as accurate as it was.

    Raises:
        DeliveryError: It is not.
        WorkbenchError: It does not run.
    """
    scores = bench.predict(network.source, network.weights)
    names = ("val_accuracy", "test_accuracy")
    for name, now, count in zip(names, bench.accuracies(scores), bench.counts, strict=True):
        was = network.metrics[name]
        if not abs(now - was) <= max(ACCURACY_TOLERANCE, FLIPPED / count):
            raise DeliveryError(
                f"candidate {network.id}: its weights give {name}={now:.4f}, but {was:.4f} was "
                "recorded: have the data set or the packages changed?"
            )
    return scores


def export(bench: Workbench, network: Found, format: Format, title: str, scores: Scores) -> bytes:
    """A network in a format, after it was compared.

    Args:
        bench: Of its data set.
        network: Which.
        format: As what.
        title: One line that says which network it is.
        scores: From `predictions`.

    Raises:
        DeliveryError: The export says something else than the network.
        UnsafeArchiveError: Loading the exported graph could do more than compute.
        WorkbenchError: It cannot be made or does not run.
    """
    if format is Format.SOURCE:
        text = standalone(
            title, network.source, network.weights, bench.preprocessing, bench.input_shape
        )
        artifact = text.encode()
    else:
        artifact = bench.export(network.source, network.weights, format)
    if format is Format.PT2:
        try:
            artifact = rewritten(artifact)
        except RefusedError as error:
            said = f"candidate {network.id}: as pt2 it would hold {error}"
            raise UnsafeArchiveError(said) from error
    compared(network.id, str(format), bench.run(artifact, format, CHECKED), scores[:CHECKED])
    return artifact


def compared(id: CandidateId, what: str, found: Scores, expected: Scores) -> None:
    """See that two give the same probabilities.

    Raises:
        DeliveryError: They do not; says by how much they differ.
    """
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape else np.nan
    if not difference <= TOLERANCE:
        raise DeliveryError(
            f"candidate {id}: as {what} it says something else than the trained network: "
            f"probabilities differ by up to {difference:.2g}, allowed are {TOLERANCE:g}"
        )
