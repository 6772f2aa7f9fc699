"""A writer is put to the test."""

from llmatic import genome, launch
from llmatic.config import compose
from llmatic.llm import Completion
from llmatic.nano.trial import Answer, Figures, answers, requests
from llmatic.prompts import Catalogue
from llmatic.records import Measurement, Status

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
    with launch.executors(config, print) as make, make() as executor:
        found = answers(Scripted(texts), asked, launch.parser(config), executor)
    by_key = {each.request.prompt_key: each for each in found}
    assert by_key["add_dropout"].obeyed is True
    assert by_key["improve_larger"].obeyed is False  # no larger
    assert by_key["add_layer"].measurement.status is Status.DOES_NOT_BUILD
    assert by_key["add_layer"].obeyed is None
    assert by_key["widen"].measurement.status is Status.NO_CODE
    assert by_key["add_linear"].copied
    assert by_key["add_linear"].obeyed is False


def test_shares_are_of_all_answers():
    request = next(iter(requests(Catalogue.of(compose([]).prompts), [SEED], (1, 8, 8), 10, 0.5, 0)))
    good, bad = Measurement(Status.OK, 0.5), Measurement(Status.DOES_NOT_BUILD)
    found = [
        Answer(request, "a", good, True, copied=False),
        Answer(request, "a", good, None, copied=False),  # nobody can say
        Answer(request, "b", bad, None, copied=False),
        Answer(request, "c", good, False, copied=True),
    ]
    assert Figures.of(found) == Figures(4, 0.75, 1 / 3, 0.25, 0.25)
