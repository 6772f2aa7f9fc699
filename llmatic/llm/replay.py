"""A writer that repeats what an earlier search recorded; no model is asked.

Knows neither the journal it reads nor what is done with what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Protocol

from llmatic.llm import Completion, LLMError, Request, Written
from llmatic.records import CandidateId

__all__ = ["ReplayLLM"]

MEASURED = ("repair",)
"""Prompts that quote what was measured: the words of an error may differ between machines."""


class Recorded(Protocol):
    """What was written for a candidate."""

    @property
    def prompt(self) -> str | None:
        """All that the writer was shown."""
        ...

    @property
    def completion(self) -> Completion:
        """What it returned."""
        ...


class ReplayLLM:
    """Gives each candidate the completion that the candidate of the same id got.

    Nothing is used up: a repeated completion counts no tokens, seconds or money.
    """

    def __init__(self, recorded: Callable[[CandidateId], Recorded]) -> None:
        """Set what was recorded.

        Args:
            recorded: Gives what was written for a candidate, or raises LookupError with
                a reason.
        """
        self._recorded = recorded

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """The recorded completions.

        Raises:
            LLMError: One is not recorded, or was the answer to something else.
        """
        for request in requests:
            try:
                recorded = self._recorded(request.id)
            except LookupError as error:
                raise LLMError(
                    f"candidate {request.id} is not in the recorded search, or not whole: {error}; "
                    "end this search before it with search.generations=N"
                ) from None
            if recorded.prompt != request.prompt and request.prompt_key not in MEASURED:
                raise LLMError(
                    f"candidate {request.id} is asked for something else than in the recorded "
                    "search: networks measure otherwise here, or the version of LLMatic differs"
                )
            said = replace(
                recorded.completion, tokens_in=0, tokens_out=0, seconds=0.0, cost_usd=0.0
            )
            yield [(request, said)]
