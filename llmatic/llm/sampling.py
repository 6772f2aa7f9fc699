"""Sampling and stopping for a batch whose rows each have a temperature and a seed.

What a row becomes does not depend on the rows beside it: its random numbers are its
own, and so is its end. Where an edit says what it looks for, nothing can follow but
lines that its parent has, and it does not end where it puts back what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from transformers import LogitsProcessor, StoppingCriteria

from llmatic.genome.edits import CLOSE, MIDDLE, changes_nothing, following, is_open
from llmatic.llm.stopping import is_complete

__all__ = ["FoundEdits", "RowEnd", "RowSampler", "choose"]

LOOK_EVERY = 8
"""Steps between two looks at whether a text is complete."""


def choose(
    scores: Tensor, temperatures: Tensor, uniforms: Tensor, top_p: float, top_k: int
) -> Tensor:
    """Sample one token per row.

    Args:
        scores: Logits, shape (rows, vocabulary).
        temperatures: Shape (rows,), above 0.
        uniforms: Random numbers in [0, 1), shape (rows,).
        top_p: Share of the probability that the most probable tokens make up, which are
            chosen from.
        top_k: How many tokens are chosen from at most; 0 for no limit.

    Returns:
        Token ids, shape (rows,).
    """
    ordered, tokens = torch.sort(
        scores.float() / temperatures[:, None], descending=True, stable=True
    )
    if top_k:
        ordered = ordered[:, :top_k]
    probabilities = torch.softmax(ordered, dim=-1)
    before = probabilities.cumsum(-1) - probabilities
    kept = probabilities.where(before < top_p, 0.0)
    shares = kept.cumsum(-1)
    drawn = uniforms[:, None].to(shares) * shares[:, -1:]
    places = torch.searchsorted(shares, drawn, right=True)
    last = (kept > 0).sum(-1, keepdim=True) - 1
    return tokens.gather(1, places.minimum(last))[:, 0]


class RowSampler(LogitsProcessor):
    """Leaves each row the one token that is sampled for it."""

    def __init__(
        self,
        seeds: Sequence[int],
        temperatures: Sequence[float],
        prompt_length: int,
        steps: int,
        top_p: float,
        top_k: int,
    ) -> None:
        """Draw the random numbers of every row.

        Args:
            seeds: One per row.
            temperatures: One per row.
            prompt_length: Columns of the batch before the first new token.
            steps: New tokens at most.
            top_p: See `choose`.
            top_k: See `choose`.
        """
        self._uniforms = torch.stack(
            [torch.rand(steps, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        )
        self._temperatures = torch.tensor(temperatures)
        self._prompt_length = prompt_length
        self._top_p = top_p
        self._top_k = top_k

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores, shape (rows, vocabulary), that are finite for the sampled tokens alone."""
        step = input_ids.shape[1] - self._prompt_length
        device = scores.device
        tokens = choose(
            scores,
            self._temperatures.to(device),
            self._uniforms[:, step].to(device),
            self._top_p,
            self._top_k,
        )
        alone = torch.full_like(scores, -torch.inf)
        return alone.scatter(1, tokens[:, None], 0.0)


class FoundEdits(LogitsProcessor):
    """Leaves each row the tokens with which its edits are whole and find their places."""

    def __init__(
        self,
        parents: Sequence[Sequence[str]],
        prompt_length: int,
        ends: Sequence[int],
        decode: Callable[[Tensor], list[str]],
        pieces: Callable[[], Mapping[str, Sequence[int]]],
    ) -> None:
        """Keep what is needed to read.

        Args:
            parents: Sources that each row was shown.
            prompt_length: Columns of the batch before the first new token.
            ends: Tokens that end a text.
            decode: The texts of rows of tokens.
            pieces: Gives the tokens of each text, as it is behind another token.
        """
        self._parents = parents
        self._prompt_length = prompt_length
        self._ends = list(ends)
        self._decode = decode
        self._pieces = pieces

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores, shape (rows, vocabulary), that are finite for tokens that may follow."""
        left = scores.clone()
        for row, text in enumerate(self._decode(input_ids[:, self._prompt_length :])):
            if not self._parents[row] or not is_open(text):
                continue
            rests = following(text, self._parents[row])
            if rests is None:
                left[row, self._ends] = -torch.inf
                if changes_nothing(text):
                    left[row, self._marks()] = -torch.inf
            else:
                tokens = self._opening(text, rests) or self._ends
                left[row] = -torch.inf
                left[row, tokens] = scores[row, tokens]
        return left

    def _opening(self, written: str, rests: Sequence[str]) -> list[int]:
        """Tokens that one of some texts begins with, or that go on behind an edit's mark."""
        known = self._pieces()
        longest = max(map(len, known))
        found: set[int] = set()
        for rest in rests:
            for length in range(1, min(longest, len(rest)) + 1):
                found.update(known.get(rest[:length], ()))
            if f"{written}{rest}".endswith(f"\n{MIDDLE}"):
                for text, tokens in known.items():
                    if text.startswith(rest):
                        found.update(tokens)
        return sorted(found)

    def _marks(self) -> list[int]:
        """Tokens with which an edit's last mark can begin."""
        known = self._pieces()
        return [token for text in known if text[0] == CLOSE[0] for token in known[text]]


class RowEnd(StoppingCriteria):
    """Ends each row where its network is complete or its share of tokens is used up.

    Attributes:
        lengths: New tokens of each row that ended so; the others ended by themselves.
    """

    def __init__(
        self,
        limits: Sequence[int],
        parents: Sequence[Sequence[str]],
        prompt_length: int,
        decode: Callable[[Tensor], list[str]],
    ) -> None:
        """Set the limits.

        Args:
            limits: New tokens at most, one per row.
            parents: Sources that each row was shown.
            prompt_length: Columns of the batch before the first new token.
            decode: The texts of rows of tokens.
        """
        self.lengths: dict[int, int] = {}
        self.complete: set[int] = set()
        self._limits = limits
        self._parents = parents
        self._prompt_length = prompt_length
        self._decode = decode

    def __call__(self, input_ids: Tensor, scores: Tensor, **_: object) -> Tensor:
        """Which rows end here, shape (rows,)."""
        step = input_ids.shape[1] - self._prompt_length
        for row, limit in enumerate(self._limits):
            if step >= limit:
                self.lengths.setdefault(row, step)
        if step % LOOK_EVERY == 0:
            texts = self._decode(input_ids[:, self._prompt_length :])
            for row, text in enumerate(texts):
                if row not in self.lengths and is_complete(text, self._parents[row]):
                    self.lengths[row] = step
                    self.complete.add(row)
        ended = [row in self.lengths for row in range(len(input_ids))]
        return torch.tensor(ended, device=input_ids.device)
