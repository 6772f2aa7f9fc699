"""What a writer can be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmatic.config.checks import require

__all__ = ["PromptsConfig"]

KEY = re.compile(r"[a-z][a-z0-9_]{0,60}")
RESERVED_KEYS = ("crossover", "create", "repair")


@dataclass(frozen=True)
class PromptsConfig:
    """What a writer can be asked; the order of the mutations is the prompt archive's first axis."""

    mutations: dict[str, str | None]
    crossover: str
    create: str
    repair: str
    requirements: str

    def __post_init__(self) -> None:
        for key in self.mutations:
            require(
                bool(KEY.fullmatch(key)),
                f"prompts.mutations.{key}",
                self.mutations[key],
                "named by small letters, digits and underscores",
            )
            require(key not in RESERVED_KEYS, f"prompts.mutations.{key}", "...", "named otherwise")
        kept = [key for key, request in self.mutations.items() if request is not None]
        require(len(kept) > 1, "prompts.mutations", kept, "at least 2 prompts")
