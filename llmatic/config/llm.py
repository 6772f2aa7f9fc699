"""Settings of who writes the networks, one class for each kind of writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field

from llmatic.config.checks import one_of, require

__all__ = [
    "GrammarConfig",
    "LLMConfig",
    "ModelConfig",
    "OpenAIConfig",
    "ReplayConfig",
    "Style",
    "TransformersConfig",
]

Style: TypeAlias = Literal["completion", "chat", "edits"]
"""How a model is asked: it goes on with a text, or it answers a message."""


@dataclass(frozen=True)
class GrammarConfig:
    """A program that edits syntax trees."""

    kind: Literal["grammar"]
    name: str
    about: str
    style: Style


@dataclass(frozen=True)
class TransformersConfig:
    """A causal language model that runs here."""

    kind: Literal["transformers"]
    name: str
    about: str
    style: Style
    model: str
    revision: str | None
    adapter: str | None
    dtype: str
    device: str
    bits: int | None
    batch_size: int
    max_new_tokens: int
    top_p: float
    top_k: int
    tries: int
    mend_sizes: bool

    def __post_init__(self) -> None:
        one_of("llm.dtype", self.dtype, ("auto", "bfloat16", "float16", "float32"))
        require(self.bits in (None, 4, 8), "llm.bits", self.bits, "4, 8 or null")
        require(self.batch_size > 0, "llm.batch_size", self.batch_size, "at least 1")
        require(self.max_new_tokens > 0, "llm.max_new_tokens", self.max_new_tokens, "at least 1")
        require(0 < self.top_p <= 1, "llm.top_p", self.top_p, "in (0, 1]")
        require(self.tries > 0, "llm.tries", self.tries, "at least 1")
        require(self.top_k >= 0, "llm.top_k", self.top_k, "at least 0 (0: no limit)")


@dataclass(frozen=True)
class ModelConfig:
    """One model of a server: how often it is asked, what it costs."""

    name: str
    weight: float = 1.0
    usd_per_million_tokens_in: float = 0.0
    usd_per_million_tokens_out: float = 0.0

    def __post_init__(self) -> None:
        require(self.weight > 0, f"weight of {self.name}", self.weight, "above 0")
        for name in ("usd_per_million_tokens_in", "usd_per_million_tokens_out"):
            value = getattr(self, name)
            require(value >= 0, f"{name} of {self.name}", value, "at least 0")


@dataclass(frozen=True)
class OpenAIConfig:
    """Models behind an OpenAI-compatible server."""

    kind: Literal["openai"]
    name: str
    about: str
    style: Style
    base_url: str
    api_key_env: str | None
    model: str | None
    usd_per_million_tokens_in: float
    usd_per_million_tokens_out: float
    ensemble: list[ModelConfig]
    max_tokens: int
    max_tokens_field: str
    top_p: float | None
    tries: int
    mend_sizes: bool
    send_seed: bool
    concurrency: int
    timeout_s: float
    retries: int

    def __post_init__(self) -> None:
        address = urlsplit(self.base_url)
        require(
            address.scheme in ("http", "https") and bool(address.hostname),
            "llm.base_url",
            self.base_url.rpartition("@")[2],
            "http(s)://SERVER/v1",
        )
        require(
            address.username is None and not address.query,
            "llm.base_url",
            f"{address.scheme}://***@{address.hostname}",
            "an address without credentials; name the variable that holds them in llm.api_key_env",
        )
        require(
            (self.model is None) == bool(self.ensemble),
            "llm.model",
            self.model,
            "the name of a model of that server, or null where llm.ensemble lists several",
        )
        require(self.max_tokens > 0, "llm.max_tokens", self.max_tokens, "at least 1")
        one_of(
            "llm.max_tokens_field",
            self.max_tokens_field,
            ("max_tokens", "max_completion_tokens"),
        )
        if self.top_p is not None:
            require(0 < self.top_p <= 1, "llm.top_p", self.top_p, "in (0, 1] or null")
        require(self.concurrency > 0, "llm.concurrency", self.concurrency, "at least 1")
        require(self.timeout_s > 0, "llm.timeout_s", self.timeout_s, "above 0")
        require(self.tries > 0, "llm.tries", self.tries, "at least 1")
        require(self.retries >= 0, "llm.retries", self.retries, "at least 0")

    @property
    def has_prices(self) -> bool:
        """Whether what is written costs money that is counted."""
        return any(
            each.usd_per_million_tokens_in + each.usd_per_million_tokens_out > 0
            for each in self.models
        )

    @property
    def models(self) -> tuple[ModelConfig, ...]:
        """The models that are asked; one unless there is an ensemble."""
        if self.model is None:
            return tuple(self.ensemble)
        prices = self.usd_per_million_tokens_in, self.usd_per_million_tokens_out
        return (ModelConfig(self.model, 1.0, *prices),)


@dataclass(frozen=True)
class ReplayConfig:
    """The completions of an earlier search."""

    kind: Literal["replay"]
    name: str
    about: str
    style: Style
    run: str


LLMConfig: TypeAlias = Annotated[
    GrammarConfig | TransformersConfig | OpenAIConfig | ReplayConfig, Field(discriminator="kind")
]
