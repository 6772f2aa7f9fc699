"""Keys and values of texts that are being written, in memory that is taken once.

The transformers library copies all of them for every token, which for a small model takes longer
than the rest. Knows nothing of what is written.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer

__all__ = ["room_for"]


class RoomyLayer(DynamicLayer):
    """What one layer remembers: views of memory for as many tokens as there can be.

    A text only grows, and no rows are taken out: that is all that writing needs.
    """

    def __init__(self, tokens: int) -> None:
        """Set how many tokens there can be."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._tokens = tokens
        self._held = 0
        self._room: tuple[Tensor, Tensor] | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Remember some tokens, shape (rows, heads, tokens, width); all that are remembered."""
        if self._room is None:
            self.lazy_initialization(key_states, value_states)
            rows, heads, _, width = key_states.shape
            self._room = (
                key_states.new_empty(rows, heads, self._tokens, width),
                value_states.new_empty(rows, heads, self._tokens, value_states.shape[3]),
            )
        start, self._held = self._held, self._held + key_states.shape[2]
        assert self._held <= self._tokens
        keys, values = self._room
        keys[:, :, start : self._held] = key_states
        values[:, :, start : self._held] = value_states
        self.keys, self.values = keys[:, :, : self._held], values[:, :, : self._held]
        return self.keys, self.values


def room_for(architecture: Any, tokens: int) -> Cache:
    """Memory for a model, which remembers in its own way where it does not remember all.

    Args:
        architecture: Configuration of the transformers library.
        tokens: Of the longest text, prompt included.
    """
    usual = DynamicCache(config=architecture)
    if not usual.layers or any(type(each) is not DynamicLayer for each in usual.layers):
        return usual
    return Cache(layers=[RoomyLayer(tokens) for _ in usual.layers])
