"""Sizes that do not fit are mended, and nothing else is."""

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.conformance import LLMConformance
from llm.test_grammar_parents import PARENTS
from llm.tiny import make_tiny

from llmatic.config import compose
from llmatic.genome import Genome, meant, parse
from llmatic.genome.edits import OPEN, edits
from llmatic.llm import Completion, Request
from llmatic.llm.grammar import GrammarWriter
from llmatic.llm.mending import MendingLLM, mended
from llmatic.network.build import build
from llmatic.parts import writer
from llmatic.records import CandidateId

SHAPE, CLASSES = (1, 8, 8), 10
NESTED = PARENTS["nested"]


class TestProtocol(LLMConformance):
    @pytest.fixture
    def llm(self):
        return MendingLLM(GrammarWriter(1e6))


def asked(*parents):
    return Request(CandidateId(1, 0), parents, "improve", "", 0.5, 0, SHAPE, CLASSES)


def said(text):
    return Completion(text, 3, 7, 0.5, "stop", "scripted", 0.25)


def works(source):
    try:
        scores = build(source, SHAPE)(torch.zeros(2, *SHAPE))
    except Exception:  # whatever PyTorch raises
        return False
    return scores.shape == (2, CLASSES)


@pytest.mark.parametrize("name", PARENTS)
def test_sizes_that_fit_are_left_alone(name):
    completion = said(PARENTS[name])
    assert mended(asked(NESTED), completion) is completion


@pytest.mark.parametrize(
    "text", ["", "no network", "class Net(", "import os\n\n\nclass Net:\n    pass\n"]
)
def test_what_is_no_network_is_left_alone(text):
    completion = said(text)
    assert mended(asked(NESTED), completion) is completion


def test_what_is_wrong_otherwise_is_left_alone():
    completion = said(NESTED.replace("self.bn1(self.conv1(x))", "self.bn2(self.conv1(x))"))
    assert mended(asked(NESTED), completion) is completion


@given(name=st.sampled_from(sorted(PARENTS)), data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_mended_works(name, data):
    text = PARENTS[name]
    numbers = list(re.finditer(r"(?<=\()\d+(?=, \d)|(?<=, )\d+(?=[,)])", text))
    changed = data.draw(st.sampled_from(numbers))
    size = data.draw(st.integers(1, 40))
    text = f"{text[: changed.start()]}{size}{text[changed.end() :]}"
    found = mended(asked(NESTED), said(text))
    if found.is_mended:
        assert not works(text)
        assert works(found.text)
        assert (found.tokens_out, found.cost_usd, found.model) == (7, 0.25, "scripted")


def test_edits_stay_edits():
    child = NESTED.replace("nn.Conv2d(16, 32", "nn.Conv2d(16, 48")
    text = edits(NESTED, child)
    assert OPEN in text
    found = mended(asked(NESTED), said(text))
    assert found.is_mended
    assert found.unmended == text
    assert OPEN in found.text
    genome = meant(found.text, (NESTED,), parse)
    assert isinstance(genome, Genome)
    assert works(genome.source)
    assert "nn.Conv2d(16, 48" in genome.source


class Scripted:
    def write(self, requests):
        for request in requests:
            yield [(request, said(NESTED.replace("(64, 10)", "(63, 10)")))]


def test_every_request_is_answered_in_its_turn():
    requests = [asked(NESTED), asked(PARENTS["lazy"])]
    written = list(MendingLLM(Scripted()).write(requests))
    assert [request for some in written for request, _ in some] == requests
    assert all(works(found.text) for some in written for _, found in some)


def test_sizes_are_mended_where_that_is_configured(tmp_path):
    words = ("llm=transformers", f"llm.model={make_tiny(tmp_path, chat=True)}")
    for mend_sizes in (True, False):
        config = compose([*words, f"llm.mend_sizes={mend_sizes}"])
        assert isinstance(writer(config, None, print), MendingLLM) == mend_sizes
