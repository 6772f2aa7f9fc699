"""The records a search is made of: proposals, measurements, candidates.

All are frozen and survive a JSON round trip. They know nothing of how a
candidate is written, trained or stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

__all__ = [
    "KEPT_EPOCHS",
    "SEED_ID",
    "Candidate",
    "CandidateId",
    "Measurement",
    "Operator",
    "Proposal",
    "Status",
]

KEPT_EPOCHS = 400
"""As many values of a curve fit into what is kept of a candidate."""


@dataclass(frozen=True, slots=True, order=True)
class CandidateId:
    """Where a candidate stands in its search; ids sort in the order of telling."""

    generation: int
    index: int

    def __str__(self) -> str:
        """``generation-index``, as people type it."""
        return f"{self.generation}-{self.index}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``generation-index``.

        Raises:
            ValueError: If the text is not two whole numbers joined by a hyphen.
        """
        generation, hyphen, index = text.partition("-")
        if not (hyphen and generation.isdecimal() and index.isdecimal()):
            raise ValueError(f"candidate {text!r}: expected GENERATION-INDEX, for example 3-17")
        return cls(int(generation), int(index))


SEED_ID = CandidateId(0, 0)
"""The seed network, generation 0's only candidate."""


class Operator(StrEnum):
    """How a candidate came to be."""

    SEED = "seed"
    MUTATION = "mutation"
    CROSSOVER = "crossover"
    REPAIR = "repair"
    CREATE = "create"


class Status(StrEnum):
    """How a candidate ended, as a sentence for its user."""

    OK = "trained"
    DUPLICATE = "same network as an earlier one; its measurement is reused"
    NO_CODE = "no network found in the text"
    FORBIDDEN = "uses code that is not allowed"
    DOES_NOT_BUILD = "does not build"
    WRONG_SHAPE = "output has the wrong shape"
    OUTSIDE_LIMITS = "outside the limits on size"
    DIVERGED = "diverged: the loss is not finite"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    NOT_IN_TABLE = "not in the table"
    NOT_CHOSEN = "not measured; others were more promising"
    PRUNED = "stopped early; it promised too little"

    @property
    def is_lasting(self) -> bool:
        """Whether measuring the same network again must end the same, on any machine."""
        passing = (Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED, Status.NOT_CHOSEN)
        return self not in passing

    @property
    def is_repairable(self) -> bool:
        """Whether there is a network whose writer can be shown what is wrong with it."""
        return self in (Status.DOES_NOT_BUILD, Status.WRONG_SHAPE, Status.NOT_IN_TABLE)

    @property
    def trainable(self) -> bool:
        """Whether the network trained to the end (Nasir et al. 2024, Sec. 4)."""
        return self in (Status.OK, Status.DUPLICATE)

    @property
    def works(self) -> bool:
        """Whether the network trained, if not to the end."""
        return self.trainable or self is Status.PRUNED


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the search asks for: one candidate to be written and evaluated.

    Attributes:
        id: Generation and index.
        operator: How the candidate is to be made.
        parents: Ids of the networks its writer is shown.
        prompt_id: Position in the prompt catalogue; None for every other operator than mutation.
        temperature: Sampling temperature in (0, 1]; None for the seed.
        prompt_niche: Of the prompt individual that was selected: its niche, or its number in
            a population; None where none was.
        seed: Seeds both the writer and the training.
    """

    id: CandidateId
    operator: Operator
    parents: tuple[CandidateId, ...]
    prompt_id: int | None
    temperature: float | None
    prompt_niche: int | None
    seed: int

    def to_json(self) -> str:
        """Serialise; `from_json` gives an equal record back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(
            id=CandidateId(**fields.pop("id")),
            operator=Operator(fields.pop("operator")),
            parents=tuple(CandidateId(**parent) for parent in fields.pop("parents")),
            **fields,
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an evaluation found out. A bad network is a measurement, never an exception.

    Attributes:
        status: How it ended.
        fitness: What the archive compares; None unless the status is trainable. A network that
            was stopped early has metrics and curves as far as it came.
        descriptors: Raw (not normalised) values by axis name; empty unless trainable.
        metrics: Final figures by name, units in the names (``flops``, ``train_seconds``).
        curves: One value per epoch, by name.
        error: For people: what went wrong, without host paths.
        weights: Of the trained network, by the names of its state, as safetensors holds them;
            None where there are none. No part of the record's text.
    """

    status: Status
    fitness: float | None = None
    descriptors: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    error: str | None = None
    weights: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def kept(self) -> Measurement:
        """As a search remembers it: without weights, and with one curve, to four digits.

        That is the validation accuracy, unless it has more than `KEPT_EPOCHS` points.
        """
        curve = self.curves.get("val_accuracy", ())
        kept = {"val_accuracy": tuple(round(value, 4) for value in curve)}
        return replace(self, curves=kept if 0 < len(curve) <= KEPT_EPOCHS else {}, weights=None)

    def to_json(self) -> str:
        """Serialise; `from_json` gives an equal record back (NaN allowed)."""
        fields = asdict(self)
        del fields["weights"]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        fields["status"] = Status(fields["status"])
        fields["curves"] = {name: tuple(curve) for name, curve in fields["curves"].items()}
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal that was written and measured: one finished run of the journal.

    Attributes:
        proposal: What was asked for.
        source_sha256: Identity of the network; None where no network was found.
        measurement: What came out.
        twin: The earlier candidate with the same network whose measurement this is.
        structure: What its source is made of, as `llmatic.structure` counts it; empty where
            the search has no use for it. Made of the source whenever it is needed, not stored.
    """

    proposal: Proposal
    source_sha256: str | None
    measurement: Measurement
    twin: CandidateId | None = None
    structure: Mapping[str, float] = field(default_factory=dict, compare=False)
