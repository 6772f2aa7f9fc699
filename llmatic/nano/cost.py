"""What the networks of examples cost: each is run once, in this process.

So this is for what our own programs write and for what is in the repository, whatever it raises;
nothing but memory is bounded. What a model writes belongs in the sandbox.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from llmatic.nano.examples import InputShape
from llmatic.nano.memory import bounded
from llmatic.network.build import build
from llmatic.network.figures import Counter

__all__ = ["Cost", "cost"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network needs.

    Attributes:
        parameters: Learnt numbers.
        flops: Multiply-accumulates of one image, those of fused recurrent layers left out.
    """

    parameters: int
    flops: float


def cost(source: str, shape: InputShape, classes: int, largest: float = math.inf) -> Cost | None:
    """What a network costs; None where it learns nothing, or gives no scores in 2 GiB.

    Args:
        source: Of the network.
        shape: Channels, height and width of an image.
        classes: Scores of each.
        largest: A network with more parameters is not run, and None.
    """
    try:
        with bounded():
            network = build(source, shape).eval()
            count = sum(each.numel() for each in network.parameters())
            if not 0 < count <= largest:
                return None
            with torch.no_grad(), Counter() as counter:
                found = network(torch.zeros(2, *shape))
    except Exception:  # generated code may raise anything
        return None
    is_scores = isinstance(found, torch.Tensor) and tuple(found.shape) == (2, classes)
    return Cost(count, counter.flops / 2) if is_scores else None
