"""What a journal knows of its candidates without asking the store: their headers and records."""

from __future__ import annotations

from collections import defaultdict

from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId
from llmatic.tracking.fields import Header
from llmatic.tracking.store import RunFolder

__all__ = ["Known"]


class Known:
    """Candidates by id and generation; each is written first and may be finished later."""

    def __init__(self) -> None:
        self._written: dict[CandidateId, tuple[Header, RunFolder]] = {}
        self._finished: dict[CandidateId, Candidate] = {}
        self._generations: defaultdict[int, set[CandidateId]] = defaultdict(set)

    def write(self, id: CandidateId, header: Header, folder: RunFolder) -> None:
        """Keep a candidate that was opened, or opened again."""
        self._written[id] = header, folder
        self._generations[id.generation].add(id)

    def finish(self, candidate: Candidate) -> None:
        """Keep what came of one that was opened."""
        self._finished[candidate.proposal.id] = candidate

    def forget(self, id: CandidateId) -> None:
        """Let go of one that is not finished."""
        del self._written[id]
        self._generations[id.generation].remove(id)

    def __contains__(self, id: CandidateId) -> bool:
        """Whether it was opened."""
        return id in self._written

    def header(self, id: CandidateId) -> Header:
        """A candidate's header, or LookupError."""
        return self._written[id][0]

    def folder(self, id: CandidateId) -> RunFolder:
        """A candidate's artifacts, or LookupError."""
        return self._written[id][1]

    def is_finished(self, id: CandidateId) -> bool:
        """Whether something came of it."""
        return id in self._finished

    def candidates(self) -> list[Candidate]:
        """All that are finished, in id order."""
        return [self._finished[id] for id in sorted(self._finished)]

    def finished(self, generation: int) -> dict[CandidateId, Candidate]:
        """Those of a generation that are finished, in id order."""
        ids = sorted(self._generations[generation])
        return {id: self._finished[id] for id in ids if id in self._finished}

    def unfinished(self, generation: int) -> list[CandidateId]:
        """Those of a generation that are not, in id order."""
        return [id for id in sorted(self._generations[generation]) if id not in self._finished]

    def completions(self, generation: int) -> dict[CandidateId, Completion]:
        """What was written for a generation, the texts left out, in id order."""
        return {id: self.header(id).completion for id in sorted(self._generations[generation])}
