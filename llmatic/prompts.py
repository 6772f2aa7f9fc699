"""The prompt catalogue and how a request is put into words.

Intents after Nasir et al. 2024; the wording is our own. Knows neither which
model reads the prompt nor how one is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CREATE", "CROSSOVER", "MUTATIONS", "Prompt", "instruction", "render"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to ask for.

    Attributes:
        key: Its name in records, plots and filters.
        request: The sentence that asks for it.
    """

    key: str
    request: str


MUTATIONS: tuple[Prompt, ...] = (
    Prompt("add_layer", "Add one layer to the network above, of a kind that suits its place."),
    Prompt("delete_layer", "Delete one layer from the network above."),
    Prompt("improve", "Change the network above so that it classifies better."),
    Prompt(
        "improve_smaller",
        "Change the network above so that it classifies better while being drastically smaller.",
    ),
    Prompt(
        "improve_larger",
        "Change the network above so that it classifies better by growing it drastically.",
    ),
    Prompt("add_linear", "Add a fully connected layer to the network above."),
    Prompt("add_convolution", "Add a convolutional layer to the network above."),
    Prompt("add_pooling", "Add a pooling layer to the network above."),
    Prompt("add_residual", "Add a residual connection to the network above."),
    Prompt("add_residuals", "Add several residual connections to the network above."),
    Prompt("add_dropout", "Add a dropout layer to the network above."),
    Prompt("add_normalization", "Add a normalisation layer to the network above."),
    Prompt("add_recurrent", "Add a recurrent layer to the network above."),
    Prompt("widen", "Make the layers of the network above wider."),
    Prompt("deepen", "Make the network above deeper."),
    Prompt(
        "change_activation_or_kernel",
        "Change activation functions or kernel sizes of the network above.",
    ),
)
"""The prompt archive's first axis: a prompt's id is its position."""

CROSSOVER = Prompt("crossover", "Combine the networks above into a third that is better than both.")

CREATE = Prompt(
    "create",
    "Write a network that inherits from nn.Module and classifies better than the one above.",
)
"""Asks for a network from scratch: the random baseline."""


def instruction(prompt: Prompt, input_shape: Sequence[int], classes: int) -> str:
    """The request with all that a network has to comply with."""
    channels, height, width = input_shape
    return (
        f"{prompt.request} Write complete PyTorch code: a class Net(nn.Module) whose constructor "
        f"takes no arguments. Its input is a batch of {channels}x{height}x{width} images "
        f"(channels x height x width), its output one score for each of {classes} classes."
    )


def render(parents: Sequence[str], instruction: str) -> str:
    """The parents' code followed by the instruction: all that a writer is shown."""
    return "\n\n\n".join([*(parent.rstrip() for parent in parents), f'"""{instruction}"""']) + "\n"
