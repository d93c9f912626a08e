"""The exported `config.yaml`: its text for small configurations."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ccw.errors import NotFound
from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, endpoint

SECRET = "sk-live-0123456789abcdef"


def deployments(config: Any, **more: Any) -> list[tuple[str, dict[str, Any]]]:
    document = yaml.safe_load(export_litellm(config, **more).text)
    return [(entry["model_name"], entry["litellm_params"]) for entry in document["model_list"]]


def params_of(provider: dict[str, Any], model: str = "m", **fields: Any) -> dict[str, Any]:
    config = config_of({"name": "P", **provider}, endpoints=[endpoint("e", "p", model, **fields)])
    ((_, params),) = deployments(config)
    return params


def test_the_whole_file_of_one_endpoint() -> None:
    config = config_of(OPENAI, endpoints=[endpoint("ask", "openai")], defaultEndpoint="ask")
    assert (
        export_litellm(config).text
        == """\
# Written by ccw config export; keys are read from the environment.
model_list:
- model_name: ask
  litellm_params:
    model: openai/gpt-4o
    api_key: os.environ/OPENAI_API_KEY
  model_info:
    ccw:
      provider:
        id: openai
        name: OpenAI
        type: openai
      endpoint:
        id: ask
        name: ASK
        providerId: openai
        model: gpt-4o
router_settings:
  routing_strategy: simple-shuffle
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
ccw:
  providers:
  - id: openai
    name: OpenAI
    type: openai
    apiKey: ${OPENAI_API_KEY}
  defaultEndpoint: ask
"""
    )


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        pytest.param(
            {"id": "p", "type": "google", "apiKey": "$K"},
            "gemini-pro",
            {"model": "gemini/gemini-pro", "api_key": "os.environ/K"},
            id="google",
        ),
        pytest.param(
            {"id": "p", "type": "anthropic", "apiBase": "https://api.anthropic.com/v1"},
            "claude",
            {
                "model": "anthropic/claude",
                "api_key": "os.environ/ANTHROPIC_API_KEY",
                "api_base": "https://api.anthropic.com",
            },
            id="anthropic-base-without-v1",
        ),
        pytest.param(
            {"id": "p", "type": "custom", "apiBase": "http://localhost:8000/v1"},
            "meta/llama",
            {
                "model": "openai/meta/llama",
                "api_key": "not-needed",
                "api_base": "http://localhost:8000/v1",
            },
            id="no-key-must-not-become-the-key-of-openai",
        ),
        pytest.param(
            {"id": "p", "type": "litellm"},
            "gpt",
            {"model": "openai/gpt", "api_key": "not-needed", "api_base": "http://localhost:4000"},
            id="a-proxy-behind-the-proxy",
        ),
        pytest.param(
            {"id": "p", "type": "ollama"}, "llama3", {"model": "ollama_chat/llama3"}, id="ollama"
        ),
        pytest.param(
            {"id": "p", "type": "bedrock"}, "claude", {"model": "bedrock/claude"}, id="bedrock"
        ),
        pytest.param(
            {
                "id": "p",
                "type": "azure",
                "apiKey": "${A}",
                "apiBase": "${BASE}",
                "advancedSettings": {
                    "apiVersion": "2024-10-21",
                    "organization": "org",
                    "customHeaders": {"X-Key": "${H}", "User-Agent": "ccw"},
                    "rpm": 3,
                    "tpm": 4,
                    "timeout": 5,
                },
            },
            "dep",
            {
                "model": "azure/dep",
                "api_key": "os.environ/A",
                "api_base": "os.environ/BASE",
                "api_version": "2024-10-21",
                "organization": "org",
                "extra_headers": {"X-Key": "os.environ/H", "User-Agent": "ccw"},
                "rpm": 3,
                "tpm": 4,
                "timeout": 5,
            },
            id="azure-with-all-settings",
        ),
    ],
)
def test_the_parameters_of_each_type(
    provider: dict[str, Any], model: str, expected: dict[str, Any]
) -> None:
    assert params_of(provider, model) == expected


def test_a_usual_key_that_may_be_missing_is_named_where_it_is_set() -> None:
    provider = {"id": "p", "name": "P", "type": "litellm"}
    config = config_of(provider, endpoints=[endpoint("e", "p")])
    ((_, params),) = deployments(config, is_set={"LITELLM_API_KEY"})
    assert params["api_key"] == "os.environ/LITELLM_API_KEY"


def test_parameters_go_out_in_litellms_names_and_cannot_move_the_call() -> None:
    config = config_of(
        OPENAI,
        endpoints=[
            endpoint("e", "openai", params={"maxTokens": 5, "apiBase": "http://evil", "stop": []})
        ],
    )
    made = export_litellm(config)
    ((_, params),) = deployments(config)
    assert params == {
        "model": "openai/gpt-4o",
        "max_tokens": 5,
        "stop": [],
        "api_key": "os.environ/OPENAI_API_KEY",
    }
    assert made.left_out == ("endpoint e: params api_base cannot move the call",)


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


def test_facts_about_a_model_go_where_the_proxy_reads_them() -> None:
    model = {
        "id": "gpt-4o",
        "contextWindow": 1000,
        "maxOutputTokens": 100,
        "inputCostPerMillion": 2,
        "outputCostPerMillion": 8,
        "cacheReadCostPerMillion": 0.5,
        "cacheWriteCostPerMillion": 3,
    }
    config = config_of(
        {**OPENAI, "models": [model]}, endpoints=[endpoint("e", "openai", purpose="embedding")]
    )
    info = yaml.safe_load(export_litellm(config).text)["model_list"][0]["model_info"]
    del info["ccw"]
    assert info == {
        "mode": "embedding",
        "max_input_tokens": 1000,
        "max_output_tokens": 100,
        "input_cost_per_token": 2e-06,
        "output_cost_per_token": 8e-06,
        "cache_read_input_token_cost": 5e-07,
        "cache_creation_input_token_cost": 3e-06,
    }


def test_no_literal_secret_is_written() -> None:
    provider = {
        **OPENAI,
        "id": "my-own",
        "apiKey": SECRET,
        "apiKeys": [{"id": "two", "key": SECRET}, {"key": f"${{X:-{SECRET}}}"}],
        "apiBase": f"https://api.openai.com/v1?key={SECRET}",
        "advancedSettings": {
            "customHeaders": {"Authorization": f"Bearer {SECRET}", "Cookie": "short"},
            "proxy": f"http://user:{SECRET}@localhost:1",
            "token": SECRET,
        },
        "oldKey": SECRET,
    }
    config = config_of(
        provider,
        endpoints=[
            endpoint("e", "my-own", params={"extra_body": {"api_key": SECRET}}, secret=SECRET)
        ],
    )
    made = export_litellm(config)
    assert SECRET not in made.text + repr(made)
    assert "short" not in made.text
    ((_, first), (_, second), (_, third)) = deployments(config)
    assert first == {
        "model": "openai/gpt-4o",
        "api_key": "os.environ/MY_OWN_API_KEY",
        "api_base": "os.environ/MY_OWN_API_BASE",
        "extra_headers": {
            "Authorization": "os.environ/MY_OWN_AUTHORIZATION",
            "Cookie": "os.environ/MY_OWN_COOKIE",
        },
    }
    assert second["api_key"] == "os.environ/MY_OWN_API_KEY_TWO"
    assert third["api_key"] == "os.environ/X"
    assert made.left_out == (
        "provider my-own: unknown fields oldKey, token",
        "provider my-own: apiKey is written out in the configuration and not exported; "
        "put it into MY_OWN_API_KEY",
        "provider my-own: apiKeys[0].key is written out in the configuration and not exported; "
        "put it into MY_OWN_API_KEY_TWO",
        "provider my-own: the default of X in apiKeys[1].key",
        "provider my-own: apiBase is written out in the configuration and not exported; "
        "put it into MY_OWN_API_BASE",
        "provider my-own: header Authorization is written out in the configuration and not "
        "exported; put it into MY_OWN_AUTHORIZATION",
        "provider my-own: header Cookie is written out in the configuration and not exported; "
        "put it into MY_OWN_COOKIE",
        "provider my-own: proxy is written out in the configuration and not exported; "
        "put it into MY_OWN_PROXY",
        "endpoint e: unknown fields secret",
        "endpoint e: params extra_body may hold a secret",
    )


@pytest.mark.parametrize(
    "reference", ["${keyring:ccw/me}", "${file:~/key}", "${cmd:pass show x}", "a-${X}"]
)
def test_a_reference_that_no_proxy_reads_needs_a_variable(reference: str) -> None:
    config = config_of({**OPENAI, "apiKey": reference}, endpoints=[endpoint("e", "openai")])
    made = export_litellm(config)
    document = yaml.safe_load(made.text)
    assert document["model_list"][0]["litellm_params"]["api_key"] == "os.environ/CCW_OPENAI_API_KEY"
    assert document["ccw"]["providers"][0]["apiKey"] == reference
    assert made.left_out == (
        f"provider openai: put what {reference} gives into CCW_OPENAI_API_KEY",
    )


def test_a_text_that_the_proxy_would_fill_in_is_left_out() -> None:
    """An endpoint's name is shown by the proxy to whoever has a key for it."""
    named = endpoint("e", "openai", description="os.environ/AWS_SECRET_ACCESS_KEY")
    made = export_litellm(config_of(OPENAI, endpoints=[named, endpoint("f", "openai")]))
    assert made.endpoints == ("f",)
    assert "AWS_SECRET_ACCESS_KEY" not in made.text


def test_only_some_endpoints_with_their_providers() -> None:
    other = {**OPENAI, "id": "other"}
    endpoints = [endpoint("a", "openai"), endpoint("b", "other"), endpoint("c", "other")]
    config = config_of(OPENAI, other, endpoints=endpoints)
    made = export_litellm(config, ["b"])
    document = yaml.safe_load(made.text)
    assert [entry["model_name"] for entry in document["model_list"]] == ["b"]
    assert [provider["id"] for provider in document["ccw"]["providers"]] == ["other"]
    with pytest.raises(NotFound, match="Endpoint not found: nope"):
        export_litellm(config, ["nope"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"enabled": False}, "it is disabled"),
        ({"providerId": "off"}, "its provider off is disabled"),
        ({"providerId": "embedded"}, "the embedded model runs inside ccw alone"),
        ({"providerId": "gone"}, "its provider gone is not configured"),
    ],
)
def test_why_an_endpoint_is_left_out(change: dict[str, Any], why: str) -> None:
    off = {**OPENAI, "id": "off", "enabled": False}
    local = {"id": "embedded", "name": "L", "type": "local"}
    config = config_of(OPENAI, off, local, endpoints=[{**endpoint("e", "openai"), **change}])
    made = export_litellm(config)
    assert (made.endpoints, made.left_out) == ((), (f"endpoint e: {why}",))


def test_a_comment_stays_a_comment() -> None:
    config = config_of(
        OPENAI, endpoints=[endpoint("e", "openai", params={"x\nmodel_list": {"key": "y"}})]
    )
    made = export_litellm(config)
    assert yaml.safe_load(made.text)["model_list"][0]["model_name"] == "e"
    assert "# - endpoint e: params x\\nmodel_list may hold a secret\n" in made.text
