"""A search over a journal: to its end, interrupted anywhere, and told again."""

import random
import re
from dataclasses import replace
from functools import cache

import pytest
from core import PROMPTS, FakeExecutor, small_config

from llmatic.config import compose
from llmatic.genome import Genome, parse, seed_source
from llmatic.journal import NO_FIELDS
from llmatic.llm import Completion
from llmatic.loop import JournalMismatchError, Loop
from llmatic.prompts import Catalogue
from llmatic.records import SEED_ID, CandidateId, Measurement, Operator, Status
from llmatic.search import Search, compute_niches
from llmatic.simulation import MemoryJournal

DRAW = "search.operator_draw=candidate"
SMALL = ("search.batch_size=6", "search.generations=3", "search.init_networks=3", "seed=4", DRAW)
LARGE = ("search.batch_size=20", "search.generations=8", "search.init_networks=4", "seed=1", DRAW)
CATALOGUE = Catalogue.of(compose().prompts)
SEED = seed_source((1, 8, 8), 10)
PROSE = "I would rather talk about it."
LAYERS = ("nn.Identity()", "nn.ReLU()", "nn.Dropout(0.{})", "nn.Softplus({})")


class FakeLLM:
    """Adds a layer to its first parent; sometimes only talks, or repeats what it was shown."""

    def __init__(self):
        self.requests = []

    def write(self, requests):
        self.requests += requests
        for each in requests:
            yield [(each, Completion(self._text(each), 7, 11, 0.5, "stop", "fake"))]

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
            config,
            self.search,
            journal,
            self.llm,
            self.executor,
            SEED,
            parse,
            self.seen.append,
            clock=lambda: 0.0,
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
    assert {each.proposal.operator for each in candidates} == {
        *(Operator.SEED, Operator.MUTATION, Operator.CROSSOVER)
    }
    elites = {elite.candidate.proposal.id for elite in large.search.networks.elites()}
    assert large.journal.elites == elites
    assert len(elites) > 5


def test_the_writer_is_shown_parents_and_an_instruction(large):
    asked = iter(large.llm.requests)
    for candidate in large.journal.candidates()[1:]:
        request, proposal = next(asked), candidate.proposal
        catalogued = (
            CATALOGUE.crossover
            if proposal.prompt_id is None
            else CATALOGUE.mutations[proposal.prompt_id]
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
    assert first.prompt == request.prompt
    assert SEED.rstrip() in first.prompt
    assert first.prompt_key == request.prompt_key
    assert (first.completion.tokens_in, first.completion.tokens_out) == (7, 11)


def test_sources_are_normalised_and_differences_are_to_the_first_parent():
    closed = {}

    class Keeping(MemoryJournal):
        def close(self, candidate, source, parent_source, fields=NO_FIELDS):
            super().close(candidate, source, parent_source, fields)
            closed[candidate.proposal.id] = candidate, source, parent_source, fields

    made = run(Keeping())
    for candidate, source, parent_source, fields in closed.values():
        if candidate.source_sha256 is None:
            assert (source, parent_source, dict(fields)) == (None, None, {})
            continue
        assert parse(source) == Genome(source, candidate.source_sha256)
        if candidate.proposal.id == SEED_ID:
            assert parent_source is None
        else:
            assert parent_source == made.journal.source(candidate.proposal.parents[0])
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
            return super().map(list(tasks)[::-1])

    made = Run(MemoryJournal())
    made.loop.executor = Backwards()
    made.loop.run()
    assert archives(made.search) == archives(small.search)
    assert made.journal.candidates() == small.journal.candidates()


def test_the_order_of_writing_makes_no_difference(small):
    class Backwards(FakeLLM):
        def write(self, requests):
            yield from reversed(list(super().write(requests)))

    made = Run(MemoryJournal())
    made.loop.llm = Backwards()
    made.loop.run()
    assert archives(made.search) == archives(small.search)
    assert made.journal.candidates() == small.journal.candidates()


def test_measuring_begins_before_all_is_written():
    happened = []

    class Slow(FakeLLM):
        def write(self, requests):
            for written in super().write(requests):
                happened.append("written")
                yield written

    class Telling(FakeExecutor):
        def map(self, tasks):
            for found in super().map(tasks):
                happened.append("measured")
                yield found

    made = Run(MemoryJournal())
    made.loop.llm, made.loop.executor = Slow(), Telling()
    made.loop.run()
    first = happened.index("written")  # after the seed network, which nobody writes
    assert "measured" in happened[first : first + 6]
    pooled = Run(MemoryJournal(), (*SMALL, "search.pool=8"))
    happened.clear()
    pooled.loop.llm, pooled.loop.executor = Slow(), Telling()
    pooled.loop.run()
    first = happened.index("written")
    assert happened[first : first + 8] == ["written"] * 8  # they are chosen from


def test_the_share_of_time_that_slots_are_idle_is_told():
    class Busy(FakeExecutor):
        slots = 2

        def map(self, tasks):
            for found in super().map(tasks):
                self.now += 1.0
                self.busy_s += 1.5  # of two slots
                yield found

        now = 0.0

    made = Run(MemoryJournal())
    made.loop.executor = busy = Busy()
    made.loop.clock = lambda: busy.now
    made.loop.run()
    shares = [summary["idle_share"] for summary in made.journal.summaries.values()]
    assert shares == pytest.approx([0.25] * len(shares))


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
            expected = replace(expected, status=Status.DUPLICATE, curves={})
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
    stopped = Interruptible(journal, 0, after=True, counting=WRITES)
    with pytest.raises(StoppedError):
        run(stopped)
    (kind, seed) = stopped.written[-1]
    assert (kind, seed.id) == ("open", SEED_ID)
    with pytest.raises(JournalMismatchError, match="candidate 0-0"):
        run(journal, (*SMALL, "seed=5"))
    assert journal.finished(0) == {}
    assert list(journal.drafts(0)) == [CandidateId(0, 0)]


class Breaking(FakeExecutor):
    """Measures as ever, but networks with a Softplus or a Dropout do not build."""

    def map(self, tasks):
        for task, measurement in super().map(tasks):
            if re.search("Softplus|Dropout", task.source):
                error = "ValueError: no Softplus today (line 7)"
                measurement = Measurement(Status.DOES_NOT_BUILD, error=error)
            yield task, measurement


class Mending(FakeLLM):
    """Takes out what it is told about."""

    def _text(self, request):
        if request.prompt_key != "repair":
            text = super()._text(request)
            return (
                text.replace("__init__(self)", "__init__(self, n)")
                if request.seed % 4 == 0
                else text
            )
        mended = re.sub(r"nn\.(Softplus|Dropout)\([\d.]+\)", "nn.Tanh()", request.parents[0])
        return mended.replace("__init__(self, n)", "__init__(self)")


REPAIR = (*SMALL, "search.repair=true")


def repairing(journal, overrides=REPAIR):
    made = Run(journal, overrides)
    made.loop.llm = made.llm = Mending()
    made.loop.executor = made.executor = Breaking()
    made.loop.run()
    return made


@pytest.fixture(scope="module")
def repaired():
    return repairing(MemoryJournal())


def test_what_does_not_build_goes_back_once(repaired):
    candidates = {each.proposal.id: each for each in repaired.journal.candidates()}
    repairs = [each for each in candidates.values() if each.proposal.operator is Operator.REPAIR]
    broken = [
        each
        for each in candidates.values()
        if each.measurement.status is Status.DOES_NOT_BUILD
        and each.twin is None
        and each.proposal.operator is not Operator.REPAIR
    ]
    assert len(repairs) == len(broken) > 3
    assert {each.source_sha256 is None for each in broken} == {True, False}
    asked = {each.id: each for each in repaired.llm.requests}
    for repair, failed in zip(repairs, broken, strict=True):
        id = failed.proposal.id
        assert repair.proposal.id == CandidateId(id.generation, 6 + id.index)
        assert repair.proposal.parents == (id,)
        assert repair.proposal.temperature == failed.proposal.temperature
        request = asked[repair.proposal.id]
        assert f"does not build. {failed.measurement.error}" in request.prompt
        if failed.source_sha256 is None:  # refused by the parser: shown as it was written
            assert request.parents == (repaired.journal.draft(id).completion.text,)
        else:
            assert request.parents == (repaired.journal.source(id),)
    trainable = [each for each in repairs if each.measurement.status.trainable]
    elites = {each.candidate.proposal.id for each in repaired.search.networks.elites()}
    assert elites & {each.proposal.id for each in trainable}


def test_a_repair_credits_no_prompt():
    unrepaired = repairing(MemoryJournal(), (*SMALL, "search.generations=1"))
    again = repairing(MemoryJournal(), (*REPAIR, "search.generations=1"))
    assert again.search.prompts.items() == unrepaired.search.prompts.items()
    assert len(again.journal.candidates()) > len(unrepaired.journal.candidates())


def test_repairs_are_counted_in_progress(repaired):
    last = repaired.seen[-1]
    assert last.finished == last.total == len(repaired.journal.candidates()) > 1 + 3 * 6


def test_a_repairing_search_that_is_interrupted_ends_the_same(repaired):
    counted = Interruptible(MemoryJournal(), counting=WRITES)
    repairing(counted)
    for fatal in range(counted.calls):
        store = MemoryJournal()
        with pytest.raises(StoppedError):
            repairing(Interruptible(store, fatal, after=bool(fatal % 2), counting=WRITES))
        second = repairing(store)
        assert archives(second.search) == archives(repaired.search), fatal
        assert store.candidates() == repaired.journal.candidates(), fatal
        assert store.summaries == repaired.journal.summaries, fatal


class PruningExecutor(FakeExecutor):
    """Stops what the search's pruner says after the first of two epochs."""

    def map(self, tasks):
        pruners = {}

        def noted():
            for task in tasks:
                pruners[task.id] = task.pruner
                yield task

        for task, found in super().map(noted()):
            judge = pruners[task.id].judge(found.descriptors) if found.fitness else None
            curve = found.curves.get("val_accuracy", ())
            if judge is not None and judge(curve[:1]):
                found = Measurement(
                    Status.PRUNED, metrics=found.metrics, curves={"val_accuracy": curve[:1]}
                )
            yield task, found


PRUNED = (*LARGE, "search.generations=4", "pruner.warmup_share=0.1")


def pruning(journal, pruner):
    made = Run(journal, (*PRUNED, f"pruner={pruner}"))
    made.loop.executor = PruningExecutor()
    made.loop.run()
    return made


@pytest.mark.parametrize("pruner", ["elite", "median"])
def test_a_search_that_stops_trainings_early_stops_the_same_after_an_interruption(pruner):
    whole = pruning(MemoryJournal(), pruner)
    stopped = [c for c in whole.journal.candidates() if c.measurement.status is Status.PRUNED]
    assert len(stopped) > 3
    assert not {c.proposal.id for c in stopped} & whole.journal.elites
    counted = Interruptible(MemoryJournal(), counting=WRITES)
    pruning(counted, pruner)
    for fatal in range(5, counted.calls, 13):
        store = MemoryJournal()
        with pytest.raises(StoppedError):
            pruning(Interruptible(store, fatal, after=bool(fatal % 2), counting=WRITES), pruner)
        second = pruning(store, pruner)
        assert store.candidates() == whole.journal.candidates(), fatal
        assert archives(second.search) == archives(whole.search), fatal


class Watch:
    """A clock that goes on by four minutes whenever it is looked at."""

    def __init__(self):
        self.minutes = 0

    def __call__(self):
        self.minutes += 4
        return 60.0 * self.minutes


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        ("search.budget.evaluations=7", 7),
        ("search.budget.tokens=100", 100),
        ("search.budget.usd=0.5", 0.5),
        ("search.budget.hours=1.0", 1),
    ],
)
def test_a_budget_ends_a_search_that_can_go_on(small, limit, most):
    class Costly(FakeLLM):
        def write(self, requests):
            for [(request, completion)] in super().write(requests):
                yield [(request, replace(completion, cost_usd=0.06))]

    def some(*overrides):
        made = Run(journal, (*SMALL, *prices, *overrides))
        made.loop.llm = made.llm = Costly()
        made.loop.clock = Watch()
        made.loop.__post_init__()
        return made, made.loop.run()

    prices = ("llm=vllm", "llm.usd_per_million_tokens_in=1")
    journal = MemoryJournal()
    stopped, reason = some(limit)
    assert reason == limit
    used = stopped.loop._ledger
    name = limit.partition("=")[0].rpartition(".")[2]
    spent = {
        "evaluations": used.evaluations,
        "tokens": used.tokens_in + used.tokens_out,
        "usd": used.cost_usd,
        "hours": used.hours,
    }[name]
    assert most <= spent <= 1.2 * most
    assert 0 < len(journal.candidates()) < 1 + 3 * 6
    again, reason = some(limit)
    if name != "hours":  # of which the unfinished generation's are not known any more
        assert (again.llm.requests, again.executor.measured, reason) == ([], [], limit)
    resumed, reason = some()
    assert reason is None
    assert archives(resumed.search) == archives(small.search)


@pytest.mark.parametrize("tokens", [60, 200, 310])
def test_a_pool_that_is_not_all_written_is_not_chosen_from(tokens):
    pool = (*SMALL, "search.pool=8", "search.batch_size=3")
    whole = Run(MemoryJournal(), pool)
    whole.loop.run()
    journal = MemoryJournal()
    stopped = Run(journal, (*pool, f"search.budget.tokens={tokens}"))
    assert stopped.loop.run() == f"search.budget.tokens={tokens}"
    resumed = Run(journal, pool)
    assert resumed.loop.run() is None
    assert archives(resumed.search) == archives(whole.search)
    assert journal.candidates() == whole.journal.candidates()


def test_what_costs_nothing_is_finished_when_evaluations_are_spent():
    """Whichever was measured first, so that what is told does not depend on it."""

    class Eager(FakeExecutor):
        def map(self, tasks):
            return super().map(list(tasks))

    ends = []
    for kind in (FakeExecutor, Eager):
        made = Run(MemoryJournal(), (*SMALL, "search.budget.evaluations=9"))
        made.loop.executor = made.executor = kind()
        made.loop.run()
        ends.append((archives(made.search), made.journal.candidates(), made.executor.measured))
    assert ends[0] == ends[1]


def test_figures_of_what_was_used_up_are_kept(large):
    figures = large.journal.summaries[8]
    assert figures["tokens_in"] == 7 * 160
    assert figures["tokens_out"] == 11 * 160
    assert figures["llm_seconds"] == 0.5 * 160
    assert figures["evaluations"] == len(large.executor.measured)


def test_going_through_what_is_done_forgets_nothing_that_was_used_up(large):
    before = dict(large.journal.spent)
    stopped = Interruptible(large.journal, 8, counting=("finished",))
    with pytest.raises(StoppedError):
        run(stopped, LARGE)
    assert large.journal.spent == before
    run(large.journal, LARGE)
    assert large.journal.spent == before
