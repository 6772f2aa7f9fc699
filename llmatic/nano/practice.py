"""A model practises: it answers, each network is tried in the sandbox, and what works is learnt.

Sizes that do not fit are mended before, so that it learns which would have fitted.
Every step's answers are those of the model as it is. Knows nothing of which answers are worth
learning, and of how a model was trained before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from lightning.pytorch.loggers import Logger
from transformers import PreTrainedTokenizerBase

from llmatic import genome, parts
from llmatic.config import Config, TransformersConfig, compose
from llmatic.errors import UserError
from llmatic.executor import Executor
from llmatic.genome import parse
from llmatic.learning.data import LONGEST_EXAMPLE, Batch, padded, tokens_of
from llmatic.learning.fitting import Pace, fit
from llmatic.llm import LLM, Request
from llmatic.llm.local import load, look
from llmatic.llm.mending import MendingLLM
from llmatic.llm.transformers import TransformersLLM
from llmatic.nano import corpus
from llmatic.nano.amended import handwritten, varied
from llmatic.nano.examples import NETWORKS, Example, InputShape, fingerprint
from llmatic.nano.ranking import Ranked, ranked
from llmatic.nano.trial import Answer, Figures, ParentError, answers
from llmatic.prompts import Catalogue, render
from llmatic.records import CandidateId

__all__ = ["PLACES", "Practice", "Practising", "practise", "trial_settings"]

PLACES: tuple[tuple[InputShape, int], ...] = (
    ((1, 8, 8), 10),
    ((1, 28, 28), 10),
    ((3, 32, 32), 10),
    ((3, 16, 16), 5),
)
"""Input shapes and numbers of classes that are practised with."""
BY_HAND = 0.6
"""Share of requests whose parents were written by hand."""
CROSSED = 0.1
LONGEST_ANSWER = 320
"""Tokens; a longer answer is cut off and no lesson."""
TRIES = 4
"""Draws of requests to none of which there is a good answer."""
SAVED_EVERY = 10
"""Steps."""
OBSERVED = ("trainable", "obeyed", "copied", "distinct")
REPLAYED = 1.0
"""Examples of the corpus by lesson, so that a model forgets less of how differently things can be
done; alone, that does not keep it from saying the same again (docs/log.md)."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How a model practises.

    Attributes:
        steps: Of the optimiser; each has answers of its own.
        requests: Of a step.
        answers: To each request.
        temperature: Of the answers, and at which they and all examples are learnt: a little above
            that of most requests of a search, for at 1.0 it would be surer there than it should.
        learning_rate: At its highest.
    """

    steps: int = 64
    requests: int = 8
    answers: int = 8
    temperature: float = 0.75
    learning_rate: float = 3e-4


def practise(
    practice: Practice,
    llm: TransformersConfig,
    catalogue: Catalogue,
    examples: Sequence[Example],
    followed: Mapping[str, Any],
    folder: Path,
    logger: Logger | bool,
    say: Callable[[str], None],
) -> Any:
    """Let a model practise.

    Args:
        practice: How.
        llm: Which model, and how it is asked.
        catalogue: What it is asked for.
        examples: Those whose parents it edits, beside networks written by hand, and that are
            learnt beside the lessons.
        followed: All that decides what comes out, beside the model; has a ``seed``.
        folder: Where checkpoints are kept; an interrupted practice goes on from them.
        logger: Of Lightning.
        say: Called with what the user should read.

    Returns:
        The model, which has learnt.

    Raises:
        UserError: The folder has a practice with other settings.
    """
    _, tokenizer = look(llm)
    model = load(replace(llm, dtype="float32")).train()

    def observe(shares: Mapping[str, float], step: int) -> None:
        if isinstance(logger, Logger):
            logger.log_metrics(dict(shares), step)

    asked = replace(
        llm,
        max_new_tokens=LONGEST_ANSWER,
        top_p=1.0,
        top_k=0,
        batch_size=practice.requests * practice.answers,
    )
    writer = MendingLLM(TransformersLLM(asked, say, model))
    seed = followed["seed"]
    batches = Practising(practice, writer, tokenizer, catalogue, examples, seed, say, observe)
    say(
        f"Practising: {practice.steps} steps, each of {practice.answers} answers to "
        f"{practice.requests} requests ..."
    )
    pace = Pace(practice.learning_rate, save_every=SAVED_EVERY, temperature=practice.temperature)
    fit(model, batches, None, pace, followed, folder, logger)
    return model


class Practising:
    """The batches of a practice, each of which is made when it is asked for."""

    def __init__(
        self,
        practice: Practice,
        llm: LLM,
        tokenizer: PreTrainedTokenizerBase,
        catalogue: Catalogue,
        examples: Sequence[Example],
        seed: int,
        say: Callable[[str], None],
        observe: Callable[[Mapping[str, float], int], None],
    ) -> None:
        """Set who practises what.

        Args:
            practice: How.
            llm: Who, as it is at every step.
            tokenizer: Makes tokens.
            catalogue: What it is asked for.
            examples: Those whose parents it edits, beside networks written by hand, and that
                are learnt beside the lessons.
            seed: Of the requests and answers.
            say: Called with what the user should read.
            observe: Called with the shares of each step's answers, and the step.
        """
        self._practice = practice
        self._tokenizer = tokenizer
        self._llm = llm
        self._catalogue = catalogue
        self._examples = examples
        self._seed = seed
        self._say = say
        self._observe = observe
        by_hand = handwritten()
        self._by_hand = {
            place: [source for source, *made_for in by_hand if tuple(made_for) == place]
            for place in PLACES
        }
        self._others = {place: _parents(examples, place) for place in PLACES}

    def __len__(self) -> int:
        return self._practice.steps

    def after(self, step: int) -> Iterator[Batch]:
        """The batches that come after so many.

        Raises:
            UserError: The model does not know enough to learn from itself.
        """
        with ExitStack() as stack:
            executors: dict[int, Executor] = {}
            for number in range(step, len(self)):
                rng = Random(f"practice {self._seed} {number}")
                found: list[Ranked] = []
                for _ in range(TRIES):
                    place = rng.randrange(len(PLACES))
                    if place not in executors:
                        make = stack.enter_context(
                            parts.executors(trial_settings(*PLACES[place]), self._say)
                        )
                        executors[place] = stack.enter_context(make())
                    asked = list(self._asked(rng, place, number))
                    told = self._answered(asked, executors[place])
                    if not told:
                        continue
                    self._observe(_shares(told), number)
                    found = ranked(told)
                    if found:
                        break
                else:
                    raise UserError(
                        f"step {number}: no answer to {TRIES * self._practice.requests} requests "
                        "is good, so there is nothing to learn from; train the model for longer "
                        "before it practises, or not at all (--practice 0)"
                    )
                yield self._batch(rng, found)

    def _answered(self, asked: Sequence[Request], executor: Executor) -> list[Answer]:
        """Answers, but to requests whose parents give scores and cannot be trained."""
        try:
            return answers(self._llm, asked, parse, executor)
        except ParentError as error:
            rest = [each for each in asked if error.source not in each.parents]
            return self._answered(rest, executor) if rest else []

    def _batch(self, rng: Random, found: Sequence[Ranked]) -> Batch:
        """Lessons, and examples whose tokens count as those of a lesson do in the mean."""
        replayed = rng.sample(
            self._examples, min(len(self._examples), round(REPLAYED * len(found)))
        )
        texts = [(each.prompt, each.text) for each in found]
        texts += [corpus.texts(each, {NETWORKS: self._catalogue}) for each in replayed]
        weights = [each.weight for each in found]
        weights += [fmean(weights)] * len(replayed)
        rows = tokens_of(self._tokenizer, texts, LONGEST_EXAMPLE, weights)
        padding = self._tokenizer.pad_token_id
        assert isinstance(padding, int)
        return padded(rows, padding)

    def _asked(self, rng: Random, place: int, step: int) -> Iterator[Request]:
        """Requests, each as often as it is answered."""
        shape, classes = PLACES[place]
        by_hand, others = self._by_hand[PLACES[place]], self._others[PLACES[place]]
        prompts = self._catalogue.by_key
        for number in range(self._practice.requests):
            is_by_hand = not others or rng.random() < BY_HAND
            pool = by_hand if is_by_hand else others
            source = rng.choice(pool)
            shown = [varied(rng, source, shape, classes) if is_by_hand else source]
            key = rng.choice([each.key for each in self._catalogue.mutations])
            seconds = [each for each in pool if each != source]
            if seconds and rng.random() < CROSSED:
                key = self._catalogue.crossover.key
                shown.append(rng.choice(seconds))
            instruction = self._catalogue.instruction(prompts[key], shape, classes)
            prompt = render("edits", shown, instruction)
            for again in range(self._practice.answers):
                yield Request(
                    CandidateId(step, number * self._practice.answers + again),
                    tuple(shown),
                    key,
                    prompt,
                    self._practice.temperature,
                    rng.getrandbits(31),
                    shape,
                    classes,
                )


def _parents(examples: Sequence[Example], place: tuple[InputShape, int]) -> list[str]:
    """The networks that examples edit, each once; not the seed network, in whatever style.

    Its few requests come again and again, and one answer to each would be learnt by heart.
    """
    seed = fingerprint(genome.seed_source(*place))
    sources = dict.fromkeys(
        source
        for each in examples
        if (tuple(each.input_shape), each.classes) == place
        for source in each.parents
    )
    return [source for source in sources if fingerprint(source) != seed]


def trial_settings(shape: InputShape, classes: int) -> Config:
    """What networks are tried with: a step on a few random images."""
    options = f"{{input_shape: [{', '.join(map(str, shape))}], classes: {classes}}}"
    return compose(
        [
            "dataset.name=noise",
            "dataset.datamodule=lightning_modules.data.Noise",
            f"dataset.options={options}",
            f"dataset.input_shape=[{','.join(map(str, shape))}]",
            f"dataset.classes={classes}",
            "dataset.batch_size=16",
            "trainer.epochs=1",
            "trainer.accelerator=cpu",
            "evaluator.timeout_s=20",
            "evaluator.max_flops=2e8",
        ]
    )


def _shares(found: Sequence[Answer]) -> dict[str, float]:
    """Of the answers, those that train, that obey, that copy, and that differ."""
    figures = asdict(Figures.of(found))
    return {f"practice_{name}": figures[name] for name in OBSERVED}
