"""A byte-level BPE tokenizer for one small language: PyTorch networks and requests to edit them.

Digits stand alone, a line's end and the indentation after it are one piece, and a name
that a network gives is the same pieces wherever it stands. Knows nothing of models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

__all__ = ["END", "VOCABULARY", "trained_tokenizer"]

VOCABULARY = 1_024
END = "<|end|>"
PAD = "<|pad|>"
CONTEXT = 2_048
PIECES = (
    r"(?:from|import) [a-zA-Z_. ]+|class Net[^\n]*|def (?:__init__|forward)\(self[^\n]*"
    r"|super\(\)[^\n]*|return "
    r"|\n+ *|[0-9]|(?:nn|F|torch|nn\.functional)\.\w+\(?|self\.|,? ?[a-z_]+=(?!=)"
    r"|[A-Za-z_]+(?:[123]d\b)?| ?[^\sA-Za-z0-9_]+ ?|\s+"
)


def trained_tokenizer(texts: Iterable[str], fixed: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer whose pieces are those of some texts.

    Args:
        texts: As the model will see them.
        fixed: What occurs in every one of them; each becomes one piece.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = [each for each in fixed if each]
    between = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"\Z")
    parts = (part for text in texts for part in between.split(text))
    tokenizer.train_from_iterator(parts, trainer)
    tokenizer.add_tokens([AddedToken(each, normalized=False) for each in words])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
