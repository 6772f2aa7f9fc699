"""What holds no network is written again, and what was written in vain is paid for."""

from dataclasses import replace

import pytest
from llm.conformance import LLMConformance
from llm.test_grammar_parents import PARENTS
from llm.tiny import make_tiny

from llmatic.config import ConfigError, compose
from llmatic.genome import parse
from llmatic.llm import Completion, Request
from llmatic.llm.grammar import GrammarWriter
from llmatic.llm.rewriting import RewritingLLM
from llmatic.llm.transformers import TransformersLLM
from llmatic.parts import writer
from llmatic.records import CandidateId

NETWORK = PARENTS["nested"]


class Careless:
    """The grammar, which leaves every other network unfinished."""

    def write(self, requests):
        for written in GrammarWriter(1e6).write(requests):
            yield [
                (request, replace(said, text="class Net(") if request.seed % 2 else said)
                for request, said in written
            ]


class TestProtocol(LLMConformance):
    @pytest.fixture
    def llm(self):
        return RewritingLLM(Careless(), 3, parse)


def asked(index):
    return Request(CandidateId(1, index), (NETWORK,), "improve", "", 0.5, index, (1, 8, 8), 10)


class Failing:
    """Writes no network so many times for a candidate, then one; refuses the fourth candidate."""

    def __init__(self, fails):
        self.seeds = []
        self._left = dict(enumerate(fails))

    def write(self, requests):
        written = []
        for request in requests:
            self.seeds.append(request.seed)
            reason = "refused" if request.id.index == 3 else "stop"
            in_vain = reason == "refused" or self._left[request.id.index] > 0
            if reason == "stop":
                self._left[request.id.index] -= 1
            text = "class Net(" if in_vain else NETWORK
            written.append((request, Completion(text, 3, 7, 0.5, reason, "scripted", 0.25)))
        yield written


def test_what_holds_no_network_is_written_again():
    requests = [asked(index) for index in range(4)]
    llm = Failing([0, 1, 5, 0])
    found = dict(each for some in RewritingLLM(llm, 3, parse).write(requests) for each in some)
    assert list(found) == [requests[0], requests[3], requests[1], requests[2]]
    spent = [found[each].tokens_out / 7 for each in requests]
    assert spent == [found[each].cost_usd / 0.25 for each in requests] == [1, 2, 3, 1]
    assert [found[each].text == NETWORK for each in requests] == [True, True, False, False]
    assert found[requests[3]].finish_reason == "refused"
    assert len(set(llm.seeds)) == len(llm.seeds) == 7


def test_a_network_that_is_not_understood_is_written_again_where_its_parent_is():
    fails = NETWORK.replace("self.bn1(self.conv1(x))", "self.bn2(self.conv1(x))")
    unknown = NETWORK.replace("self.fc2(x)", "mystery(self.fc2(x))")
    for parent, tries in ((NETWORK, 2), (unknown, 1)):
        llm = Scripted([fails, NETWORK])
        request = replace(asked(0), parents=(parent,))
        ((found,),) = RewritingLLM(llm, 3, parse).write([request])
        assert found[1].text == (NETWORK if tries == 2 else fails)
        assert found[1].tokens_out == 7 * tries


class Scripted:
    def __init__(self, texts):
        self._texts = iter(texts)

    def write(self, requests):
        for request in requests:
            text = next(self._texts)
            yield [(request, Completion(text, 3, 7, 0.5, "stop", "scripted"))]


def test_the_same_is_written_again_for_the_same_seed():
    told = []
    for _ in range(2):
        llm = Failing([2, 2, 2, 2])
        list(RewritingLLM(llm, 3, parse).write([asked(0), asked(1)]))
        told.append(llm.seeds)
    assert told[0] == told[1]


def test_it_is_written_again_where_that_is_configured(tmp_path):
    words = ("llm=transformers", f"llm.model={make_tiny(tmp_path, chat=True)}")
    for tries, kind in ((1, TransformersLLM), (2, RewritingLLM)):
        assert type(writer(compose([*words, f"llm.tries={tries}"]), None, print)) is kind
    with pytest.raises(ConfigError, match=r"llm\.tries.*at least 1"):
        compose([*words, "llm.tries=0"])
