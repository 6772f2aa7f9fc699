"""How large a network may become."""

from __future__ import annotations

from math import prod

from llmatic.llm.grammar.repair import Network

__all__ = ["affordable"]

MACS_PER_PIXEL = 5_000_000 / 64
MOST_PARAMETERS = 3_000_000
DEEPEST = 100
LONGEST = 30_000


def affordable(child: Network, *parents: Network) -> bool:
    """Whether a network is within the limits, or no larger than a parent that was not."""
    macs = MACS_PER_PIXEL * prod(child.input_shape[1:])
    limits = (macs, MOST_PARAMETERS, DEEPEST, LONGEST)
    return all(
        size <= max([limit, *(measures(parent)[position] for parent in parents)])
        for position, (size, limit) in enumerate(zip(measures(child), limits, strict=True))
    )


def measures(network: Network) -> tuple[int, int, int, int]:
    """Cost, learnt numbers, depth and length of text."""
    return network.macs, network.parameters, network.depth, len(network.text)
