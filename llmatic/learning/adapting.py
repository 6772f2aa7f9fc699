"""Lets a language model learn from a search: what was accepted, weighted by what it gained.

Reads a journal and trains; which model learns, and where it is kept, is decided by others.
"""

from __future__ import annotations

import logging
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lightning.pytorch import seed_everything
from lightning.pytorch.loggers import Logger

from llmatic import launch
from llmatic.config import Style, TransformersConfig
from llmatic.errors import UserError
from llmatic.genome.edits import shortest
from llmatic.learning.data import Plan, tokens_of
from llmatic.learning.fitting import LAST, LEARNT_AT, Pace, Planned, fit, saved
from llmatic.llm.local import load, look
from llmatic.prompts import Catalogue, render
from llmatic.records import CandidateId
from llmatic.stored import settings

if TYPE_CHECKING:
    from llmatic.tracking import MlflowJournal

__all__ = ["Lesson", "TooFewLessonsError", "adapt", "lessons", "weighted"]

PASSES = 3
PACE = Pace(learning_rate=2e-4)
BATCH_TOKENS = 2_048
SEED = 0
FEWEST = 8
"""Lessons; from fewer, nothing is learnt."""
LARGE_PARAMS = 100e6
"""Parameters from which on a model gets an adapter of low rank instead of new weights."""
RANK = 16
LIGHTEST, HEAVIEST = 0.25, 4.0
LONGEST_LESSON = 2_048


class TooFewLessonsError(UserError):
    """A search has too little to teach."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A request of a search with the network that answered it and was accepted.

    Attributes:
        prompt: What a model is shown.
        answer: The network's source, or the edits that make it of the first parent.
        gain: Its fitness above that of the best of its parents.
    """

    prompt: str
    answer: str
    gain: float


def lessons(journal: MlflowJournal, style: Style) -> list[Lesson]:
    """What a finished search has to teach: every network that entered the archive.

    Args:
        journal: Of the search.
        style: How the model that is to learn is asked.
    """
    config = settings(journal)
    catalogue = Catalogue.of(config.prompts)
    prompts = catalogue.by_key
    fitness: dict[CandidateId, float] = {}
    found: list[Lesson] = []
    for outcome in launch.retold(journal)[1]:
        candidate = outcome.candidate
        proposal = candidate.proposal
        if candidate.measurement.fitness is None:
            continue
        fitness[proposal.id] = candidate.measurement.fitness
        is_new = outcome.insertion is not None and candidate.twin is None
        if not is_new or not proposal.parents:
            continue
        key = journal.draft(proposal.id).prompt_key
        if key not in prompts:
            continue
        shape, classes = config.dataset.input_shape, config.dataset.classes
        instruction = catalogue.instruction(prompts[key], shape, classes)
        shown = [journal.source(parent) for parent in proposal.parents]
        best = max(fitness[parent] for parent in proposal.parents)
        answer = journal.source(proposal.id)
        if style == "edits":
            answer = shortest(*(f"{each.rstrip()}\n" for each in (shown[0], answer)))
        found.append(Lesson(render(style, shown, instruction), answer, fitness[proposal.id] - best))
    return found


def weighted(found: Sequence[Lesson]) -> list[float]:
    """How much each lesson counts: more, the more it gained, by the spread of all gains."""
    spread = statistics.pstdev([each.gain for each in found] or [0.0]) or 1.0
    return [min(max(1 + each.gain / spread, LIGHTEST), HEAVIEST) for each in found]


def adapt(
    llm: TransformersConfig,
    found: Sequence[Lesson],
    folder: Path,
    logger: Logger | bool,
    say: Callable[[str], None],
) -> Path:
    """Train a model that runs on this machine on lessons.

    A small model gets new weights, a large one an adapter of low rank (LoRA; Hu et al. 2022).

    Args:
        llm: Which model, and how it is asked; where it has an adapter, that goes on learning.
        found: The lessons.
        folder: Where it is kept.
        logger: Of Lightning.
        say: Called with what the user should read.

    Returns:
        The folder to give as ``llm.adapter``.

    Raises:
        TooFewLessonsError: There is too little to learn from.
        UserError: There is no such model, or the folder has one.
    """
    if any((folder / name).exists() for name in ("config.json", "adapter_config.json")):
        raise UserError(f"{folder}: holds a model that has learnt; keep this one elsewhere")
    architecture, tokenizer = look(llm)
    texts = [(each.prompt, each.answer) for each in found]
    tokens = tokens_of(tokenizer, texts, LONGEST_LESSON, weighted(found), llm.style)
    if len(tokens) < FEWEST:
        raise TooFewLessonsError(
            f"only {len(tokens)} networks to learn from ({len(found)} of this search entered the "
            f"map and had a parent, {len(found) - len(tokens)} of them are too long); there must "
            f"be {FEWEST}: a longer search has more"
        )
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    seed_everything(SEED, verbose=False)
    learner = load(llm, to_learn=True)
    size = sum(each.numel() for each in learner.parameters())
    if size <= LARGE_PARAMS:
        learner.float()
    elif not hasattr(learner, "peft_config"):
        from peft import LoraConfig, get_peft_model

        learner = get_peft_model(
            learner, LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear")
        )
    learner.train()
    say(f"Learning from {len(tokens)} networks ({size:,} parameters) ...")
    folder.mkdir(parents=True, exist_ok=True)
    padding = tokenizer.pad_token_id
    lengths = [len(each.ids) for each in tokens]
    examples = Planned(tokens, Plan(lengths, BATCH_TOKENS, PASSES, SEED), padding)
    followed = {
        "model": [llm.model, llm.revision, llm.adapter],
        "batch_tokens": BATCH_TOKENS,
        "passes": PASSES,
        "seed": SEED,
        "lessons": examples.mark,
    }
    pace = replace(PACE, temperature=getattr(architecture, LEARNT_AT, 1.0))
    fit(learner, examples, None, pace, followed, folder, logger, llm.device)
    (folder / f"{LAST}.ckpt").unlink(missing_ok=True)  # other lessons would go on from it
    if hasattr(learner, "peft_config"):
        learner.save_pretrained(folder)
        return folder
    return saved(learner, tokenizer, folder)
