"""Writers of networks: whatever turns a request into source text.

One protocol, batch first. A writer knows nothing of archives, training or the
journal; the search knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from llmatic.errors import UserError
from llmatic.records import CandidateId

__all__ = ["LLM", "Completion", "LLMError", "Request", "Written"]


class LLMError(UserError):
    """The writer cannot write, whatever it is asked; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Request:
    """One network to be written.

    Attributes:
        id: The candidate it is for.
        parents: Sources of the networks to start from (one for a mutation or a repair, two
            for a crossover).
        prompt_key: Key of the prompt in the catalogue (``add_convolution``, ``crossover``, ...).
        prompt: All that a language model is shown, the parents' sources included.
        temperature: Sampling temperature in (0, 1].
        seed: Makes the completion reproducible where the writer can be.
        input_shape: (channels, height, width) of one input.
        classes: Size of the output.
    """

    id: CandidateId
    parents: tuple[str, ...]
    prompt_key: str
    prompt: str
    temperature: float
    seed: int
    input_shape: tuple[int, int, int]
    classes: int


@dataclass(frozen=True, slots=True)
class Completion:
    """What a writer returned.

    Attributes:
        text: Everything it said; may or may not hold a network.
        tokens_in: Tokens read; 0 for a writer that has none.
        tokens_out: Tokens written; 0 for a writer that has none.
        seconds: Wall time that was waited for it; a batch's divided evenly.
        finish_reason: ``stop``, ``length``, what the server said, or why it refused.
        model: Which model wrote it.
        cost_usd: What it cost; 0 where no prices are configured.
        is_mended: Whether sizes of its network did not fit, and were replaced.
        unmended: What was said before that; empty where nothing was replaced.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    finish_reason: str
    model: str
    cost_usd: float = 0.0
    is_mended: bool = False
    unmended: str = ""

    @property
    def without_texts(self) -> Completion:
        """The figures alone."""
        return replace(self, text="", unmended="")


Written: TypeAlias = list[tuple[Request, Completion]]
"""What was written together: requests with their completions."""


class LLM(Protocol):
    """Writes networks."""

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One completion per request, in any order, as soon as they are there.

        What one request alone is refused for is its completion's finish reason. To stop
        early is to close the generator; what is on its way then is given up.

        Raises:
            LLMError: Nothing can be written; what was yielded before stands.
        """
        ...
