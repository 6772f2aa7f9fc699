"""Models behind a server that speaks OpenAI's protocol.

Asks several requests at once, waits and tries again where that is worth it, and says
so. Knows nothing of what is asked; prompts come rendered.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AuthenticationError,
    InternalServerError,
    NotFoundError,
    OpenAIError,
    PermissionDeniedError,
    RateLimitError,
)

from llmatic.config import ModelConfig, OpenAIConfig
from llmatic.llm import Completion, LLMError, Request

__all__ = ["OpenAILLM"]

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
LONGEST_RETRY_AFTER_S = 3600.0
CHECK_TOKENS = 16
LONGEST_REASON = 200
END_OF_CLASS = ['\n"""', "\nif __name__", "\nprint("]
"""What a model that completes code goes on with after the class."""

PASSING = (RateLimitError, InternalServerError, APIConnectionError)
"""What may be otherwise a moment later: 429, 5xx, no or a lost connection, no answer in time."""

ENDING = (AuthenticationError, PermissionDeniedError, NotFoundError)
"""What no other request would be answered with more kindly."""


class OpenAILLM:
    """Asks a server; which of several models writes a candidate, its seed decides."""

    def __init__(self, config: OpenAIConfig, say: Callable[[str], None]) -> None:
        """Ask every model for a few tokens, so that what is wrong is known at once.

        Args:
            config: Settings.
            say: Called with what the user should read.

        Raises:
            LLMError: The address, the key or a model is wrong.
        """
        self._config = config
        self._say = say
        self._key = _key(config)
        asyncio.run(self._check())

    def write(self, requests: Sequence[Request]) -> Generator[Completion]:
        """One completion per request, in order, several on their way at once.

        Raises:
            LLMError: The server keeps failing, or does not know us any more.
        """
        client = self._client()
        with asyncio.Runner() as runner:
            tasks = runner.run(self._begin(client, requests))
            try:
                for task in tasks:
                    yield runner.run(_result(task))
            finally:
                runner.run(_end(client, tasks))

    async def _begin(
        self, client: AsyncOpenAI, requests: Sequence[Request]
    ) -> list[asyncio.Task[Completion]]:
        limit = asyncio.Semaphore(self._config.concurrency)

        async def ask(request: Request) -> Completion:
            async with limit:
                return await self._completion(client, request)

        return [asyncio.create_task(ask(request)) for request in requests]

    async def _completion(self, client: AsyncOpenAI, request: Request) -> Completion:
        rng = random.Random(request.seed)
        models = self._config.models
        model = rng.choices(models, [each.weight for each in models])[0]
        start = time.perf_counter()
        sampling: dict[str, Any] = {"temperature": request.temperature}
        if self._config.top_p is not None:
            sampling["top_p"] = self._config.top_p
        if self._config.send_seed:
            sampling["seed"] = request.seed
        try:
            answer = await self._patiently(
                lambda: self._ask(client, model, request.prompt, self._config.max_tokens, sampling)
            )
        except (*PASSING, *ENDING) as error:
            raise self._unusable(model, error) from None
        except APIStatusError as error:  # it refuses this one request, a prompt too long say
            reason = f"refused: {self._reason(error)}"
            return Completion("", 0, 0, time.perf_counter() - start, reason, model.name)
        return self._read(answer, model, time.perf_counter() - start)

    def _read(self, answer: Any, model: ModelConfig, seconds: float) -> Completion:
        choice = answer.choices[0] if answer.choices else None
        if choice is None:
            text, reason = "", "the server sent no choice"
        else:
            text = choice.message.content if self._config.style == "chat" else choice.text
            reason = choice.finish_reason
        used = answer.usage
        tokens_in = used.prompt_tokens if used else 0
        tokens_out = used.completion_tokens if used else 0
        cost = (
            tokens_in * model.usd_per_million_tokens_in
            + tokens_out * model.usd_per_million_tokens_out
        ) / 1e6
        return Completion(
            self._without_key(text or ""),
            tokens_in,
            tokens_out,
            seconds,
            str(reason or "stop"),
            model.name,
            cost,
        )

    async def _ask(
        self,
        client: AsyncOpenAI,
        model: ModelConfig,
        prompt: str,
        tokens: int,
        sampling: dict[str, Any],
    ) -> Any:
        asked: dict[str, Any] = {
            "model": model.name,
            self._config.max_tokens_field: tokens,
            **sampling,
        }
        if self._config.style == "chat":
            return await client.chat.completions.create(
                messages=[{"role": "user", "content": prompt}], **asked
            )
        return await client.completions.create(prompt=prompt, stop=END_OF_CLASS, **asked)

    async def _patiently(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask, and again after a while where that is worth it."""
        for attempt in range(self._config.retries):
            try:
                return await ask()
            except PASSING as error:
                wait = _wait_s(error, attempt)
                self._say(f"{self._reason(error)}; trying again in {wait:.0f} s")
                await asyncio.sleep(wait)
        return await ask()

    async def _check(self) -> None:
        async with self._client() as client:
            for model in self._config.models:
                try:
                    await self._ask(client, model, "class", CHECK_TOKENS, {})
                except OpenAIError as error:
                    raise self._unusable(model, error) from None

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self._config.base_url,
            api_key=self._key or "none",
            timeout=self._config.timeout_s,
            max_retries=0,
        )

    def _unusable(self, model: ModelConfig, error: OpenAIError) -> LLMError:
        """What is wrong with the server, in terms of settings."""
        config, reason = self._config, self._reason(error)
        match error:
            case AuthenticationError() | PermissionDeniedError():
                setting = f"llm.api_key_env={config.api_key_env}"
                advice = "the key in that variable is not accepted"
                if config.api_key_env is None:
                    advice = "name the environment variable that holds a key"
            case NotFoundError():
                setting = f"llm.model={model.name}"
                advice = f"no such model at llm.base_url={config.base_url}, or that is incomplete"
            case APITimeoutError():
                setting = f"llm.timeout_s={config.timeout_s:g}"
                advice = f"no answer from {config.base_url} in that time"
            case APIConnectionError():
                setting = f"llm.base_url={config.base_url}"
                advice = "no server answers there"
            case RateLimitError() | InternalServerError():
                setting = f"llm.base_url={config.base_url}"
                advice = "the server cannot answer now"
            case _:
                setting = f"llm.model={model.name}"
                advice = f"{config.base_url} refuses to be asked"
        return LLMError(f"{setting}: {advice} ({reason})")

    def _reason(self, error: OpenAIError) -> str:
        """What the server said, in a line and without the key."""
        if isinstance(error, APIStatusError):
            body = error.body if isinstance(error.body, dict) else {}
            said = body.get("message") or body.get("detail") or error.message
            text = f"{error.status_code}: {said}"
        else:
            text = f"{error} {error.__cause__ or ''}"
        return self._without_key(" ".join(text.split()))[:LONGEST_REASON]

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


async def _result(task: asyncio.Task[Completion]) -> Completion:
    return await task


async def _end(client: AsyncOpenAI, tasks: Sequence[asyncio.Task[Completion]]) -> None:
    """Give up what is on its way and hang up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await client.close()
    await asyncio.sleep(0)  # what is closed hangs up at the next turn


def _key(config: OpenAIConfig) -> str | None:
    if config.api_key_env is None:
        return None
    key = os.environ.get(config.api_key_env, "").strip()
    if not key:
        raise LLMError(
            f"llm.api_key_env={config.api_key_env}: this environment variable is not set; set it "
            "to the server's key, or llm.api_key_env=null where none is needed"
        )
    return key


def _wait_s(error: OpenAIError, attempt: int) -> float:
    """As long as the server asks for, else twice as long each time, give or take."""
    asked = _retry_after_s(error)
    if asked is not None:
        return min(asked, LONGEST_RETRY_AFTER_S)
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**attempt) * random.uniform(0.75, 1.25)


def _retry_after_s(error: OpenAIError) -> float | None:
    """Seconds that the server's Retry-After header asks for; None where it does not."""
    if not isinstance(error, APIStatusError):
        return None
    header = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
