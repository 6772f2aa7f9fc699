"""Puts a writer to the test: does what it writes train, obey, and differ from its parents?

Every network is measured by the executor it is given, which keeps generated code apart.
Knows nothing of who writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from llmatic.config import Style
from llmatic.errors import UserError
from llmatic.executor import Executor, Task
from llmatic.genome import Genome, Rejection, meant
from llmatic.llm import LLM, Completion, Request
from llmatic.nano.obedience import JUDGED, growth, obeys
from llmatic.prompts import Catalogue, render
from llmatic.records import CandidateId, Measurement, Status

__all__ = ["Answer", "Figures", "ParentError", "answers", "requests"]

Parse = Callable[[str], Genome | Rejection]


class ParentError(UserError):
    """A network that is to be edited does not train.

    Attributes:
        source: Of the network.
    """

    def __init__(self, source: str) -> None:
        super().__init__(f"a network that is to be edited does not train itself:\n{source}")
        self.source = source


@dataclass(frozen=True, slots=True)
class Answer:
    """What a writer made of a request.

    Attributes:
        request: What was asked.
        text: What was written.
        sha256: Identity of the network; None where none was found.
        measurement: How it ended.
        original: How its first parent did.
        obeyed: Whether it is what was asked for; None where it does not train, or where that
            cannot be said.
        by_chance: Of all requests that can be judged, the share it would have obeyed; None
            where it does not train or repeats a parent.
        copied: Whether it is a parent repeated.
        seconds: That writing it took.
        is_whole: Whether the writer ended it, and no limit.
    """

    request: Request
    text: str
    sha256: str | None
    measurement: Measurement
    original: Measurement
    obeyed: bool | None
    by_chance: float | None
    copied: bool
    seconds: float
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of many answers, between 0 and 1.

    Attributes:
        count: Answers.
        trainable: Share that trained and repeats no parent.
        obeyed: Share that trained and is what was asked for, of the answers to requests
            that can be judged (`JUDGED`), but for networks whose dataflow cannot be followed.
        by_chance: The share of all requests that an answer that trained obeys, whatever it was
            asked for, in the mean: what `obeyed` would be of a writer that does not listen,
            had all its answers trained.
        copied: Share that repeats a parent.
        distinct: Share of different networks among the answers that trained and repeat no parent.
        seconds: That an answer took, in the mean.
    """

    count: int
    trainable: float
    obeyed: float
    by_chance: float
    copied: float
    distinct: float
    seconds: float

    @classmethod
    def of(cls, found: Sequence[Answer]) -> Figures:
        """The figures of some answers."""
        new = [each for each in found if each.measurement.status is Status.OK and not each.copied]
        judged = [
            each.obeyed is True
            for each in found
            if each.request.prompt_key in JUDGED
            and (each.obeyed is not None or each.measurement.status is not Status.OK)
        ]
        return cls(
            len(found),
            len(new) / max(len(found), 1),
            _mean(judged),
            _mean([each.by_chance for each in new if each.by_chance is not None]),
            _mean([each.copied for each in found]),
            len({each.sha256 for each in new}) / max(len(new), 1),
            _mean([each.seconds for each in found]),
        )


def requests(
    catalogue: Catalogue,
    parents: Sequence[str],
    input_shape: tuple[int, int, int],
    classes: int,
    temperature: float,
    seed: int,
    style: Style = "completion",
) -> Iterator[Request]:
    """Each mutation of each parent, and each parent crossed with the next."""
    number = 0
    for place, parent in enumerate(parents):
        for prompt in (*catalogue.mutations, catalogue.crossover):
            shown = [parent]
            if prompt is catalogue.crossover:
                shown.append(parents[(place + 1) % len(parents)])
            instruction = catalogue.instruction(prompt, input_shape, classes)
            yield Request(
                CandidateId(1, number),
                tuple(shown),
                prompt.key,
                render(style, shown, instruction),
                temperature,
                seed * 100_003 + number,
                input_shape,
                classes,
            )
            number += 1


def answers(llm: LLM, asked: Sequence[Request], parse: Parse, executor: Executor) -> list[Answer]:
    """What a writer makes of requests, in their order.

    Args:
        llm: The writer.
        asked: The requests.
        parse: Finds the network in a text.
        executor: Measures networks.

    Raises:
        ParentError: A parent does not train.
    """
    originals = _originals(asked, parse, executor)
    written = dict(each for some in llm.write(asked) for each in some)
    genomes = {
        request.id: meant(completion.text, request.parents, parse)
        for request, completion in written.items()
    }
    tasks: dict[str, Task] = {}
    for id, genome in genomes.items():
        if isinstance(genome, Genome):
            tasks.setdefault(genome.sha256, Task(id, genome.source, 0))
    ended = {task.id: measurement for task, measurement in executor.map(list(tasks.values()))}
    measured = {sha256: ended[task.id] for sha256, task in tasks.items()}
    return [
        _answer(request, written[request], genomes[request.id], measured, originals)
        for request in asked
    ]


Originals = dict[str, tuple[Genome, Measurement]]


def _originals(asked: Sequence[Request], parse: Parse, executor: Executor) -> Originals:
    texts = list(dict.fromkeys(parent for request in asked for parent in request.parents))
    genomes = [parse(text) for text in texts]
    tasks = [
        Task(CandidateId(0, place), genome.source, 0)
        for place, genome in enumerate(genomes)
        if isinstance(genome, Genome)
    ]
    found = {
        texts[task.id.index]: (genome, measurement)
        for task, measurement in executor.map(tasks)
        if isinstance(genome := genomes[task.id.index], Genome) and measurement.status is Status.OK
    }
    for text in texts:
        if text not in found:
            raise ParentError(text)
    return found


def _answer(
    request: Request,
    written: Completion,
    genome: Genome | Rejection,
    measured: dict[str, Measurement],
    originals: Originals,
) -> Answer:
    is_whole = written.finish_reason == "stop"
    parents = [originals[text] for text in request.parents]
    parent, before = parents[0]
    if isinstance(genome, Rejection):
        refused = Measurement(genome.status, error=genome.reason)
        return Answer(
            request,
            written.text,
            None,
            refused,
            before,
            None,
            None,
            False,
            written.seconds,
            is_whole,
        )
    measurement = replace(measured[genome.sha256], weights=None)
    copied = genome.sha256 in [parent.sha256 for parent, _ in parents]
    obeyed = by_chance = None
    if measurement.status is Status.OK:
        grown = growth(before.metrics, measurement.metrics)
        every = {key: obeys(key, parent.source, genome.source, grown) for key in JUDGED}
        judged = [one for one in every.values() if one is not None]
        obeyed = every.get(request.prompt_key)
        if copied:
            obeyed = False if request.prompt_key in JUDGED else None
        elif judged:
            by_chance = _mean(judged)
    return Answer(
        request,
        written.text,
        genome.sha256,
        measurement,
        before,
        obeyed,
        by_chance,
        copied,
        written.seconds,
        is_whole,
    )


def _mean(found: Sequence[float]) -> float:
    return sum(found) / max(len(found), 1)
