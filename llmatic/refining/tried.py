"""Finished trials of a tuning: what was tried, how it ended, and which is the best.

Knows the text that a trial is kept as; not where, nor how it was proposed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
                "params": self.recipe,
                "epochs": self.epochs,
                "values": self.values,
                "status": self.status.name,
                "error": self.error,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, or LLMatic when it kept no status."""
        told = json.loads(text)
        if "status" not in told:
            ended = "OK" if told["values"] else "CRASHED"
            told["status"] = ended if told["done"] else "PRUNED"
        return cls(
            told["params"],
            told["epochs"],
            told["values"],
            Status[told["status"]],
            told.get("error"),
        )


def best_of(tried: Sequence[Tried]) -> int | None:
    """Which of them is the most accurate, the first of equals."""
    done = {place: each.val_accuracy for place, each in enumerate(tried)}
    trained = {place: value for place, value in done.items() if value is not None}
    return max(trained, key=trained.__getitem__, default=None)
