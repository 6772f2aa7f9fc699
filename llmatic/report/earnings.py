"""Which prompts and temperatures earned their keep: what became of what they were used for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from llmatic.records import Candidate, Operator
from llmatic.report.facts import Facts, records_broken

__all__ = ["Earnings", "by_prompt", "by_temperature"]

BINS = 10
WITHOUT_PROMPT = {
    Operator.CROSSOVER: "(crossover)",
    Operator.CREATE: "(from scratch)",
    Operator.REPAIR: "(repair)",
}


@dataclass(slots=True)
class Earnings:
    """What became of the candidates of one prompt or temperature.

    Attributes:
        name: Of what.
        used: Candidates written.
        trainable: Those of them that could be trained, known networks included.
        entered: Those that entered the network archive.
        improved: Those that were better than every network before them.
    """

    name: str
    used: int = 0
    trainable: int = 0
    entered: int = 0
    improved: int = 0


def by_prompt(facts: Facts) -> list[Earnings]:
    """Every prompt in catalogue order, then what is made without one, where it was used."""
    prompts = [Earnings(prompt.key.replace("_", " ")) for prompt in facts.mutations]
    others = {operator: Earnings(name) for operator, name in WITHOUT_PROMPT.items()}

    def account(candidate: Candidate) -> Earnings | None:
        prompt_id = candidate.proposal.prompt_id
        if prompt_id is not None:
            return prompts[prompt_id]
        return others.get(candidate.proposal.operator)

    _credit(facts, account)
    return [*prompts, *(each for each in others.values() if each.used)]


def by_temperature(facts: Facts) -> list[Earnings]:
    """Ten steps of sampling temperature from 0 to 1, of mutations alone."""
    bins = [Earnings(f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}") for i in range(BINS)]

    def account(candidate: Candidate) -> Earnings | None:
        temperature = candidate.proposal.temperature
        if candidate.proposal.prompt_id is None or temperature is None:
            return None
        place = math.ceil(round(temperature * BINS, 9)) - 1
        return bins[min(max(place, 0), BINS - 1)]

    _credit(facts, account)
    return bins


def _credit(facts: Facts, account: Callable[[Candidate], Earnings | None]) -> None:
    broken = records_broken(facts.candidates)
    for candidate in facts.candidates:
        earnings = account(candidate)
        if earnings is not None:
            earnings.used += 1
            earnings.trainable += candidate.measurement.status.works
            earnings.entered += candidate.proposal.id in facts.insertions
            earnings.improved += candidate.proposal.id in broken
