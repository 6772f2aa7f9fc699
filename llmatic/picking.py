"""Which network of a map fits a budget: the best within it, and the runners-up.

Pure: knows elites and numbers, not where they come from or how they are shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal, DecimalException

from llmatic.archive import Elite, merit
from llmatic.errors import UserError

__all__ = ["Budget", "BudgetError", "pick", "quantity"]

PREFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class BudgetError(UserError):
    """No network fits a budget, or it is none."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a network may cost, and what it has to be worth; None: no limit.

    Attributes:
        max_flops: Multiply-accumulates of one image.
        max_params: Trainable parameters.
        min_accuracy: On the validation images, in [0, 1].
    """

    max_flops: float | None = None
    max_params: float | None = None
    min_accuracy: float | None = None

    def __bool__(self) -> bool:
        """Whether there is any limit."""
        return any(getattr(self, each.name) is not None for each in fields(self))

    def misses(self, elite: Elite) -> list[str]:
        """The limits that a network does not keep, by name."""
        metrics = elite.candidate.measurement.metrics
        too_much = {
            "max_flops": self.max_flops is not None and metrics["flops"] > self.max_flops,
            "max_params": self.max_params is not None and metrics["params"] > self.max_params,
            "min_accuracy": self.min_accuracy is not None
            and metrics["val_accuracy"] < self.min_accuracy,
        }
        return [name for name, missed in too_much.items() if missed]


def pick(elites: Iterable[Elite], budget: Budget) -> list[Elite]:
    """The elites within a budget: fittest first, of equals the one with the fewest FLOPs.

    Raises:
        BudgetError: There is none; says what the map can offer instead.
    """
    candidates = sorted(elites, key=merit)
    if not candidates:
        raise BudgetError("the search has no elite yet")
    chosen = [each for each in candidates if not budget.misses(each)]
    if not chosen:
        raise BudgetError(
            f"no network of the map is within the budget: {_offer(candidates, budget)}"
        )
    return chosen


def quantity(text: str) -> float:
    """A number that may end in k, M, G or T: ``5M`` is 5,000,000.

    Raises:
        ValueError: It is none, or not above 0.
    """
    number, prefix = (text[:-1], text[-1]) if text[-1:] in PREFIXES and text else (text, "")
    try:
        value = float(Decimal(number) * PREFIXES[prefix])
    except DecimalException:
        raise ValueError(text) from None
    if not 0 < value < math.inf or number != number.strip():
        raise ValueError(text)
    return value


def _offer(elites: list[Elite], budget: Budget) -> str:
    """What the map has of each figure that was limited."""
    figures = {"max_flops": "flops", "max_params": "params", "min_accuracy": "val_accuracy"}
    offers = []
    for limit in fields(budget):
        value = getattr(budget, limit.name)
        if value is None:
            continue
        found = [each.candidate.measurement.metrics[figures[limit.name]] for each in elites]
        option = f"--{limit.name.replace('_', '-')}"
        if limit.name == "min_accuracy":
            offers.append(f"{option} {value:g}, where the highest is {max(found):.4f}")
        else:
            offers.append(f"{option} {value:,.0f}, where the lowest is {min(found):,.0f}")
    return "; ".join(offers)
