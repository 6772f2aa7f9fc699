"""A report as JSON: what its figures and tables are made of (docs/json.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from llmatic import view
from llmatic.records import Candidate
from llmatic.report.earnings import by_prompt, by_temperature
from llmatic.report.facts import (
    Facts,
    Generation,
    best_by_evaluations,
    generations,
    pareto_front,
    status_counts,
)

__all__ = ["report_json"]


def report_json(
    searches: Sequence[Facts], controls: Mapping[str, Sequence[Sequence[float]]]
) -> dict[str, Any]:
    """Everything a report shows.

    Args:
        searches: All of the report.
        controls: Best accuracy after each evaluation, by name, one curve for each seed.
    """
    return {
        "searches": [_search(facts) for facts in searches],
        "controls": {name: [list(curve) for curve in curves] for name, curves in controls.items()},
    }


def _search(facts: Facts) -> dict[str, Any]:
    best = facts.best
    line = () if facts.family is None else facts.family.line
    return {
        "run_id": facts.run_id,
        "name": facts.name,
        "state": facts.state,
        "generation": facts.committed,
        "fitness": facts.config.evaluator.fitness,
        "made_with": dict(facts.made_with),
        "spent": dict(facts.spent),
        "status": {status.name.lower(): count for status, count in status_counts(facts).items()},
        "best": None if best is None else _network(best, facts),
        "generations": [_generation(row) for row in generations(facts)],
        "best_by_evaluations": [_number(value) for value in best_by_evaluations(facts)],
        "pareto_front": [_network(each, facts) for each in pareto_front(facts.candidates)],
        "family": [
            {
                **_network(step.candidate, facts),
                "changes": list(step.changes),
            }
            for step in line
        ],
        "prompts": [asdict(each) for each in by_prompt(facts)],
        "temperatures": [asdict(each) for each in by_temperature(facts)],
    }


def _network(candidate: Candidate, facts: Facts) -> dict[str, Any]:
    measurement = candidate.measurement
    return {
        "candidate": str(candidate.proposal.id),
        "status": measurement.status.name.lower(),
        "fitness": measurement.fitness,
        **{name: _number(value) for name, value in measurement.metrics.items()},
        "parents": [str(parent) for parent in candidate.proposal.parents],
        "made_by": view.made_by(candidate, facts.mutations),
    }


def _generation(row: Generation) -> dict[str, Any]:
    counts = ("written", "trainable")
    return {
        name: {operator.value: count for operator, count in value.items()}
        if name in counts
        else value
        for name, value in asdict(row).items()
    }


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return None if value != value else value
