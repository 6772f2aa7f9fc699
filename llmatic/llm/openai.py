"""Models behind a server that speaks OpenAI's protocol.

Asks several requests at once, waits and tries again where that is worth it, and says
so. An event loop in a thread of its own does that: answers come in while the search is
busy elsewhere, and a notebook, which has a loop already, can ask too. Knows nothing of
what is asked; prompts come rendered.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, TypeAlias, TypeVar

from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    Omit,
    OpenAIError,
)

from llmatic.config import ModelConfig, OpenAIConfig
from llmatic.llm import Completion, LLMError, Request, Written

__all__ = ["OpenAILLM"]

_T = TypeVar("_T")
_Task: TypeAlias = asyncio.Task[tuple[Request, Completion]]

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
LONGEST_RETRY_AFTER_S = 3600.0
TOO_MANY = 429
SERVER_ERRORS = 500
LONGEST_REASON = 200
END_OF_CLASS = ['\n"""', "\nif __name__", "\nprint("]
"""What a model that completes code goes on with after the class."""
END_OF_WORD = [" ", "\n", ".", ","]

OWN = (400, 413, 422)
"""Statuses by which a server refuses one request: malformed, too large, not to be processed."""

PASSING = (408, 409, 425, 429)
"""Statuses, beside those from 500 on, that may be otherwise a moment later."""

HEADERS: Any = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
"""Names of an account, which the client would take from the environment for any server."""


class _NoCompletionError(OpenAIError):
    """What came is no completion, or did not come in time."""


class _Run(Protocol):
    """Runs a coroutine to its end, in another thread."""

    def __call__(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """What it returns or raises."""
        ...


class OpenAILLM:
    """Asks a server; which of several models writes a candidate, its seed decides."""

    def __init__(self, config: OpenAIConfig, say: Callable[[str], None]) -> None:
        """Ask every model for a word, so that what is wrong is known at once.

        Args:
            config: Settings.
            say: Called with what the user should read.

        Raises:
            LLMError: The address, the key or a model is wrong.
        """
        self._config = config
        self._say = say
        self._key = _key(config)
        self._is_usage_missed = False
        with _loop() as run:
            run(self._check())

    def write(self, requests: Sequence[Request]) -> Generator[Written]:
        """One completion per request, as they come, several on their way at once.

        Their seconds are those in which they were waited for, divided evenly.

        Raises:
            LLMError: The server keeps failing, or does not know us any more.
        """
        client = self._client()
        with _loop() as run:
            start = time.perf_counter()
            limit = asyncio.Semaphore(self._config.concurrency)
            tasks = run(self._begin(client, requests, limit))
            try:
                while tasks:
                    done = run(_some(tasks, limit))
                    tasks -= done
                    came = [task.result() for task in done if task.exception() is None]
                    if came:
                        seconds = (time.perf_counter() - start) / len(came)
                        yield [(request, replace(said, seconds=seconds)) for request, said in came]
                        start = time.perf_counter()
                    for task in done:
                        task.result()
            finally:
                run(_end(client, tasks))

    async def _begin(
        self, client: AsyncOpenAI, requests: Sequence[Request], limit: asyncio.Semaphore
    ) -> set[_Task]:
        """Ask, no more than the limit lets; `_some` makes room, once an answer is taken."""

        async def ask(request: Request) -> tuple[Request, Completion]:
            await limit.acquire()
            return request, await self._completion(client, request)

        return {asyncio.create_task(ask(request)) for request in requests}

    async def _completion(self, client: AsyncOpenAI, request: Request) -> Completion:
        rng = random.Random(request.seed)
        models = self._config.models
        model = rng.choices(models, [each.weight for each in models])[0]

        async def ask() -> Any:
            return await self._ask(client, model, request.prompt, request.temperature, request.seed)

        try:
            answer = await self._answer(client, model, ask)
        except OpenAIError as error:
            reason = f"refused: {self._reason(error)}"
            return Completion("", 0, 0, 0.0, reason, model.name)
        return self._read(answer, model)

    def _read(self, answer: Any, model: ModelConfig) -> Completion:
        choice = answer.choices[0]
        text = choice.message.content if self._config.style == "chat" else choice.text
        used = answer.usage
        if used is None and not self._is_usage_missed:
            self._is_usage_missed = True
            self._say(f"{self._config.base_url} does not count tokens: neither do we")
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
            0.0,
            str(choice.finish_reason or "stop"),
            model.name,
            cost,
        )

    async def _ask(
        self,
        client: AsyncOpenAI,
        model: ModelConfig,
        prompt: str,
        temperature: float,
        seed: int,
        stop: Sequence[str] = END_OF_CLASS,
    ) -> Any:
        """Ask once.

        Raises:
            OpenAIError: There is no completion, for whatever reason.
        """
        config = self._config
        asked: dict[str, Any] = {
            "model": model.name,
            "temperature": temperature,
            config.max_tokens_field: config.max_tokens,
        }
        if config.top_p is not None:
            asked["top_p"] = config.top_p
        if config.send_seed:
            asked["seed"] = seed
        try:
            async with asyncio.timeout(config.timeout_s):  # the client's own is between two bytes
                if config.style == "chat":
                    answer: Any = await client.chat.completions.create(
                        messages=[{"role": "user", "content": prompt}], **asked
                    )
                else:
                    answer = await client.completions.create(
                        prompt=prompt, stop=list(stop), **asked
                    )
        except TimeoutError:
            raise _NoCompletionError(f"nothing in {config.timeout_s:g} s") from None
        except ValueError as error:  # of decoding what came
            raise _NoCompletionError(f"{type(error).__name__}: {error}") from None
        if not getattr(answer, "choices", None):
            raise _NoCompletionError(f"no completion but {str(answer)[:LONGEST_REASON]}")
        return answer

    async def _answer(
        self, client: AsyncOpenAI, model: ModelConfig, ask: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Ask patiently; where that fails though the model answers others, a second time.

        Raises:
            LLMError: It is the server or the model.
            OpenAIError: It is this request.
        """
        try:
            return await self._patiently(ask)
        except OpenAIError as error:
            if _status(error) in OWN:
                raise
            if not _passes(error) or _status(error) == TOO_MANY:
                raise self._unusable(model, error) from None
        try:
            await self._patiently(lambda: self._ask_for_a_word(client, model))
        except OpenAIError as error:
            raise self._unusable(model, error) from None
        return await self._patiently(ask)

    async def _patiently(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask, and again after a while where that is worth it."""
        for attempt in range(self._config.retries):
            try:
                return await ask()
            except OpenAIError as error:
                if not _passes(error):
                    raise
                wait = _wait_s(error, attempt)
                self._say(f"{self._reason(error)}; trying again in {wait:.0f} s")
                await asyncio.sleep(wait)
        return await ask()

    async def _check(self) -> None:
        async with self._client() as client:
            for model in self._config.models:
                try:
                    await self._ask_for_a_word(client, model)
                except OpenAIError as error:
                    raise self._unusable(model, error) from None

    async def _ask_for_a_word(self, client: AsyncOpenAI, model: ModelConfig) -> Any:
        """Ask a model in the way it is going to be asked for networks.

        Raises:
            OpenAIError: There is no completion.
        """
        return await self._ask(client, model, "Answer with one word: yes", 0.5, 0, END_OF_WORD)

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self._config.base_url,
            api_key=self._key or "none",
            timeout=self._config.timeout_s,
            max_retries=0,
            default_headers=None if self._config.api_key_env == "OPENAI_API_KEY" else HEADERS,
        )

    def _unusable(self, model: ModelConfig, error: OpenAIError) -> LLMError:
        """What is wrong with the server, in terms of settings."""
        config, reason = self._config, self._reason(error)
        match error, _status(error):
            case _, 401 | 403:
                setting = f"llm.api_key_env={config.api_key_env}"
                advice = "the key in that variable is not accepted"
                if config.api_key_env is None:
                    advice = "name the environment variable that holds a key"
            case _, 404:
                setting = f"llm.model={model.name}"
                advice = f"no such model at llm.base_url={config.base_url}, or that is incomplete"
            case APIConnectionError(), _ if not isinstance(error, APITimeoutError):
                setting = f"llm.base_url={config.base_url}"
                advice = "no server answers there"
            case ((APITimeoutError() | _NoCompletionError()), _):
                setting = f"llm.base_url={config.base_url}, llm.timeout_s={config.timeout_s:g}"
                advice = "no completion comes"
            case _, status if status in PASSING or status >= SERVER_ERRORS:
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


@contextmanager
def _loop() -> Iterator[_Run]:
    """An event loop in a thread of its own, and what runs something in it."""
    loop = asyncio.new_event_loop()

    def turn() -> None:
        with asyncio.Runner(loop_factory=lambda: loop):
            loop.run_forever()

    thread = threading.Thread(target=turn, name="asking a server", daemon=True)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _some(tasks: set[_Task], limit: asyncio.Semaphore) -> set[_Task]:
    """Wait for the next that are done, and take them."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for _ in done:
        limit.release()
    return done


async def _end(client: AsyncOpenAI, tasks: set[_Task]) -> None:
    """Give up what is on its way and hang up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await client.close()
    await asyncio.sleep(0)  # what is closed hangs up at the next turn


def _key(config: OpenAIConfig) -> str | None:
    """The key, if one is needed; nothing of it is ever said.

    Raises:
        LLMError: It is not there, or no key can look like that.
    """
    if config.api_key_env is None:
        return None
    setting = f"llm.api_key_env={config.api_key_env}"
    key = os.environ.get(config.api_key_env, "").strip()
    if not key:
        raise LLMError(
            f"{setting}: this environment variable is not set; set it to the server's key, or "
            "llm.api_key_env=null where none is needed"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise LLMError(
            f"{setting}: what this environment variable holds is no key: one line of ASCII "
            "characters without spaces"
        )
    return key


def _status(error: OpenAIError) -> int:
    """The HTTP status; 0 where there was no answer."""
    return error.status_code if isinstance(error, APIStatusError) else 0


def _passes(error: OpenAIError) -> bool:
    """Whether it may be otherwise a moment later."""
    if isinstance(error, APIStatusError):
        spent = error.code == "insufficient_quota"
        return not spent and (error.status_code in PASSING or error.status_code >= SERVER_ERRORS)
    return isinstance(error, APIConnectionError | _NoCompletionError)


def _wait_s(error: OpenAIError, attempt: int) -> float:
    """Twice as long each time, no less than the server asks for, and never all at once."""
    wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**attempt)
    return min(LONGEST_RETRY_AFTER_S, max(wait, _retry_after_s(error))) * random.uniform(1, 1.25)


def _retry_after_s(error: OpenAIError) -> float:
    """Seconds that the server's Retry-After header asks for; 0 where it does not."""
    if not isinstance(error, APIStatusError):
        return 0.0
    header = error.response.headers.get("retry-after", "")
    try:
        return float(header)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(header).timestamp() - time.time()
    except ValueError:
        return 0.0
