"""What a reply cost: by the gateway's word, else our own prices; never at the answer's expense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pools.worlds import PRICED, ask, endpoint, provider, write
from tests.servers.loopback import Behaviour, Exchange, Server
from tests.servers.openai_bodies import completion
from tests.servers.openai_wire import ANSWER, JSON, USAGE, raw, reset, say, slow_headers, status
from tests.servers.served import served

OURS = 20 * 1e-6 + 100 * 0.5e-6 + 7 * 10e-6


def gateway(project: Path, base: str, kind: str = "litellm", **model: Any) -> None:
    """Configure `ask` of a gateway whose model has prices of its own."""
    known = {**PRICED, "id": "m-ask", "cacheReadCostPerMillion": 0.5, **model}
    one = {**provider("g", base, models=[known]), "type": kind, "apiKey": "sk-loop"}
    write(project, [one], [endpoint("ask", "g")])


def whole(cost: str | None) -> Behaviour:
    """Answer whole, with the header that a LiteLLM proxy tells the cost in."""
    told = {} if cost is None else {"x-litellm-response-cost": cost}
    return raw(json.dumps(completion(ANSWER, USAGE, "stop")).encode(), headers={**JSON, **told})


def estimating(chat: Behaviour, estimate: Behaviour) -> Behaviour:
    """Answer questions in one way and requests for the cost in another."""

    def behave(exchange: Exchange) -> None:
        asked = exchange.request.path.endswith("/chat/completions")
        (chat if asked else estimate)(exchange)

    return behave


@pytest.mark.parametrize(
    ("chat", "stream", "cost", "source"),
    [
        pytest.param(whole("0.25"), False, 0.25, "gateway", id="header"),
        pytest.param(whole("1.5e-06"), False, 1.5e-6, "gateway", id="small"),
        pytest.param(say(usage={**USAGE, "cost": 3.5e-5}), True, 3.5e-5, "gateway", id="stream"),
        pytest.param(say(usage={**USAGE, "cost": 0.125}), False, 0.125, "gateway", id="body"),
        pytest.param(whole("0.0"), False, OURS, "prices", id="unknown-there"),
        pytest.param(whole("None"), False, OURS, "prices", id="none"),
        pytest.param(whole("nan"), False, OURS, "prices", id="nan"),
        pytest.param(whole("-1"), False, OURS, "prices", id="negative"),
        pytest.param(whole("1e300"), False, OURS, "prices", id="over-all-money"),
        pytest.param(say(), True, OURS, "prices", id="not-told"),
        pytest.param(
            say('the "usage": {"cost": 9}'), True, OURS, "prices", id="words-of-the-model"
        ),
    ],
)
def test_the_cost_that_the_gateway_tells(
    project: Path, openai_server: Server, chat: Behaviour, stream: bool, cost: float, source: str
) -> None:
    openai_server.default = estimating(chat, status(404))
    gateway(project, openai_server.base)
    result = ask(project, stream=stream)
    assert result.success
    assert (result.cost, result.cost_source) == (pytest.approx(cost), source)
    saved = 100 * 0.5e-6 if source == "prices" else None  # it may have other prices than ours
    assert result.saved == (None if saved is None else pytest.approx(saved))


@pytest.mark.parametrize(
    ("part", "known"),
    [
        pytest.param(1.0, True, id="same"),
        pytest.param(1.009, True, id="rounded"),
        pytest.param(1.02, False, id="with-a-margin"),
    ],
)
def test_what_was_saved_is_known_where_the_prices_are_the_gateways(
    project: Path, openai_server: Server, part: float, known: bool
) -> None:
    openai_server.default = whole(str(OURS * part))
    gateway(project, openai_server.base)
    result = ask(project, stream=False)
    assert (result.cost, result.cost_source) == (pytest.approx(OURS * part), "gateway")
    assert result.saved == (pytest.approx(100 * 0.5e-6) if known else None)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_openrouter_bills_in_its_reply(project: Path, openai_server: Server, stream: bool) -> None:
    """litellm's map has none of its prices."""
    openai_server.default = say(usage={**USAGE, "cost": 0.0123})
    one = {**provider("g", openai_server.base), "type": "openrouter", "apiKey": "sk-loop"}
    write(project, [one], [endpoint("ask", "g")])
    result = ask(project, stream=stream)
    assert (result.cost, result.cost_source, result.saved) == (0.0123, "gateway", None)
    assert len(openai_server.requests) == 1, "it is asked for nothing else"


def test_a_bill_of_nothing_leaves_it_to_our_prices(project: Path, openai_server: Server) -> None:
    openai_server.default = say(usage={**USAGE, "cost": 0})
    gateway(project, openai_server.base, kind="openrouter")
    assert (ask(project).cost, ask(project).cost_source) == (pytest.approx(OURS), "prices")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_count_beyond_all_calls_costs_no_answer(
    project: Path, openai_server: Server, stream: bool
) -> None:
    openai_server.default = estimating(say(usage={**USAGE, "prompt_tokens": 10**400}), status(404))
    gateway(project, openai_server.base)
    result = ask(project, stream=stream)
    assert (result.success, result.output, result.usage, result.cost) == (True, ANSWER, None, None)


def test_where_the_reply_tells_nothing_the_gateway_is_asked(
    project: Path, openai_server: Server
) -> None:
    estimate = raw(json.dumps({"cost_per_request": 0.75}).encode())
    openai_server.default = estimating(say(), estimate)
    gateway(project, openai_server.base)
    pieces: list[int] = []
    result = ask(project, on_output=lambda event: pieces.append(len(openai_server.posts)))
    assert (result.cost, result.cost_source) == (0.75, "gateway")
    assert set(pieces) == {1}  # the answer was delivered before anybody asked
    assert openai_server.posts[-1].json["model"] == "m-ask"


@pytest.mark.parametrize(
    "estimate",
    [reset, status(500), raw(b"<html>"), raw(b"{}"), slow_headers(10)],
    ids=["reset", "500", "html", "nothing", "slow"],
)
def test_an_estimate_that_fails_is_no_failure(
    project: Path, openai_server: Server, estimate: Behaviour
) -> None:
    openai_server.default = estimating(say(), estimate)
    gateway(project, openai_server.base)
    result = ask(project)
    assert (result.success, result.output) == (True, ANSWER)
    assert (result.cost, result.cost_source) == (pytest.approx(OURS), "prices")
    assert result.duration_ms < 4000


def test_nobody_knows(project: Path, openai_server: Server) -> None:
    openai_server.default = estimating(say(), status(404))
    one = {**provider("g", openai_server.base), "type": "litellm"}
    write(project, [one], [endpoint("ask", "g")])
    result = ask(project)
    assert (result.success, result.cost, result.cost_source) == (True, None, None)


def test_other_providers_are_not_asked_nor_believed(project: Path, openai_server: Server) -> None:
    openai_server.default = whole("0.25")
    gateway(project, openai_server.base, kind="custom")
    result = ask(project, stream=False)
    assert (result.cost, result.cost_source) == (pytest.approx(OURS), "prices")
    assert len(openai_server.posts) == 1


def test_a_fallback_to_a_gateway_has_the_gateways_cost(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    backup_server.default = whole("0.25")
    providers = [
        provider("p", openai_server.base),
        {**provider("g", backup_server.base), "type": "litellm"},
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "g")])
    result = ask(project, stream=False, max_retries=0)
    assert (result.endpoint, result.cost, result.cost_source) == ("f", 0.25, "gateway")


@pytest.mark.parametrize(
    ("params", "echo"),
    [
        pytest.param({"service_tier": "priority"}, None, id="asked"),
        pytest.param({}, "priority", id="served"),
    ],
)
def test_the_gateway_is_not_asked_for_its_usual_price_of_another_tier(
    project: Path, openai_server: Server, params: dict[str, Any], echo: str | None
) -> None:
    """It would estimate by the tokens alone."""
    estimate = raw(json.dumps({"cost_per_request": 0.75}).encode())
    openai_server.default = estimating(served(echo, USAGE), estimate)
    gateway(project, openai_server.base)
    result = ask(project, params=params)
    assert (result.success, result.cost, result.cost_source) == (True, None, None)
    assert len(openai_server.posts) == 1
