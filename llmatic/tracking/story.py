"""What the MLflow UI says of a candidate to somebody who never saw our code: a page of markdown.

How it was made, from whom, what came of it, and what was changed. Knows no client; what
a writer wrote is shown as text, never as markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from llmatic.records import Candidate, CandidateId, Operator, Status
from llmatic.tracking.fields import TAG_LIMIT, trimmed

__all__ = ["STORY_TAG", "story"]

STORY_TAG = "mlflow.note.content"
"""What the UI shows as a run's description."""

LONGEST_CODE = 3_000
LONGEST_ERROR = 600
FIGURES = (
    ("val_accuracy", "validation accuracy", "{:.2%}"),
    ("test_accuracy", "test accuracy", "{:.2%}"),
    ("flops", "FLOPs (multiply-accumulates of one image)", "{:,.0f}"),
    ("params", "parameters", "{:,.0f}"),
    ("width", "width (features of the widest layer)", "{:,.0f}"),
    ("depth", "depth (layers with weights)", "{:,.0f}"),
    ("train_seconds", "seconds of training", "{:.1f}"),
)

Link = Callable[[CandidateId], str | None]


def story(
    candidate: Candidate,
    prompt_key: str | None,
    source: str | None,
    change: str | None,
    link: Link,
) -> str:
    """The description of a finished candidate.

    Args:
        candidate: With its measurement.
        prompt_key: What its writer was asked for; None for the seed.
        source: Of the network; None where none was found.
        change: Against its first parent; None where there is nothing to compare with.
        link: Gives the address of another candidate's run, if it has one.
    """
    parts = [_origin(candidate, prompt_key, link), _outcome(candidate, link)]
    if candidate.measurement.metrics:
        parts.append("\n".join(_table(candidate)))
    if change is not None and candidate.proposal.operator is not Operator.CREATE:
        parent = _linked(candidate.proposal.parents[0], link)
        shown = _code(change, "diff") if change else "Nothing."
        parts.append(f"What was changed, against {parent}:\n\n{shown}")
    if source is not None:
        parts.append(f"The network (`network.py`):\n\n{_code(source, 'python')}")
    return trimmed("\n\n".join(parts), TAG_LIMIT)


def _origin(candidate: Candidate, prompt_key: str | None, link: Link) -> str:
    proposal = candidate.proposal
    parents = " and ".join(_linked(each, link) for each in proposal.parents)
    words = (prompt_key or "").replace("_", " ")
    match proposal.operator:
        case Operator.SEED:
            return "**The seed network**, with which the search began."
        case Operator.MUTATION:
            made = f"A **mutation** of {parents}: the writer was asked to *{words}*"
        case Operator.CROSSOVER:
            made = f"A **crossover** of {parents}"
        case Operator.REPAIR:
            made = f"A **repair** of {parents}, whose writer was shown what is wrong with it"
        case Operator.CREATE:
            made = "Written **from scratch**"
    return f"{made}, at a temperature of {proposal.temperature:.2f}."


def _linked(id: CandidateId, link: Link) -> str:
    address = link(id)
    return str(id) if address is None else f"[{id}]({address})"


def _outcome(candidate: Candidate, link: Link) -> str:
    measurement, twin = candidate.measurement, candidate.twin
    if twin is not None:
        return f"**The same network as {_linked(twin, link)}**, whose measurement is reused."
    if measurement.status is Status.OK:
        return f"**Measured.** Its fitness is {measurement.fitness:.4f}."
    said = (measurement.error or "").strip()
    why = f":\n\n{_code(said, '', LONGEST_ERROR)}" if said else "."
    status = str(measurement.status)
    return f"**{status[0].upper()}{status[1:]}**{why}"


def _table(candidate: Candidate) -> Iterator[str]:
    metrics = candidate.measurement.metrics
    yield "| | |"
    yield "| --- | ---: |"
    for name, words, form in FIGURES:
        if name in metrics:
            yield f"| {words} | {form.format(metrics[name])} |"


def _code(text: str, language: str, longest: int = LONGEST_CODE) -> str:
    """A fenced block that no text can end from within."""
    shown = trimmed(text, longest).rstrip()
    ticks = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{language}\n{shown}\n{fence}"
