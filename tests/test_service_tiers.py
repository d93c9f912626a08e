"""What a call costs that is asked, or served, on other terms than the usual ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions
from ccw.context.patterns import parse_patterns
from ccw.context.scope import Scope
from ccw.context.session import PackRequest
from ccw.execution.packing import cost_of, endpoint_of
from ccw.execution.preview import preview_litellm_endpoint
from ccw.history.log import totals
from ccw.llm.prices import model_facts
from ccw.llm.terms import Terms
from ccw.llm.usage import Usage
from ccw.warming import plan_warming
from tests.priced import ENVIRON, ask, configure, cost_bound, options
from tests.projects import write_files
from tests.servers import gemini_wire
from tests.servers.loopback import Behaviour, Exchange, Server, serving
from tests.servers.openai_wire import JSON, SSE
from tests.servers.served import served

TOKENS = {
    "prompt_tokens": 3000,
    "completion_tokens": 100,
    "prompt_tokens_details": {"cached_tokens": 2000},
}
# of gpt-5 by litellm's map, in USD per million: fresh input, read from the cache, output
DEFAULT, PRIORITY, FLEX = (1.25, 0.125, 10.0), (2.5, 0.25, 20.0), (0.625, 0.0625, 5.0)
OWN = {"inputCostPerMillion": 2.5, "outputCostPerMillion": 40.0}  # twice and four times the map's
Rates = tuple[float, float, float]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(served(None, TOKENS)) as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with a file of some 2,000 tokens."""
    write_files(project, {"a.txt": "word\n" * 2000})
    return project


def money(rates: Rates | None) -> tuple[Any, Any]:
    """What `TOKENS` cost by *rates*, and what of it the cache saved."""
    if rates is None:
        return None, None
    fresh, read, output = rates
    cost, saved = 1000 * fresh + 2000 * read + 100 * output, 2000 * (fresh - read)
    return pytest.approx(cost / 1e6), pytest.approx(saved / 1e6)


SERVED = [
    pytest.param({}, None, DEFAULT, id="nothing-said"),
    pytest.param({"service_tier": "priority"}, None, PRIORITY, id="asked"),
    pytest.param({"serviceTier": "Flex"}, None, FLEX, id="asked-in-camel-case"),
    pytest.param({"extraBody": {"service_tier": "flex"}}, None, FLEX, id="asked-in-the-body"),
    pytest.param(
        {"service_tier": "flex", "extra_body": {"service_tier": "priority"}},
        None,
        PRIORITY,
        id="the-body-wins",
    ),
    pytest.param({"service_tier": "priority"}, "default", DEFAULT, id="served-as-usual"),
    pytest.param({}, "priority", PRIORITY, id="served-by-the-projects-settings"),
    pytest.param({"service_tier": "auto"}, "flex", FLEX, id="auto-and-told"),
    pytest.param({"service_tier": "auto"}, None, None, id="auto-and-not-told"),
    pytest.param({"service_tier": "priority"}, "auto", PRIORITY, id="not-resolved"),
    pytest.param({"service_tier": "scale"}, None, None, id="without-a-price"),
    pytest.param({}, "scale", None, id="served-without-a-price"),
    pytest.param({"service_tier": None}, None, DEFAULT, id="null"),
]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(("params", "echo", "rates"), SERVED)
def test_what_was_served_is_priced(
    project: Path,
    server: Server,
    params: dict[str, Any],
    echo: str | None,
    rates: Rates | None,
    stream: bool,
) -> None:
    server.will(served(echo, TOKENS))
    configure(project, server.base, params)
    result = ask(project, stream=stream)
    assert (result.error, result.cost, result.saved) == (None, *money(rates))
    assert result.cost_source == (None if rates is None else "prices")
    assert totals(project)[-1].cost == money(rates)[0]


def test_auto_costs_the_usual_where_no_tier_has_its_own_price(
    project: Path, server: Server
) -> None:
    configure(project, server.base, {"service_tier": "auto"}, model="gpt-4o-mini-search-preview")
    assert ask(project).cost is not None


@pytest.mark.parametrize(
    ("params", "rates"),
    [
        pytest.param({}, (2.5, 0.25, 40.0), id="usual"),
        pytest.param({"service_tier": "priority"}, (5.0, 0.5, 80.0), id="priority"),
        pytest.param({"service_tier": "flex"}, (1.25, 0.125, 20.0), id="flex"),
        pytest.param({"service_tier": "scale"}, None, id="no-ratio"),
    ],
)
def test_own_prices_keep_the_ratio_of_the_tiers(
    project: Path, server: Server, params: dict[str, Any], rates: Rates | None
) -> None:
    configure(project, server.base, params, **OWN)
    result = ask(project)
    assert (result.error, result.cost, result.saved) == (None, *money(rates))


@pytest.mark.parametrize("tier", ["priority", "scale", "auto"])
def test_what_is_free_is_free_on_every_tier(project: Path, server: Server, tier: str) -> None:
    free = {"inputCostPerMillion": 0, "outputCostPerMillion": 0, "cacheReadCostPerMillion": 0}
    configure(project, server.base, {"service_tier": tier}, kind="custom", model="mine", **free)
    assert ask(project, max_cost=0).cost == 0


def bounds(project: Path) -> tuple[float | None, float | None, float | None, float | None]:
    """Everything that is told before a call: bound, input, files, and a first warming."""
    shown = preview_litellm_endpoint(options(project), environ=ENVIRON)
    target = endpoint_of(project, "ask", ENVIRON)
    request = PackRequest(Scope(project, project), parse_patterns(["*.txt"]))
    packed = cost_of(request, target).total.price
    asked = LiteLLMExecutionOptions("", "ask", project, patterns=["*.txt"])
    return shown.cost_bound, shown.input_cost, packed, plan_warming(asked, environ=ENVIRON).bound


@pytest.mark.parametrize(
    ("params", "times"),
    [
        pytest.param({"service_tier": "priority"}, 2, id="priority"),
        pytest.param({"service_tier": "flex"}, 0.5, id="flex"),
        pytest.param({"service_tier": "auto"}, 2, id="auto-by-the-dearest"),
        pytest.param({"service_tier": "default"}, 1, id="default"),
        pytest.param({"service_tier": "scale"}, None, id="unknown"),
    ],
)
def test_what_is_told_before_goes_by_what_is_asked(
    project: Path, server: Server, params: dict[str, Any], times: float | None
) -> None:
    configure(project, server.base, {"maxTokens": 5})
    usual = bounds(project)
    assert None not in usual
    configure(project, server.base, {"maxTokens": 5, **params})
    expected = tuple(None if times is None else (amount or 0) * times for amount in usual)
    assert bounds(project) == pytest.approx(expected)


def test_max_cost_refuses_what_only_the_usual_tier_would_allow(
    project: Path, server: Server
) -> None:
    configure(project, server.base, {"maxTokens": 5})
    bound = cost_bound(project)
    assert bound is not None
    configure(project, server.base, {"maxTokens": 5, "service_tier": "priority"})
    result = ask(project, max_cost=bound * 1.5)
    assert (result.error_type, result.exit_code) == ("cost_exceeded", 7)
    assert server.posts == []


def test_max_cost_names_the_tier_that_has_no_price(project: Path, server: Server) -> None:
    configure(project, server.base, {"maxTokens": 5, "service_tier": "scale"})
    result = ask(project, max_cost=5)
    assert (result.error_type, result.exit_code) == ("cost_exceeded", 7)
    assert result.error == (
        "the price of gpt-5 with service_tier=scale is unknown; take that out of the params of "
        "endpoint ask, or leave out --max-cost"
    )


def gemini(tier: dict[str, str], header: dict[str, str]) -> Behaviour:
    """Answer in Gemini's wire, with its words for the tier in the usage or in a header."""
    usage = {**gemini_wire.USAGE, **tier}

    def behave(exchange: Exchange) -> None:
        body = {**gemini_wire.content("Hello.", "STOP"), "usageMetadata": usage}
        if ":streamGenerateContent" in exchange.request.path:
            exchange.head(200, {**SSE, **header})
            exchange.chunk(f"data: {json.dumps(body)}\r\n\r\n".encode())
            exchange.end()
        else:
            exchange.whole(200, json.dumps(body).encode(), {**JSON, **header})

    return behave


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(
    ("params", "tier", "header", "expected"),
    [
        pytest.param({}, {}, {}, None, id="usual"),
        pytest.param({"service_tier": "auto"}, {}, {}, "priority", id="auto-is-priority"),
        pytest.param({"service_tier": "flex"}, {}, {}, "flex", id="asked"),
        pytest.param(
            {"service_tier": "flex"}, {"trafficType": "ON_DEMAND"}, {}, None, id="told-in-usage"
        ),
        pytest.param(
            {}, {"trafficType": "ON_DEMAND_PRIORITY"}, {}, "priority", id="told-of-priority"
        ),
        pytest.param(
            {"service_tier": "priority"},
            {},
            {"x-gemini-service-tier": "standard"},
            None,
            id="told-in-a-header",
        ),
    ],
)
def test_gemini(
    project: Path,
    params: dict[str, Any],
    tier: dict[str, str],
    header: dict[str, str],
    expected: str | None,
    stream: bool,
) -> None:
    with serving(gemini(tier, header)) as server:
        configure(project, f"{server.root}/v1beta", params, "google", "gemini-2.5-flash")
        result = ask(project, stream=stream)
    facts = model_facts("gemini/gemini-2.5-flash").on(Terms(expected))
    usage = Usage(input=20, cache_read=100, output=7)
    assert result.error is None
    assert (result.usage, result.cost) == (usage, facts.cost(usage))
    assert result.cost is not None
