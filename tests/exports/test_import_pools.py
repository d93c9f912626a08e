"""Several entries of one name or one server become pools, fallbacks and providers."""

from __future__ import annotations

import pytest

from tests.exports.configs import (
    endpoints_of,
    entry,
    imported,
    listed,
    plan_of,
    providers_of,
)


def test_one_name_with_several_keys_is_a_pool() -> None:
    text = listed(
        entry("m", "model: openai/gpt-4o", "api_key: os.environ/A", "weight: 3"),
        entry("m", "model: openai/gpt-4o", "api_key: os.environ/B"),
        more="router_settings: {routing_strategy: least-busy}\n",
    )
    made, _ = imported(text)
    assert providers_of(made) == {
        "openai": {
            "type": "openai",
            "apiKeys": [
                {"id": "key-1", "key": "${A}", "label": "A", "weight": 3},
                {"id": "key-2", "key": "${B}", "label": "B"},
            ],
            "routingStrategy": "least-busy",
        }
    }
    assert endpoints_of(made) == {"m": ("openai", "gpt-4o")}


@pytest.mark.parametrize(
    ("given", "weight", "expected"),
    [
        ("latency-based-routing", "", "latency-based"),
        ("cost-based-routing", "", "cost-based"),
        ("simple-shuffle", "", "simple-shuffle"),
        ("simple-shuffle", "weight: 2", "weighted"),
        ("usage-based-routing-v2", "", "simple-shuffle"),
    ],
)
def test_the_strategy_of_a_pool(given: str, weight: str, expected: str) -> None:
    text = listed(
        entry("m", "model: openai/gpt-4o", "api_key: os.environ/A", weight),
        entry("m", "model: openai/gpt-4o", "api_key: os.environ/B"),
        more=f"router_settings: {{routing_strategy: {given}}}\n",
    )
    (provider,) = plan_of(text).providers
    assert provider.routing_strategy == expected


def test_one_name_of_several_models_becomes_an_endpoint_with_fallbacks() -> None:
    text = listed(
        entry("gpt", "model: azure/dep", "api_base: https://x.openai.azure.com"),
        entry("gpt", "model: openai/gpt-4o"),
        entry("gpt", "model: openai/gpt-4o-mini"),
    )
    made, _ = imported(text)
    assert endpoints_of(made) == {
        "gpt": ("azure", "dep"),
        "gpt-2": ("openai", "gpt-4o"),
        "gpt-3": ("openai", "gpt-4o-mini"),
    }
    assert made.endpoints[0].fallbacks == ("gpt-2", "gpt-3")
    assert plan_of(text).notes == (
        "gpt: spread over different models there; here gpt-2, gpt-3 are its fallbacks",
    )


def test_entries_of_one_server_with_other_limits_are_other_providers() -> None:
    text = listed(
        entry("a", "model: openai/a", "rpm: 1"),
        entry("b", "model: openai/b", "rpm: 2"),
        entry("c", "model: openai/c", "rpm: 1"),
    )
    made, _ = imported(text)
    assert {e.id: e.provider_id for e in made.endpoints} == {
        "a": "openai",
        "b": "openai-2",
        "c": "openai",
    }
