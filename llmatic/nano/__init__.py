"""A small code model for one small language: its corpus, its tokenizer, its training.

A transformer of a few million parameters for PyTorch networks that are edited on request. What
tries writers (`trial`) serves others as well.
Nothing here is needed to use it; `llmatic.llm` loads it like any other model.
"""

from __future__ import annotations

__all__: list[str] = []
