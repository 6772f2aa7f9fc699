"""Evaluators: whatever turns the source of a network into a measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from llmatic.records import Measurement

if TYPE_CHECKING:
    from llmatic.pruning import Pruner

__all__ = ["Evaluator"]


class Evaluator(Protocol):
    """Measures one network at a time; one instance serves one slot."""

    def evaluate(self, source: str, seed: int, pruner: Pruner | None = None) -> Measurement:
        """Build, measure, train and score a network.

        Never raises for bad code: what is wrong with it is the measurement's status.

        Args:
            source: Of the network.
            seed: Of everything random.
            pruner: Stops the training early where it promises nothing.
        """
        ...

    def close(self) -> None:
        """Give back processes and files. Safe to call twice."""
        ...
