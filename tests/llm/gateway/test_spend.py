"""What a LiteLLM proxy says a reply cost, and what is not believed."""

from __future__ import annotations

import time

import pytest

from ccw.llm.call.request import Route
from ccw.llm.gateway.spend import estimated_cost
from ccw.llm.usage import Usage
from tests.canary import CANARY
from tests.servers.by_path import Gateway
from tests.servers.litellm_proxy import MASTER_KEY, MODEL, Proxy
from tests.servers.loopback import Exchange
from tests.servers.openai_wire import raw, status

USAGE = Usage(input=600, cache_read=400, output=100)


def route(base: str, key: str | None = None) -> Route:
    return Route(model="openai/m", provider_name="Gate", api_key=key, api_base=base)


def test_the_estimate_is_asked_with_all_tokens_and_the_key(by_path: Gateway) -> None:
    server = by_path({"/cost/estimate": {"cost_per_request": 0.25}})
    assert estimated_cost(route(server.base, CANARY), "m", USAGE) == 0.25
    [request] = server.requests
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    assert request.json == {
        "model": "m",
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_read_input_tokens": 400,
        "cache_creation_input_tokens": 0,
    }


def test_an_older_proxy_is_given_a_reply(by_path: Gateway) -> None:
    server = by_path({"/spend/calculate": {"cost": 0.5}})
    assert estimated_cost(route(server.root), "m", USAGE) == 0.5
    assert [request.path for request in server.requests] == ["/cost/estimate", "/spend/calculate"]
    reply = server.requests[1].json["completion_response"]
    assert (reply["model"], reply["usage"]["completion_tokens"]) == ("m", 100)
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("estimate", "asked"),
    [
        pytest.param({"cost_per_request": 0.0}, 1, id="zero-is-unknown"),
        pytest.param({"cost_per_request": None}, 1, id="null"),
        pytest.param({"cost_per_request": "1"}, 1, id="text"),
        pytest.param({"cost_per_request": -1}, 1, id="negative"),
        pytest.param({"cost_per_request": 10**400}, 1, id="over-all-floats"),
        pytest.param({"cost_per_request": 1e300}, 1, id="over-all-money"),
        pytest.param({"cost_per_request": True}, 1, id="truth"),
        pytest.param([1], 1, id="no-object"),
        pytest.param(raw(b"<html>"), 1, id="html"),
        pytest.param(status(500), 1, id="failing"),
        pytest.param(status(401), 1, id="refused"),
        pytest.param(status(404, "Could not calculate cost for model 'm'"), 1, id="no-price"),
        pytest.param(status(404, "Not Found"), 2, id="neither-route"),
        pytest.param(lambda exchange: exchange.reset(), 1, id="cut"),
    ],
)
def test_anything_else_is_not_known(by_path: Gateway, estimate: object, asked: int) -> None:
    server = by_path({"/cost/estimate": estimate})
    assert estimated_cost(route(server.root), "m", USAGE) is None
    assert len(server.requests) == asked


def test_it_takes_no_longer_than_allowed(by_path: Gateway) -> None:
    def silent(exchange: Exchange) -> None:
        exchange.pause(10)

    began = time.monotonic()
    assert estimated_cost(route(by_path({"*": silent}).root), "m", USAGE, timeout=0.2) is None
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("base", [None, "", "nonsense", "http://127.0.0.1:1", "http://[::1"])
def test_nobody_there_is_not_known(base: str | None) -> None:
    assert estimated_cost(Route("openai/m", "Gate", api_base=base), "m", USAGE) is None


@pytest.mark.proxy
@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "key", "expected"),
    [
        # of gpt-4o-mini: 0.15 fresh, 0.075 read, 0.60 written out, per million
        pytest.param(MODEL, MASTER_KEY, 600 * 0.15e-6 + 400 * 0.075e-6 + 100 * 0.6e-6, id="known"),
        pytest.param("nobody-serves-this", MASTER_KEY, None, id="unknown-model"),
        pytest.param(MODEL, "sk-wrong-1234567890", None, id="wrong-key"),
    ],
)
def test_the_real_proxy(gateway: Proxy, model: str, key: str, expected: float | None) -> None:
    cost = estimated_cost(route(gateway.root, key), model, USAGE, timeout=20)
    assert cost == pytest.approx(expected)
