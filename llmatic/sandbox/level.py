"""By which mechanisms generated code is kept apart: a value. Does not know how they work."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOTH", "BUBBLEWRAP", "LANDLOCK", "NONE", "Isolation"]


@dataclass(frozen=True, slots=True)
class Isolation:
    """By which mechanisms generated code is kept apart.

    Attributes:
        landlock: Each candidate's process gives up files and signals for good.
        bubblewrap: The worker is in namespaces of its own.
    """

    landlock: bool
    bubblewrap: bool

    @property
    def confines(self) -> bool:
        """Whether there is any; system calls are filtered as well then."""
        return self.landlock or self.bubblewrap

    @property
    def flags(self) -> dict[str, bool]:
        """By name, as JSON holds them."""
        return {"landlock": self.landlock, "bubblewrap": self.bubblewrap}

    def __str__(self) -> str:
        """The mechanisms, or ``none``."""
        return "+".join(name for name, used in self.flags.items() if used) or "none"


BOTH = Isolation(landlock=True, bubblewrap=True)
LANDLOCK = Isolation(landlock=True, bubblewrap=False)
BUBBLEWRAP = Isolation(landlock=False, bubblewrap=True)
NONE = Isolation(landlock=False, bubblewrap=False)
