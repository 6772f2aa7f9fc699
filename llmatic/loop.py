"""The loop: ask, write, evaluate, journal, tell; generation by generation.

What the journal already holds is not written or evaluated again, so going on
after an interruption is this same loop over a journal that is not empty. Knows
protocols only: not which model writes, how a network is measured or where the
journal is kept.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from llmatic import genome, prompts
from llmatic.config import Config
from llmatic.errors import UserError
from llmatic.executor import Executor, Task
from llmatic.genome import Genome, Rejection
from llmatic.journal import NO_FIELDS, Draft, Fields, Journal
from llmatic.llm import LLM, Completion, Request
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.search import Search

__all__ = ["JournalMismatchError", "Loop", "Progress"]


class JournalMismatchError(UserError):
    """The journal holds a candidate that this search would not have proposed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come.

    Attributes:
        generation: The generation being worked on.
        generations: The last generation there will be.
        done: Candidates of this generation that are finished.
        batch: Candidates of this generation.
        trainable: Trainable ones among all finished candidates.
        finished: All finished candidates, of every generation.
        total: Finished candidates when the search has ended.
        best_fitness: Of the network archive; None before the seed network is in it.
        niches_filled: Of the network archive.
        qd_score: Of the network archive.
    """

    generation: int
    generations: int
    done: int
    batch: int
    trainable: int
    finished: int
    total: int
    best_fitness: float | None
    niches_filled: int
    qd_score: float


@dataclass
class Loop:
    """One search over one journal.

    Attributes:
        config: Its settings.
        search: Its archives and operators, not yet asked.
        journal: Its memory.
        llm: Its writer.
        executor: Its evaluators.
        seed_network: Gives the source text of the network to start from; asked once, when
            there is no candidate yet.
        observe: Called when a generation begins, after every candidate but its last, and
            when it is complete.
    """

    config: Config
    search: Search
    journal: Journal
    llm: LLM
    executor: Executor
    seed_network: Callable[[], str]
    observe: Callable[[Progress], None]
    _trainable: int = 0
    _finished: int = 0

    def run(self) -> None:
        """Work through all generations that are left.

        Raises:
            JournalMismatchError: The journal was written by another search.
            SeedFailedError: The seed network is not trainable.
        """
        while self.search.generation <= self.config.search.generations:
            self._generation(self.search.ask())

    def _generation(self, proposals: list[Proposal]) -> None:
        generation = self.search.generation
        finished = dict(self.journal.finished(generation))
        drafts = dict(self.journal.drafts(generation))
        _check((candidate.proposal for candidate in finished.values()), proposals)
        _check((draft.proposal for draft in drafts.values()), proposals)
        for candidate in finished.values():
            self._count(candidate)
        pending = [proposal for proposal in proposals if proposal.id not in finished]
        if pending:
            self._observe(generation, len(finished), len(proposals))
        drafts.update(self._write([each for each in pending if each.id not in drafts]))
        for candidate in self._evaluate([drafts[each.id] for each in pending], finished):
            finished[candidate.proposal.id] = candidate
            self._count(candidate)
            if len(finished) < len(proposals):
                self._observe(generation, len(finished), len(proposals))
        told = list(self.journal.finished(generation).values())  # as a replay would tell them
        outcomes = self.search.tell(told)
        trainable = sum(each.measurement.status.trainable for each in told)
        self.journal.commit(generation, self._summary(trainable / len(told)), outcomes)
        self._observe(generation, len(told), len(proposals))

    def _write(self, missing: list[Proposal]) -> dict[CandidateId, Draft]:
        """Have drafts written, and store each before anything is measured."""
        asked = [each for each in missing if each.operator is not Operator.SEED]
        requests = [self._request(each) for each in asked]
        completions = self.llm.write(requests) if requests else []
        drafts = [
            Draft(each, None, Completion(self.seed_network(), 0, 0, 0.0, "stop", "seed"))
            for each in missing
            if each.operator is Operator.SEED
        ]
        for proposal, request, completion in zip(asked, requests, completions, strict=True):
            prompt = prompts.render(request.parents, request.prompt)
            drafts.append(Draft(proposal, prompt, completion))
        for draft in drafts:
            self.journal.open(draft)
        return {draft.proposal.id: draft for draft in drafts}

    def _request(self, proposal: Proposal) -> Request:
        assert proposal.temperature is not None
        prompt = (
            prompts.CROSSOVER
            if proposal.prompt_id is None
            else prompts.MUTATIONS[proposal.prompt_id]
        )
        channels, height, width = self.config.dataset.input_shape
        classes = self.config.dataset.classes
        return Request(
            parents=tuple(self.journal.source(parent) for parent in proposal.parents),
            prompt_key=prompt.key,
            prompt=prompts.instruction(prompt, (channels, height, width), classes),
            temperature=proposal.temperature,
            seed=proposal.seed,
            input_shape=(channels, height, width),
            classes=classes,
        )

    def _evaluate(
        self, drafts: list[Draft], finished: Mapping[CandidateId, Candidate]
    ) -> Iterator[Candidate]:
        """Finish every draft; the same network is measured once."""
        first = {
            candidate.source_sha256: candidate
            for candidate in sorted(finished.values(), key=lambda each: each.proposal.id)
            if candidate.source_sha256 is not None and candidate.twin is None
        }
        genomes: dict[CandidateId, tuple[Draft, Genome]] = {}
        twins: list[tuple[Draft, Genome]] = []
        measured = set(first)
        for draft in drafts:
            parsed = genome.parse(draft.completion.text)
            if isinstance(parsed, Rejection):
                measurement = Measurement(parsed.status, error=parsed.reason)
                yield self._close(Candidate(draft.proposal, None, measurement), None)
            elif self.search.known(parsed.sha256) or parsed.sha256 in measured:
                twins.append((draft, parsed))
            else:
                measured.add(parsed.sha256)
                genomes[draft.proposal.id] = (draft, parsed)
        tasks = [
            Task(id, parsed.source, draft.proposal.seed) for id, (draft, parsed) in genomes.items()
        ]
        for task, measurement in self.executor.map(tasks):
            draft, parsed = genomes[task.id]
            candidate = Candidate(draft.proposal, parsed.sha256, measurement)
            first[parsed.sha256] = candidate
            yield self._close(candidate, parsed.source)
        for draft, parsed in twins:
            twin = self.search.known(parsed.sha256) or first[parsed.sha256]
            yield self._close(_reuse(draft.proposal, twin), parsed.source)

    def _close(self, candidate: Candidate, source: str | None) -> Candidate:
        parents = candidate.proposal.parents
        diff = None
        if source is not None and parents:
            diff = _diff(self.journal.source(parents[0]), source, str(parents[0]))
        self.journal.close(candidate, source, diff, self._fields(candidate))
        return candidate

    def _fields(self, candidate: Candidate) -> Fields:
        """What the search knows beyond the candidate, to sort by."""
        if not candidate.measurement.status.trainable:
            return NO_FIELDS
        niches = self.search.networks.niches
        return {"niche": niches.niche(niches.point(candidate.measurement.descriptors))}

    def _count(self, candidate: Candidate) -> None:
        self._finished += 1
        self._trainable += candidate.measurement.status.trainable

    def _observe(self, generation: int, done: int, batch: int) -> None:
        networks = self.search.networks
        constants = self.config.search
        self.observe(
            Progress(
                generation=generation,
                generations=constants.generations,
                done=done,
                batch=batch,
                trainable=self._trainable,
                finished=self._finished,
                total=1 + constants.generations * constants.batch_size,
                best_fitness=networks.best().fitness if len(networks) else None,
                niches_filled=len(networks),
                qd_score=networks.qd_score,
            )
        )

    def _summary(self, trainable_share: float) -> dict[str, float]:
        networks = self.search.networks
        return {
            "best_fitness": networks.best().fitness,
            "coverage": networks.coverage,
            "niches_filled": len(networks),
            "qd_score": networks.qd_score,
            "trainable_share": trainable_share,
            "prompt_niches_filled": len(self.search.prompts),
        }


def _check(recorded: Iterable[Proposal], proposals: Iterable[Proposal]) -> None:
    asked = {proposal.id: proposal for proposal in proposals}
    for proposal in recorded:
        if proposal != asked.get(proposal.id):
            raise JournalMismatchError(
                f"candidate {proposal.id} in the journal is not the one this search proposes: "
                "was it made with other settings or by another version of LLMatic?"
            )


def _reuse(proposal: Proposal, twin: Candidate) -> Candidate:
    """A candidate whose network has been measured already, as its earlier twin."""
    measurement = twin.measurement
    if measurement.status.trainable:
        measurement = replace(measurement, status=Status.DUPLICATE, curves={})
    return Candidate(proposal, twin.source_sha256, measurement, twin.twin or twin.proposal.id)


def _diff(parent: str, child: str, parent_name: str) -> str:
    return "".join(
        difflib.unified_diff(
            parent.splitlines(keepends=True), child.splitlines(keepends=True), parent_name, "this"
        )
    )
