"""A search over a journal: to its end, interrupted anywhere, and told again."""

import random
from dataclasses import replace
from functools import cache

import pytest
from core import PROMPTS, FakeExecutor, small_config
from journals import MemoryJournal

from llmatic import prompts
from llmatic.genome import Genome, parse, seed_source
from llmatic.journal import NO_FIELDS
from llmatic.llm import Completion
from llmatic.loop import JournalMismatchError, Loop
from llmatic.records import SEED_ID, CandidateId, Operator, Status
from llmatic.search import Search, compute_niches

DRAW = "search.operator_draw=candidate"
SMALL = ("search.batch_size=6", "search.generations=3", "search.init_networks=3", "seed=4", DRAW)
LARGE = ("search.batch_size=20", "search.generations=8", "search.init_networks=4", "seed=1", DRAW)
SEED = seed_source((1, 8, 8), 10)
PROSE = "I would rather talk about it."
LAYERS = ("nn.Identity()", "nn.ReLU()", "nn.Dropout(0.{})", "nn.Softplus({})")


class FakeLLM:
    """Adds a layer to its first parent; sometimes only talks, or repeats what it was shown."""

    def __init__(self):
        self.requests = []

    def write(self, requests):
        self.requests += requests
        return [Completion(self._text(each), 7, 11, 0.5, "stop", "fake") for each in requests]

    def _text(self, request):
        rng = random.Random(request.seed)
        chance = rng.random()
        if chance < 0.15:
            return PROSE
        if chance < 0.3:
            return f"```python\n{request.parents[0]}```"
        layer = rng.choice(LAYERS).format(rng.randint(1, 9))
        parent = request.parents[0]
        name = f"self.more{parent.count('self.more') // 2}"
        source = parent.replace("self.fc =", f"{name} = {layer}\n        self.fc =")
        source = source.replace("return", f"x = {name}(x)\n        return")
        return f"Here it is:\n```python\n{source}```"


WRITES = ("open", "close", "commit")
CALLS = (*WRITES, "drafts", "finished", "source")


class StoppedError(Exception):
    """The process was stopped."""


class Interruptible:
    """A journal that stops the process at one of its calls, before or after the change."""

    def __init__(self, journal, fatal=None, *, after=False, counting=CALLS):
        self.journal = journal
        self._counting = counting
        self.calls = 0
        self.written = []
        self._fatal = fatal
        self._after = after

    def __getattr__(self, name):
        value = getattr(self.journal, name)
        return self._stopping(name, value) if callable(value) else value

    def _stopping(self, name, method):
        def call(*args):
            here = name in self._counting and self.calls == self._fatal
            self.calls += name in self._counting
            if here and not self._after:
                raise StoppedError
            result = method(*args)
            if name in WRITES:
                self.written.append((name, identity(args[0])))
            if here:
                raise StoppedError
            return result

        return call


@cache
def settings(overrides):
    """A configuration and its niches; computing them takes longer than searching."""
    config = small_config(*overrides)
    return config, compute_niches(config, PROMPTS)


def new_search(overrides):
    return Search(*settings(overrides), PROMPTS)


def identity(record):
    return getattr(record, "proposal", record)


class Run:
    """One process: a fresh search, writer and executor over some journal."""

    def __init__(self, journal, overrides=SMALL):
        config, _ = settings(overrides)
        self.journal = journal
        self.search = new_search(overrides)
        self.llm = FakeLLM()
        self.executor = FakeExecutor()
        self.seen = []
        self.loop = Loop(
            config, self.search, journal, self.llm, self.executor, lambda: SEED, self.seen.append
        )


def run(journal, overrides=SMALL):
    made = Run(journal, overrides)
    made.loop.run()
    return made


def archives(search):
    """All that decides how a search goes on."""
    prompts = search.prompts
    return (
        search.generation,
        search.networks.elites(),
        prompts.items(),
        prompts.collective_fitness,
        search.ask(),
    )


@pytest.fixture(scope="module")
def small():
    return run(MemoryJournal())


@pytest.fixture(scope="module")
def large():
    return run(MemoryJournal(), LARGE)


def test_a_search_runs_to_its_end(large):
    candidates = large.journal.candidates()
    assert len(candidates) == 1 + 8 * 20
    assert large.journal.committed == 8
    assert large.search.generation == 9
    assert candidates[0].proposal.operator is Operator.SEED
    assert candidates[0].measurement.status is Status.OK
    assert {each.proposal.operator for each in candidates} == set(Operator)
    elites = {elite.candidate.proposal.id for elite in large.search.networks.elites()}
    assert large.journal.elites == elites
    assert len(elites) > 5


def test_the_writer_is_shown_parents_and_an_instruction(large):
    asked = iter(large.llm.requests)
    for candidate in large.journal.candidates()[1:]:
        request, proposal = next(asked), candidate.proposal
        catalogued = (
            prompts.CROSSOVER
            if proposal.prompt_id is None
            else prompts.MUTATIONS[proposal.prompt_id]
        )
        assert request.prompt_key == catalogued.key
        assert catalogued.request in request.prompt
        assert "1x8x8" in request.prompt
        assert request.parents == tuple(map(large.journal.source, proposal.parents))
        assert (request.seed, request.temperature) == (proposal.seed, proposal.temperature)
    assert next(asked, None) is None


def test_a_draft_holds_what_the_writer_was_shown_and_said():
    class Keeping(MemoryJournal):
        opened = ()

        def open(self, draft):
            super().open(draft)
            self.opened += (draft,)

    made = run(Keeping())
    seed, first, *_ = made.journal.opened
    assert (seed.prompt, seed.completion.text) == (None, SEED)
    request = made.llm.requests[0]
    assert first.prompt == prompts.render(request.parents, request.prompt)
    assert (first.completion.tokens_in, first.completion.tokens_out) == (7, 11)


def test_sources_are_normalised_and_differences_are_to_the_first_parent():
    closed = {}

    class Keeping(MemoryJournal):
        def close(self, candidate, source, diff, fields=NO_FIELDS):
            super().close(candidate, source, diff, fields)
            closed[candidate.proposal.id] = candidate, source, diff, fields

    made = run(Keeping())
    for candidate, source, diff, fields in closed.values():
        if candidate.source_sha256 is None:
            assert (source, diff, dict(fields)) == (None, None, {})
            continue
        assert parse(source) == Genome(source, candidate.source_sha256)
        if candidate.proposal.id == SEED_ID:
            assert diff is None
        else:
            parent = made.journal.source(candidate.proposal.parents[0])
            assert bool(diff) == (source != parent)
        assert ("niche" in fields) == candidate.measurement.status.trainable
    for elite in made.search.networks.elites():
        assert closed[elite.candidate.proposal.id][3]["niche"] == elite.niche


def test_telling_the_journal_again_gives_the_same_archives(large):
    again = new_search(LARGE)
    for generation in range(large.journal.committed + 1):
        again.tell(list(large.journal.finished(generation).values()))
    assert archives(again) == archives(large.search)


def test_a_finished_search_is_not_written_or_measured_again(large):
    again = run(large.journal, LARGE)
    assert archives(again.search) == archives(large.search)
    assert (again.llm.requests, again.executor.measured) == ([], [])
    assert again.seen[-1] == large.seen[-1]


def test_a_longer_search_goes_on_from_a_finished_one():
    longer = (*SMALL, "search.generations=5")
    first = run(MemoryJournal())
    again = run(first.journal, longer)
    assert archives(again.search) == archives(run(MemoryJournal(), longer).search)
    assert len(again.llm.requests) == 2 * 6


def calls_of_a_small_search():
    counted = Interruptible(MemoryJournal())
    run(counted)
    return counted.calls


def test_interrupted_anywhere_and_resumed_it_ends_the_same(small):
    calls = calls_of_a_small_search()
    assert calls > 50
    for fatal in range(calls):
        for after in (False, True):
            store = MemoryJournal()
            stopped = Interruptible(store, fatal, after=after)
            first = Run(stopped)
            with pytest.raises(StoppedError):
                first.loop.run()
            resumed = Interruptible(store)
            second = run(resumed)
            where = f"stopped at call {fatal}"
            assert archives(second.search) == archives(small.search), where
            assert store.candidates() == small.journal.candidates(), where
            assert store.summaries == small.journal.summaries, where
            assert store.elites == small.journal.elites, where
            closed = [id for kind, id in stopped.written + resumed.written if kind == "close"]
            assert len(closed) == len(set(closed)), where
            opened = [id for kind, id in stopped.written + resumed.written if kind == "open"]
            assert len(opened) == len(set(opened)), where
            kept = {str(id.id) for kind, id in stopped.written if kind == "close"}
            assert not kept & set(second.executor.measured), where


def test_interrupted_again_and_again_it_gets_to_its_end(small):
    store = MemoryJournal()
    stops = 0
    while True:
        try:
            last = run(Interruptible(store, 6, after=True, counting=WRITES))
        except StoppedError:
            stops += 1
            assert stops < 50
            continue
        break
    assert stops > 5
    assert archives(last.search) == archives(small.search)


def test_the_order_of_completion_makes_no_difference(small):
    class Backwards(FakeExecutor):
        def map(self, tasks):
            return super().map(tasks[::-1])

    made = Run(MemoryJournal())
    made.loop.executor = Backwards()
    made.loop.run()
    assert archives(made.search) == archives(small.search)
    assert made.journal.candidates() == small.journal.candidates()


def test_one_network_is_measured_once(large):
    candidates = large.journal.candidates()
    first = {}
    twins = 0
    for candidate in candidates:
        if candidate.source_sha256 is None:
            continue
        original = first.setdefault(candidate.source_sha256, candidate)
        if original is candidate:
            assert candidate.twin is None
            assert candidate.measurement.status is not Status.DUPLICATE
            continue
        twins += 1
        assert candidate.twin == original.proposal.id < candidate.proposal.id
        expected = original.measurement
        if expected.status.trainable:
            expected = replace(expected, status=Status.DUPLICATE)
        assert candidate.measurement == expected
    assert twins > 10
    assert large.executor.measured == [str(each.proposal.id) for each in first.values()]


def test_a_text_without_a_network_is_a_candidate_too(large):
    refused = [each for each in large.journal.candidates() if each.source_sha256 is None]
    assert len(refused) > 5
    for candidate in refused:
        assert candidate.measurement.status is Status.NO_CODE
        assert candidate.measurement.error == "the text holds no class"
        assert candidate.measurement.fitness is None
        with pytest.raises(LookupError):
            large.journal.source(candidate.proposal.id)


def test_summaries_never_fall(large):
    summaries = [large.journal.summaries[generation] for generation in range(9)]
    for name in ("best_fitness", "qd_score", "coverage", "niches_filled"):
        values = [summary[name] for summary in summaries]
        assert values == sorted(values)
        assert values[-1] > values[0]
    networks = large.search.networks
    assert summaries[-1]["best_fitness"] == networks.best().fitness
    assert summaries[-1]["qd_score"] == networks.qd_score
    last = large.journal.finished(8).values()
    trainable = sum(each.measurement.status.trainable for each in last)
    assert summaries[-1]["trainable_share"] == trainable / 20


def test_progress_counts_up_to_its_total(large):
    counts = [progress.finished for progress in large.seen]
    assert counts == sorted(counts)
    last = large.seen[-1]
    assert last.finished == last.total == 161
    candidates = large.journal.candidates()
    assert last.trainable == sum(each.measurement.status.trainable for each in candidates)
    assert (last.generation, last.generations, last.done, last.batch) == (8, 8, 20, 20)
    complete = [progress.generation for progress in large.seen if progress.done == progress.batch]
    assert complete == list(range(9))


@pytest.mark.parametrize("foreign", ["seed=5", "search.batch_size=5"])
def test_a_journal_of_another_search_is_refused(foreign):
    journal = run(MemoryJournal()).journal
    with pytest.raises(JournalMismatchError, match=r"candidate \d-\d in the journal is not"):
        run(journal, (*SMALL, foreign))


def test_a_draft_of_another_search_is_refused():
    journal = MemoryJournal()
    stopped = Interruptible(journal, 2, after=True)
    with pytest.raises(StoppedError):
        run(stopped)
    (kind, seed) = stopped.written[-1]
    assert (kind, seed.id) == ("open", SEED_ID)
    with pytest.raises(JournalMismatchError, match="candidate 0-0"):
        run(journal, (*SMALL, "seed=5"))
    assert journal.finished(0) == {}
    assert list(journal.drafts(0)) == [CandidateId(0, 0)]
