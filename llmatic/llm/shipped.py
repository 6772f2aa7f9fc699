"""The language model that comes with LLMatic, and where it is.

Knows nothing of how models are read or asked.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["SHIPPED", "place_of"]

SHIPPED = "llmatic/nano"
"""What it is called where a name on the hub could stand."""
FOLDER = Path(__file__).parent / "models" / "nano"


def place_of(model: str) -> str:
    """A folder for the model that ships; any other name or folder as it is.

    Args:
        model: As in ``llm.model``.
    """
    return str(FOLDER) if model == SHIPPED else model
