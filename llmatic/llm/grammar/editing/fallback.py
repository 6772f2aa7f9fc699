"""Edits of texts that could not be understood, by pattern alone.

What they do holds for every network: an activation for another, a kernel of
three with the margin of one for a kernel of five with two, a width for another
wherever it occurs.
"""

from __future__ import annotations

import re
from random import Random

from llmatic.llm.grammar.editing.parts import ACTIVATIONS, rounded

__all__ = ["by_pattern"]

LAYER = re.compile(rf"\bnn\.(?:{'|'.join(ACTIVATIONS)})\(\)")
FUNCTION = re.compile(rf"\bF\.(?:{'|'.join(ACTIVATIONS.values())})\(")
KERNEL = re.compile(r"kernel_size=(?:3, padding=1|5, padding=2)\b")
WIDTH = re.compile(r"(?<![\w.])(?:8|16|24|32|48|64|96|128|192|256|384|512)(?![\w.])")


def by_pattern(
    text: str, rng: Random, bold: float, input_shape: tuple[int, int, int], classes: int
) -> str:
    """The text with one thing changed, or as it was where no pattern fits."""
    edits = [activations, kernels, widths]
    rng.shuffle(edits)
    kept = {*input_shape, classes}
    for edit in edits:
        changed = edit(text, rng, bold, kept)
        if changed != text:
            return changed
    return text


def activations(text: str, rng: Random, bold: float, kept: set[int]) -> str:
    """Another activation function throughout."""
    name = rng.choice(list(ACTIVATIONS)[: 3 + round(bold * 5)])
    text = LAYER.sub(f"nn.{name}()", text)
    return FUNCTION.sub(f"F.{ACTIVATIONS[name]}(", text)


def kernels(text: str, rng: Random, bold: float, kept: set[int]) -> str:
    """Another kernel, once."""
    found = list(KERNEL.finditer(text))
    if not found:
        return text
    chosen = rng.choice(found)
    other = "5, padding=2" if "=3" in chosen[0] else "3, padding=1"
    return text[: chosen.start()] + f"kernel_size={other}" + text[chosen.end() :]


def widths(text: str, rng: Random, bold: float, kept: set[int]) -> str:
    """Another width, wherever the old one occurs."""
    found = sorted({int(match[0]) for match in WIDTH.finditer(text)} - kept)
    if not found:
        return text
    old = rng.choice(found)
    new = rounded(old * rng.choice((0.5, 1.25, 1.5, 1 + bold, 1 + 3 * bold)))
    return WIDTH.sub(lambda match: str(new) if int(match[0]) == old else match[0], text)
