"""The recipe that networks are trained with."""

from __future__ import annotations

from dataclasses import dataclass

from llmatic.config.checks import one_of, require

__all__ = ["TrainerConfig"]


@dataclass(frozen=True)
class TrainerConfig:
    """The recipe each network is trained with."""

    epochs: int
    learning_rate: float
    momentum: float
    weight_decay: float
    nesterov: bool
    schedule: str
    threads: int
    accelerator: str
    label_smoothing: float = 0.0
    augmentation: str = "none"
    precision: str = "auto"
    compile: bool = False
    devices: int = 1
    strategy: str = "auto"

    def __post_init__(self) -> None:
        require(self.epochs > 0, "trainer.epochs", self.epochs, "at least 1")
        require(self.learning_rate > 0, "trainer.learning_rate", self.learning_rate, "above 0")
        require(0 <= self.momentum < 1, "trainer.momentum", self.momentum, "in [0, 1)")
        require(self.weight_decay >= 0, "trainer.weight_decay", self.weight_decay, "at least 0")
        require(
            not self.nesterov or self.momentum > 0,
            "trainer.nesterov",
            self.nesterov,
            "false where trainer.momentum is 0",
        )
        one_of("trainer.schedule", self.schedule, ("constant", "cosine", "one_cycle"))
        require(self.threads > 0, "trainer.threads", self.threads, "at least 1")
        one_of("trainer.accelerator", self.accelerator, ("auto", "cpu", "gpu"))
        smoothing = self.label_smoothing
        require(0 <= smoothing < 1, "trainer.label_smoothing", smoothing, "in [0, 1)")
        one_of("trainer.augmentation", self.augmentation, ("none", "shift", "shift_flip"))
        one_of("trainer.precision", self.precision, ("auto", "fp32", "bf16"))
        require(self.devices > 0, "trainer.devices", self.devices, "at least 1")
        one_of("trainer.strategy", self.strategy, ("auto", "ddp"))
        require(
            self.devices > 1 or self.strategy == "auto",
            "trainer.strategy",
            self.strategy,
            "auto where trainer.devices is 1",
        )
        require(
            self.devices == 1 or not self.compile,
            "trainer.compile",
            self.compile,
            "false where trainer.devices is above 1",
        )
