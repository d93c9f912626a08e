"""What warming may cost in all: it is refused, or ends, before it costs more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionResult
from ccw.errors import CostExceeded, UsageError
from ccw.llm.money import dollars
from ccw.warming import warm
from tests.projects import write_files
from tests.servers import anthropic_wire
from tests.servers.any_wire import any_server
from tests.servers.loopback import Behaviour, Exchange, Server
from tests.servers.served import served
from tests.warming import FILES, Time, configure, environ, planned

HOUR, PART = {"providerCache": "1h"}, {"filePatterns": ["a.txt"]}


@pytest.fixture
def server() -> Iterator[Server]:
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, FILES)
    return project


def counted(kind: str, tokens: int, cached: int, reads: list[int | None]) -> list[Behaviour]:
    """Answers on the wire of *kind* to so many *tokens*, of which so many are *cached*.

    Each tells how many of these were read, and that the others were written; None tells nothing.
    """
    return [partial(_counted, kind, tokens, cached, read) for read in reads]


def _counted(kind: str, tokens: int, cached: int, read: int | None, exchange: Exchange) -> None:
    if kind == "openai":
        details = {"prompt_tokens_details": {"cached_tokens": read}}
        usage = {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}
        served(None, {} if read is None else usage | details)(exchange)
        return
    usage = {"input_tokens": tokens - cached, "output_tokens": 1}
    found = {"cache_read_input_tokens": read or 0}
    written = {"cache_creation_input_tokens": cached - (read or 0)}
    anthropic_wire.answer(exchange, usage | found | written)


def times(time: Time) -> dict[str, Any]:
    return {"environ": environ(), "clock": time, "sleep": time.sleep}


def warmed(project: Path, most: float, duration: float) -> list[LiteLLMExecutionResult]:
    return list(warm(planned(project, max_cost=most), duration, **times(Time())))


def test_all_sendings_cost_at_most_what_is_allowed(project: Path, server: Server) -> None:
    configure(project, server)
    total = planned(project).total(900)
    assert total is not None
    time = Time()
    results = warm(
        planned(project, max_cost=total), 900, environ=environ(), clock=time, sleep=time.sleep
    )
    assert [result.success for result in results] == [True] * 4
    short = warm(planned(project, max_cost=total * 0.99), 900, environ=environ())
    with pytest.raises(CostExceeded, match=r"may cost up to \$.* in all, more than --max-cost"):
        next(short)
    assert len(server.posts) == 4


def test_files_that_grow_end_it_where_they_cost_too_much(project: Path, server: Server) -> None:
    configure(project, server)
    total, time = planned(project).total(900), Time()
    results = warm(
        planned(project, max_cost=total), 900, environ=environ(), clock=time, sleep=time.sleep
    )
    assert next(results).success
    (project / "a.txt").write_text("word\n" * 9000)
    (last,) = results
    assert (last.success, last.exit_code, last.error_type) == (False, 7, "cost_exceeded")
    assert last.error is not None
    assert " are spent: this call may cost up to $" in last.error
    assert len(server.posts) == 1


@pytest.mark.parametrize(
    ("kind", "more", "uncached"),
    [
        pytest.param("anthropic", {}, 0, id="written-for-5m"),
        pytest.param("anthropic", {"cacheStrategy": HOUR}, 0, id="written-for-1h"),
        pytest.param("anthropic", {"cacheStrategy": PART}, 2000, id="a-part"),
        pytest.param("openai", {"priced": False}, 120, id="by-itself"),
    ],
)
def test_what_is_allowed_is_enough_while_no_file_changes(
    project: Path, server: Server, kind: str, more: dict[str, Any], uncached: int
) -> None:
    configure(project, server, kind, **more)
    plan = planned(project)
    duration = plan.lifetime * 6
    total, tokens = plan.total(duration), plan.tokens.tokens
    cached = tokens - uncached
    assert total is not None
    server.will(*counted(kind, tokens, cached, [0, *[cached] * 6]))
    results = warmed(project, total, duration)
    assert [(result.error, result.exit_code) for result in results] == [(None, 0)] * 7
    assert sum(result.cost or 0.0 for result in results) <= total


@pytest.mark.parametrize(
    ("read", "times_sent"),
    [
        pytest.param(0, 3, id="nothing-is-read"),  # fresh is half as dear as written
        pytest.param(None, 2, id="nothing-is-told"),
    ],
)
def test_what_the_provider_forgets_ends_it_where_the_money_is_spent(
    project: Path, server: Server, read: int | None, times_sent: int
) -> None:
    configure(project, server, "openai")
    plan = planned(project)
    duration = plan.lifetime * 3
    total, bound = plan.total(duration), plan.bound
    assert total is not None
    assert bound is not None
    server.will(*counted("openai", plan.tokens.tokens, 0, [read] * 4))
    *sent, last = warmed(project, total + bound, duration)
    assert [result.success for result in sent] == [True] * times_sent
    assert (last.exit_code, last.error_type) == (7, "cost_exceeded")
    assert "as the call before read nothing from the cache" in str(last.error)
    assert len(server.posts) == times_sent


@pytest.mark.parametrize(
    ("text", "share", "sent"),
    [
        pytest.param("word\n" * 3000, 1.0, 1, id="more-than-is-left"),
        pytest.param("word\n" * 3000, 2.0, 1, id="more-than-is-left-though-not-than-all"),
        pytest.param("word\n" * 3000, 9.0, 4, id="enough"),
        pytest.param("deed\n" * 1000, 1.0, 1, id="as-long-as-before"),
        pytest.param("word\n" * 1000, 1.0, 4, id="the-same"),
    ],
)
def test_files_that_change_count_as_sent_for_the_first_time(
    project: Path, server: Server, text: str, share: float, sent: int
) -> None:
    configure(project, server)
    plan = planned(project)
    total, tokens = plan.total(900), plan.tokens.tokens
    assert total is not None
    server.will(*counted("anthropic", tokens, tokens, [0, tokens, tokens, tokens]))
    time = Time()
    results = warm(planned(project, max_cost=total * share), 900, **times(time))
    assert next(results).success
    (project / "a.txt").write_text(text)
    rest = list(results)
    assert len(server.posts) == sent
    assert [result.exit_code for result in rest] == ([7] if sent == 1 else [0] * 3)


def test_the_amounts_are_told_as_they_were_typed(project: Path, server: Server) -> None:
    configure(project, server)
    tokens = planned(project).tokens.tokens
    server.will(*counted("anthropic", tokens, tokens, [0]))
    results = warm(planned(project, max_cost=0.2), 900, **times(Time()))
    spent = next(results).cost
    (project / "a.txt").write_text("word\n" * 9000)
    assert spent is not None
    assert [result.error for result in results] == [
        f"{dollars(spent)} of --max-cost $0.2 are spent: this call may cost up to $0.55, as what "
        "is sent has changed; name fewer files, or allow a higher --max-cost"
    ]


def test_one_sending_that_costs_too_much(project: Path, server: Server) -> None:
    configure(project, server)
    with pytest.raises(CostExceeded, match=r"this call may cost up to \$"):
        planned(project, max_cost=0.001)
    bound = planned(project).bound
    assert bound is not None
    with pytest.raises(CostExceeded, match=r"may cost up to \$"):  # written at twice the price
        next(warm(planned(project, max_cost=bound * 0.9), environ=environ()))
    assert server.posts == []


@pytest.mark.parametrize("amount", [-1.0, math.inf, math.nan])
def test_an_amount_that_is_none(project: Path, server: Server, amount: float) -> None:
    configure(project, server)
    with pytest.raises(UsageError, match="an amount in USD"):
        planned(project, max_cost=amount)


@pytest.mark.parametrize("kind", ["custom", "openai"])
def test_an_unknown_price_may_cost_too_much(project: Path, server: Server, kind: str) -> None:
    model = {"model": "gpt-unheard-of"} if kind == "openai" else {}
    configure(project, server, kind, priced=False, **model)
    with pytest.raises(CostExceeded, match=r"the price of .* is unknown; .*write its inputCo"):
        planned(project, max_cost=5.0)
