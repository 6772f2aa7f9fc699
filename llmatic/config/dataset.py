"""What is classified, and the bounds of its map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmatic.config.checks import require

__all__ = ["AxisConfig", "DatasetConfig"]


@dataclass(frozen=True)
class AxisConfig:
    """Bounds of one descriptor; values outside are clipped to them."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class DatasetConfig:
    """What is classified, and the bounds of its map.

    Attributes:
        name: Of the data set.
        datamodule: Dotted path to a LightningDataModule; null where a table is read.
        options: Its arguments, but for ``root``.
        input_shape: Channels, height and width.
        classes: Number of them.
        batch_size: To train with.
        width_to_depth: Bounds of the map.
        flops: Bounds of the map.
        seed_network: A file with the network to start from; null: the paper's.
        root: Where its files are, given to it as the argument of that name; null: it has none.
    """

    name: str
    datamodule: str | None
    options: dict[str, Any]
    input_shape: list[int]
    classes: int
    batch_size: int
    width_to_depth: AxisConfig
    flops: AxisConfig
    seed_network: str | None = None
    root: str | None = None

    def __post_init__(self) -> None:
        shape = self.input_shape
        require(
            len(shape) == 3 and min(shape) > 0,
            "dataset.input_shape",
            shape,
            "[channels, height, width]",
        )
        require(self.classes > 1, "dataset.classes", self.classes, "at least 2")
        require(self.batch_size > 0, "dataset.batch_size", self.batch_size, "at least 1")
        require(
            self.datamodule is None or "." in self.datamodule,
            "dataset.datamodule",
            self.datamodule,
            "a dotted path to a class",
        )
        for name, axis in (("width_to_depth", self.width_to_depth), ("flops", self.flops)):
            low = f"dataset.{name}.low"
            require(axis.low < axis.high, low, axis.low, f"below dataset.{name}.high={axis.high}")
            require(not axis.log or axis.low > 0, low, axis.low, "above 0 on a log axis")
        given = self.options.get("root", self.root)
        require(given == self.root, "dataset.options.root", given, "given as dataset.root")

    @property
    def arguments(self) -> dict[str, Any]:
        """What the data module is made with."""
        return self.options if self.root is None else {**self.options, "root": self.root}
