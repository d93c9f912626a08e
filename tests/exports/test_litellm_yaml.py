"""The exported `config.yaml`: its text for small configurations."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ccw.errors import NotFound
from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, deployments, endpoint


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
