import pytest
from llm.conformance import HUGE, ODD, SEED, LLMConformance, answer, request

from llmatic.journal import Draft
from llmatic.llm import Completion, LLMError
from llmatic.llm.grammar import GrammarWriter
from llmatic.llm.replay import ReplayLLM
from llmatic.records import CandidateId

ASKED = [
    *(request(index) for index in range(5)),
    request(1, parents=(SEED, SEED)),
    request(2, parents=(ODD,)),
    request(3, temperature=0.01),
    request(4, temperature=1.0),
    request(5, parents=(HUGE,)),
]
"""All that the conformance suite asks for; a prompt may be asked for under several ids."""


@pytest.fixture(scope="module")
def recorded():
    """What a grammar answered to it, by id and prompt, as some search recorded it."""
    texts = [answer(GrammarWriter(1e6), each) for each in ASKED]
    return {
        (asked.id, asked.prompt): Draft(None, asked.prompt, said)
        for asked, said in zip(ASKED, texts, strict=True)
    }


class TestReplay(LLMConformance):
    @pytest.fixture
    def llm(self, recorded):
        class OfEachSearch:
            """A plain replay of the search that asked what is asked."""

            def write(self, requests):
                drafts = {each.id: recorded[each.id, each.prompt] for each in requests}
                yield from ReplayLLM(drafts.__getitem__).write(requests)

        return OfEachSearch()


def test_it_repeats_what_was_said_and_uses_nothing_up():
    said = Completion("the text", 100, 50, 3.0, "stop", "some-model", 0.25)
    again = answer(
        ReplayLLM({CandidateId(1, 0): Draft(None, request(0).prompt, said)}.__getitem__), request(0)
    )
    assert (again.text, again.finish_reason, again.model) == ("the text", "stop", "some-model")
    assert (again.tokens_in, again.tokens_out, again.seconds, again.cost_usd) == (0, 0, 0, 0)


def test_beyond_its_end_it_says_where_to_stop():
    with pytest.raises(LLMError, match=r"candidate 1-0 is not in .*search\.generations=N"):
        next(ReplayLLM({}.__getitem__).write([request(0)]))


def test_another_question_is_not_given_that_answer():
    said = Completion("the text", 0, 0, 0.0, "stop", "some-model")
    llm = ReplayLLM({CandidateId(1, 0): Draft(None, "something else", said)}.__getitem__)
    with pytest.raises(LLMError, match="candidate 1-0 is asked for something else"):
        next(llm.write([request(0)]))
