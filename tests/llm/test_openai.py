"""A real server of a real, tiny model, asked as any other; and one that misbehaves."""

import asyncio
import os
import signal
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest
from llm.conformance import LLMConformance, answer, answers, request
from llm.server import proxied, serving
from llm.tiny import make_tiny

from llmatic.config import compose
from llmatic.llm import LLMError
from llmatic.llm.openai import OpenAILLM

KEY = "sk-very-secret-123"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("tiny"), chat=True)


@pytest.fixture(scope="module")
def server(model):
    with serving(model) as server:
        yield server


@pytest.fixture
def proxy(server):
    with proxied(server) as proxy:
        yield proxy


def connect(base_url, *overrides, say=print):
    settings = (
        "llm.api_key_env=null",
        "llm.max_tokens=8",
        "llm.max_tokens_field=max_tokens",
        "llm.timeout_s=30",
        "llm.retries=3",
        "llm.style=completion",
        "llm.model=tiny",
    )
    config = compose(["llm=openai", f"llm.base_url={base_url}", *settings, *overrides]).llm
    return OpenAILLM(config, say)


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch):
    monkeypatch.setattr("llmatic.llm.openai.FIRST_WAIT_S", 0.05)


class TestCompletions(LLMConformance):
    reproducible = False  # this server does not say that it is

    @pytest.fixture
    def llm(self, server):
        return connect(server.base_url, f"llm.model={server.model}")


class TestChat(LLMConformance):
    reproducible = False

    @pytest.fixture
    def llm(self, server):
        return connect(server.base_url, f"llm.model={server.model}", "llm.style=chat")


def test_what_was_used_is_counted_and_priced(proxy):
    prices = ("llm.usd_per_million_tokens_in=2", "llm.usd_per_million_tokens_out=10")
    said = answer(connect(proxy.base_url, *prices), request(0))
    assert said.tokens_in > 100
    assert 0 < said.tokens_out <= 8
    assert said.cost_usd == pytest.approx((2 * said.tokens_in + 10 * said.tokens_out) / 1e6)
    assert said.seconds > 0
    assert said.model == "tiny"


def test_the_request_is_passed_on(proxy):
    llm = connect(proxy.base_url, "llm.top_p=0.5")
    asked = request(3, temperature=0.35)
    list(llm.write([asked]))
    sent = proxy.asked[-1]
    assert sent["prompt"] == asked.prompt
    assert (sent["temperature"], sent["top_p"], sent["seed"]) == (0.35, 0.5, 3)
    assert sent["max_tokens"] == 8
    list(connect(proxy.base_url, "llm.style=chat", "llm.send_seed=false").write([asked]))
    sent = proxy.asked[-1]
    assert sent["messages"] == [{"role": "user", "content": asked.prompt}]
    assert "seed" not in sent
    assert "top_p" not in sent


def test_an_ensemble_is_asked_by_weight(proxy):
    several = "llm.ensemble=[{name: heavy, weight: 3}, {name: light}]"
    llm = connect(proxy.base_url, several, "llm.model=null", "llm.max_tokens=1")
    requests = [request(index) for index in range(40)]
    wrote = [each.model for each in answers(llm, requests)]
    assert set(wrote) == {"heavy", "light"}
    assert 22 <= wrote.count("heavy") <= 38
    assert [each.model for each in answers(llm, requests)] == wrote


def test_no_more_requests_at_once_than_allowed(proxy):
    llm = connect(proxy.base_url, "llm.concurrency=3", "llm.max_tokens=1")
    list(llm.write([request(index) for index in range(12)]))
    assert 2 <= proxy.most_at_once <= 3


def test_it_can_be_asked_where_a_loop_runs_already(proxy):
    """As in a notebook."""

    async def cell():
        return answer(connect(proxy.base_url), request(0))

    assert asyncio.run(cell()).tokens_out > 0


def test_answers_come_in_while_nobody_waits_for_them(proxy):
    llm = connect(proxy.base_url, "llm.timeout_s=10")
    before, requests = len(proxy.asked), [request(index) for index in range(3)]
    with closing(llm.write(requests)) as completions:
        came = len(next(completions))
        time.sleep(11)
        start = time.perf_counter()
        rest = [said for written in completions for _, said in written]
        waited = time.perf_counter() - start
    assert came + len(rest) == len(proxy.asked) - before == len(requests)
    assert sum(said.seconds for said in rest) <= waited + 1e-6


def test_no_more_is_asked_than_is_taken(proxy):
    llm = connect(proxy.base_url, "llm.concurrency=2")
    before = len(proxy.asked)
    with closing(llm.write([request(index) for index in range(9)])) as completions:
        came = len(next(completions))
        time.sleep(5)
        assert len(proxy.asked) - before <= came + 2
        assert came + sum(map(len, completions)) == 9


def test_what_passes_is_waited_for(proxy):
    said = []
    llm = connect(proxy.base_url, say=said.append)
    proxy.faults = [(429, {"Retry-After": "1"}), (500, {}), "drop"]
    assert answer(llm, request(0)).finish_reason in ("stop", "length")
    assert len(said) == 3
    assert said[0] == "429: not now (Bearer none); trying again in 1 s"
    assert said[1] == "500: not now (Bearer none); trying again in 0 s"
    assert proxy.times[2] - proxy.times[1] >= 1


def test_what_does_not_pass_is_not_asked_for_again(proxy):
    llm = connect(proxy.base_url)
    proxy.faults = [(400, {})]
    refused, written = (answer(llm, request(index)) for index in range(2))
    assert refused.finish_reason.startswith("refused: 400: not now")
    assert (refused.text, refused.tokens_out) == ("", 0)
    assert written.finish_reason in ("stop", "length")
    assert len(proxy.asked) == 1 + 2


def test_a_server_that_keeps_failing_ends_it(proxy):
    llm = connect(proxy.base_url)
    proxy.faults = [(503, {})] * 8
    with pytest.raises(LLMError, match=r"llm\.base_url=.*cannot answer now \(503: not now"):
        list(llm.write([request(0)]))


def test_one_request_that_keeps_failing_is_refused(proxy):
    llm = connect(proxy.base_url)
    proxy.faults = [*[(503, {})] * 4, None, *[(503, {})] * 4]
    refused, written = (answer(llm, request(index)) for index in range(2))
    assert refused.finish_reason.startswith("refused: 503: not now")
    assert written.finish_reason in ("stop", "length")
    proxy.faults = [(503, {})] * 4
    assert answer(llm, request(0)).finish_reason in ("stop", "length")


def test_a_rate_limit_that_stays_ends_it(proxy):
    llm = connect(proxy.base_url)
    proxy.faults = [(429, {})] * 4
    with pytest.raises(LLMError, match=r"llm\.base_url=.*cannot answer now \(429: not now"):
        list(llm.write([request(0)]))


def test_what_came_before_it_ends_is_not_lost(proxy):
    llm = connect(proxy.base_url, "llm.concurrency=1")
    written = llm.write([request(index) for index in range(3)])
    first = next(written)
    proxy.key = "another"
    with pytest.raises(LLMError):
        list(written)
    assert len(first) == 1


@pytest.mark.parametrize("status", [402, 405, 451])
def test_what_no_request_would_be_given_ends_it(proxy, status):
    llm = connect(proxy.base_url)
    proxy.faults = [(status, {})]
    with pytest.raises(LLMError, match=rf"llm\.model=tiny: .*refuses to be asked \({status}: not"):
        list(llm.write([request(0)]))


def test_a_slow_trickle_is_no_answer(proxy):
    llm = connect(proxy.base_url, "llm.retries=0")
    llm._config = replace(llm._config, timeout_s=3)
    proxy.faults = ["trickle"]
    asked, started = len(proxy.asked), time.monotonic()
    assert answer(llm, request(0)).finish_reason in ("stop", "length")
    assert time.monotonic() - started < 15
    assert len(proxy.asked) > asked + 1


@pytest.mark.parametrize("page", ["<html>Log in</html>", '{"error": "no"}', '{"choi'])
def test_a_page_is_no_completion(proxy, page):
    proxy.faults = [page]
    with pytest.raises(LLMError, match="no completion comes"):
        connect(proxy.base_url)


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-\u201cone\u201d", "sk one"])
def test_what_is_no_key_is_not_sent(proxy, monkeypatch, key):
    monkeypatch.setenv("SOME_KEY", key)
    with pytest.raises(LLMError, match=r"llm\.api_key_env=SOME_KEY: .* is no key") as caught:
        connect(proxy.base_url, "llm.api_key_env=SOME_KEY")
    assert "one" not in str(caught.value).replace("one line", "")
    assert proxy.asked == []


def test_a_key_that_is_withdrawn_ends_it(proxy, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    proxy.key = KEY
    llm = connect(proxy.base_url, "llm.api_key_env=SOME_KEY")
    proxy.key = "another"
    with pytest.raises(LLMError, match=r"llm\.api_key_env=SOME_KEY: the key.*not accepted"):
        list(llm.write([request(0)]))


# asyncio loses a socket whose connection is given up at the moment it is made
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopping_early_leaves_nothing_on_its_way(proxy):
    llm = connect(proxy.base_url, "llm.concurrency=1")
    with closing(llm.write([request(index) for index in range(20)])) as completions:
        next(completions)
    time.sleep(0.5)
    asked = len(proxy.asked)
    assert asked < 6
    time.sleep(0.5)
    assert len(proxy.asked) == asked


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (("llm.base_url=http://127.0.0.1:9/v1",), r"llm\.base_url=.*: no server answers there"),
        (("llm.api_key_env=NO_SUCH_KEY",), r"llm\.api_key_env=NO_SUCH_KEY: .*is not set"),
        (("llm.model=unknown",), r"llm\.model=unknown: .*\(400: Server is pinned to"),
    ],
)
def test_what_is_wrong_is_said_before_the_search(server, overrides, says):
    with pytest.raises(LLMError, match=says) as caught:
        connect(server.base_url, *overrides)
    assert "\n" not in str(caught.value)


def test_a_wrong_key_is_said_but_not_shown(proxy, monkeypatch):
    proxy.key = "another"
    monkeypatch.setenv("SOME_KEY", KEY)
    with pytest.raises(
        LLMError, match=r"SOME_KEY: .*\(401: no such key: Bearer \*\*\*\)"
    ) as caught:
        connect(proxy.base_url, "llm.api_key_env=SOME_KEY")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_wrong_path_is_said(server):
    with pytest.raises(LLMError, match=r"base_url=.*/v2, or that is incomplete \(404"):
        connect(server.base_url.replace("/v1", "/v2"))


def test_a_server_that_hangs(server):
    llm = connect(server.base_url, f"llm.model={server.model}", "llm.timeout_s=10")
    llm._config = replace(llm._config, timeout_s=1, retries=1)  # it may start slowly, but not hang
    server.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(LLMError, match=r"llm\.timeout_s=1: no completion comes"):
            list(llm.write([request(0)]))
    finally:
        server.process.send_signal(signal.SIGCONT)
    assert list(llm.write([])) == []


def test_a_server_that_is_killed_while_it_answers(model):
    said = []
    with serving(model) as server:
        llm = connect(
            server.base_url, f"llm.model={server.model}", "llm.max_tokens=900", say=said.append
        )
        threading.Timer(0.3, lambda: os.kill(server.process.pid, signal.SIGKILL)).start()
        with pytest.raises(LLMError, match=r"llm\.base_url=.*: no server answers there"):
            list(llm.write([request(0)]))
    assert len(said) == 6
