"""Writers of networks: whatever turns a request into source text.

One protocol, batch first. A writer knows nothing of archives, training or the
journal; the search knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["LLM", "Completion", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """One network to be written.

    Attributes:
        parents: Sources of the networks to start from (one for a mutation, two for a crossover).
        prompt_key: Key of the prompt in the catalogue (``add_convolution``, ``crossover``, ...).
        prompt: The rendered instruction, stating input shape, classes and class name.
        temperature: Sampling temperature in (0, 1].
        seed: Makes the completion reproducible where the writer can be.
        input_shape: (channels, height, width) of one input.
        classes: Size of the output.
    """

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
        seconds: Wall time, the batch's divided evenly.
        finish_reason: ``stop``, ``length`` or what the server said.
        model: Which model wrote it.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    finish_reason: str
    model: str


class LLM(Protocol):
    """Writes networks."""

    def write(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion per request, in order."""
        ...
