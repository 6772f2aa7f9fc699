"""Examples as batches of tokens: similar lengths together, about as many tokens in each.

Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from llmatic.config import Style
from llmatic.llm.local import prompt_tokens

__all__ = ["LONGEST_EXAMPLE", "Batch", "Plan", "Tokens", "padded", "tokens_of"]

LONGEST_EXAMPLE = 1_280
"""Tokens of an example; a longer one is not learnt."""
IGNORED = -100
"""What stands where no token is to be predicted; PyTorch's cross entropy leaves it out."""
AT_ONCE = 1_000
"""Texts that are made tokens of together."""
POOL = 256
"""Batches' worth of examples that are sorted by length together."""
STEP = 64
"""Lengths of batches are multiples of it, for a processor prepares itself for every new shape."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One example.

    Attributes:
        ids: Prompt, answer and end.
        prompt: How many of them are the prompt.
        weight: Of the example in the loss.
    """

    ids: NDArray[np.int32]
    prompt: int
    weight: float = 1.0


class Batch(NamedTuple):
    """Examples side by side.

    Attributes:
        ids: Shape (rows, length).
        targets: The token after each, `IGNORED` where none counts; shape (rows, length).
        weights: Of each target in the loss; shape (rows, length).
    """

    ids: Tensor
    targets: Tensor
    weights: Tensor


def tokens_of(
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[tuple[str, str]],
    longest: int,
    weights: Sequence[float] | None = None,
    style: Style = "completion",
) -> list[Tokens]:
    """Prompts and answers in tokens, but for those that are too long.

    Args:
        tokenizer: Makes tokens.
        texts: Prompts with their answers.
        longest: Tokens of an example at most.
        weights: Of the examples in the loss; None for equal ones.
        style: How the model that is to learn is asked.
    """
    end = tokenizer.eos_token_id
    found: list[Tokens] = []
    for start in range(0, len(texts), AT_ONCE):
        some = texts[start : start + AT_ONCE]
        heavy = [1.0] * len(some) if weights is None else weights[start : start + AT_ONCE]
        prompts = prompt_tokens(tokenizer, style, [prompt for prompt, _ in some])
        answers = tokenizer([answer for _, answer in some], add_special_tokens=False)["input_ids"]
        found += [
            Tokens(np.array([*prompt, *answer, end], np.int32), len(prompt), weight)
            for prompt, answer, weight in zip(prompts, answers, heavy, strict=True)
            if len(prompt) + len(answer) + 1 <= longest
        ]
    return found


def padded(rows: Sequence[Tokens], padding: int, prompt_weight: float = 0.0) -> Batch:
    """Rows of tokens as one batch.

    Args:
        rows: Examples.
        padding: The token behind their ends.
        prompt_weight: How much a token of a prompt counts, by one of an answer.
    """
    length = _rounded(max(len(row.ids) for row in rows) - 1)
    ids = torch.full((len(rows), length), padding)
    targets = torch.full((len(rows), length), IGNORED)
    weights = torch.zeros(len(rows), length)
    for number, row in enumerate(rows):
        known = torch.from_numpy(row.ids.astype(np.int64))
        ids[number, : len(known) - 1] = known[:-1]
        first = 0 if prompt_weight else row.prompt - 1
        targets[number, first : len(known) - 1] = known[first + 1 :]
        weights[number, : row.prompt - 1] = prompt_weight * row.weight
        weights[number, row.prompt - 1 : len(known) - 1] = row.weight
    return Batch(ids, targets, weights)


def _rounded(length: int) -> int:
    return -(-length // STEP) * STEP


class Plan:
    """Which examples stand in which batch, over all passes; the same for the same seed."""

    def __init__(self, lengths: Sequence[int], tokens: int, passes: int, seed: int) -> None:
        """Make the plan.

        Args:
            lengths: Tokens of each example.
            tokens: Of a batch, padding included.
            passes: How often each example occurs.
            seed: Of the order.
        """
        numbers = np.random.default_rng(seed)
        self.batches: list[list[int]] = []
        for _ in range(passes):
            self.batches += self._one_pass(numbers, lengths, tokens)

    @staticmethod
    def _one_pass(
        numbers: np.random.Generator, lengths: Sequence[int], tokens: int
    ) -> list[list[int]]:
        order = numbers.permutation(len(lengths))
        pool = POOL * max(1, tokens // max(1, int(np.mean(lengths))))
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            some = sorted(order[start : start + pool], key=lambda each: lengths[each])
            batch: list[int] = []
            for each in some:
                length = _rounded(lengths[each] - 1)
                is_longer = batch and length > _rounded(lengths[batch[0]] - 1)
                if is_longer or (batch and (len(batch) + 1) * length > tokens):
                    batches.append(batch)
                    batch = []
                batch.append(int(each))
            batches.append(batch)
        numbers.shuffle(batches)
        return batches

    def __len__(self) -> int:
        return len(self.batches)

    def after(self, step: int) -> Iterator[list[int]]:
        """The batches that come after so many."""
        return iter(self.batches[step:])
