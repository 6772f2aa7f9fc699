"""The prompt catalogue and how a request is put into words.

Knows neither which model reads a prompt nor how one is chosen. What is asked for is
a setting (``conf/prompts/``); so is what every network has to comply with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from llmatic.config import PromptsConfig, Style

__all__ = ["Catalogue", "Prompt", "render"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to ask for.

    Attributes:
        key: Its name in records, plots and filters.
        request: The sentence that asks for it.
    """

    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a writer can be asked.

    Attributes:
        mutations: The prompt archive's first axis: a prompt's id is its position.
        crossover: Asks for a network made of two.
        create: Asks for a network from scratch: the random baseline.
    """

    mutations: tuple[Prompt, ...]
    crossover: Prompt
    create: Prompt
    _repair: str
    _requirements: str

    @classmethod
    def of(cls, config: PromptsConfig) -> Self:
        """The catalogue that is configured; a mutation without words is left out."""
        mutations = (
            Prompt(key, request) for key, request in config.mutations.items() if request is not None
        )
        return cls(
            tuple(mutations),
            Prompt("crossover", config.crossover),
            Prompt("create", config.create),
            config.repair,
            config.requirements,
        )

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """All but the mending of what fails."""
        return (*self.mutations, self.crossover, self.create)

    @property
    def by_key(self) -> dict[str, Prompt]:
        """All but the mending of what fails, by key."""
        return {each.key: each for each in self.prompts}

    @property
    def fixed_words(self) -> tuple[str, ...]:
        """What stands in every instruction, whatever is asked for."""
        words = self._requirements.replace("{classes}", "{input_shape}").split("{input_shape}")
        return (f" {words[0]}", *words[1:])

    def repair(self, error: str) -> Prompt:
        """Asks for a network to be mended that failed with this error."""
        return Prompt("repair", self._repair.replace("{error}", " ".join(error.split())))

    def instruction(self, prompt: Prompt, input_shape: Sequence[int], classes: int) -> str:
        """The request with all that a network has to comply with.

        Args:
            prompt: What is asked for.
            input_shape: Channels, height and width of an image.
            classes: Scores there should be for each.
        """
        shape = "x".join(str(size) for size in input_shape)
        words = self._requirements.replace("{input_shape}", shape)
        return f"{prompt.request} {words.replace('{classes}', str(classes))}"


def render(style: Style, parents: Sequence[str], instruction: str) -> str:
    """All that a writer is shown: the parents' code, then the instruction.

    Args:
        style: A model that completes, or writes edits, finds the instruction as a docstring
            to go on from; one that chats gets it as a message.
        parents: Sources.
        instruction: From `Catalogue.instruction`.
    """
    sources = [parent.rstrip() for parent in parents]
    if style != "chat":
        words = instruction.replace('"""', "'''").replace("\\", "/")
        return "\n\n\n".join([*sources, f'"""{words}"""']) + "\n"
    fenced = [f"```python\n{source}\n```" for source in sources]
    return "\n\n".join([*fenced, f"{instruction} Answer with the code alone."])
