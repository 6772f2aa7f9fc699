"""A writer who writes again what evidently does not work.

That is code that does not parse, edits that are not whole, and a network of which the grammar's
reader can make nothing though it read the parent: mostly one that PyTorch would refuse, too.
What was written in vain counts: tokens, seconds and costs of an answer are those of all tries.
Executes nothing; knows nothing of who writes, and of what makes a network good.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random

from llmatic.genome import Genome, Rejection, meant
from llmatic.llm import LLM, Completion, Request, Written
from llmatic.llm.grammar.reading.repair import repaired
from llmatic.records import CandidateId

__all__ = ["RewritingLLM"]

ENDED = ("stop", "length")
"""Finish reasons of answers that were written; what was refused is so again."""
REMEMBERED = 1_024


class RewritingLLM:
    """Another writer, asked again with another seed where an answer evidently does not work."""

    def __init__(self, llm: LLM, tries: int, parse: Callable[[str], Genome | Rejection]) -> None:
        """Choose who writes.

        Args:
            llm: The writer.
            tries: How often it is asked at most; the last answer counts, whatever it holds.
            parse: Finds the network in a text.
        """
        self._llm = llm
        self._tries = tries
        self._parse = parse

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One completion per request, those first that took one try.

        Raises:
            LLMError: The writer cannot write.
        """
        own = {request.id: request for request in requests}
        spent: dict[CandidateId, Completion] = {}
        asked = list(requests)
        for number in range(1, self._tries + 1):
            again: list[Request] = []
            for written in self._llm.write(asked):
                done: Written = []
                for request, answered in written:
                    completion = _summed(spent.get(request.id), answered)
                    if number < self._tries and self._is_in_vain(request, answered):
                        spent[request.id] = completion
                        seed = Random(f"{own[request.id].seed} {number}").getrandbits(31)
                        again.append(replace(request, seed=seed))
                    else:
                        done.append((own[request.id], completion))
                if done:
                    yield done
            if not again:
                return
            asked = again

    def _is_in_vain(self, request: Request, completion: Completion) -> bool:
        if completion.finish_reason not in ENDED:
            return False
        genome = meant(completion.text, request.parents, self._parse)
        if isinstance(genome, Rejection):
            return True
        made_for = request.input_shape, request.classes
        parent_is_read = bool(request.parents) and _reads(request.parents[0], made_for)
        return parent_is_read and not _reads(genome.source, made_for)


@lru_cache(REMEMBERED)
def _reads(source: str, made_for: tuple[tuple[int, int, int], int]) -> bool:
    """Whether a network is understood, and works so far as shapes tell or with other sizes."""
    return repaired(source, *made_for) is not None


def _summed(before: Completion | None, last: Completion) -> Completion:
    """The last of several answers, with what all of them cost."""
    if before is None:
        return last
    return replace(
        last,
        tokens_in=before.tokens_in + last.tokens_in,
        tokens_out=before.tokens_out + last.tokens_out,
        seconds=before.seconds + last.seconds,
        cost_usd=before.cost_usd + last.cost_usd,
    )
