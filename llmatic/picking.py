"""Which network of a map fits a budget: the best within it, and the runners-up.

Pure: knows elites and numbers, not where they come from or how they are shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from decimal import Decimal, DecimalException

from llmatic.archive import Elite, merit
from llmatic.errors import UserError

__all__ = [
    "DURATION",
    "NUMBER",
    "Budget",
    "BudgetError",
    "budget",
    "duration_s",
    "fast",
    "latency_s",
    "pick",
    "quantity",
]

UNITS_S = {"ms": 1e-3, "us": 1e-6, "s": 1.0}
NUMBER = "a number above 0, as 250000, 250k or 5M"
DURATION = "a time above 0, as 2ms, 500us or 1s"
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


def budget(
    max_flops: float | str | None = None,
    max_params: float | str | None = None,
    min_accuracy: float | str | None = None,
) -> Budget:
    """A budget of numbers, or of texts as the command line takes them.

    Raises:
        BudgetError: One of them is none; says what is.
    """

    def limit(name: str, value: float | str | None) -> float | None:
        if value is None:
            return None
        try:
            return quantity(str(value))
        except ValueError:
            raise BudgetError(f"{name}={value}: must be {NUMBER}") from None

    try:
        share = None if min_accuracy is None else float(min_accuracy)
    except (TypeError, ValueError):
        share = math.nan
    if share is not None and not 0 <= share <= 1:
        raise BudgetError(f"min_accuracy={min_accuracy}: must be from 0 to 1")
    return Budget(limit("max_flops", max_flops), limit("max_params", max_params), share)


def latency_s(max_latency: float | str) -> float:
    """A limit in seconds, of them or of a text as the command line takes it.

    Raises:
        BudgetError: It is none; says what is.
    """
    try:
        return duration_s(max_latency if isinstance(max_latency, str) else f"{max_latency}s")
    except ValueError:
        raise BudgetError(f"max_latency={max_latency}: must be {DURATION}") from None


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


def fast(
    elites: Iterable[Elite],
    latency_s: Callable[[Elite], float],
    max_latency_s: float,
    count: int,
) -> list[tuple[Elite, float]]:
    """The first networks that are fast enough, each with its latency; no more are timed.

    Args:
        elites: In the order of preference.
        latency_s: Times one.
        max_latency_s: What is fast enough.
        count: How many are wanted.

    Raises:
        BudgetError: None is; says how fast the fastest is, or that none runs.
    """
    timed: list[tuple[Elite, float]] = []
    found: list[tuple[Elite, float]] = []
    for elite in elites:
        timed.append((elite, latency_s(elite)))
        if timed[-1][1] <= max_latency_s:
            found.append(timed[-1])
        if len(found) == count:
            break
    if not found:
        fastest = min(seconds for _, seconds in timed)
        if fastest == math.inf:
            raise BudgetError("no network of the map that is within the budget runs here")
        raise BudgetError(
            f"no network of the map is within the budget: --max-latency {max_latency_s * 1e3:g}ms, "
            f"where the lowest of {len(timed)} is {fastest * 1e3:.3g}ms"
        )
    return found


def duration_s(text: str) -> float:
    """Seconds of a text that ends in s, ms or us.

    Raises:
        ValueError: It is none, or not above 0.
    """
    for unit, seconds in UNITS_S.items():
        if text.endswith(unit):
            return quantity(text.removesuffix(unit)) * seconds
    raise ValueError(text)


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
