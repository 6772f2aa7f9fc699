"""From a search's journal to its facts. Runs nothing; its controller may be at work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmatic import launch, stored
from llmatic.records import Candidate, CandidateId
from llmatic.report.facts import Facts
from llmatic.report.family import Family, trace
from llmatic.search import Search

if TYPE_CHECKING:
    from llmatic.config import TrackingConfig
    from llmatic.tracking import MlflowJournal

__all__ = ["facts_of", "read"]


def read(tracking: TrackingConfig, run: str) -> tuple[Facts, MlflowJournal]:
    """The facts of a search, and its journal.

    Args:
        tracking: Where.
        run: Run id, the beginning of one, or name.

    Raises:
        TrackingError: There is no such search, or the store cannot be used.
        ConfigError: Another version of LLMatic wrote it.
    """
    from llmatic.tracking import list_searches, open_search

    journal = open_search(tracking, run, read_only=True)
    (info,) = (each for each in list_searches(tracking) if each.run_id == journal.run_id)
    return facts_of(journal, info.state), journal


def facts_of(journal: MlflowJournal, state: str) -> Facts:
    """The facts of a search.

    Args:
        journal: Of the search, to be read.
        state: Of the search, as `llmatic.tracking.SearchInfo` has it.
    """
    config = stored.settings(journal)
    search, outcomes = launch.retold(journal)
    finished = journal.candidates()
    complete = [each for each in finished if each.proposal.id.generation <= journal.committed]
    return Facts(
        run_id=journal.run_id,
        name=journal.name,
        state=state,
        begun=datetime.fromtimestamp(journal.begun_ms / 1_000, UTC),
        made_with=journal.made_with,
        config=config,
        settings=stored.parameters(config),
        committed=journal.committed,
        spent=journal.spent,
        mutations=launch.mutations(config),
        candidates=tuple(complete),
        waiting=tuple(finished[len(complete) :]),
        completions={
            id: completion
            for generation in range(journal.committed + 1)
            for id, completion in journal.completions(generation).items()
        },
        insertions={
            each.candidate.proposal.id: each.insertion
            for each in outcomes
            if each.insertion is not None
        },
        networks=search.networks,
        prompts=search.prompts,
        family=_family(journal, search, complete),
    )


def _family(journal: MlflowJournal, search: Search, complete: list[Candidate]) -> Family | None:
    if not len(search.networks):
        return None

    def source(id: CandidateId) -> str:
        try:
            return journal.source(id)
        except LookupError:  # no network was found in what was written, which was repaired
            return journal.draft(id).completion.text

    known = {each.proposal.id: each for each in complete}
    return trace(search.networks.best().candidate, known, source)
