"""Trains the small code model, from the corpus to the folder that ships.

What is made on the way (corpus, tokens, checkpoints) stays in a folder, from which an
interrupted training goes on. Knows nothing of searches.
"""

from __future__ import annotations

import json
import logging
import random
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer, seed_everything
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerBase

from llmatic.errors import UserError
from llmatic.genome.edits import CLOSE, MIDDLE, OPEN
from llmatic.nano import corpus, walks
from llmatic.nano.data import IGNORED, Batch, Plan, Tokens, padded, tokens_of
from llmatic.nano.tokenizer import CONTEXT, trained_tokenizer
from llmatic.prompts import Catalogue

__all__ = ["HEAD", "LAST", "Course", "Writer", "fit", "saved", "train"]

VALIDATED = 512
"""Examples of each catalogue that are not trained on."""
WORKERS = 2
"""Processes that write the corpus, which is another for another number of them."""
TOKENIZED = 5_000
"""Examples that the tokenizer's pieces are of."""
LONGEST = 1_280
"""Tokens of an example."""
WARM_UP = 0.03
CHECK_EVERY, SAVE_EVERY = 500, 200
"""Steps."""
LAST = "last"
COURSE_FILE = "course.json"
WORTH_COMPILING = 1_000
"""Steps; compiling takes a minute."""
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
        learning_rate: At its highest, after the warm-up; falls to 0 in a line.
        weight_decay: Of the matrices.
        width: Of the model's residual stream; a multiple of `HEAD`.
        layers: Of the model.
        seed: Of everything.
    """

    examples: int = 150_000
    passes: int = 1
    batch_tokens: int = 4_096
    prompt_weight: float = 0.3
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    width: int = 256
    layers: int = 6
    seed: int = 0


class Writer(LightningModule):
    """A causal language model that is trained to answer."""

    def __init__(self, model: Any, steps: int, learning_rate: float, weight_decay: float) -> None:
        """Wrap a model.

        Args:
            model: A causal language model of the transformers library.
            steps: Of the whole training.
            learning_rate: At its highest.
            weight_decay: Of the matrices.
        """
        super().__init__()
        self.model = model
        self._steps = steps
        self._learning_rate = learning_rate
        self._weight_decay = weight_decay

    def training_step(self, batch: Batch) -> Tensor:
        """The loss, in nats for each token as it is weighted."""
        loss = self._loss(batch)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch) -> None:
        """The loss of the answers alone, for examples that are not trained on."""
        count = int((batch.targets != IGNORED).sum())
        self.log("val_loss", self._loss(batch), prog_bar=True, batch_size=count)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW; warm-up, then down in a line."""
        matrices = [each for each in self.parameters() if each.ndim > 1]
        vectors = [each for each in self.parameters() if each.ndim < 2]
        optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": self._weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            self._learning_rate,
            betas=(0.9, 0.95),
        )
        rising = max(1, round(WARM_UP * self._steps))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: min((step + 1) / rising, max(0.0, 1 - step / self._steps)),
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _loss(self, batch: Batch) -> Tensor:
        asked = batch.targets != IGNORED
        scores = self.model(input_ids=batch.ids, use_cache=False).logits[asked].float()
        losses = F.cross_entropy(scores, batch.targets[asked], reduction="none")
        return (losses * batch.weights[asked]).mean()


class _Batches(IterableDataset[Batch]):
    """The batches of a plan that are still to come."""

    def __init__(
        self,
        tokens: Sequence[Tokens],
        plan: Plan,
        padding: int,
        prompt_weight: float,
        done: int = 0,
    ) -> None:
        self._tokens = tokens
        self._plan = plan
        self._padding = padding
        self._prompt_weight = prompt_weight
        self._done = done

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._plan.after(self._done):
            rows = [self._tokens[each] for each in batch]
            yield padded(rows, self._padding, self._prompt_weight)


def train(
    course: Course,
    folder: Path,
    catalogues: Mapping[str, Catalogue],
    logger: Logger | bool,
    say: Callable[[str], None],
) -> Path:
    """Train a model from scratch; where a training in the folder was interrupted, it goes on.

    Args:
        course: How.
        folder: Where all that is made is kept.
        catalogues: What will be asked, by name.
        logger: Of Lightning.
        say: Called with what the user should read.

    Returns:
        The folder with the model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    seed_everything(course.seed, verbose=False)
    written = folder / f"corpus-{course.seed}-{course.examples}.jsonl.gz"
    if not written.exists():
        say(f"Writing {course.examples:,} examples to {written} ...")
        left_out = frozenset(
            walks.fingerprint(each) for some in corpus.kept_back().values() for each in some
        )
        corpus.write(written, catalogues, course.seed, course.examples, left_out, WORKERS)
    found = corpus.load(written)
    validated = _tail(found)
    texts = [corpus.texts(each, catalogues) for each in found if each not in validated]
    random.Random(course.seed).shuffle(texts)
    words = (word for each in catalogues.values() for word in each.fixed_words)
    fixed = dict.fromkeys((*words, OPEN, MIDDLE, CLOSE))
    tokenizer = trained_tokenizer((p + a for p, a in texts[:TOKENIZED]), fixed)
    tokens = tokens_of(tokenizer, texts, LONGEST)
    say(f"{len(texts) - len(tokens):,} of {len(texts):,} examples are too long and left out")
    looks = tokens_of(tokenizer, [corpus.texts(each, catalogues) for each in validated], LONGEST)
    torch.manual_seed(course.seed)
    model = LlamaForCausalLM(
        LlamaConfig(
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
    )
    say(f"{sum(each.numel() for each in model.parameters()):,} parameters")
    model.set_attn_implementation("eager")  # its gradient is the fastest for texts this short
    fit(model, tokenizer, tokens, looks, course, folder, logger)
    return saved(model, tokenizer, folder / "model")


def _tail(found: Sequence[walks.Example]) -> dict[walks.Example, None]:
    """The last examples of each catalogue, so that most of their walks are not trained on."""
    tail: dict[walks.Example, None] = {}
    for catalogue in (walks.NETWORKS, walks.CELLS):
        own = [each for each in found if each.catalogue == catalogue]
        tail |= dict.fromkeys(own[len(own) - min(VALIDATED, len(own) // 20) :])
    return tail


def fit(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    tokens: Sequence[Tokens],
    validated: Sequence[Tokens],
    course: Course,
    folder: Path,
    logger: Logger | bool,
) -> None:
    """Train a model on examples.

    Args:
        model: A causal language model of the transformers library.
        tokenizer: Its tokenizer.
        tokens: Examples.
        validated: Others, to be looked at now and then.
        course: How.
        folder: Where checkpoints are kept; an interrupted training goes on from them.
        logger: Of Lightning.

    Raises:
        UserError: The folder has a training with other settings or other examples.
    """
    plan = Plan([len(each.ids) for each in tokens], course.batch_tokens, course.passes, course.seed)
    folder.mkdir(parents=True, exist_ok=True)
    newest, record = folder / f"{LAST}.ckpt", folder / COURSE_FILE
    known = newest if newest.exists() else None
    followed = json.dumps({**asdict(course), "lessons": _digest(tokens)}, indent=1)
    if known is not None and not (record.exists() and record.read_text() == followed):
        raise UserError(
            f"{folder}: holds a training with other settings or examples, {newest.name}, which "
            "would go on; choose another --folder, or remove it"
        )
    record.write_text(followed)
    done = 0 if known is None else torch.load(known, weights_only=True)["global_step"]
    padding = tokenizer.pad_token_id
    batches = _Batches(tokens, plan, padding, course.prompt_weight, done)
    looks = None
    if validated:
        often = Plan([len(each.ids) for each in validated], course.batch_tokens, 1, 0)
        looks = DataLoader(_Batches(validated, often, padding, 0.0), batch_size=None)
    if len(plan) >= WORTH_COMPILING and (shutil.which("g++") or shutil.which("clang++")):
        model.compile(dynamic=True)
    writer = Writer(model, len(plan), course.learning_rate, course.weight_decay)
    trainer = Trainer(
        accelerator="auto",
        devices=1,
        precision="bf16-mixed" if _computes_in_bf16() else "32-true",
        max_steps=len(plan),
        max_epochs=1,
        val_check_interval=min(CHECK_EVERY, len(plan)),
        log_every_n_steps=20,
        gradient_clip_val=1.0,
        num_sanity_val_steps=0,
        callbacks=[
            ModelCheckpoint(
                folder,
                filename=LAST,
                every_n_train_steps=SAVE_EVERY,
                enable_version_counter=False,
            )
        ],
        logger=logger,
        enable_model_summary=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of PyTorch to Lightning
        warnings.filterwarnings("ignore", "Checkpoint directory")  # it is where one goes on
        warnings.filterwarnings("ignore", ".* does not have many workers")  # it has tokens
        warnings.filterwarnings("ignore", "You defined a `validation_step`")  # for who has some
        trainer.fit(
            writer,
            DataLoader(batches, batch_size=None),
            looks,
            ckpt_path=known,
            weights_only=True,
        )


def saved(model: Any, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """Write a model in half precision, with its tokenizer, as the transformers library reads it."""
    copy = type(model)(model.config).half()
    copy.load_state_dict(model.state_dict())
    copy.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _digest(tokens: Sequence[Tokens]) -> str:
    """What examples are the same have in common."""
    digest = sha256()
    for each in tokens:
        digest.update(each.ids.tobytes() + repr(each.weight).encode())
    return digest.hexdigest()


def _computes_in_bf16() -> bool:
    """Whether the device multiplies matrices in bf16 faster than in 32 bits."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return torch.cpu.get_capabilities().get("amx_bf16") is True
