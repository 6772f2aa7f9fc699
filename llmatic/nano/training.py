"""Trains the small code model, from the corpus to the folder that ships.

What is made on the way (corpus, tokens, checkpoints) stays in a folder, from which an
interrupted training goes on. Knows nothing of searches.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from lightning.pytorch import seed_everything
from lightning.pytorch.loggers import Logger
from transformers import LlamaConfig, LlamaForCausalLM

from llmatic.config import TransformersConfig
from llmatic.genome.edits import CLOSE, MIDDLE, OPEN
from llmatic.learning.data import LONGEST_EXAMPLE, Plan, Tokens, tokens_of
from llmatic.learning.fitting import LEARNT_AT, Pace, Planned, fit, saved
from llmatic.nano import corpus
from llmatic.nano.examples import CELLS, NETWORKS, Example, fingerprint
from llmatic.nano.practice import Practice, practise
from llmatic.nano.tokenizer import CONTEXT, trained_tokenizer
from llmatic.prompts import Catalogue

__all__ = ["HEAD", "Course", "train"]

VALIDATED = 512
"""Examples of each catalogue that are not trained on."""
WORKERS = 2
"""Processes that write the corpus."""
TOKENIZED = 5_000
"""Examples that the tokenizer's pieces are of."""
HEAD = 64
"""Width of an attention head."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a model is trained.

    Attributes:
        examples: Of the corpus.
        passes: How often each is seen.
        batch_tokens: Of a batch, padding included; more take longer to learn the same.
        prompt_weight: How much a token of a prompt counts in the loss, by one of an answer;
            networks that are shown teach how networks are written, too (Shi et al. 2024).
        learning_rate: At its highest.
        weight_decay: Of matrices and embeddings.
        width: Of the model's residual stream; a multiple of `HEAD`.
        layers: Of the model.
        practice: What follows, in which it learns from its own answers.
        seed: Of everything.
    """

    examples: int = 45_000
    passes: int = 1
    batch_tokens: int = 4_096
    prompt_weight: float = 0.3
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    width: int = 256
    layers: int = 6
    practice: Practice = field(default_factory=Practice)
    seed: int = 0


def train(
    course: Course,
    folder: Path,
    catalogues: Mapping[str, Catalogue],
    llm: TransformersConfig,
    log: Callable[[str], Logger | bool],
    say: Callable[[str], None],
) -> Path:
    """Train a model from scratch; where a training in the folder was interrupted, it goes on.

    Args:
        course: How.
        folder: Where all that is made is kept.
        catalogues: What will be asked, by name.
        llm: How the model will be asked.
        log: Makes the logger of Lightning for ``training`` and for ``practice``.
        say: Called with what the user should read.

    Returns:
        The folder with the model.

    Raises:
        UserError: The folder has a training with other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    seed_everything(course.seed, verbose=False)
    written = folder / f"corpus-{course.seed}-{course.examples}.jsonl.gz"
    if written.exists():
        say(f"The examples are those in {written}, whatever has changed since")
    else:
        say(f"Writing {course.examples:,} examples to {written} (parts of it stay as they are) ...")
        left_out = frozenset(
            fingerprint(each) for some in corpus.kept_back().values() for each in some
        )
        corpus.write(written, catalogues, course.seed, course.examples, left_out, WORKERS)
    found = corpus.load(written)
    validated = _tail(found)
    texts = [corpus.texts(each, catalogues) for each in found if each not in validated]
    random.Random(course.seed).shuffle(texts)
    words = (word for each in catalogues.values() for word in each.fixed_words)
    fixed = dict.fromkeys((*words, OPEN, MIDDLE, CLOSE))
    tokenizer = trained_tokenizer((p + a for p, a in texts[:TOKENIZED]), fixed)
    tokens = tokens_of(tokenizer, texts, LONGEST_EXAMPLE)
    say(f"{len(texts) - len(tokens):,} of {len(texts):,} examples are too long and left out")
    others = [corpus.texts(each, catalogues) for each in validated]
    validation = tokens_of(tokenizer, others, LONGEST_EXAMPLE)
    torch.manual_seed(course.seed)
    architecture = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=course.width,
        num_hidden_layers=course.layers,
        num_attention_heads=course.width // HEAD,
        num_key_value_heads=course.width // HEAD,
        intermediate_size=course.width * 11 // 4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    setattr(architecture, LEARNT_AT, course.practice.temperature)
    model = LlamaForCausalLM(architecture)
    say(f"{sum(each.numel() for each in model.parameters()):,} parameters")
    model.set_attn_implementation("eager")  # its gradient is the fastest for texts this short
    padding = tokenizer.pad_token_id
    assert isinstance(padding, int)
    examples = Planned(tokens, _plan(tokens, course, course.passes), padding, course.prompt_weight)
    own = {key: each for key, each in asdict(course).items() if key != "practice"}
    followed = {**own, "lessons": examples.mark}
    fit(
        model,
        examples,
        Planned(validation, _plan(validation, course, 1), padding),
        Pace(course.learning_rate, course.weight_decay, temperature=course.practice.temperature),
        followed,
        folder,
        log("training"),
    )
    if course.practice.steps == 0:
        return saved(model, tokenizer, folder / "model")
    learnt = saved(model, tokenizer, folder / "learnt")
    asked = replace(llm, model=str(learnt), adapter=None)
    practised = practise(
        course.practice,
        asked,
        catalogues[NETWORKS],
        [each for each in found if each.catalogue == NETWORKS and each not in validated],
        {"learnt": followed, **asdict(course.practice), "seed": course.seed},
        folder / "practice",
        log("practice"),
        say,
    )
    return saved(practised, tokenizer, folder / "model")


def _plan(tokens: Sequence[Tokens], course: Course, passes: int) -> Plan:
    return Plan([len(each.ids) for each in tokens], course.batch_tokens, passes, course.seed)


def _tail(found: Sequence[Example]) -> dict[Example, None]:
    """The last examples of each catalogue, so that most of their walks are not trained on."""
    tail: dict[Example, None] = {}
    for catalogue in (NETWORKS, CELLS):
        own = [each for each in found if each.catalogue == catalogue]
        tail |= dict.fromkeys(own[len(own) - min(VALIDATED, len(own) // 20) :])
    return tail
