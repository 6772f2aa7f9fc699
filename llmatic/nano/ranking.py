"""Which of a model's own answers it learns from, and how much each counts.

Reward-ranked fine-tuning (RAFT; Dong et al. 2023): of several answers to a request those that
train and do what was asked for. Knows nothing of how they came about, or how a model learns.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from llmatic.nano.amended import dearest
from llmatic.nano.trial import Answer
from llmatic.records import Measurement, Status

__all__ = ["Ranked", "ranked"]

Niche = tuple[int, int]

FEWEST = 0.05
"""How much an answer counts where all answers to its request are good."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An answer that is learnt from.

    Attributes:
        prompt: What was asked.
        text: What was answered.
        weight: In the loss.
    """

    prompt: str
    text: str
    weight: float


def ranked(found: Sequence[Answer]) -> list[Ranked]:
    """The good answers and how much each counts, each network once for a request.

    Good is what trains, obeys, copies no parent, and has no more FLOPs than the examples may have
    or its parent has. An answer counts

        (1.05 - good answers / answers to its request)
        * (1 + distance of its niche from the parent's)
        / (good answers to its request in its niche, and the parent where it is there too)

    Args:
        found: Answers to some requests, in any order.
    """
    good: dict[tuple[str, str | None], Answer] = {}
    asked, kept = Counter[str](), Counter[str]()
    crowd = Counter[tuple[str, Niche]]()
    for each in found:
        prompt = each.request.prompt
        asked[prompt] += 1
        is_good = each.measurement.status is Status.OK and each.obeyed is not False
        if is_good and each.is_whole and not each.copied and not _too_dear(each):
            kept[prompt] += 1
            crowd[prompt, _niche(each.measurement)] += 1
            good.setdefault((prompt, each.sha256), each)
    learnt = []
    for (prompt, _), each in good.items():
        niche, before = _niche(each.measurement), _niche(each.original)
        rarely_good = 1 + FEWEST - kept[prompt] / asked[prompt]
        away = sum(abs(one - other) for one, other in zip(niche, before, strict=True))
        others = crowd[prompt, niche] + (away == 0)
        learnt.append(Ranked(prompt, each.text, rarely_good * (1 + away) / others))
    return learnt


def _too_dear(answer: Answer) -> bool:
    most = dearest(answer.request.input_shape, answer.original.metrics["flops"])
    return answer.measurement.metrics["flops"] > most


def _niche(measurement: Measurement) -> Niche:
    """Where a network is on a coarse map: powers of two of its descriptors."""
    found = measurement.metrics
    width_to_depth = found["width"] / max(found["depth"], 1)
    return round(math.log2(width_to_depth + 1)), round(math.log2(found["flops"] + 1))
