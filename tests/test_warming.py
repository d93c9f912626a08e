"""Warming: what it sends and costs, how long it lasts, and where it would be for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, context_cache
from ccw.errors import KeyNotConfigured, NothingMatched, UsageError
from ccw.llm.tokens import TokenCount
from ccw.llm.usage import Usage
from ccw.warming import PROMPT, Warming, warm
from tests.projects import write_config, write_files
from tests.servers import anthropic_wire
from tests.servers.any_wire import any_server, joined, sent
from tests.servers.loopback import Exchange, Server, serving
from tests.servers.openai_wire import status
from tests.servers.prefix_cache import MarkedPrefixes, anthropic_cache, openai_cache
from tests.warming import Time, ask, configure, environ, planned


@pytest.fixture
def server() -> Iterator[Server]:
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, {"a.txt": "word\n" * 1000, "b.txt": "other\n" * 1000})
    return project


@pytest.mark.parametrize("kind", ["anthropic", "openai", "custom"])
def test_the_bytes_are_those_of_the_calls_to_come(project: Path, server: Server, kind: str) -> None:
    more = {} if kind == "anthropic" else {"n": 3}
    configure(project, server, kind, params={"maxTokens": 900, "temperature": 0.5, **more})
    (result,) = warm(planned(project, "*.txt", "@a.txt"), environ=environ())
    ask(project, "@*.txt @a.txt Why?")
    first, second = (request.json for request in server.posts)
    assert result.success
    assert sent(server.posts[0])[:-1] == sent(server.posts[1])[:-1]
    texts = [joined(sent(request)) for request in server.posts]
    assert texts[0].removesuffix(PROMPT) == texts[1].removesuffix("@*.txt @a.txt Why?")
    assert first.get("prompt_cache_key") == second.get("prompt_cache_key")
    assert (first["max_tokens"], first["temperature"], first.get("n")) == (1, 0.5, None)
    assert (second["max_tokens"], second.get("n")) == (900, more.get("n"))


def test_what_it_costs_is_known_before(project: Path, server: Server) -> None:
    configure(project, server)
    warming = planned(project)
    assert (warming.files, warming.lifetime, server.requests) == (2, 300, [])
    assert warming.tokens.tokens > 2000
    assert warming.again == pytest.approx(warming.tokens.tokens * 1e-6 + 1000e-6)
    assert warming.bound is not None
    assert warming.bound >= warming.tokens.tokens * 20e-6 + 1000e-6  # all of it written


def test_an_hour_is_written_at_its_own_price(project: Path, server: Server) -> None:
    configure(project, server)
    five_minutes = planned(project).bound
    configure(project, server, cacheStrategy={"providerCache": "1h"})
    warming = planned(project)
    assert warming.lifetime == 3600
    assert warming.bound is not None
    assert five_minutes is not None
    assert warming.bound == pytest.approx(five_minutes * 1.6, rel=0.05)


def test_an_unknown_price_is_unknown(project: Path, server: Server) -> None:
    configure(project, server, "custom", priced=False)
    assert (planned(project).bound, planned(project).again) == (None, None)


@pytest.mark.parametrize(
    ("lifetime", "duration", "expected"),
    [
        pytest.param(300, 0, (), id="once"),
        pytest.param(300, 300, (), id="as-long-as-it-lives"),
        pytest.param(300, 301, (270,), id="a-second-more"),
        pytest.param(300, 900, (270, 540, 810), id="a-quarter"),
        pytest.param(3600, 3600, (), id="an-hour-by-marks"),
        pytest.param(3600, 7200, (3240, 6480), id="two-hours"),
    ],
)
def test_when_it_is_sent_again(
    lifetime: float, duration: float, expected: tuple[float, ...]
) -> None:
    options = LiteLLMExecutionOptions("", "ask", ".")
    warming = Warming("e", "m", "p", 1, TokenCount(1, True), 0, 0, lifetime, (), options)
    assert warming.moments(duration) == expected


def test_it_is_kept_warm_for_the_time(project: Path) -> None:
    time = Time()
    with serving(anthropic_cache(MarkedPrefixes(time))) as server:
        configure(project, server)
        warming, started = planned(project), time.now
        results = list(warm(warming, 900, environ=environ(), clock=time, sleep=time.sleep))
        assert time.now == started + 810
        time.now += 290
        found = ask(project, "@*.txt Why?", time).usage
    usages = [result.usage for result in results]
    assert [bool(usage and usage.cache_read) for usage in usages] == [False, True, True, True]
    assert found is not None
    assert found.cache_read > 2000
    assert time.slept == [270, 270, 270]


def test_the_time_that_a_call_takes_is_not_slept(project: Path) -> None:
    time = Time()
    answer = anthropic_cache(MarkedPrefixes(time))

    def slowly(exchange: Exchange) -> None:
        answer(exchange)
        time.now += 40

    with serving(slowly) as server:
        configure(project, server)
        list(warm(planned(project), 900, environ=environ(), clock=time, sleep=time.sleep))
    assert time.slept == [230, 230, 230]


@pytest.mark.parametrize("layout", ["stable", "overlay"])
@pytest.mark.parametrize(
    ("strategy", "duration", "moments"),
    [
        pytest.param({"ttlMinutes": 10}, 2400, 8, id="5m"),
        pytest.param({"ttlMinutes": 60, "providerCache": "1h"}, 9000, 2, id="1h"),
        pytest.param({"ttlMinutes": 5, "providerCache": "1h"}, 9000, 2, id="1h-shorter-session"),
    ],
)
def test_it_is_kept_warm_longer_than_a_session(
    project: Path, layout: str, strategy: dict[str, Any], duration: float, moments: int
) -> None:
    """What was announced holds: the order is not forgotten while it is in use."""
    time = Time()
    write_files(project, {"c.txt": "and more\n" * 2000})
    with serving(anthropic_cache(MarkedPrefixes(time))) as server:
        configure(project, server, cacheStrategy={"layout": layout, **strategy})
        ask(project, "@*.txt Why?", time)
        (project / "b.txt").write_text("edited\n" * 500)
        ask(project, "@*.txt Why?", time)
        warming = planned(project)
        results = list(warm(warming, duration, environ=environ(), clock=time, sleep=time.sleep))
        ask(project, "@*.txt Why?", time)
    *warmed, last = [joined(sent(request)) for request in server.posts[1:]]
    assert len(warming.moments(duration)) == len(results) - 1 == moments
    assert len({text.removesuffix(PROMPT) for text in warmed[1:]}) == 1
    assert last.startswith(warmed[-1].removesuffix(PROMPT))
    for result in results:
        assert result.usage is not None
        assert result.usage.cache_read > 0
        assert result.usage.cache_write_5m == result.usage.cache_write_1h == 0


def test_a_first_time_is_no_hit(project: Path, server: Server) -> None:
    configure(project, server)
    warming = planned(project)
    assert context_cache.status(project, environ=environ()).entries == 0
    (result,) = warm(warming, environ=environ())
    status = context_cache.status(project, environ=environ())
    assert (result.cache_used, result.cache_hit) == (True, False)
    assert (status.entries, status.hits, status.misses) == (1, 0, 1)


def test_an_edit_is_packed_afresh(project: Path) -> None:
    time = Time()

    def edit(seconds: float) -> None:
        (project / "b.txt").write_text(f"edited at {time.now}\n")
        time.sleep(seconds)

    with serving(openai_cache(time)) as server:
        configure(project, server, "openai")
        list(warm(planned(project), 310, environ=environ(), clock=time, sleep=edit))
        texts = [joined(sent(request)) for request in server.posts]
    assert ["edited at" in text for text in texts] == [False, True]


def test_a_failed_call_ends_it(project: Path, server: Server) -> None:
    configure(project, server, "openai")
    server.will(status(401))
    time = Time()
    (result,) = warm(planned(project), 900, environ=environ(), clock=time, sleep=time.sleep)
    assert (result.success, result.exit_code, time.slept) == (False, 5, [])


def test_a_time_that_it_lives_anyway_is_not_waited_for(project: Path, server: Server) -> None:
    configure(project, server)
    time = Time()
    (result,) = warm(planned(project), 240, environ=environ(), clock=time, sleep=time.sleep)
    assert (result.success, time.slept) == (True, [])


def test_it_ends_where_the_provider_stores_nothing(project: Path) -> None:
    time = Time()
    with serving(stores_nothing) as server:
        configure(project, server)
        warming = planned(project)
        (result,) = warm(warming, 900, environ=environ(), clock=time, sleep=time.sleep)
    assert (result.success, warming.kept(result.usage), time.slept) == (True, False, [])


def stores_nothing(exchange: Exchange) -> None:
    """Answer as Anthropic does when no prefix was cached."""
    anthropic_wire.answer(exchange, {"input_tokens": 2000, "output_tokens": 1})


@pytest.mark.parametrize(
    ("kind", "usage", "kept"),
    [
        pytest.param("anthropic", Usage(input=9), False, id="marks-without-effect"),
        pytest.param("anthropic", Usage(input=9, cache_write_5m=1), True, id="written"),
        pytest.param("anthropic", Usage(input=9, cache_read=1), True, id="read"),
        pytest.param("anthropic", None, None, id="no-usage"),
        pytest.param("openai", Usage(input=9), True, id="by-itself"),
        pytest.param("custom", Usage(input=9), None, id="who-knows"),
        pytest.param("custom", Usage(input=9, cache_read=1), True, id="it-was-read"),
    ],
)
def test_whether_it_is_kept(
    project: Path, server: Server, kind: str, usage: Usage | None, kept: bool | None
) -> None:
    configure(project, server, kind)
    assert planned(project).kept(usage) is kept


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        pytest.param("mistral", {}, "not known that providers of type mistral keep", id="unknown"),
        pytest.param(
            "anthropic",
            {"cacheStrategy": {"providerCache": "off"}},
            "switched off for endpoint ask; ccw endpoint update ask --cache --provider-cache 5m",
            id="provider-cache-off",
        ),
        pytest.param(
            "openai", {"cacheStrategy": {"enabled": False}}, "switched off", id="cache-off"
        ),
        pytest.param(
            "anthropic",
            {"advanced": {"cacheMarks": False}},
            "provider it is sent no cache marks; ccw provider update it --cache-marks",
            id="no-marks",
        ),
        pytest.param(
            "anthropic",
            {"cacheStrategy": {"filePatterns": ["*.md"]}},
            "none of the files is in the cached prefix",
            id="no-prefix",
        ),
    ],
)
def test_where_it_would_be_for_nothing(
    project: Path, server: Server, kind: str, settings: dict[str, Any], message: str
) -> None:
    configure(project, server, kind, **settings)
    with pytest.raises(UsageError, match=f"nothing to warm: .*{message}"):
        planned(project)
    assert server.requests == []


def test_too_little_to_be_cached(project: Path, server: Server) -> None:
    configure(project, server, "openai")
    (project / "a.txt").write_text("short")
    with pytest.raises(UsageError, match=r"tokens are below the 1,024 from which on gpt-4o"):
        planned(project, "a.txt")


def test_the_embedded_model_has_to_be_kept(project: Path) -> None:
    provider = {"id": "it", "name": "It", "type": "local"}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "it", "model": "smollm2"}
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})
    with pytest.raises(UsageError, match="ccw local start"):
        planned(project)


def test_what_a_call_would_report_is_reported(project: Path, server: Server) -> None:
    configure(project, server)
    with pytest.raises(NothingMatched):
        planned(project, "none/*.txt")
    path = project / ".ccw/storage/config/litellm-api-config.json"
    path.write_text(path.read_text().replace("sk-loop", "${UNSET_KEY}"))
    with pytest.raises(KeyNotConfigured):
        planned(project)
