"""A writer that repeats what an earlier search recorded; no model is asked.

Knows neither the journal it reads nor what is done with what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from llmatic.llm import Completion, LLMError, Request
from llmatic.records import CandidateId

__all__ = ["ReplayLLM"]

Recorded = Callable[[CandidateId], tuple[str | None, Completion]]


class ReplayLLM:
    """Gives each candidate the completion that the candidate of the same id got.

    Nothing is used up: a repeated completion counts no tokens, seconds or money.
    """

    def __init__(self, recorded: Recorded) -> None:
        """Set what was recorded.

        Args:
            recorded: Gives a candidate's prompt and completion, or raises LookupError.
        """
        self._recorded = recorded

    def write(self, requests: Sequence[Request]) -> Generator[Completion]:
        """The recorded completions.

        Raises:
            LLMError: One is not recorded, or was the answer to something else.
        """
        for request in requests:
            try:
                prompt, completion = self._recorded(request.id)
            except LookupError as error:
                raise LLMError(
                    f"candidate {request.id} is not in the recorded search ({error}): it ends "
                    "earlier; end this one with search.generations=N"
                ) from None
            if prompt != request.prompt:
                raise LLMError(
                    f"candidate {request.id} is asked for something else than in the recorded "
                    "search: networks measure otherwise here, or the version of LLMatic differs"
                )
            yield replace(completion, tokens_in=0, tokens_out=0, seconds=0.0, cost_usd=0.0)
