"""When warming sends again, and that it finds the prefix warm as long as it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions
from ccw.llm.tokens import TokenCount
from ccw.warming import PROMPT, Warming, warm
from tests.projects import write_files
from tests.servers.any_wire import joined, sent
from tests.servers.loopback import Exchange, serving
from tests.servers.prefix_cache import MarkedPrefixes, anthropic_cache, openai_cache
from tests.warming import FILES, Time, ask, configure, environ, planned


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, FILES)
    return project


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
    warming = Warming("e", "m", "p", 1, TokenCount(1, True), 0, 0, 0, lifetime, (), options)
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
