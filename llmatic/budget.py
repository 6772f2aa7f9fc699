"""What a search uses up, and when that is enough.

Knows limits and counts; not what is done about them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from llmatic.config import BudgetConfig
from llmatic.llm import Completion
from llmatic.records import Candidate, Status

__all__ = ["Ledger"]


@dataclass
class Ledger:
    """Counts what a search has used up, and compares it with its budget.

    Attributes:
        budget: The limits.
        hours_before: Of wall time, by earlier processes.
        clock: Gives seconds.
        evaluations: Networks measured; not those that were known already.
        tokens_in: Tokens read by the language model.
        tokens_out: Tokens written.
        llm_seconds: Time spent on writing.
        cost_usd: What the language model cost.
    """

    budget: BudgetConfig
    hours_before: float
    clock: Callable[[], float]
    evaluations: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    llm_seconds: float = 0.0
    cost_usd: float = 0.0
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def wrote(self, completion: Completion) -> None:
        """Count what was written."""
        self.tokens_in += completion.tokens_in
        self.tokens_out += completion.tokens_out
        self.llm_seconds += completion.seconds
        self.cost_usd += completion.cost_usd

    def measured(self, candidate: Candidate) -> None:
        """Count a finished candidate, if it was measured."""
        left_out = candidate.measurement.status is Status.NOT_CHOSEN
        found = candidate.source_sha256 is not None and candidate.twin is None
        self.evaluations += found and not left_out

    @property
    def hours(self) -> float:
        """Of wall time, the time between processes left out."""
        return self.hours_before + (self.clock() - self._started) / 3600

    @property
    def evaluations_left(self) -> int | None:
        """Networks that may still be measured; None where there is no limit."""
        limit = self.budget.evaluations
        return None if limit is None else max(0, limit - self.evaluations)

    @property
    def spent(self) -> str | None:
        """Which limit is reached, as a setting; None while none is."""
        return self._reached({"evaluations": self.evaluations}) or self.interrupts

    @property
    def interrupts(self) -> str | None:
        """Which limit is reached that ends a search at once; None while none is.

        That of evaluations does not: a generation is written and what costs nothing is
        finished, whatever was measured first.
        """
        return self._reached(
            {
                "hours": self.hours,
                "tokens": self.tokens_in + self.tokens_out,
                "usd": self.cost_usd,
            }
        )

    def _reached(self, used: Mapping[str, float]) -> str | None:
        for name, value in used.items():
            limit = getattr(self.budget, name)
            if limit is not None and value >= limit:
                return f"search.budget.{name}={limit}"
        return None

    @property
    def figures(self) -> dict[str, float]:
        """All counts by name."""
        return {
            "evaluations": self.evaluations,
            "hours": self.hours,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "llm_seconds": self.llm_seconds,
            "cost_usd": self.cost_usd,
        }
