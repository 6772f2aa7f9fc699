"""From source to a network, and what it measures: FLOPs, parameters, width, depth.

Executes generated code, so it belongs inside the sandbox. What a network costs is read
off its tensors and the operations that run, never asked of its own methods. Knows
nothing of training.
"""

from llmatic.network.build import NetworkError, build, describe, restore, status_of
from llmatic.network.figures import Again, Figures, measure, measure_again
from llmatic.network.gate import Limits, check_limits, check_on_meta
from llmatic.network.structure import parameters, size

__all__ = [
    "Again",
    "Figures",
    "Limits",
    "NetworkError",
    "build",
    "check_limits",
    "check_on_meta",
    "describe",
    "measure",
    "measure_again",
    "parameters",
    "restore",
    "size",
    "status_of",
]
