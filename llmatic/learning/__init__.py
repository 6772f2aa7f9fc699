"""How a language model that runs on this machine learns: batches, an optimizer, a training.

What it learns from is a matter of others; `adapting` makes it of a search.
"""

from __future__ import annotations

__all__: list[str] = []
