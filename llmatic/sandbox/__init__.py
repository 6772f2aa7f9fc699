"""Keeps generated code apart from the machine, from other candidates, and from its own score.

The controller `choose`s an `Isolation` that provably works here and starts a `Worker`
with it. The worker loads everything, forks a process for each candidate, and that
process enters a `Confinement` before it reads generated code. Knows nothing of
networks. What is covered by which mechanism, and what is not: docs/security.md.
"""

from llmatic.sandbox.allowed import uses_gpu
from llmatic.sandbox.isolation import REMEDY, Property, SandboxError, choose, probe
from llmatic.sandbox.level import Isolation
from llmatic.sandbox.processes import (
    Worker,
    WorkerError,
    end_descendants,
    scratch_folder,
)

__all__ = [
    "REMEDY",
    "Isolation",
    "Property",
    "SandboxError",
    "Worker",
    "WorkerError",
    "choose",
    "end_descendants",
    "probe",
    "scratch_folder",
    "uses_gpu",
]
