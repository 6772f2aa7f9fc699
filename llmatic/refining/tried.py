"""Finished trials of a tuning: what was tried, how it ended, and which is the best.

Knows the text that a trial is kept as; not where, nor how it was suggested.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from llmatic.records import Status

__all__ = ["Tried", "best_of"]


@dataclass(frozen=True)
class Tried:
    """A finished trial.

    Attributes:
        recipe: That was tried.
        epochs: How many there were to be.
        values: Validation accuracy after each.
        status: How it ended.
        error: Why it did not get to the end; None where it did.
    """

    recipe: dict[str, Any]
    epochs: int
    values: list[float]
    status: Status
    error: str | None

    def __str__(self) -> str:
        """In a line, for people."""
        match self.status:
            case Status.OK:
                return f"{self.val_accuracy:.4f}"
            case Status.PRUNED:
                return f"stopped after epoch {len(self.values)}"
            case _:
                return f"failed: {self.status}" + (f" ({self.error})" if self.error else "")

    @property
    def val_accuracy(self) -> float | None:
        """After the last epoch; None where it did not get there."""
        return self.values[-1] if self.status is Status.OK else None

    def to_json(self) -> str:
        """Serialise; `from_json` gives an equal trial back."""
        return json.dumps(
            {
                "recipe": self.recipe,
                "epochs": self.epochs,
                "values": self.values,
                "status": self.status.name,
                "error": self.error,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        told = json.loads(text)
        return cls(
            told["recipe"], told["epochs"], told["values"], Status[told["status"]], told["error"]
        )


def best_of(tried: Mapping[int, Tried]) -> int | None:
    """The number of the most accurate, the first of equals; None where none got to the end."""
    done = {number: each.val_accuracy for number, each in sorted(tried.items())}
    trained = {number: value for number, value in done.items() if value is not None}
    return max(trained, key=trained.__getitem__, default=None)
