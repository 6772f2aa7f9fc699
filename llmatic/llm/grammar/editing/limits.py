"""How large a network may become."""

from __future__ import annotations

from dataclasses import dataclass

from llmatic.llm.grammar.reading.repair import Network

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network may have at most.

    Attributes:
        macs: Multiply-accumulates for one image.
        parameters: Learnt numbers.
        depth: Operations.
        length: Characters of source.
    """

    macs: float
    parameters: int = 3_000_000
    depth: int = 100
    length: int = 30_000

    def allow(self, child: Network, *parents: Network) -> bool:
        """Whether a network is within the limits, or no larger than a parent that was not."""
        limits = (self.macs, self.parameters, self.depth, self.length)
        return all(
            size <= max([limit, *(measures(parent)[position] for parent in parents)])
            for position, (size, limit) in enumerate(zip(measures(child), limits, strict=True))
        )


def measures(network: Network) -> tuple[int, int, int, int]:
    """Cost, learnt numbers, depth and length of text."""
    return network.macs, network.parameters, network.depth, len(network.text)
