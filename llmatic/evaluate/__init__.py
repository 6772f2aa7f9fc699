"""Evaluators: whatever turns the source of a network into a measurement."""

from __future__ import annotations

from typing import Protocol

from llmatic.records import Measurement

__all__ = ["Evaluator"]


class Evaluator(Protocol):
    """Measures one network at a time; one instance serves one slot."""

    def evaluate(self, source: str, seed: int) -> Measurement:
        """Build, measure, train and score a network.

        Never raises for bad code: what is wrong with it is the measurement's status.
        """
        ...

    def close(self) -> None:
        """Give back processes and files. Safe to call twice."""
        ...
