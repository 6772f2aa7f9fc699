"""Small edits of any network, whoever wrote it, that do what a prompt asks for.

Where the grammar reads a network, understands it and writes it anew, this changes a few
characters and tries whether that works: it needs no understanding of what it edits, and what
it does is as simple as it can be. The source must be trusted, for it is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from llmatic.nano.amending.additions import ACTIVATIONS, KINDS
from llmatic.nano.amending.changes import (
    activations_of,
    factored,
    other_activations,
    other_kernels,
    other_widths,
    rewired,
    without,
)
from llmatic.nano.amending.places import Seen, seen
from llmatic.nano.amending.putting import put
from llmatic.nano.examples import LARGE
from llmatic.nano.numbers import numbers

__all__ = ["Seen", "proposals", "seen"]

ASKED = {
    "add_layer": KINDS,
    "improve": ("conv", "linear", "norm", "dropout", "activation", "pool"),
    "improve_larger": ("conv", "linear", "recurrent"),
    "add_linear": ("linear",),
    "add_convolution": ("conv",),
    "add_pooling": ("pool",),
    "add_residual": ("conv", "conv", "linear", "norm", "activation"),
    "add_residuals": ("conv", "conv", "linear", "norm", "activation"),
    "add_dropout": ("dropout",),
    "add_normalization": ("norm",),
    "add_recurrent": ("recurrent",),
    "deepen": ("conv", "linear"),
}
TRAITS = {
    "conv": r"Conv2d\(", "linear": r"Linear\(", "pool": r"[Pp]ool", "norm": r"[Nn]orm",
    "dropout": r"[Dd]ropout", "recurrent": r"\.(GRU|LSTM|RNN)\(",
}  # fmt: skip


def proposals(
    rng: Random,
    key: str,
    parent: Seen,
    other: str | None,
    shape: tuple[int, int, int],
    classes: int,
) -> Iterator[str]:
    """Networks that might be what a prompt asks for, some of which may not work.

    Args:
        rng: Decides.
        key: Of the prompt, as in ``conf/prompts/paper.yaml``.
        parent: The network that is edited.
        other: For a crossover, the source of the second.
        shape: Channels, height and width of an image.
        classes: Size of the output.
    """
    edits = _Edits(rng, parent, shape, classes)
    if key in WAYS:
        yield from edits.in_any_order(WAYS[key](edits))
    elif key == "crossover" and other is not None:
        yield from edits.in_any_order(edits.like(other))
    elif key == "improve" and rng.random() < 0.5:
        yield from rng.choice(IMPROVEMENTS)(edits)
    elif key == "deepen" and rng.random() < 0.3:
        yield from edits.factored(smaller=False)
    if key in ASKED:
        yield from edits.added(key)


@dataclass(frozen=True, slots=True)
class _Edits:
    """Ways to edit one network, each of them networks that may not work."""

    rng: Random
    parent: Seen
    shape: tuple[int, int, int]
    classes: int

    def in_any_order(self, ways: list[Iterator[str]]) -> Iterator[str]:
        self.rng.shuffle(ways)
        for way in ways:
            yield from way

    def widths(self, *, wider: bool, wanted: tuple[int, ...] = ()) -> Iterator[str]:
        fixed = frozenset((*self.shape, self.classes))
        return other_widths(self.rng, self.parent.source, fixed, wider, wanted)

    def rewired(self, *, wider: bool | None = None) -> Iterator[str]:
        return rewired(self.rng, self.parent, wider)

    def factored(self, *, smaller: bool) -> Iterator[str]:
        return factored(self.rng, self.parent, smaller=smaller)

    def without(self) -> Iterator[str]:
        return without(self.rng, self.parent)

    def activations(self, wanted: tuple[str, ...] = ACTIVATIONS) -> Iterator[str]:
        return other_activations(self.rng, self.parent.source, wanted)

    def kernels(self) -> Iterator[str]:
        return other_kernels(self.rng, self.parent)

    def put(self, kinds: tuple[str, ...], parent: Seen, *, residual: bool) -> Iterator[str]:
        return put(self.rng, kinds, parent, self.shape, self.classes, residual=residual)

    def added(self, key: str, parent: Seen | None = None) -> Iterator[str]:
        """With what a prompt asks for in it."""
        residual = key.startswith("add_residual") or (key == "deepen" and self.rng.random() < 0.3)
        for text in self.put(ASKED[key], parent or self.parent, residual=residual):
            if key != "add_residuals":
                yield text
                continue
            again = seen(text, self.shape)
            if again is not None:
                yield from self.put(ASKED[key], again, residual=True)

    def wider_and_deeper(self) -> Iterator[str]:
        """With a wider layer and another one."""
        for text in self.rewired(wider=True):
            wider = seen(text, self.shape)
            if wider is not None and wider.works:
                yield from self.added("deepen", wider)

    def like(self, other: str) -> list[Iterator[str]]:
        """With something of another network."""
        source = self.parent.source
        ways = []
        own = activations_of(source)
        acts = tuple(each for each in activations_of(other) if each not in own)
        if acts:
            ways.append(self.activations(acts))
        new = numbers(other) - numbers(source) - {*self.shape, self.classes}
        wanted = tuple(sorted(each for each in new if each > LARGE))
        if wanted:
            ways.append(self.widths(wider=True, wanted=wanted))
        theirs = [kind for kind, sign in TRAITS.items() if re.search(sign, other)]
        kinds = [kind for kind in theirs if not re.search(TRAITS[kind], source)]
        for kind in kinds or theirs:
            residual = self.rng.random() < 0.2
            ways.append(self.put((kind,), self.parent, residual=residual))
        return ways


WAYS: Mapping[str, Callable[[_Edits], list[Iterator[str]]]] = {
    "widen": lambda edits: [edits.widths(wider=True), edits.rewired(wider=True)],
    "improve_smaller": lambda edits: [
        edits.factored(smaller=True),
        edits.rewired(wider=False),
        edits.widths(wider=False),
        edits.without(),
    ],
    "improve_larger": lambda edits: [
        edits.factored(smaller=False),
        edits.rewired(wider=True),
        edits.widths(wider=True),
        edits.wider_and_deeper(),
        edits.wider_and_deeper(),
    ],
    "delete_layer": lambda edits: [edits.without()],
    "change_activation_or_kernel": lambda edits: [edits.activations(), edits.kernels()],
}
"""What can be done to do what a prompt asks for, beside what is put in (`ASKED`)."""
IMPROVEMENTS: tuple[Callable[[_Edits], Iterator[str]], ...] = (
    lambda edits: edits.widths(wider=True),
    lambda edits: edits.rewired(),
    lambda edits: edits.activations(),
    lambda edits: edits.wider_and_deeper(),
    lambda edits: edits.added("add_residual"),
)
