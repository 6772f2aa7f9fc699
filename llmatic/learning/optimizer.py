"""The optimizer of language models: Muon for the matrices between the layers, AdamW for all else.

Muon learns a small transformer with fewer examples (Jordan et al. 2024; Liu et al. 2025, whose
factor lets both have one learning rate). Knows nothing of what is learnt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.optim import AdamW, Muon, Optimizer

__all__ = ["MuonAndAdamW"]

BETAS = (0.9, 0.95)


class MuonAndAdamW(Optimizer):
    """Two optimizers as one, with one learning rate."""

    def __init__(self, model: Any, learning_rate: float, weight_decay: float) -> None:
        """Choose which parameters are learnt by which.

        Args:
            model: A causal language model of the transformers library. Its embeddings of tokens
                are left to AdamW, at its input and output, for they are rows and no matrix.
            learning_rate: Of both.
            weight_decay: Of matrices and embeddings.
        """
        ends = (model.get_input_embeddings(), model.get_output_embeddings())
        rows = {id(each.weight) for each in ends if each is not None}
        learnt = [each for each in model.parameters() if each.requires_grad]
        matrices = [each for each in learnt if each.ndim == 2 and id(each) not in rows]
        embeddings = [each for each in learnt if id(each) in rows]
        vectors = [each for each in learnt if each.ndim != 2]
        self._parts: tuple[Optimizer, ...] = (
            Muon(
                matrices,
                learning_rate,
                weight_decay=weight_decay,
                adjust_lr_fn="match_rms_adamw",
            ),
            AdamW(
                [
                    {"params": embeddings, "weight_decay": weight_decay},
                    {"params": vectors, "weight_decay": 0.0},
                ],
                learning_rate,
                betas=BETAS,
            ),
        )
        super().__init__(self._groups(), {})

    def _groups(self) -> list[dict[str, Any]]:
        return [group for part in self._parts for group in part.param_groups]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step of both."""
        loss = None if closure is None else closure()
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """What both need to go on."""
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where both were."""
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = self._groups()
