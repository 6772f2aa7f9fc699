"""Where candidates are evaluated: here, or on a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from llmatic.config.checks import require

__all__ = ["ExecutorConfig", "LocalConfig", "RayConfig"]

ADDRESS = re.compile(r"[^/\s]+:\d+")


@dataclass(frozen=True)
class LocalConfig:
    """Candidates are evaluated on this machine."""

    name: Literal["local"]
    slots: int

    def __post_init__(self) -> None:
        require(self.slots > 0, "executor.slots", self.slots, "at least 1")


@dataclass(frozen=True)
class RayConfig:
    """Candidates are evaluated on the nodes of a Ray cluster.

    Attributes:
        name: Of the executor.
        address: ``HOST:PORT`` of the cluster or ``auto``; null: start one on this machine.
        slots: Candidates at once; null: as many as the nodes have room for.
        cpus: Of a node, for each slot.
        gpus: Of a node, for each slot; may be a part of one.
        wait_s: How long to wait where no node has room for a slot.
    """

    name: Literal["ray"]
    address: str | None
    slots: int | None
    cpus: float
    gpus: float
    wait_s: float

    def __post_init__(self) -> None:
        address, slots = self.address, self.slots
        known = address is None or address == "auto" or ADDRESS.fullmatch(address) is not None
        require(known, "executor.address", address, "HOST:PORT, auto or null")
        require(slots is None or slots > 0, "executor.slots", slots, "at least 1 or null")
        require(self.cpus > 0, "executor.cpus", self.cpus, "above 0")
        require(self.gpus >= 0, "executor.gpus", self.gpus, "at least 0")
        require(self.wait_s >= 0, "executor.wait_s", self.wait_s, "at least 0")


ExecutorConfig: TypeAlias = Annotated[LocalConfig | RayConfig, Field(discriminator="name")]
