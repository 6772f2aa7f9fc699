"""What every writer must do; each writer's tests feed it a fixture `llm`."""

from contextlib import closing

from llmatic import genome, prompts
from llmatic.config import compose
from llmatic.llm import Completion, Request
from llmatic.records import CandidateId

CATALOGUE = prompts.Catalogue.of(compose().prompts)
SHAPE, CLASSES = (1, 8, 8), 10
SEED = genome.seed_source(SHAPE, CLASSES)
ODD = SEED.replace("fc", "größe") + "# \U0001f600 \x00 \u202e\n"
HUGE = SEED + "# more and more of it\n" * 500


def request(index=0, *, style="completion", temperature=0.6, parents=(SEED,), seed=None):
    """A request as the loop makes them."""
    crossing = len(parents) > 1
    prompt = CATALOGUE.crossover if crossing else CATALOGUE.mutations[index % 16]
    words = CATALOGUE.instruction(prompt, SHAPE, CLASSES)
    return Request(
        id=CandidateId(1, index),
        parents=tuple(parents),
        prompt_key=prompt.key,
        prompt=prompts.render(style, parents, words),
        temperature=temperature,
        seed=index if seed is None else seed,
        input_shape=SHAPE,
        classes=CLASSES,
    )


def answers(llm, requests):
    """The completion of each request, in their order."""
    came = {id(asked): said for written in llm.write(requests) for asked, said in written}
    assert len(came) == len(requests)
    return [came[id(each)] for each in requests]


def answer(llm, asked):
    """The completion of one request."""
    (said,) = answers(llm, [asked])
    return said


class LLMConformance:
    """The protocol `llmatic.llm.LLM`, by its words.

    Attributes:
        reproducible: Whether an equal request gets an equal text.
    """

    reproducible = True

    def test_one_completion_per_request(self, llm):
        requests = [request(index) for index in range(5)]
        completions = answers(llm, requests)
        assert all(isinstance(each, Completion) for each in completions)
        if self.reproducible:
            alone = [answer(llm, each) for each in requests]
            assert [each.text for each in alone] == [each.text for each in completions]
            assert len({each.text for each in completions}) > 1

    def test_a_completion_is_complete(self, llm):
        for each in answers(llm, [request(0), request(1, parents=(SEED, SEED))]):
            assert isinstance(each.text, str)
            assert each.tokens_in >= 0
            assert each.tokens_out >= 0
            assert each.seconds >= 0
            assert each.cost_usd >= 0
            assert each.finish_reason
            assert each.model

    def test_no_requests_no_completions(self, llm):
        assert list(llm.write([])) == []

    def test_it_can_be_stopped_early_and_asked_again(self, llm):
        requests = [request(index) for index in range(4)]
        with closing(llm.write(requests)) as completions:
            first = next(completions)
        again = answers(llm, requests)
        if self.reproducible:
            assert all(again[requests.index(asked)].text == said.text for asked, said in first)

    def test_odd_texts_are_no_obstacle(self, llm):
        assert isinstance(answer(llm, request(2, parents=(ODD,))).text, str)

    def test_every_temperature_that_is_allowed(self, llm):
        low, high = answers(llm, [request(3, temperature=0.01), request(4, temperature=1.0)])
        assert isinstance(low.text, str)
        assert isinstance(high.text, str)

    def test_a_text_that_is_too_long_is_that_requests_own_misfortune(self, llm):
        before, long, after = answers(llm, [request(0), request(5, parents=(HUGE,)), request(1)])
        assert isinstance(long.text, str)
        assert before.finish_reason in ("stop", "length")
        assert after.finish_reason in ("stop", "length")
