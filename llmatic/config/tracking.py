"""Where the journal is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmatic.config.checks import require

__all__ = ["TrackingConfig"]


@dataclass(frozen=True)
class TrackingConfig:
    """Where the journal is kept, and how long to wait for its server when that is down."""

    uri: str
    experiment: str
    artifacts: str
    wait_s: float = 600.0

    def __post_init__(self) -> None:
        require(self.wait_s >= 0, "tracking.wait_s", self.wait_s, "at least 0")

    @property
    def public(self) -> TrackingConfig:
        """The same for the store itself to keep: without its own address."""
        return replace(self, uri="(not recorded)")
