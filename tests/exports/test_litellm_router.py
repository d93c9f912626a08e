"""Pools, strategies, fallbacks and retries in the exported `config.yaml`."""

from __future__ import annotations

import pytest
import yaml

from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, deployments, endpoint


def test_a_pool_is_one_entry_for_each_enabled_key() -> None:
    pool = [
        {"id": "a", "key": "${A}", "weight": 3},
        {"id": "b", "key": "${B}"},
        {"id": "c", "key": "${C}", "enabled": False},
    ]
    provider = {**OPENAI, "apiKey": "", "apiKeys": pool, "routingStrategy": "weighted"}
    config = config_of(provider, endpoints=[endpoint("e", "openai")])
    assert deployments(config) == [
        ("e", {"model": "openai/gpt-4o", "api_key": "os.environ/A", "weight": 3}),
        ("e", {"model": "openai/gpt-4o", "api_key": "os.environ/B", "weight": 1}),
    ]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("simple-shuffle", "simple-shuffle"),
        ("weighted", "simple-shuffle"),
        ("latency-based", "latency-based-routing"),
        ("cost-based", "cost-based-routing"),
        ("least-busy", "least-busy"),
    ],
)
def test_the_router_has_the_strategy_of_the_pools(strategy: str, expected: str) -> None:
    pool = [{"key": "${A}"}, {"key": "${B}"}]
    provider = {**OPENAI, "apiKey": "", "apiKeys": pool, "routingStrategy": strategy}
    made = export_litellm(config_of(provider, endpoints=[endpoint("e", "openai")]))
    assert yaml.safe_load(made.text)["router_settings"] == {"routing_strategy": expected}


def test_fallbacks_and_retries_go_to_the_router() -> None:
    other = {**OPENAI, "id": "other", "advancedSettings": {"maxRetries": 4}}
    endpoints = [
        endpoint("a", "openai", fallbacks=["b", "gone", "off"]),
        endpoint("b", "other"),
        endpoint("off", "openai", enabled=False),
    ]
    made = export_litellm(config_of(OPENAI, other, endpoints=endpoints))
    assert yaml.safe_load(made.text)["router_settings"] == {
        "routing_strategy": "simple-shuffle",
        "num_retries": 4,
        "fallbacks": [{"a": ["b"]}],
    }
    assert made.left_out == (
        "endpoint off: it is disabled",
        "endpoint a: its fallbacks gone, off",
    )


def test_what_two_providers_do_not_agree_on_is_told() -> None:
    one = {**OPENAI, "advancedSettings": {"maxRetries": 1}}
    two = {**OPENAI, "id": "two", "advancedSettings": {"maxRetries": 2}}
    endpoints = [endpoint("a", "openai"), endpoint("b", "two")]
    made = export_litellm(config_of(one, two, endpoints=endpoints))
    assert made.left_out == ("maxRetries of two: the proxy has one for all, 1",)
