"""The loop: ask, write, evaluate, journal, tell; generation by generation.

What the journal already holds is not written or evaluated again, so going on
after an interruption is this same loop over a journal that is not empty. Knows
protocols only: not which model writes, how a network is measured or where the
journal is kept.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from llmatic import genome, prompts
from llmatic.budget import Ledger
from llmatic.config import Config
from llmatic.errors import UserError
from llmatic.executor import Executor, Task
from llmatic.genome import Genome, Rejection
from llmatic.genome.edits import OPEN
from llmatic.journal import NO_FIELDS, Draft, Fields, Journal
from llmatic.llm import LLM, Completion, Request
from llmatic.prompts import Catalogue, Prompt
from llmatic.pruning import Pruning
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.search import Search, Written
from llmatic.structure import structure

__all__ = ["JournalMismatchError", "Loop", "Progress", "finished_candidates"]


class JournalMismatchError(UserError):
    """The journal holds a candidate that this search would not have proposed, or lacks one."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come.

    Attributes:
        generation: The generation being worked on.
        generations: The last generation there will be.
        done: Candidates of this generation that are finished.
        batch: Candidates of this generation.
        trainable: Trainable ones among all finished candidates.
        measured: Finished candidates but for those that others were preferred to.
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
    measured: int
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
        seed_network: Source of the network to start from.
        parse: Finds the network in a text.
        observe: Called when a generation begins, after every candidate but its last, and
            when it is complete.
        clock: Gives seconds.
    """

    config: Config
    search: Search
    journal: Journal
    llm: LLM
    executor: Executor
    seed_network: str
    parse: Callable[[str], Genome | Rejection]
    observe: Callable[[Progress], None]
    clock: Callable[[], float] = time.monotonic
    _trainable: int = 0
    _finished: int = 0
    _measured: int = 0
    _repairs: int = 0

    def __post_init__(self) -> None:
        self._catalogue = Catalogue.of(self.config.prompts)
        self._pruning = Pruning(self.config.pruner, self.config.trainer.epochs)
        hours = self.journal.spent.get("hours", 0.0)
        self._ledger = Ledger(self.config.search.budget, hours, self.clock)

    def run(self) -> str | None:
        """Work through all generations that are left, or until a budget is spent.

        Returns:
            The setting whose limit ended the search, with a generation left unfinished;
            None where all is done.

        Raises:
            JournalMismatchError: The journal was written by another search, or is not whole.
            LLMError: The writer cannot write.
            SeedFailedError: The seed network is not trainable.
        """
        try:
            while self.search.generation <= self.config.search.generations:
                if not self._generation(self.search.ask()):
                    return self._ledger.spent
            return None
        finally:
            if self.search.generation > self.journal.committed:  # else not all is counted yet
                self.journal.spend(self._ledger.figures)

    def _generation(self, proposals: list[Proposal]) -> bool:
        """Work on one generation; whether it is complete."""
        generation = self.search.generation
        began, busy_s = self.clock(), self.executor.busy_s
        finished = dict(self.journal.finished(generation))
        drafts = dict(self.journal.drafts(generation))
        asked = [*proposals, *self._repairs_of(proposals)]
        _check((each.proposal for each in finished.values()), asked)
        _check((each.proposal for each in drafts.values()), asked)
        if generation <= self.journal.committed:
            _check_complete(finished, self.search)
        for completion in self.journal.completions(generation).values():
            self._ledger.wrote(completion)
        for candidate in finished.values():
            self._count(candidate)
        self._work(proposals, len(proposals), finished, drafts)
        repairs = self._repairs_of(proposals)
        self._repairs += len(repairs)
        batch = len(proposals) + len(repairs)
        self._work(repairs, batch, finished, drafts)
        if len(finished) < batch:
            return False
        told = finished_candidates(self.journal, generation, self.search)
        self._pruning.learn(told)
        outcomes = self.search.tell(told)
        measured = [each.measurement.status for each in told]
        measured = [status for status in measured if status is not Status.NOT_CHOSEN]
        trainable = sum(status.works for status in measured)
        if generation > self.journal.committed:
            summary = self._summary(trainable / len(measured))
            if slot_s := (self.clock() - began) * self.executor.slots:
                summary["idle_share"] = max(0.0, 1 - (self.executor.busy_s - busy_s) / slot_s)
            self.journal.commit(generation, summary, outcomes)
            self.journal.spend(self._ledger.figures)
        self._observe(generation, len(told), len(told))
        return True

    def _repairs_of(self, proposals: list[Proposal]) -> list[Proposal]:
        """What is proposed once all of a batch is finished."""
        finished = self.journal.finished(self.search.generation)
        batch = [finished[each.id] for each in proposals if each.id in finished]
        return self.search.repairs(batch) if len(batch) == len(proposals) else []

    def _work(
        self,
        proposals: list[Proposal],
        batch: int,
        finished: dict[CandidateId, Candidate],
        drafts: dict[CandidateId, Draft],
    ) -> None:
        """Have written and measured what is not finished, until a budget is spent.

        Args:
            proposals: What is asked for.
            batch: Candidates this generation is known to have.
            finished: Of this generation; what is measured is added.
            drafts: Of this generation; what is written is added.
        """
        generation = self.search.generation
        pending = [proposal for proposal in proposals if proposal.id not in finished]
        if not pending:
            return
        self._observe(generation, len(finished), batch)
        if self._ledger.spent:
            return
        with closing(self._drafts(pending, drafts)) as written:
            for candidate in self._evaluate(written, finished):
                finished[candidate.proposal.id] = candidate
                self._count(candidate)
                if len(finished) < batch:
                    self._observe(generation, len(finished), batch)
                if self._ledger.interrupts:
                    return

    def _drafts(
        self, pending: list[Proposal], drafts: dict[CandidateId, Draft]
    ) -> Generator[Draft]:
        """What is written for the proposals, in id order, each as soon as it can be.

        Args:
            pending: What is asked for.
            drafts: What is written already; the rest is added.
        """
        with closing(self._write([each for each in pending if each.id not in drafts])) as written:
            for proposal in pending:
                while proposal.id not in drafts:
                    draft = next(written, None)
                    if draft is None:
                        return  # a budget is spent
                    drafts[draft.proposal.id] = draft
                if self._ledger.interrupts:
                    return
                yield drafts[proposal.id]

    def _write(self, missing: list[Proposal]) -> Generator[Draft]:
        """Have drafts written, and store each before it is measured."""
        asked = []
        for proposal in missing:
            if proposal.operator is Operator.SEED:
                seed = Completion(self.seed_network, 0, 0, 0.0, "stop", "seed")
                yield self._open(Draft(proposal, None, seed))
            else:
                asked.append(proposal)
        if not asked:
            return
        proposals = {each.id: each for each in asked}
        requests = [self._request(each) for each in asked]
        with closing(self.llm.write(requests)) as completions:
            for written in completions:
                for request, completion in written:
                    proposal = proposals.pop(request.id)
                    key = request.prompt_key
                    yield self._open(Draft(proposal, request.prompt, completion, key))
                if self._ledger.interrupts:
                    return
        assert not proposals, "the writer left out a request"

    def _open(self, draft: Draft) -> Draft:
        self.journal.open(draft)
        self._ledger.wrote(draft.completion)
        return draft

    def _request(self, proposal: Proposal) -> Request:
        assert proposal.temperature is not None
        channels, height, width = self.config.dataset.input_shape
        shape, classes = (channels, height, width), self.config.dataset.classes
        parents = tuple(self._shown(parent) for parent in proposal.parents)
        prompt = self._prompt(proposal)
        words = self._catalogue.instruction(prompt, shape, classes)
        return Request(
            id=proposal.id,
            parents=parents,
            prompt_key=prompt.key,
            prompt=prompts.render(self.config.llm.style, parents, words),
            temperature=proposal.temperature,
            seed=proposal.seed,
            input_shape=shape,
            classes=classes,
        )

    def _shown(self, id: CandidateId) -> str:
        """The source of a network; where none could be taken from a text, all of the text."""
        if self.journal.finished(id.generation)[id].source_sha256 is None:
            return self.journal.draft(id).completion.text
        return self.journal.source(id)

    def _meant(self, draft: Draft) -> Genome | Rejection:
        text, parents = draft.completion.text, draft.proposal.parents
        shown = [self._shown(each) for each in parents] if OPEN in text else []
        return genome.meant(text, shown, self.parse)

    def _prompt(self, proposal: Proposal) -> Prompt:
        if proposal.operator is Operator.REPAIR:
            (broken,) = proposal.parents
            measurement = self.journal.finished(broken.generation)[broken].measurement
            return self._catalogue.repair(f"{measurement.status}. {measurement.error or ''}")
        if proposal.operator is Operator.CREATE:
            return self._catalogue.create
        if proposal.prompt_id is None:
            return self._catalogue.crossover
        return self._catalogue.mutations[proposal.prompt_id]

    def _evaluate(
        self, drafts: Iterable[Draft], finished: Mapping[CandidateId, Candidate]
    ) -> Iterator[Candidate]:
        """Finish every draft; the same network is measured once.

        Measuring begins while there is more to be written, but where the most promising of
        all that is written are to be chosen.
        """
        first = {
            candidate.source_sha256: candidate
            for candidate in sorted(finished.values(), key=lambda each: each.proposal.id)
            if candidate.source_sha256 is not None and candidate.twin is None
        }
        genomes: dict[CandidateId, tuple[Draft, Genome]] = {}
        twins: list[tuple[Draft, Genome]] = []
        closed: deque[Candidate] = deque()

        def new() -> Iterator[tuple[Proposal, Genome]]:
            """Networks that nothing is known of."""
            seen = set(first)
            for draft in drafts:
                parsed = self._meant(draft)
                if isinstance(parsed, Rejection):
                    measurement = Measurement(parsed.status, error=parsed.reason)
                    closed.append(self._close(Candidate(draft.proposal, None, measurement), None))
                elif self.search.known(parsed.sha256) or parsed.sha256 in seen:
                    twins.append((draft, parsed))
                else:
                    seen.add(parsed.sha256)
                    genomes[draft.proposal.id] = (draft, parsed)
                    yield draft.proposal, parsed

        def chosen() -> Iterator[tuple[Proposal, Genome]]:
            """Those of them that are to be measured."""
            if not self.search.chooses:
                yield from new()
                return
            written = list(new())
            if self._ledger.interrupts:
                return  # not all is written
            ids = self._chosen(written, first)
            for proposal, parsed in written:
                if proposal.id in ids:
                    yield proposal, parsed
                else:
                    left = Candidate(proposal, parsed.sha256, Measurement(Status.NOT_CHOSEN))
                    first[parsed.sha256] = left
                    closed.append(self._close(left, parsed.source))

        most = self._ledger.evaluations_left

        def tasks() -> Iterator[Task]:
            for place, (proposal, parsed) in enumerate(chosen()):
                if most is None or place < most:
                    cost = self._expected_flops(proposal)
                    pruner = self._pruning.pruner(self.search.networks, proposal.id.index)
                    yield Task(proposal.id, parsed.source, proposal.seed, pruner, cost)

        for task, measurement in self.executor.map(tasks()):
            while closed:
                yield closed.popleft()
            draft, parsed = genomes[task.id]
            candidate = Candidate(draft.proposal, parsed.sha256, measurement)
            first[parsed.sha256] = candidate
            yield self._close(candidate, parsed.source)
        yield from closed
        for draft, parsed in twins:
            if not (self.search.known(parsed.sha256) or parsed.sha256 in first):
                continue  # its twin was left out, as the budget does not cover it
            twin = self.search.known(parsed.sha256) or first[parsed.sha256]
            yield self._close(_reuse(draft.proposal, twin), parsed.source)

    def _expected_flops(self, proposal: Proposal) -> float:
        """As many as its largest parent has."""
        parents = [self.journal.finished(each.generation)[each] for each in proposal.parents]
        return max((each.measurement.metrics.get("flops", 0.0) for each in parents), default=0.0)

    def _chosen(
        self, new: list[tuple[Proposal, Genome]], first: Mapping[str, Candidate]
    ) -> set[CandidateId]:
        """Which new networks are to be measured; the same after an interruption.

        Args:
            new: Networks that nothing is known of.
            first: Those of this generation that are finished, by identity.
        """
        if not self.search.chooses:
            return {proposal.id for proposal, _ in new}
        repairs = {proposal.id for proposal, _ in new if proposal.operator is Operator.REPAIR}
        written = [
            Written(proposal, parsed.sha256, structure(parsed.source))
            for proposal, parsed in new
            if proposal.id not in repairs
        ]
        written += [
            Written(each.proposal, sha256, structure(self.journal.source(each.proposal.id)))
            for sha256, each in first.items()
            if each.proposal.operator is not Operator.REPAIR
        ]
        return repairs | self.search.choose(sorted(written, key=lambda each: each.proposal.id))

    def _close(self, candidate: Candidate, source: str | None) -> Candidate:
        parents = candidate.proposal.parents
        shown = self._shown(parents[0]) if source is not None and parents else None
        if candidate.measurement.weights is not None and not self.search.networks.admits(candidate):
            candidate = _without_weights(candidate)
        self.journal.close(candidate, source, shown, self._fields(candidate))
        return _without_weights(candidate)

    def _fields(self, candidate: Candidate) -> Fields:
        """What the search knows beyond the candidate, to sort by."""
        if not candidate.measurement.status.trainable:
            return NO_FIELDS
        niches = self.search.networks.niches
        return {"niche": niches.niche(niches.point(candidate.measurement.descriptors))}

    def _count(self, candidate: Candidate) -> None:
        status = candidate.measurement.status
        self._finished += 1
        self._measured += status is not Status.NOT_CHOSEN
        self._trainable += status.works
        self._ledger.measured(candidate)

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
                measured=self._measured,
                finished=self._finished,
                total=1 + constants.generations * constants.written + self._repairs,
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
            **self._ledger.figures,
        }


def _check(recorded: Iterable[Proposal], proposals: Iterable[Proposal]) -> None:
    asked = {proposal.id: proposal for proposal in proposals}
    for proposal in recorded:
        if proposal != asked.get(proposal.id):
            raise JournalMismatchError(
                f"candidate {proposal.id} in the journal is not the one this search proposes: "
                "was it made with other settings or by another version of LLMatic?"
            )


def _check_complete(finished: Mapping[CandidateId, Candidate], search: Search) -> None:
    """All candidates of a complete generation are there."""
    proposals = search.ask()
    missing = [each.id for each in proposals if each.id not in finished]
    if not missing:
        repairs = search.repairs([finished[each.id] for each in proposals])
        missing = [each.id for each in repairs if each.id not in finished]
    if missing:
        raise JournalMismatchError(
            f"candidates {', '.join(map(str, missing))} are not in the journal any more, and what "
            "came after them depends on them: if their runs were deleted, restore them in MLflow"
        )


def _without_weights(candidate: Candidate) -> Candidate:
    return replace(candidate, measurement=replace(candidate.measurement, weights=None))


def _reuse(proposal: Proposal, twin: Candidate) -> Candidate:
    """A candidate whose network has been measured already, as its earlier twin."""
    measurement = twin.measurement
    if measurement.status.trainable:
        measurement = replace(measurement, status=Status.DUPLICATE, curves={}, weights=None)
    return Candidate(proposal, twin.source_sha256, measurement, twin.twin or twin.proposal.id)


def finished_candidates(journal: Journal, generation: int, search: Search) -> list[Candidate]:
    """A complete generation's candidates as its search is told them, in id order.

    Raises:
        JournalMismatchError: One is missing.
    """
    _check_complete(journal.finished(generation), search)
    finished = journal.finished(generation).values()
    if not search.needs_structure:
        return list(finished)
    return [
        replace(each, structure=structure(journal.source(each.proposal.id)))
        if each.source_sha256 is not None and each.measurement.status is not Status.NOT_CHOSEN
        else each
        for each in finished
    ]
