"""A model practises: what it is asked, what it learns from, and when it cannot."""

import itertools
import math
import re
from contextlib import nullcontext

import pytest

from llmatic import genome, parts
from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.llm import Completion, Request
from llmatic.nano import practice
from llmatic.nano.amended import DEAREST, handwritten
from llmatic.nano.examples import NETWORKS, Example, fingerprint
from llmatic.nano.practice import PLACES, Practice, Practising
from llmatic.nano.ranking import ranked
from llmatic.nano.tokenizer import trained_tokenizer
from llmatic.nano.trial import Answer
from llmatic.prompts import Catalogue
from llmatic.records import CandidateId, Measurement, Status

pytestmark = pytest.mark.usefixtures("one_thread")

FORWARD = re.compile(r"(    def forward\(self, (\w+)[^\n]*:\n)")
SMALL = Practice(steps=3, requests=6, answers=2)


class Editing:
    """Puts a dropout layer before a network, whatever it is asked, or says nothing."""

    def __init__(self, silent=False):
        self.asked = []
        self._silent = silent

    def write(self, requests):
        self.asked += requests
        for request in requests:
            text = request.parents[0]
            more = r"\1        \2 = nn.functional.dropout(\2, 0.1)\n"
            answer = "" if self._silent else FORWARD.sub(more, text, count=1)
            yield [(request, Completion(answer, 0, 0, 0.0, "stop", "scripted"))]


@pytest.fixture(scope="module")
def tokenizer():
    texts = [source for source, *_ in handwritten()[:40]]
    return trained_tokenizer(texts, Catalogue.of(compose([]).prompts).fixed_words)


@pytest.fixture(scope="module")
def executor():
    """What tries networks, for all practices here: it takes a while to start."""
    with parts.executors(practice.trial_settings(*PLACES[0]), print) as make, make() as started:
        yield started


@pytest.fixture
def practising(tokenizer, executor, monkeypatch):
    """A small practice of a writer, at one place."""
    monkeypatch.setattr(practice, "PLACES", PLACES[:1])
    shared = nullcontext(lambda: nullcontext(executor))
    monkeypatch.setattr(practice.parts, "executors", lambda config, say: shared)
    catalogue = Catalogue.of(compose([]).prompts)

    def made(writer, observe=lambda shares, step: None, examples=()):
        return Practising(SMALL, writer, tokenizer, catalogue, examples, 0, print, observe)

    return made


def answer(prompt, sha256, status=Status.OK, obeyed=None, copied=False, flops=1_000):
    request = Request(CandidateId(0, 0), ("x",), "improve", prompt, 0.5, 0, (1, 8, 8), 10)
    figures = {"width": 10, "depth": 2}
    original = Measurement(Status.OK, metrics={**figures, "flops": 100})
    measurement = Measurement(status)
    if status is Status.OK:
        measurement = Measurement(status, metrics={**figures, "flops": flops})
    return Answer(request, f"<{sha256}>", sha256, measurement, original, obeyed, None, copied, 0.0)


def test_what_is_ranked_are_good_answers_and_count_the_more_the_fewer_they_are():
    found = ranked(
        [
            answer("easy", "a"),
            answer("easy", "a"),
            answer("easy", "b", obeyed=True),
            answer("easy", "c"),
            answer("hard", "d"),
            answer("hard", "e", obeyed=False),
            answer("hard", "f", copied=True),
            answer("hard", "g", Status.DOES_NOT_BUILD),
            answer("impossible", None, Status.NO_CODE),
        ]
    )
    assert [(each.prompt, each.text) for each in found] == [
        ("easy", "<a>"), ("easy", "<b>"), ("easy", "<c>"), ("hard", "<d>"),
    ]  # fmt: skip
    easy, hard = found[0].weight, found[-1].weight
    assert 0 < easy < hard / 4


def test_answers_count_the_more_the_fewer_are_of_one_niche_and_the_farther_that_is():
    sizes = {"as before": 100, "alike": 1_000, "and alike": 1_001, "large": 100_000}
    found = ranked([answer("x", sha256, flops=flops) for sha256, flops in sizes.items()])
    before, alike, too, large = [each.weight for each in found]
    doublings = round(math.log2(1_001)) - round(math.log2(101))
    assert alike == too == pytest.approx(before * (1 + doublings))
    more = round(math.log2(100_001)) - round(math.log2(101))
    assert large == pytest.approx(2 * before * (1 + more))


def test_networks_that_are_larger_than_the_default_search_wants_are_not_learnt():
    most = DEAREST * 64
    found = ranked([answer("x", "large", flops=most), answer("x", "too large", flops=most + 1)])
    assert [each.text for each in found] == ["<large>"]


def test_every_step_has_a_batch_of_what_worked(practising):
    writer, told = Editing(), []
    found = practising(writer, lambda shares, step: told.append((step, shares)))
    batches = list(found.after(0))
    assert len(batches) == len(found) == SMALL.steps
    assert all((each.weights > 0).any() for each in batches)
    assert {step for step, _ in told} == {0, 1, 2}
    assert all(shares["practice_copied"] < 0.5 for _, shares in told)
    assert any(shares["practice_trainable"] > 0 for _, shares in told)
    assert {(each.input_shape, each.classes) for each in writer.asked} == {PLACES[0]}
    seeds = [each.seed for each in writer.asked]
    assert len(set(seeds)) == len(seeds)
    for _, some in itertools.groupby(writer.asked, lambda each: (each.id.generation, each.prompt)):
        assert len(list(some)) == SMALL.answers


def test_examples_are_learnt_beside_the_lessons(practising):
    source, *made_for = next(each for each in handwritten() if each[1:] == PLACES[0])
    example = Example(NETWORKS, "widen", (source,), source.replace("ReLU", "GELU"), *made_for)
    batch = next(practising(Editing(), examples=[example] * 9).after(0))
    weights = batch.weights.amax(dim=1)
    lessons, replayed = weights.split(len(weights) // 2)
    assert len(batch.ids[len(lessons) :].unique(dim=0)) == 1
    assert replayed.tolist() == pytest.approx([lessons.mean().item()] * len(lessons))


def test_a_practice_that_goes_on_asks_what_it_would_have_asked(practising):
    whole, rest = Editing(), Editing()
    list(practising(whole).after(0))
    list(practising(rest).after(2))
    last = [each for each in whole.asked if each.id.generation == 2]
    assert rest.asked == last


def test_who_knows_nothing_cannot_practise(practising):
    with pytest.raises(UserError, match=r"step 0: no answer to 24 requests is good.*--practice 0"):
        next(practising(Editing(silent=True)).after(0))


def test_the_seed_network_is_not_practised(practising):
    place = PLACES[0]
    seed = genome.seed_source(*place)
    own = next(source for source, *made_for in handwritten() if tuple(made_for) == place)
    examples = [
        Example(NETWORKS, "widen", (source,), source.replace("ReLU", "GELU"), *place)
        for source in (seed, seed.replace("self.fc", "self.out"), own, own)
    ]
    writer = Editing()
    practice_of = practising(writer, examples=examples)
    list(practice_of.after(0))
    shown = {parent for each in writer.asked for parent in each.parents}
    assert own in shown
    assert fingerprint(seed) not in map(fingerprint, shown)


def test_a_parent_that_does_not_train_costs_its_own_requests_only(practising):
    place = PLACES[0]
    fails = genome.seed_source(*place).replace("self.fc(x)", "self.fc(x).detach()")
    examples = [Example(NETWORKS, "widen", (fails,), fails, *place)]
    writer = Editing()
    batches = list(practising(writer, examples=examples).after(0))
    assert not any(fails in each.parents for each in writer.asked)
    assert all((each.weights > 0).any() for each in batches)
