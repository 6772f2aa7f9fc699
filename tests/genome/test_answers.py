"""What language models say, and what is made of it: the table in answers/expected.toml."""

import ast
import re

import pytest
import torch
from genome.corpus import ANSWERS, FOLDER

from llmatic.genome import Genome, Rejection, parse
from llmatic.network import build
from llmatic.records import Status

BUILT = [name for name, answer in ANSWERS.items() if answer.builds]


def test_every_answer_is_in_the_table():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(name):
    answer = ANSWERS[name]
    found = parse(answer.text)
    if answer.outcome != "network":
        assert isinstance(found, Rejection), found
        assert found.status is Status[answer.outcome.upper()], found
        assert re.search(answer.reason, found.reason), found.reason
        return
    assert isinstance(found, Genome), found
    assert [part for part in answer.has if part not in found.source] == []
    assert [part for part in answer.lacks if part in found.source] == []
    tree = ast.parse(found.source)
    assert sum(isinstance(node, ast.ClassDef) for node in tree.body) == answer.classes
    assert parse(found.source) == found


@pytest.mark.parametrize("name", BUILT)
def test_network_in_an_answer_builds(name):
    found = parse(ANSWERS[name].text)
    assert isinstance(found, Genome), found
    network = build(found.source, ANSWERS[name].builds)
    scores = network(torch.zeros(2, *ANSWERS[name].builds))
    assert scores.shape == (2, 10)
