"""A causal language model that runs on this machine.

Any model that the transformers library loads, from the hub or a folder. Knows
nothing of what is asked; prompts come rendered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    StoppingCriteriaList,
)

from llmatic.config import TransformersConfig
from llmatic.llm import Completion, LLMError, Request, Written
from llmatic.llm.local import load, look, prompt_tokens
from llmatic.llm.room import room_for
from llmatic.llm.sampling import FoundEdits, RowEnd, RowSampler

__all__ = ["TransformersLLM"]

FEWEST_TOKENS = 32
"""An answer for which the prompt leaves less room is not begun."""
REFUSED = "", 0, "refused: the prompt leaves no room for an answer"


@dataclass(frozen=True, slots=True)
class _Row:
    """One request in tokens."""

    request: Request
    tokens: list[int]
    limit: int


class TransformersLLM:
    """Generates batches in which every row has its own temperature, seed and end.

    The tokenizer is read at once, the weights when the first network is to be written.
    A row's text does not depend on its batch, but for rounding.
    """

    def __init__(
        self, config: TransformersConfig, say: Callable[[str], None], model: Any = None
    ) -> None:
        """Read what says whether the model can be used.

        Args:
            config: Settings.
            say: Called with what the user should read.
            model: With its weights, where that is loaded; None: it is when it is needed.

        Raises:
            LLMError: There is no such model, or it cannot be asked as configured.
        """
        self._config = config
        self._say = say
        self._batch_size = config.batch_size
        self._model = model
        self._architecture, self._tokenizer = look(config)
        parts = (config.model, config.adapter)
        self._name = " + ".join(_called(part) for part in parts if part is not None)

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One completion per request, a batch at a time.

        Raises:
            LLMError: The model cannot be loaded, or not even one request fits in memory.
        """
        rows = [self._row(request) for request in requests]
        most = self._config.max_new_tokens
        roomy = [row for row in rows if row.limit == most]
        tight = [row for row in rows if min(FEWEST_TOKENS, most) <= row.limit < most]
        refused = [row for row in rows if row.limit < min(FEWEST_TOKENS, most)]
        if refused:
            yield [(row.request, self._completion(row, REFUSED, 0.0)) for row in refused]
        if roomy or tight:
            self._loaded()
        while roomy:
            batch = roomy[: self._batch_size]
            written = self._attempt(batch)
            if written is None:
                self._halve(len(batch))
            else:
                yield written
                roomy = roomy[len(batch) :]
        for row in tight:  # beside a longer or shorter one it would run out of its context
            written = self._attempt([row])
            if written is None:
                self._halve(1)
            else:
                yield written

    def _attempt(self, rows: Sequence[_Row]) -> Written | None:
        """What is written for one batch; None where it does not fit in memory."""
        start = time.perf_counter()
        try:
            answers = self._generate(rows)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            return None
        seconds = (time.perf_counter() - start) / len(rows)
        return [
            (row.request, self._completion(row, answer, seconds))
            for row, answer in zip(rows, answers, strict=True)
        ]

    def _completion(self, row: _Row, answer: tuple[str, int, str], seconds: float) -> Completion:
        text, tokens, reason = answer
        return Completion(text, len(row.tokens), tokens, seconds, reason, self._name)

    def _row(self, request: Request) -> _Row:
        (tokens,) = prompt_tokens(self._tokenizer, self._config.style, [request.prompt])
        context = getattr(self._architecture, "max_position_embeddings", None)
        limit = self._config.max_new_tokens
        return _Row(
            request, tokens, limit if context is None else min(limit, context - len(tokens))
        )

    def _generate(self, rows: Sequence[_Row]) -> list[tuple[str, int, str]]:
        """Text, tokens and finish reason of every row."""
        model = self._loaded()
        batch = self._tokenizer.pad(
            {"input_ids": [row.tokens for row in rows]}, return_tensors="pt"
        ).to(model.device)
        width, steps = batch["input_ids"].shape[1], max(row.limit for row in rows)
        parents = [row.request.parents for row in rows]
        end = RowEnd([row.limit for row in rows], parents, width, self._decoded)
        sampler = RowSampler(
            [row.request.seed for row in rows],
            [row.request.temperature for row in rows],
            width,
            steps,
            self._config.top_p,
            self._config.top_k,
        )
        found = FoundEdits(parents, width, self._ends, self._decoded, lambda: self._pieces)
        with torch.inference_mode():
            output = model.generate(
                **batch,
                cache=room_for(self._architecture, width + steps),
                generation_config=self._generation(steps),
                logits_processor=LogitsProcessorList([found, sampler]),
                stopping_criteria=StoppingCriteriaList([end]),
            )
        return [self._answer(new, end, row) for row, new in enumerate(output[:, width:])]

    def _answer(self, tokens: Tensor, end: RowEnd, row: int) -> tuple[str, int, str]:
        length = end.lengths.get(row, len(tokens))
        ends = torch.isin(tokens[:length], torch.tensor(self._ends, device=tokens.device)).nonzero()
        stopped = len(ends) > 0 or row in end.complete
        if len(ends):
            length = int(ends[0]) + 1
        (text,) = self._decoded(tokens[None, :length])
        return text, length, "stop" if stopped else "length"

    def _decoded(self, tokens: Tensor) -> list[str]:
        texts: list[str] = self._tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return texts

    @cached_property
    def _pieces(self) -> dict[str, list[int]]:
        """Tokens by their text, as it is behind another token; some are empty there."""
        every = torch.arange(len(self._tokenizer))
        (before,) = self._decoded(every[:1, None])
        found: dict[str, list[int]] = {}
        for token, text in enumerate(self._decoded(torch.stack([every * 0, every], 1))):
            found.setdefault(text[len(before) :], []).append(token)
        found.pop("", None)
        return found

    @property
    def _ends(self) -> list[int]:
        """Tokens that end a text."""
        own = self._loaded().generation_config.eos_token_id
        given = own if isinstance(own, list) else [own]
        return sorted({each for each in (*given, self._tokenizer.eos_token_id) if each is not None})

    def _generation(self, steps: int) -> GenerationConfig:
        """All that decides about generation, whatever the model's own settings say."""
        return GenerationConfig(
            do_sample=False,
            num_beams=1,
            max_new_tokens=steps,
            max_length=None,
            repetition_penalty=1.0,
            no_repeat_ngram_size=0,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=self._ends,
            use_cache=True,
        )

    def _halve(self, tried: int) -> None:
        if tried == 1:
            raise LLMError(
                f"llm.model={self._config.model}: not even one request fits in memory; choose a "
                "smaller model, llm.bits=4 or fewer llm.max_new_tokens"
            )
        self._batch_size = tried // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._say(
            f"{tried} requests at once do not fit in memory; from now on {self._batch_size} "
            f"(llm.batch_size={self._batch_size} saves the attempt)"
        )

    def _loaded(self) -> Any:
        if self._model is None:
            self._say(f"Loading {self._config.model} ...")
            self._model = load(self._config)
        return self._model


def _called(model: str) -> str:
    """A model for a record, which is no place for a machine's paths."""
    return Path(model).name if Path(model).expanduser().is_dir() else model


def _is_memory(error: Exception) -> bool:
    """Whether memory did not suffice; PyTorch's CPU allocator raises a plain RuntimeError."""
    return not isinstance(error, RuntimeError) or (
        isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    )
