from dataclasses import replace

import pytest
from llm.conformance import LLMConformance, request

from llmatic.llm import Completion, LLMError
from llmatic.llm.grammar import GrammarWriter
from llmatic.llm.replay import ReplayLLM
from llmatic.records import CandidateId


class Recorder:
    """Remembers what a grammar answered, as a journal does."""

    def __init__(self):
        self.records = {}

    def __call__(self, id):
        return self.records[id]

    def record(self, asked):
        (completion,) = GrammarWriter(1e6).write([asked])
        self.records[asked.id] = asked.prompt, replace(completion, tokens_in=7, cost_usd=0.5)


class Answering(ReplayLLM):
    """A replay of a search that asked just what is asked here."""

    def write(self, requests):
        for each in requests:
            self._recorded.record(each)
        yield from super().write(requests)


class TestReplay(LLMConformance):
    @pytest.fixture
    def llm(self):
        return Answering(Recorder())


def test_it_repeats_what_was_said_and_uses_nothing_up():
    said = Completion("the text", 100, 50, 3.0, "stop", "some-model", 0.25)
    llm = ReplayLLM({CandidateId(1, 0): (request(0).prompt, said)}.__getitem__)
    (again,) = llm.write([request(0)])
    assert (again.text, again.finish_reason, again.model) == ("the text", "stop", "some-model")
    assert (again.tokens_in, again.tokens_out, again.seconds, again.cost_usd) == (0, 0, 0, 0)


def test_beyond_its_end_it_says_where_to_stop():
    with pytest.raises(LLMError, match=r"candidate 1-0 is not in .*search\.generations=N"):
        next(ReplayLLM({}.__getitem__).write([request(0)]))


def test_another_question_is_not_given_that_answer():
    said = Completion("the text", 0, 0, 0.0, "stop", "some-model")
    llm = ReplayLLM({CandidateId(1, 0): ("something else", said)}.__getitem__)
    with pytest.raises(LLMError, match="candidate 1-0 is asked for something else"):
        next(llm.write([request(0)]))
