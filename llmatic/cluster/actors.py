"""What runs on the nodes: an actor for each slot, and one for what the slots of a node share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import ray

from llmatic.errors import UserError
from llmatic.evaluate import Evaluator
from llmatic.pruning import Pruner
from llmatic.records import Measurement

__all__ = ["Evaluators", "MakeEvaluator", "Node", "Refusal", "Slot"]

MakeEvaluator: TypeAlias = Callable[[], Evaluator]
Evaluators: TypeAlias = Callable[[], AbstractContextManager[MakeEvaluator]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the user has to mend on a node; not every exception can be sent."""

    text: str


class Node:
    """An actor that holds open what the slots of its node share."""

    def __init__(self, evaluators: Evaluators, folder: Path) -> None:
        with contextlib.suppress(OSError):  # where relative paths of settings begin
            os.chdir(folder)
        self._evaluators = evaluators
        self._held = ExitStack()

    def open(self) -> MakeEvaluator | Refusal:
        """Open it, and give what makes evaluators."""
        try:
            return self._held.enter_context(self._evaluators())
        except UserError as error:
            return Refusal(str(error))

    def close(self) -> None:
        """Give it back."""
        self._held.close()


class Slot:
    """An actor with a share of its node, in which one evaluator works."""

    def __init__(self, has_gpu: bool) -> None:
        if not has_gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._evaluator: Evaluator | None = None

    def node(self) -> str:
        """Where it is."""
        return str(ray.get_runtime_context().get_node_id())

    def open(self, make: MakeEvaluator | Refusal) -> Refusal | None:
        """Make the evaluator."""
        if isinstance(make, Refusal):
            return make
        try:
            self._evaluator = make()
        except UserError as error:
            return Refusal(str(error))
        return None

    def evaluate(self, source: str, seed: int, pruner: Pruner | None) -> Measurement | Refusal:
        """Measure a network."""
        assert self._evaluator is not None
        try:
            return self._evaluator.evaluate(source, seed, pruner)
        except UserError as error:
            return Refusal(str(error))

    def close(self) -> None:
        """End what it does."""
        if self._evaluator is not None:
            self._evaluator.close()
