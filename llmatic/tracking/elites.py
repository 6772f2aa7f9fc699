"""What sets an elite's run apart: its tag, its niche, and that it keeps its weights.

A network's weights are stored with it while it may become an elite, and removed when it
did not or is displaced, so that disk space is bounded by the archive. Every step can be
repeated after a crash. Does not know who becomes an elite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llmatic.records import CandidateId
from llmatic.search import Outcome
from llmatic.tracking.fields import ELITE_TAG, NICHE_TAG
from llmatic.tracking.runs import log
from llmatic.tracking.store import RunFolder

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

__all__ = ["WEIGHTS_FILE", "WEIGHTS_TAG", "Elites"]

WEIGHTS_FILE = "weights.safetensors"
WEIGHTS_TAG = "weights_bytes"

Folders = Callable[[CandidateId], RunFolder]


class Elites:
    """The elites of a search, and the candidates that have weights, as their runs say."""

    def __init__(self, client: MlflowClient, folder: Folders) -> None:
        """Begin with none.

        Args:
            client: Of the store.
            folder: Gives a candidate's artifacts.
        """
        self._client = client
        self._folder = folder
        self._elites: set[CandidateId] = set()
        self._placed: set[CandidateId] = set()
        self._weighty: set[CandidateId] = set()

    def take(self, id: CandidateId, run: Run) -> None:
        """Take in what a candidate's run says."""
        if ELITE_TAG in run.data.tags:
            self._elites.add(id)
        if NICHE_TAG in run.data.tags:
            self._placed.add(id)
        if WEIGHTS_TAG in run.data.tags:
            self._weighty.add(id)

    def keep(self, id: CandidateId, weights: bytes) -> dict[str, str]:
        """Store a candidate's weights; the tags that its run is to be finished with."""
        self._folder(id).write(WEIGHTS_FILE, weights)
        self._weighty.add(id)
        return {WEIGHTS_TAG: str(len(weights))}

    def has_weights(self, id: CandidateId) -> bool:
        """Whether a candidate's weights are stored."""
        return id in self._weighty

    def mark(self, outcomes: Sequence[Outcome]) -> None:
        """Tag the new elites; take the tag from those that are none now, and weights with it."""
        niches: dict[CandidateId, int | None] = {}
        for outcome in outcomes:
            insertion, id = outcome.insertion, outcome.candidate.proposal.id
            niches[id] = None if insertion is None else insertion.niche
            if insertion is not None and insertion.displaced is not None:
                niches[insertion.displaced] = None
        for id, niche in niches.items():
            if niche is None:
                self._let_go(id)
            elif id not in self._elites:
                tags = {ELITE_TAG: "yes", NICHE_TAG: str(niche)}
                log(self._client, self._folder(id).run_id, [], tags)
                self._elites.add(id)
                self._placed.add(id)

    def _let_go(self, id: CandidateId) -> None:
        folder = self._folder(id)
        for tag, tagged in ((NICHE_TAG, self._placed), (ELITE_TAG, self._elites)):
            if id in tagged:
                self._client.delete_tag(folder.run_id, tag)
                tagged.remove(id)
        if id in self._weighty:
            folder.delete(WEIGHTS_FILE)
            self._client.delete_tag(folder.run_id, WEIGHTS_TAG)
            self._weighty.remove(id)
