"""How drafts and candidates become tags, metrics and artifacts, and come back exactly.

MLflow cuts tags silently at 8,000 characters and alters infinite metrics, so what
must come back exactly is JSON in two tags of checked length, and long texts are
artifacts. Metrics and the other tags are for people to sort and filter by; nothing
is read back from them. Knows no client.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple, Self

from llmatic.journal import Draft, Fields
from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId, Measurement, Proposal
from llmatic.tracking.store import TrackingError

__all__ = [
    "DRAFT_TAG",
    "ELITE_TAG",
    "NICHE_TAG",
    "RECORD_TAG",
    "Header",
    "Point",
    "artifacts",
    "difference",
    "draft_tags",
    "figures",
    "read_record",
    "readable_tags",
    "record",
    "trimmed",
]

DRAFT_TAG = "llmatic.draft"
RECORD_TAG = "llmatic.record"
ELITE_TAG = "elite"
NICHE_TAG = "niche"

TAG_LIMIT = 8_000
_ERROR_LIMIT = 6_000
_SHORT = 250
_CURVE_POINTS = 50


class Point(NamedTuple):
    """One value of one metric."""

    name: str
    value: float
    step: int


@dataclass(frozen=True, slots=True)
class Header:
    """A draft without its texts, which it knows by their hashes.

    The hashes tell a draft whose texts were stored from one that was cut off.

    Attributes:
        proposal: What was asked for.
        completion: What the writer returned, its text left out.
        prompt_sha256: Of all that it was shown; None where there was nothing.
        text_sha256: Of the completion's text.
        prompt_key: What the writer was asked for; None where it was not asked.
    """

    proposal: Proposal
    completion: Completion
    prompt_sha256: str | None
    text_sha256: str
    prompt_key: str | None = None

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """The header of a draft."""
        return cls(
            proposal=draft.proposal,
            completion=draft.completion.without_texts,
            prompt_sha256=None if draft.prompt is None else _sha256(draft.prompt),
            text_sha256=_sha256(draft.completion.text),
            prompt_key=draft.prompt_key,
        )

    def to_json(self) -> str:
        """Serialise; `from_json` gives an equal header back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(
            proposal=Proposal.from_json(json.dumps(fields.pop("proposal"))),
            completion=Completion(**fields.pop("completion")),
            **fields,
        )

    def draft(self, prompt: str | None, text: str | None) -> Draft | None:
        """The draft again; None where the texts are not the ones it was opened with."""
        if text is None or _sha256(text) != self.text_sha256:
            return None
        if self.prompt_sha256 is None:
            prompt = None
        elif prompt is None or _sha256(prompt) != self.prompt_sha256:
            return None
        completion = replace(self.completion, text=text)
        return Draft(self.proposal, prompt, completion, self.prompt_key)


def draft_tags(draft: Draft) -> dict[str, str]:
    """Tags of a run that is opened for a draft.

    Raises:
        TrackingError: The draft's bookkeeping is too long to be kept.
    """
    proposal, prompt = draft.proposal, draft.prompt_key
    operator = proposal.operator.value
    name = f"{proposal.id} {operator}"
    if prompt not in (None, operator):
        name = f"{proposal.id} {prompt}".replace("_", " ")
    tags = {
        "mlflow.runName": name,
        DRAFT_TAG: _checked(Header.of(draft).to_json(), proposal.id),
        "operator": operator,
        "model": trimmed(draft.completion.model, _SHORT),
        "finish_reason": trimmed(draft.completion.finish_reason, _SHORT),
    }
    if draft.completion.is_mended:
        tags["is_mended"] = "true"
    if prompt is not None:
        tags["prompt"] = prompt
    if proposal.parents:
        tags["parents"] = trimmed(",".join(map(str, proposal.parents)), _SHORT)
    return tags


def record(candidate: Candidate) -> str:
    """What makes a candidate finished, as one tag: what is kept, an overlong error shortened.

    Raises:
        TrackingError: The measurement is too long to be kept.
    """
    measurement = candidate.measurement
    if measurement.error is not None:
        measurement = replace(measurement, error=_shortened(measurement.error))
    return _checked(
        json.dumps(
            {
                "source_sha256": candidate.source_sha256,
                "measurement": json.loads(measurement.kept.to_json()),
                "twin": None if candidate.twin is None else str(candidate.twin),
            }
        ),
        candidate.proposal.id,
    )


def read_record(proposal: Proposal, text: str) -> Candidate:
    """The candidate that `record` was given."""
    fields = json.loads(text)
    twin = fields["twin"]
    return Candidate(
        proposal=proposal,
        source_sha256=fields["source_sha256"],
        measurement=Measurement.from_json(json.dumps(fields["measurement"])),
        twin=None if twin is None else CandidateId.parse(twin),
    )


def readable_tags(candidate: Candidate, extra: Fields) -> dict[str, str]:
    """Tags of a finished candidate for people to filter by."""
    tags = {"status": candidate.measurement.status.name.lower()}
    error = (candidate.measurement.error or "").strip()
    if error:
        tags["error"] = trimmed(error.splitlines()[-1], _SHORT)
    if candidate.twin is not None:
        tags["twin"] = str(candidate.twin)
    for name, value in extra.items():
        if isinstance(value, bool):
            tags[name] = str(value).lower()
        elif isinstance(value, str):
            tags[name] = trimmed(value, _SHORT)
    return tags


def figures(header: Header, candidate: Candidate, extra: Fields) -> list[Point]:
    """Metrics of a finished candidate: final figures, and curves under ``epoch/``."""
    proposal, completion, measurement = header.proposal, header.completion, candidate.measurement
    optional = {
        "prompt_id": proposal.prompt_id,
        "temperature": proposal.temperature,
        "fitness": measurement.fitness,
    }
    values: dict[str, float] = {
        "generation": proposal.id.generation,
        "index": proposal.id.index,
        "tokens_in": completion.tokens_in,
        "tokens_out": completion.tokens_out,
        "llm_seconds": completion.seconds,
        "cost_usd": completion.cost_usd,
        **measurement.descriptors,
        **measurement.metrics,
        **{name: value for name, value in optional.items() if value is not None},
        **{name: value for name, value in extra.items() if not isinstance(value, bool | str)},
    }
    points = [Point(name, value, 0) for name, value in values.items()]
    for name, curve in measurement.curves.items():
        points += [Point(f"epoch/{name}", curve[step], step) for step in _steps(len(curve))]
    return points


def artifacts(
    candidate: Candidate, source: str | None, change: str | None
) -> Iterator[tuple[str, str]]:
    """Texts of a finished candidate by file name; only those that are needed.

    Args:
        candidate: With its measurement.
        source: Of its network; None where none was found.
        change: From `difference`; None where there is nothing to compare with.
    """
    measurement = candidate.measurement
    if source is not None:
        yield "network.py", source
    if change is not None:
        yield "parent.diff.txt", change
    if measurement.error is not None and _shortened(measurement.error) != measurement.error:
        yield "error.txt", measurement.error
    if any(len(curve) > _CURVE_POINTS for curve in measurement.curves.values()):
        yield "curves.json", json.dumps(dict(measurement.curves))


def difference(parent: str, child: str, parent_name: str) -> str:
    """What was changed in a source, as a unified diff; empty where nothing was."""
    return "".join(
        difflib.unified_diff(
            parent.splitlines(keepends=True), child.splitlines(keepends=True), parent_name, "this"
        )
    )


def trimmed(text: str, limit: int) -> str:
    """At most `limit` characters that every store takes, with an ellipsis where some are missing.

    Null characters and lone surrogates become question marks.
    """
    text = text.replace("\0", "?").encode("utf-8", "replace").decode()
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _steps(length: int) -> list[int]:
    if length <= _CURVE_POINTS:
        return list(range(length))
    return [round(i * (length - 1) / (_CURVE_POINTS - 1)) for i in range(_CURVE_POINTS)]


def _shortened(error: str) -> str:
    """Keep the beginning and, as tracebacks end with what matters, most of the end."""
    short, kept = error, _ERROR_LIMIT
    while len(json.dumps(short)) > _ERROR_LIMIT:
        kept = kept * 3 // 4
        head, tail = kept // 4, kept - kept // 4
        missing = len(error) - kept
        short = f"{error[:head]}\n[{missing} characters are in error.txt]\n{error[-tail:]}"
    return short


def _checked(text: str, id: CandidateId) -> str:
    if len(text) > TAG_LIMIT:
        raise TrackingError(
            f"candidate {id}: {len(text)} characters of bookkeeping, a tag holds {TAG_LIMIT}"
        )
    return text


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
