"""A journal in memory, for tests of the core."""

from dataclasses import replace

from llmatic.journal import NO_FIELDS


class MemoryJournal:
    """Satisfies `llmatic.journal.Journal`; forgets everything with the process."""

    def __init__(self):
        self.committed = -1
        self.summaries = {}
        self.elites = set()
        self.ended = None
        self._drafts = {}
        self._completions = {}
        self._finished = {}
        self._sources = {}

    @property
    def summary(self):
        return self.summaries.get(self.committed, {})

    def completions(self, generation):
        ids = sorted(id for id in self._completions if id.generation == generation)
        return {id: self._completions[id] for id in ids}

    def drafts(self, generation):
        return {id: self._drafts[id] for id in sorted(self._drafts) if id.generation == generation}

    def finished(self, generation):
        ids = sorted(id for id in self._finished if id.generation == generation)
        return {id: self._finished[id] for id in ids}

    def candidates(self):
        return [self._finished[id] for id in sorted(self._finished)]

    def open(self, draft):
        assert draft.proposal.id not in self._finished
        self._drafts[draft.proposal.id] = draft
        self._completions[draft.proposal.id] = replace(draft.completion, text="")

    def close(self, candidate, source, diff, fields=NO_FIELDS):
        id = candidate.proposal.id
        del self._drafts[id]
        measurement = replace(candidate.measurement, curves={})
        self._finished[id] = replace(candidate, measurement=measurement)
        if source is not None:
            self._sources[id] = source

    def source(self, id):
        return self._sources[id]

    def commit(self, generation, summary, outcomes):
        if generation <= self.committed:
            return
        for outcome in outcomes:
            if outcome.insertion is not None:
                self.elites.add(outcome.candidate.proposal.id)
                self.elites.discard(outcome.insertion.displaced)
        self.summaries[generation] = dict(summary)
        self.committed = generation

    def end(self, status):
        self.ended = status
