"""What commands print for other programs: plain values, to be written as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from llmatic.archive import Elite
from llmatic.genome import Genome
from llmatic.prompts import Prompt
from llmatic.records import Candidate, CandidateId, Measurement
from llmatic.search import Search
from llmatic.view.tables import made_by

__all__ = ["candidate_json", "elite_json", "evaluation_json", "search_json"]

FIGURES = (
    "val_accuracy",
    "test_accuracy",
    "flops",
    "params",
    "width",
    "depth",
    "width_to_depth",
    "train_seconds",
)
SPENT = ("evaluations", "hours", "tokens_in", "tokens_out", "llm_seconds", "cost_usd")


def evaluation_json(genome: Genome | None, measurement: Measurement) -> dict[str, Any]:
    """One measurement: what ``llmatic evaluate --json`` prints.

    The figures of a network that was not trained to the end are None.
    """
    return {
        "status": measurement.status.name.lower(),
        "status_text": measurement.status.value,
        "error": measurement.error,
        "fitness": measurement.fitness,
        **dict.fromkeys(FIGURES),
        **measurement.metrics,
        **measurement.descriptors,
        "source_sha256": None if genome is None else genome.sha256,
    }


def search_json(
    search: Search,
    mutations: Sequence[Prompt],
    spent: Mapping[str, float],
    candidates: Iterable[Candidate],
    run_id: str,
    run_id_of: Callable[[CandidateId], str],
) -> dict[str, Any]:
    """Both archives and the counts by status: what ``llmatic show --json`` prints."""
    return {
        "run_id": run_id,
        "generation": search.generation - 1,
        "coverage": search.networks.coverage,
        "qd_score": search.networks.qd_score,
        "spent": {name: spent.get(name, 0) for name in SPENT},
        "elites": [elite_json(elite, mutations, run_id_of) for elite in search.networks.elites()],
        "prompts": [
            {
                "niche": niche,
                "prompt_id": individual.prompt_id,
                "prompt": mutations[individual.prompt_id].key,
                "temperature": individual.temperature,
                "curiosity": individual.curiosity,
                "fitness": search.prompts.collective_fitness[individual.prompt_id],
            }
            for niche, individual in search.prompts.items()
        ],
        "status": dict(
            sorted(Counter(each.measurement.status.name.lower() for each in candidates).items())
        ),
    }


def elite_json(
    elite: Elite, mutations: Sequence[Prompt], run_id_of: Callable[[CandidateId], str]
) -> dict[str, Any]:
    """One network of the map: an element of ``elites`` in ``llmatic show --json``."""
    return {"niche": elite.niche, **_described(elite.candidate, mutations, run_id_of)}


def candidate_json(
    candidate: Candidate, mutations: Sequence[Prompt], run_id_of: Callable[[CandidateId], str]
) -> dict[str, Any]:
    """Any candidate: an element of what ``llmatic show --all --json`` prints."""
    measurement = candidate.measurement
    return {
        "status": measurement.status.name.lower(),
        "error": measurement.error,
        **_described(candidate, mutations, run_id_of),
    }


def _described(
    candidate: Candidate, mutations: Sequence[Prompt], run_id_of: Callable[[CandidateId], str]
) -> dict[str, Any]:
    return {
        "candidate": str(candidate.proposal.id),
        "run_id": run_id_of(candidate.proposal.id),
        "fitness": candidate.measurement.fitness,
        **candidate.measurement.metrics,
        **candidate.measurement.descriptors,
        "source_sha256": candidate.source_sha256,
        "operator": candidate.proposal.operator.value,
        "parents": [str(parent) for parent in candidate.proposal.parents],
        "made_by": made_by(candidate, mutations),
    }
