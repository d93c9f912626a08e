"""Anthropic's calls that are bound to a place, or answered faster, cost a multiple."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.priced import ask, configure, cost_bound
from tests.servers import anthropic_wire
from tests.servers.loopback import Exchange, serving

CLAUDE = {"kind": "anthropic", "model": "claude-opus-5"}
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
        configure(project, server.root, params, **CLAUDE)
        result = ask(project, stream=stream)
    expected = (None, None) if times is None else money(times)
    assert (result.error, result.cost, result.saved) == (None, *expected)


def test_fast_is_unknown_where_the_map_has_no_multiple(project: Path) -> None:
    with serving(answer(speed="fast")) as server:
        configure(project, server.root, {}, "anthropic", "claude-opus-4-6")
        result = ask(project)
    assert (result.error, result.cost, result.saved) == (None, None, None)


def test_own_prices_are_multiplied_as_well(project: Path) -> None:
    own = {"inputCostPerMillion": 10, "outputCostPerMillion": 50}  # twice the map's
    with serving(answer(inference_geo="us")) as server:
        configure(project, server.root, {}, **CLAUDE, **own)
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
        configure(project, server.root, {"maxTokens": 5}, **CLAUDE)
        usual = cost_bound(project)
        configure(project, server.root, {"maxTokens": 5, **params}, **CLAUDE)
        bound = cost_bound(project)
        assert usual is not None
        refused = ask(project, max_cost=usual * 1.05)
        assert (refused.error_type, server.posts) == ("cost_exceeded", [])
    assert bound == (None if times is None else pytest.approx(usual * times))
