"""From source to a network, and what it measures: FLOPs, parameters, width, depth.

Executes generated code, so it belongs inside the sandbox. What a network costs is read
off its tensors and the operations that run, never asked of its own methods. Knows
nothing of training.
"""

from llmatic.network.build import NetworkError, build, describe, status_of
from llmatic.network.figures import Figures, flops_per_image, measure
from llmatic.network.gate import Limits, check_limits, check_on_meta
from llmatic.network.structure import parameters, size

__all__ = [
    "Figures",
    "Limits",
    "NetworkError",
    "build",
    "check_limits",
    "check_on_meta",
    "describe",
    "flops_per_image",
    "measure",
    "parameters",
    "size",
    "status_of",
]
