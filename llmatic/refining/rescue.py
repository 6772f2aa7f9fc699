"""A finished training in a folder of this machine, until a store that was away takes it.

Knows files; no store and no networks.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llmatic.finding import NetworkError

__all__ = ["Finished"]

WEIGHTS = "weights.safetensors"
SOURCE = "network.py"
REST = "training.json"


@dataclass(frozen=True)
class Finished:
    """All that is kept of a training: what `TrainingRecorder.keep` takes, by the same names.

    Attributes:
        search: The search's run.
        candidate: Its id in the search.
        params: The recipe.
        metrics: By name, of the last epoch.
        curves: By name, one value an epoch.
        source: Of the network.
        weights: As safetensors.
    """

    search: str
    candidate: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]
    source: str
    weights: bytes

    def write(self) -> Path:
        """Write it to a new folder in the working folder; gives its path.

        Where nothing can be written there, it is in the folder for temporary files.

        Raises:
            NetworkError: Nothing can be written there either.
        """
        for parent in (".", tempfile.gettempdir()):
            with suppress(OSError):
                return self._write(Path(parent).resolve())
        raise NetworkError(f"the training of {self.candidate} is lost: no folder takes it")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `write` has written.

        Raises:
            NetworkError: It is not there.
        """
        try:
            rest = json.loads((folder / REST).read_text(encoding="utf-8"))
            source = (folder / SOURCE).read_text(encoding="utf-8")
            return cls(**rest, source=source, weights=(folder / WEIGHTS).read_bytes())
        except (OSError, TypeError, ValueError) as error:
            raise NetworkError(f"{folder}: holds no training of LLMatic ({error})") from None

    def _write(self, parent: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"training-of-{self.candidate}-", dir=parent))
        (folder / WEIGHTS).write_bytes(self.weights)
        (folder / SOURCE).write_text(self.source, encoding="utf-8")
        rest = {
            "search": self.search,
            "candidate": self.candidate,
            "params": dict(self.params),
            "metrics": dict(self.metrics),
            "curves": {name: list(values) for name, values in self.curves.items()},
        }
        (folder / REST).write_text(json.dumps(rest, indent=2), encoding="utf-8")
        return folder
