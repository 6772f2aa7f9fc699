"""A writer whose networks have their sizes mended: numbers of layers that do not fit are replaced.

That one layer's output is the next one's input is arithmetic, which language models of a few
million parameters are bad at. Whatever else is wrong stays wrong, and so do networks that cannot be
read. Executes nothing; knows nothing of who writes.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from llmatic.genome import Genome, meant, parse
from llmatic.genome.edits import OPEN, shortest
from llmatic.llm import LLM, Completion, Request, Written
from llmatic.llm.grammar.reading.repair import repaired

__all__ = ["MendingLLM", "mended"]


class MendingLLM:
    """Another writer, and mends the sizes of what it writes."""

    def __init__(self, llm: LLM) -> None:
        """Choose who writes.

        Args:
            llm: The writer.
        """
        self._llm = llm

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One completion per request, as the writer gives them.

        Raises:
            LLMError: The writer cannot write.
        """
        for written in self._llm.write(requests):
            yield [(request, mended(request, completion)) for request, completion in written]


def mended(request: Request, completion: Completion) -> Completion:
    """A completion whose network has sizes that fit; the same where it had, or has none.

    Args:
        request: What was asked.
        completion: What was answered.
    """
    genome = meant(completion.text, request.parents, parse)
    if not isinstance(genome, Genome):
        return completion
    network = repaired(genome.source, request.input_shape, request.classes)
    if network is None or network.text == genome.source:
        return completion
    text = network.text
    if OPEN in completion.text and request.parents:
        parent = f"{request.parents[0].rstrip()}\n"
        text = shortest(parent, f"{text.rstrip()}\n")
    return replace(completion, text=text, is_mended=True, unmended=completion.text)
