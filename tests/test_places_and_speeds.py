"""Anthropic's calls that are bound to a place, or answered faster, cost a multiple."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.execution.preview import preview_litellm_endpoint
from tests.projects import write_config
from tests.servers import anthropic_wire
from tests.servers.loopback import Exchange, serving

ENVIRON = {"HOME": os.environ["HOME"]}
OPUS_5 = (5e-6, 0.5e-6, 25e-6)  # fresh, read and output by litellm's map, in USD per token
US, FAST = 1.1, 2.0  # of that, by the map as well


def answer(**told: Any) -> Callable[[Exchange], None]:
    usage = {
        "input_tokens": 1000,
        "cache_read_input_tokens": 2000,
        "output_tokens": 100,
        **told,
    }
    return lambda exchange: anthropic_wire.answer(exchange, usage)


def configure(project: Path, base: str, params: dict[str, Any], **more: Any) -> None:
    model = more.pop("model", "claude-opus-5")
    provider = {"id": "it", "name": "It", "type": "anthropic", "apiKey": "sk-loop", "apiBase": base}
    provider |= {"models": [{"id": model, **more}]} if more else {}
    endpoint = {"id": "ask", "name": "A", "providerId": "it", "model": model, "params": params}
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})


def options(project: Path, **more: Any) -> LiteLLMExecutionOptions:
    return LiteLLMExecutionOptions("hi", "ask", project, max_retries=0, **more)


def ask(project: Path, **more: Any) -> LiteLLMExecutionResult:
    return execute_litellm_endpoint(options(project, **more), environ=ENVIRON)


def money(times: float) -> tuple[Any, Any]:
    fresh, read, output = OPUS_5
    cost, saved = 1000 * fresh + 2000 * read + 100 * output, 2000 * (fresh - read)
    return pytest.approx(cost * times), pytest.approx(saved * times)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(
    ("params", "told", "times"),
    [
        pytest.param({}, {}, 1, id="usual"),
        pytest.param({}, {"service_tier": "standard"}, 1, id="standard"),
        pytest.param({}, {"inference_geo": "not_available"}, 1, id="nowhere"),
        pytest.param({"inference_geo": "us"}, {}, US, id="asked"),
        pytest.param({"inferenceGeo": "us"}, {"inference_geo": "us"}, US, id="asked-and-told"),
        pytest.param({}, {"inference_geo": "us"}, US, id="by-the-workspace"),
        pytest.param({"inference_geo": "us"}, {"inference_geo": "global"}, 1, id="not-there"),
        pytest.param({"speed": "fast"}, {}, FAST, id="fast"),
        pytest.param({"speed": "fast"}, {"speed": "standard"}, 1, id="not-fast"),
        pytest.param(
            {"speed": "fast", "inference_geo": "us"}, {}, FAST * US, id="fast-and-in-a-place"
        ),
        pytest.param({"inference_geo": "eu"}, {}, None, id="a-place-without-a-price"),
        pytest.param({}, {"service_tier": "priority"}, None, id="a-tier-without-a-price"),
    ],
)
def test_multiples(
    project: Path, params: dict[str, Any], told: dict[str, Any], times: float | None, stream: bool
) -> None:
    with serving(answer(**told)) as server:
        configure(project, server.root, params)
        result = ask(project, stream=stream)
    expected = (None, None) if times is None else money(times)
    assert (result.error, result.cost, result.saved) == (None, *expected)


def test_fast_is_unknown_where_the_map_has_no_multiple(project: Path) -> None:
    with serving(answer(speed="fast")) as server:
        configure(project, server.root, {}, model="claude-opus-4-6")
        result = ask(project)
    assert (result.error, result.cost, result.saved) == (None, None, None)


def test_own_prices_are_multiplied_as_well(project: Path) -> None:
    own = {"inputCostPerMillion": 10, "outputCostPerMillion": 50}  # twice the map's
    with serving(answer(inference_geo="us")) as server:
        configure(project, server.root, {}, **own)
        result = ask(project)
    assert (result.cost, result.saved) == money(2 * US)


@pytest.mark.parametrize(
    ("params", "times"),
    [({"inference_geo": "us"}, US), ({"speed": "fast"}, FAST), ({"inference_geo": "eu"}, None)],
)
def test_the_bound_goes_by_what_is_asked(
    project: Path, params: dict[str, Any], times: float | None
) -> None:
    with serving(answer()) as server:
        configure(project, server.root, {"maxTokens": 5})
        usual = preview_litellm_endpoint(options(project), environ=ENVIRON).cost_bound
        configure(project, server.root, {"maxTokens": 5, **params})
        bound = preview_litellm_endpoint(options(project), environ=ENVIRON).cost_bound
        assert usual is not None
        refused = ask(project, max_cost=usual * 1.05)
        assert (refused.error_type, server.posts) == ("cost_exceeded", [])
    assert bound == (None if times is None else pytest.approx(usual * times))
