"""Exported PyTorch programs (pt2) that generated code had its hands in, made safe to load.

From the archive to its smallest part: `archives`, `graphs`, `rules`, and `aten`, the list of
operators. Knows nothing but Python.
"""

from llmatic.delivery.pt2.archives import RefusedError, rewritten

__all__ = ["RefusedError", "rewritten"]
