"""A language model learns from batches: Lightning, a schedule, checkpoints to go on from.

Knows nothing of what is in the batches, and where they come from.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset
from transformers import PreTrainedTokenizerBase

from llmatic.errors import UserError
from llmatic.learning.data import IGNORED, Batch, Plan, Tokens, padded
from llmatic.learning.optimizer import MuonAndAdamW

__all__ = ["LAST", "LEARNT_AT", "Batches", "Learner", "Pace", "Planned", "fit", "saved"]

WARM_UP = 0.03
CHECK_EVERY = 500
"""Steps."""
LAST = "last"
LEARNT_AT = "learnt_at_temperature"
"""Under this name a model's configuration says at which `Pace.temperature` it learnt; else 1."""
COURSE_FILE = "course.json"
WORTH_COMPILING = 1_000
"""Steps; compiling takes a minute."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model learns.

    Attributes:
        learning_rate: At its highest, after the warm-up; falls to 0 in a line.
        weight_decay: Of matrices and embeddings.
        save_every: Steps between two checkpoints.
        temperature: At which answers are to be likely; lower ones than this are surer.
    """

    learning_rate: float
    weight_decay: float = 0.0
    save_every: int = 200
    temperature: float = 1.0


class Learner(LightningModule):
    """A causal language model that is trained to answer.

    Its checkpoints hold what learns alone: the other weights are those of the model it began as.
    """

    def __init__(self, model: Any, steps: int, pace: Pace) -> None:
        """Wrap a model.

        Args:
            model: A causal language model of the transformers library.
            steps: Of the whole training.
            pace: Of its optimiser.
        """
        super().__init__()
        self.model = model
        self._steps = steps
        self._pace = pace
        parameters = self.named_parameters(remove_duplicate=False)
        self._fixed = {name for name, each in parameters if not each.requires_grad}
        self.strict_loading = not self._fixed

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Leave out what does not learn."""
        for name in self._fixed:
            del checkpoint["state_dict"][name]

    def training_step(self, batch: Batch) -> Tensor:
        """The loss, in nats for each token as it is weighted."""
        loss = self._loss(batch)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch) -> None:
        """The loss of the answers alone, at the temperature that is trained at."""
        count = int((batch.targets != IGNORED).sum())
        self.log("val_loss", self._loss(batch), prog_bar=True, batch_size=count)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Muon and AdamW; warm-up, then down in a line."""
        pace = self._pace
        optimizer = MuonAndAdamW(self.model, pace.learning_rate, pace.weight_decay)
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
        scores = scores / self._pace.temperature
        losses = F.cross_entropy(scores, batch.targets[asked], reduction="none")
        return (losses * batch.weights[asked]).mean()


class Batches(Protocol):
    """Batches to learn from."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def after(self, step: int) -> Iterator[Batch]:
        """Those that come after so many."""
        ...


class Planned:
    """The batches of examples that are there before, in the order of a plan."""

    def __init__(
        self, tokens: Sequence[Tokens], plan: Plan, padding: int, prompt_weight: float = 0.0
    ) -> None:
        """Set what is learnt.

        Args:
            tokens: The examples.
            plan: Which stand in which batch.
            padding: The token behind their ends.
            prompt_weight: How much a token of a prompt counts, by one of an answer.
        """
        self._tokens = tokens
        self._plan = plan
        self._padding = padding
        self._prompt_weight = prompt_weight

    def __len__(self) -> int:
        return len(self._plan)

    def after(self, step: int) -> Iterator[Batch]:
        """The batches that come after so many."""
        for batch in self._plan.after(step):
            rows = [self._tokens[each] for each in batch]
            yield padded(rows, self._padding, self._prompt_weight)

    @property
    def mark(self) -> str:
        """A digest of the examples and their weights: equal for equal ones."""
        digest = sha256()
        for each in self._tokens:
            digest.update(each.ids.tobytes() + repr(each.weight).encode())
        return digest.hexdigest()


class _ToCome(IterableDataset[Batch]):
    """The batches that are still to come."""

    def __init__(self, batches: Batches, done: int = 0) -> None:
        self._batches = batches
        self._done = done

    def __len__(self) -> int:
        """All of them: Lightning counts what was learnt before, and fetches none too early."""
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        return self._batches.after(self._done)


def fit(
    model: Any,
    batches: Batches,
    validation: Batches | None,
    pace: Pace,
    followed: Mapping[str, Any],
    folder: Path,
    logger: Logger | bool,
    device: str = "auto",
) -> None:
    """Train a model.

    Args:
        model: A causal language model of the transformers library.
        batches: What it learns from.
        validation: Other batches, of which the loss is taken now and then.
        pace: How fast it learns.
        followed: All that decides what comes out; where it differs, nothing goes on.
        folder: Where checkpoints are kept; an interrupted training goes on from them.
        logger: Of Lightning.
        device: As PyTorch names it, or ``auto``: the first GPU where there is one.

    Raises:
        UserError: The folder has a training with other settings or other examples.
    """
    folder.mkdir(parents=True, exist_ok=True)
    newest, record = folder / f"{LAST}.ckpt", folder / COURSE_FILE
    known = newest if newest.exists() else None
    course = json.dumps({**followed, "pace": asdict(pace)}, indent=1)
    if known is not None and not (record.exists() and record.read_text() == course):
        raise UserError(
            f"{folder}: holds a training with other settings or examples, {newest.name}, which "
            "would go on; choose another --folder, or remove it"
        )
    record.write_text(course)
    done = 0 if known is None else torch.load(known, weights_only=True)["global_step"]
    steps = len(batches)
    if steps >= WORTH_COMPILING and (shutil.which("g++") or shutil.which("clang++")):
        model.compile(dynamic=True)
    kind, _, index = device.partition(":")
    trainer = Trainer(
        accelerator="gpu" if kind == "cuda" else kind,
        devices=[int(index)] if kind == "cuda" and index else 1,
        precision="bf16-mixed" if _computes_in_bf16(kind) else "32-true",
        max_steps=steps,
        max_epochs=1,
        val_check_interval=min(CHECK_EVERY, steps),
        log_every_n_steps=min(20, pace.save_every, steps),
        gradient_clip_val=1.0,
        num_sanity_val_steps=0,
        callbacks=[
            ModelCheckpoint(
                folder,
                filename=LAST,
                every_n_train_steps=pace.save_every,
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
        warnings.filterwarnings("ignore", "Your `IterableDataset` has `__len__`")  # one process
        warnings.filterwarnings("ignore", "You're resuming from a checkpoint")  # it begins there
        warnings.filterwarnings("ignore", "Length of IterableDataset")  # some have been before
        warnings.filterwarnings("ignore", "You defined a `validation_step`")  # for who has some
        trainer.fit(
            Learner(model, steps, pace),
            DataLoader(_ToCome(batches, done), batch_size=None),
            None if validation is None else DataLoader(_ToCome(validation), batch_size=None),
            ckpt_path=known,
            weights_only=True,
        )
        trainer.save_checkpoint(newest)


def saved(model: Any, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """Write a model in half precision, with its tokenizer, as the transformers library reads it."""
    copy = type(model)(model.config).half()
    copy.load_state_dict(model.state_dict())
    copy.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _computes_in_bf16(kind: str) -> bool:
    """Whether a kind of device multiplies matrices in bf16 faster than in 32 bits."""
    if kind != "cpu" and torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    can = torch.cpu.get_capabilities()
    return can.get("amx_bf16") is True or can.get("avx512_bf16") is True
