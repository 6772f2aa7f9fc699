"""What a report says of one search, as data: everything that figures and tables are made of.

Computed from the journal's records alone. Knows no figure, no page and no store.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from llmatic.archive import Archive, Insertion, PromptArchive
from llmatic.config import Config
from llmatic.llm import Completion
from llmatic.population import PromptPopulation
from llmatic.prompts import Prompt
from llmatic.records import Candidate, CandidateId, Operator, Status
from llmatic.report.family import Family

__all__ = [
    "Facts",
    "Generation",
    "best_by_evaluations",
    "fitness",
    "flops",
    "generations",
    "pareto_front",
    "records_broken",
    "status_counts",
]


@dataclass(frozen=True)
class Facts:
    """One search as its journal has it.

    Attributes:
        run_id: The search's run.
        name: As its user named it.
        state: ``running``, ``interrupted``, ``finished`` or ``failed``.
        begun: When.
        made_with: Versions and commit by name; empty where they were not recorded.
        config: Its settings.
        settings: The same by whole name, for people.
        committed: The last complete generation; -1 before the first.
        spent: What it used up until then, by name.
        mutations: The prompts, by prompt id.
        candidates: Of complete generations, in id order.
        waiting: Finished ones of the generation that is being worked on.
        completions: What was written for complete generations, the texts left out.
        insertions: Which candidates entered the network archive.
        networks: The network archive after the last complete generation.
        prompts: The prompt archive, or the population in its place.
        family: Where the best network came from; None without a network.
    """

    run_id: str
    name: str
    state: str
    begun: datetime
    made_with: Mapping[str, str]
    config: Config
    settings: Mapping[str, str]
    committed: int
    spent: Mapping[str, float]
    mutations: tuple[Prompt, ...]
    candidates: tuple[Candidate, ...]
    waiting: tuple[Candidate, ...]
    completions: Mapping[CandidateId, Completion]
    insertions: Mapping[CandidateId, Insertion]
    networks: Archive
    prompts: PromptArchive | PromptPopulation
    family: Family | None

    @property
    def accuracy(self) -> str:
        """What fitness is here, in words."""
        return f"{self.config.evaluator.fitness} accuracy"

    @property
    def best(self) -> Candidate | None:
        """The fittest network; of equals the one with the fewest FLOPs."""
        return self.networks.best().candidate if len(self.networks) else None


@dataclass(frozen=True, slots=True)
class Generation:
    """What came of one generation.

    Attributes:
        number: From 0, the seed network's.
        written: Candidates by operator.
        trainable: The trainable ones among them, by operator.
        measured: Networks that were evaluated, known ones left out.
        best: Highest fitness in this generation; None where nothing was trainable.
        best_so_far: Highest fitness until now; None before the first.
        niches: Of the network archive, filled until now.
        qd_score: Of the network archive, until now.
        writing_s: Spent on writing.
        training_s: Spent on training, summed over networks; 0 where nothing is trained.
        tokens_in: Read by the language model.
        tokens_out: Written by it.
        cost_usd: What it cost.
    """

    number: int
    written: Mapping[Operator, int]
    trainable: Mapping[Operator, int]
    measured: int
    best: float | None
    best_so_far: float | None
    niches: int
    qd_score: float
    writing_s: float
    training_s: float
    tokens_in: int
    tokens_out: int
    cost_usd: float


def generations(facts: Facts) -> list[Generation]:
    """Every complete generation, from the seed network's on."""
    found: list[Generation] = []
    so_far, niches, qd_score = -math.inf, 0, 0.0
    by_number: defaultdict[int, list[Candidate]] = defaultdict(list)
    for each in facts.candidates:
        by_number[each.proposal.id.generation].append(each)
    for number in range(facts.committed + 1):
        told = by_number[number]
        written = [facts.completions[each.proposal.id] for each in told]
        fitnesses = [value for each in told if (value := fitness(each)) is not None]
        so_far = max(so_far, *fitnesses, -math.inf)
        entered = [
            facts.insertions[each.proposal.id]
            for each in told
            if each.proposal.id in facts.insertions
        ]
        niches += sum(insertion.displaced is None for insertion in entered)
        qd_score += sum(insertion.improvement for insertion in entered)
        found.append(
            Generation(
                number=number,
                written=_operators(told),
                trainable=_operators(each for each in told if each.measurement.status.works),
                measured=sum(map(_is_evaluation, told)),
                best=max(fitnesses, default=None),
                best_so_far=so_far if math.isfinite(so_far) else None,
                niches=niches,
                qd_score=qd_score,
                writing_s=sum(each.seconds for each in written),
                training_s=sum(
                    each.measurement.metrics.get("train_seconds", 0.0)
                    for each in told
                    if each.twin is None
                ),
                tokens_in=sum(each.tokens_in for each in written),
                tokens_out=sum(each.tokens_out for each in written),
                cost_usd=sum(each.cost_usd for each in written),
            )
        )
    return found


def best_by_evaluations(facts: Facts) -> list[float]:
    """The highest fitness after each network that was evaluated, in the order of telling.

    Networks that were known already do not count, nor texts in which none was found; NaN
    until the first that is trainable.
    """
    curve: list[float] = []
    so_far = math.nan
    for candidate in facts.candidates:
        if not _is_evaluation(candidate):
            continue
        value = fitness(candidate)
        if value is not None and not value <= so_far:
            so_far = value
        curve.append(so_far)
    return curve


def pareto_front(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that no other beats in fitness without more FLOPs, by FLOPs; of equals the first."""
    front: list[Candidate] = []
    trainable = [each for each in candidates if fitness(each) is not None]
    for candidate in sorted(trainable, key=lambda each: (flops(each), -_worth(each))):
        if not front or _worth(candidate) > _worth(front[-1]):
            front.append(candidate)
    return front


def records_broken(candidates: Iterable[Candidate]) -> frozenset[CandidateId]:
    """Candidates that were better than all before them, in id order; the first is none."""
    broken = set()
    so_far = math.inf
    for candidate in candidates:
        value = fitness(candidate)
        if value is None:
            continue
        if value > so_far:
            broken.add(candidate.proposal.id)
        so_far = value if math.isinf(so_far) else max(so_far, value)
    return frozenset(broken)


def status_counts(facts: Facts) -> dict[Status, int]:
    """How many candidates ended how, the most frequent first; all that are finished."""
    finished = (*facts.candidates, *facts.waiting)
    return dict(Counter(each.measurement.status for each in finished).most_common())


def fitness(candidate: Candidate) -> float | None:
    """What the archive compares, in [0, 1]; None unless trainable."""
    return candidate.measurement.fitness


def flops(candidate: Candidate) -> float:
    """Multiply-accumulates of one forward pass of one image; of trainable ones only."""
    return candidate.measurement.descriptors["flops"]


def _worth(candidate: Candidate) -> float:
    value = fitness(candidate)
    assert value is not None
    return value


def _is_evaluation(candidate: Candidate) -> bool:
    """As `llmatic.budget.Ledger` counts."""
    left_out = candidate.measurement.status is Status.NOT_CHOSEN
    return candidate.source_sha256 is not None and candidate.twin is None and not left_out


def _operators(candidates: Iterable[Candidate]) -> dict[Operator, int]:
    return dict(Counter(each.proposal.operator for each in candidates))
