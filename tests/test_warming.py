"""Warming: what it sends and costs, how long it lasts, and where it would be for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccw import context_cache
from ccw.errors import KeyNotConfigured, NothingMatched, UsageError
from ccw.llm.usage import Usage
from ccw.warming import PROMPT, warm
from tests.projects import write_config, write_files
from tests.servers import anthropic_wire
from tests.servers.any_wire import any_server, joined, sent
from tests.servers.loopback import Exchange, Server, serving
from tests.servers.openai_wire import status
from tests.warming import FILES, Time, ask, configure, environ, planned


@pytest.fixture
def server() -> Iterator[Server]:
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, FILES)
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


def test_a_first_time_is_no_hit(project: Path, server: Server) -> None:
    configure(project, server)
    warming = planned(project)
    assert context_cache.status(project, environ=environ()).entries == 0
    (result,) = warm(warming, environ=environ())
    status = context_cache.status(project, environ=environ())
    assert (result.cache_used, result.cache_hit) == (True, False)
    assert (status.entries, status.hits, status.misses) == (1, 0, 1)


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
