"""A writer is put to the test."""

import pytest

from llmatic import genome, parts
from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.llm import Completion
from llmatic.nano.trial import Answer, Figures, answers, requests
from llmatic.prompts import Catalogue
from llmatic.records import Measurement, Status

pytestmark = pytest.mark.usefixtures("one_thread")

SEED = genome.seed_source((1, 8, 8), 10)


class Scripted:
    """Says what it is told to, by the prompt's key; else repeats the first parent."""

    def __init__(self, texts):
        self.texts = texts

    def write(self, requests):
        for request in requests:
            text = self.texts.get(request.prompt_key, request.parents[0])
            yield [(request, Completion(text, 0, 0, 0.0, "stop", "scripted"))]


def test_answers_are_measured_and_judged():
    config = compose(["trainer.epochs=1", "executor.slots=1"])
    catalogue = Catalogue.of(config.prompts)
    asked = list(requests(catalogue, [SEED], (1, 8, 8), 10, 0.5, 0))
    assert [each.prompt_key for each in asked] == [
        *(each.key for each in catalogue.mutations),
        "crossover",
    ]
    assert len({each.seed for each in asked}) == len(asked)
    texts = {
        "add_dropout": SEED.replace("F.relu(", "F.dropout("),
        "improve_larger": SEED.replace("F.relu(", "F.gelu("),
        "add_layer": SEED.replace("nn.Linear(64", "nn.Linear(65"),
        "widen": "no network",
    }
    with parts.executors(config, print) as make, make() as executor:
        found = answers(Scripted(texts), asked, parts.parser(config), executor)
    by_key = {each.request.prompt_key: each for each in found}
    assert by_key["add_dropout"].obeyed is True
    assert by_key["improve_larger"].obeyed is False  # no larger
    assert by_key["add_layer"].measurement.status is Status.DOES_NOT_BUILD
    assert by_key["add_layer"].obeyed is None
    assert by_key["widen"].measurement.status is Status.NO_CODE
    assert by_key["add_linear"].copied
    assert by_key["add_linear"].obeyed is False
    assert by_key["add_linear"].by_chance is None
    assert by_key["improve"].obeyed is by_key["crossover"].obeyed is None
    assert 0 < by_key["add_dropout"].by_chance < 0.5


def test_a_parent_that_does_not_train_is_named():
    config = compose(["trainer.epochs=1", "executor.slots=1"])
    wrong = SEED.replace("nn.Linear(64", "nn.Linear(65")
    asked = list(requests(Catalogue.of(config.prompts), [wrong], (1, 8, 8), 10, 0.5, 0))
    found = pytest.raises(UserError, match="does not train itself")
    with parts.executors(config, print) as make, make() as executor, found:
        answers(Scripted({}), asked[:1], parts.parser(config), executor)


def test_shares_are_of_all_answers():
    asked = list(requests(Catalogue.of(compose([]).prompts), [SEED], (1, 8, 8), 10, 0.5, 0))
    request, crossover = asked[0], asked[-1]
    good, bad = Measurement(Status.OK, 0.5), Measurement(Status.DOES_NOT_BUILD)
    found = [
        Answer(request, "", "a", good, good, True, 0.5, copied=False, seconds=1),
        Answer(request, "", "a", good, good, None, 0.25, copied=False, seconds=1),  # nobody can say
        Answer(request, "", "b", bad, good, None, None, copied=False, seconds=1),
        Answer(request, "", "c", good, good, False, None, copied=True, seconds=5),
        Answer(crossover, "", None, bad, good, None, None, copied=False, seconds=2),  # not judged
    ]
    assert Figures.of(found) == Figures(5, 0.4, 1 / 3, 0.375, 0.2, 0.5, 2.0)
