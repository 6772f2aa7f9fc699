"""What the loop asks of a journal: drafts in, candidates in, both back after a crash.

The loop and its tests depend on this protocol alone. It knows nothing of where
or how a journal is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId, Proposal
from llmatic.search import Outcome

__all__ = ["NO_FIELDS", "Draft", "Fields", "Journal"]

Fields = Mapping[str, float | str | bool]
"""What people may sort and filter candidates by."""

NO_FIELDS: Fields = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate that was written and is not yet measured.

    Attributes:
        proposal: What was asked for.
        prompt: All that the writer was shown; None for the seed.
        completion: What the writer returned.
        prompt_key: What it was asked for, by its key in the catalogue; None for the seed.
    """

    proposal: Proposal
    prompt: str | None
    completion: Completion
    prompt_key: str | None = None


class Journal(Protocol):
    """The one memory of a search; a call that returned has been stored.

    One process writes to a journal, from one thread. Candidates come back with
    their measurement as `Measurement.kept` says, and with an overlong error shortened, alike
    before and after a reopening.
    """

    @property
    def committed(self) -> int:
        """The last complete generation; -1 before the first."""
        ...

    @property
    def spent(self) -> Mapping[str, float]:
        """What was last given to `spend`; empty before."""
        ...

    def drafts(self, generation: int) -> Mapping[CandidateId, Draft]:
        """Candidates of a generation that were opened and not closed, in id order."""
        ...

    def finished(self, generation: int) -> Mapping[CandidateId, Candidate]:
        """Candidates of a generation that were closed, in id order."""
        ...

    def completions(self, generation: int) -> Mapping[CandidateId, Completion]:
        """What was written for a generation's candidates, the texts left out."""
        ...

    def draft(self, id: CandidateId) -> Draft:
        """A candidate as it was opened, whether it is closed or not.

        Raises:
            LookupError: There is no such candidate, or its texts are not complete.
        """
        ...

    def open(self, draft: Draft) -> None:
        """Store a draft before it is evaluated; a second call replaces the first."""
        ...

    def close(
        self,
        candidate: Candidate,
        source: str | None,
        parent_source: str | None,
        fields: Fields = NO_FIELDS,
    ) -> None:
        """Store what came out of an open draft.

        Args:
            candidate: The draft's proposal with its measurement.
            source: The network's source; None where no network was found.
            parent_source: What it was made from, to show the difference; None for the seed.
            fields: More to sort and filter by, beyond what the candidate holds.

        Its weights are kept until a generation is committed without it among the elites.
        """
        ...

    def source(self, id: CandidateId) -> str:
        """The source that `close` was given for a candidate.

        Raises:
            LookupError: No source was stored for it.
        """
        ...

    def commit(
        self, generation: int, summary: Mapping[str, float], outcomes: Sequence[Outcome]
    ) -> None:
        """Mark a generation as complete; for a committed one nothing happens.

        Args:
            generation: All its candidates are closed.
            summary: Figures of the search after this generation.
            outcomes: What telling its candidates changed, in the order of telling.
        """
        ...

    def spend(self, figures: Mapping[str, float]) -> None:
        """Store what the search has used up so far, in place of what was stored before."""
        ...

    def end(self, status: Literal["finished", "interrupted", "failed"]) -> None:
        """Say how the search stopped and let go of it. Nothing is written afterwards."""
        ...
