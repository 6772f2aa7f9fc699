"""A writer without weights: it carries out each prompt on the parent's syntax tree.

A grammar and not a language model. It reads no prompt text, only the prompt's key,
and knows as much of networks as its rules say. It takes the place of a model where
there is none: for trying the search out, for tests and as a baseline.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from random import Random

from llmatic.llm import Completion, Request
from llmatic.llm.grammar.editing.create import create
from llmatic.llm.grammar.editing.crossover import crossover
from llmatic.llm.grammar.editing.edits import EDITS, Edit
from llmatic.llm.grammar.editing.fallback import by_pattern
from llmatic.llm.grammar.editing.limits import Limits
from llmatic.llm.grammar.reading.repair import Network, repaired

__all__ = ["GrammarWriter"]

TRIES = 16
MOST_EDITS = 4
SMALLER = 0.6
LARGER = 1.5
INSTEAD = ("change_activation_or_kernel", "widen", "add_layer", "add_dropout")


class GrammarWriter:
    """Writes networks by grammar; it is not a language model and has no weights.

    A request's seed and prompt key decide everything. The temperature says how bold
    an edit is: how many changes, how large, how unusual. A parent that cannot be
    understood is edited by pattern, and one that no pattern fits comes back unchanged.
    """

    def __init__(self, max_flops: float) -> None:
        """Set how far it may go.

        Args:
            max_flops: Multiply-accumulates for one image that its networks may cost.
        """
        self._limits = Limits(max_flops)

    def write(self, requests: Sequence[Request]) -> Generator[Completion]:
        """One network per request, in order."""
        for request in requests:
            start = time.perf_counter()
            text = answer(request, self._limits)
            yield Completion(text, 0, 0, time.perf_counter() - start, "stop", "grammar")


def answer(request: Request, limits: Limits) -> str:
    """The text that answers a request."""
    rng = Random(f"{request.seed} {request.prompt_key}")
    bold = min(max(request.temperature, 0.0), 1.0)
    shape, classes = request.input_shape, request.classes
    if request.prompt_key == "create" or not request.parents:
        return created(rng, bold, request, limits)
    parents = [repaired(text, shape, classes) for text in request.parents]
    understood = [parent for parent in parents if parent is not None]
    if request.prompt_key == "crossover" and len(understood) > 1:
        child = crossed(understood[0], understood[1], rng, limits)
        if child is not None:
            return child.text
    if parents[0] is not None and request.prompt_key == "repair":
        return parents[0].text
    if parents[0] is None:
        return by_pattern(request.parents[0], rng, bold, shape, classes)
    return mutated(parents[0], rng, bold, request.prompt_key, limits).text


def created(rng: Random, bold: float, request: Request, limits: Limits) -> str:
    """A network from scratch."""
    text = ""
    for _ in range(TRIES):
        text = create(rng, bold, request.input_shape, request.classes)
        network = repaired(text, request.input_shape, request.classes)
        if network is not None and limits.allow(network):
            return network.text
    return text


def crossed(first: Network, second: Network, rng: Random, limits: Limits) -> Network | None:
    """A network with parts of both, or None where they do not go together."""
    for _ in range(TRIES):
        text = crossover(first, second, rng)
        child = None if text is None else repaired(text, first.input_shape, first.classes)
        if child is not None and limits.allow(child, first, second):
            return child
    return None


def mutated(parent: Network, rng: Random, bold: float, key: str, limits: Limits) -> Network:
    """The parent after one edit, or after a few when bold.

    Where the prompt cannot be carried out, something else is changed, for a child
    that equals its parent is worth nothing.
    """
    edit = EDITS.get(key, EDITS["improve"])
    count = 1 + sum(rng.random() < bold**1.5 for _ in range(MOST_EDITS - 1))
    network = edited(parent, edit, key, rng, bold, limits)
    if network is None:
        for other in INSTEAD:
            network = edited(parent, EDITS[other], other, rng, bold, limits)
            if network is not None:
                return network
        return parent
    for _ in range(count - 1):
        further = edited(network, edit, key, rng, bold, limits)
        if further is not None and further.text != parent.text:
            network = further
    return network


def edited(
    parent: Network, edit: Edit, key: str, rng: Random, bold: float, limits: Limits
) -> Network | None:
    """The network after one edit that works, or None after trying often."""
    for attempt in range(TRIES):
        text = edit(parent, rng, bold)
        child = None if text is None else repaired(text, parent.input_shape, parent.classes)
        if child is None or child.text == parent.text or not limits.allow(child, parent):
            continue
        if fits(child, parent, key, strict=attempt < TRIES // 2):
            return child
    return None


def fits(child: Network, parent: Network, key: str, strict: bool) -> bool:
    """Whether a child is as much smaller or larger as its prompt wants."""
    if key == "improve_smaller":
        share = SMALLER if strict else 1
        return child.parameters < share * parent.parameters or child.macs < share * parent.macs
    if key == "improve_larger":
        share = LARGER if strict else 1
        return child.parameters > share * parent.parameters or child.macs > share * parent.macs
    return True
