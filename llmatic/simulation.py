"""What a search in memory needs: a journal that is forgotten, an executor without threads.

For tables, where an evaluation costs less than its record. Knows no tracking store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from llmatic.evaluate import Evaluator
from llmatic.executor import Task
from llmatic.journal import NO_FIELDS, Draft, Fields
from llmatic.llm import Completion
from llmatic.records import Candidate, CandidateId, Measurement
from llmatic.search import Outcome

__all__ = ["DirectExecutor", "MemoryJournal"]


class DirectExecutor:
    """Measures at once, one after another, in this thread.

    Attributes:
        slots: None of its own.
        busy_s: Of none.
    """

    slots = 0
    busy_s = 0.0

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def map(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Measurement]]:
        """Each task with its measurement, in order."""
        for task in tasks:
            yield task, self._evaluator.evaluate(task.source, task.seed, task.pruner)


class MemoryJournal:
    """Satisfies `llmatic.journal.Journal`; forgets everything with the process.

    Attributes:
        committed: The last complete generation.
        spent: What was last given to `spend`.
        summaries: What each generation was committed with.
        elites: Ids of the network archive's elites.
        ended: How the search stopped; None while it runs.
    """

    def __init__(self) -> None:
        self.committed = -1
        self.spent: Mapping[str, float] = {}
        self.summaries: dict[int, dict[str, float]] = {}
        self.elites: set[CandidateId] = set()
        self.ended: str | None = None
        self._written: dict[int, dict[CandidateId, Draft]] = defaultdict(dict)
        self._finished: dict[int, dict[CandidateId, Candidate]] = defaultdict(dict)
        self._in_order: dict[int, dict[CandidateId, Candidate]] = {}
        self._sources: dict[CandidateId, str] = {}

    def drafts(self, generation: int) -> Mapping[CandidateId, Draft]:
        """Candidates of a generation that were opened and not closed, in id order."""
        written, finished = self._written[generation], self._finished[generation]
        return {id: written[id] for id in sorted(written.keys() - finished.keys())}

    def finished(self, generation: int) -> Mapping[CandidateId, Candidate]:
        """Candidates of a generation that were closed, in id order."""
        if generation not in self._in_order:
            self._in_order[generation] = dict(sorted(self._finished[generation].items()))
        return self._in_order[generation]

    def completions(self, generation: int) -> Mapping[CandidateId, Completion]:
        """What was written for a generation's candidates, the texts left out."""
        written = self._written[generation]
        return {id: written[id].completion.without_texts for id in sorted(written)}

    def candidates(self) -> list[Candidate]:
        """All that were closed, in id order."""
        return [each for one in sorted(self._finished) for each in self.finished(one).values()]

    def draft(self, id: CandidateId) -> Draft:
        """A candidate as it was opened."""
        return self._written[id.generation][id]

    def open(self, draft: Draft) -> None:
        """Keep a draft."""
        id = draft.proposal.id
        assert id not in self._finished[id.generation]
        self._written[id.generation][id] = draft

    def close(
        self,
        candidate: Candidate,
        source: str | None,
        parent_source: str | None,
        fields: Fields = NO_FIELDS,
    ) -> None:
        """Keep what came out of an open draft."""
        id = candidate.proposal.id
        assert id in self._written[id.generation]
        self._finished[id.generation][id] = replace(
            candidate, measurement=candidate.measurement.kept
        )
        self._in_order.pop(id.generation, None)
        if source is not None:
            self._sources[id] = source

    def source(self, id: CandidateId) -> str:
        """The source that `close` was given for a candidate."""
        return self._sources[id]

    def commit(
        self, generation: int, summary: Mapping[str, float], outcomes: Sequence[Outcome]
    ) -> None:
        """Mark a generation as complete; for a committed one nothing happens."""
        if generation <= self.committed:
            return
        for outcome in outcomes:
            if outcome.insertion is not None:
                self.elites.add(outcome.candidate.proposal.id)
                if outcome.insertion.displaced is not None:
                    self.elites.discard(outcome.insertion.displaced)
        self.summaries[generation] = dict(summary)
        self.committed = generation

    def spend(self, figures: Mapping[str, float]) -> None:
        """Keep what the search has used up so far."""
        self.spent = dict(figures)

    def end(self, status: Literal["finished", "interrupted", "failed"]) -> None:
        """Keep how the search stopped."""
        self.ended = status
