"""A proxy's `config.yaml` as providers and endpoints, and these in a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exports.configs import (
    endpoints_of,
    entry,
    imported,
    listed,
    plan_of,
    providers_of,
    without_defaults,
)
from tests.exports.guide import GUIDE


def test_the_guides_file() -> None:
    made, merged = imported(GUIDE)
    retries = {"advancedSettings": {"maxRetries": 2}}
    assert providers_of(made) == {
        "openai": {"type": "openai", "apiKey": "${OPENAI_API_KEY}", **retries},
        "anthropic": {"type": "anthropic", "apiKey": "${ANTHROPIC_API_KEY}", **retries},
        "google": {"type": "google", "apiKey": "${GOOGLE_API_KEY}", **retries},
        "replicate": {"type": "replicate", "apiKey": "${REPLICATE_API_KEY}", **retries},
        "mistral": {"type": "mistral", "apiKey": "${MISTRAL_API_KEY}", **retries},
    }
    assert endpoints_of(made) == {
        "gpt-4": ("openai", "gpt-4"),
        "gpt-3.5-turbo": ("openai", "gpt-3.5-turbo"),
        "claude-3-5-sonnet-20241022": ("anthropic", "claude-3-5-sonnet-20241022"),
        "gemini-pro": ("google", "gemini-pro"),
        "llama-2-70b": ("replicate", "meta/llama-2-70b-chat"),
        "mistral-medium": ("mistral", "mistral-medium"),
    }
    assert made.default_endpoint == "gpt-4"
    assert all(e.fallbacks == () for e in made.endpoints)
    assert plan_of(GUIDE).notes == (
        "litellm_settings.fallbacks: true names no models, so there are no fallbacks; "
        "set them: ccw endpoint update ID --fallback OTHER",
    )
    assert merged.notes == ()


@pytest.mark.parametrize(
    ("params", "provider", "model"),
    [
        pytest.param(
            ["model: gpt-4o"], {"type": "openai"}, "gpt-4o", id="a-bare-id-by-litellms-map"
        ),
        pytest.param(
            ["model: mine", "custom_llm_provider: anthropic", "api_key: os.environ/K"],
            {"type": "anthropic", "apiKey": "${K}"},
            "mine",
            id="provider-told-apart",
        ),
        pytest.param(
            ["model: mine", "base_url: http://localhost:8000/v1/"],
            {"type": "custom", "apiBase": "http://localhost:8000/v1"},
            "mine",
            id="a-bare-id-with-an-address",
        ),
        pytest.param(
            ["model: openai/meta/llama", "api_base: os.environ/BASE", "api_key: none"],
            {"type": "custom", "apiBase": "${BASE}"},
            "meta/llama",
            id="an-openai-compatible-server",
        ),
        pytest.param(
            ["model: openai/gpt-4o", "api_base: https://api.openai.com/v1"],
            {"type": "openai", "apiBase": "https://api.openai.com/v1"},
            "gpt-4o",
            id="openais-own-address",
        ),
        pytest.param(
            ["model: azure/dep", "api_version: 2024-10-21"],
            {
                "type": "azure",
                "apiBase": "${AZURE_API_BASE}",
                "advancedSettings": {"apiVersion": "2024-10-21"},
            },
            "dep",
            id="azure-with-a-version-that-yaml-takes-for-a-date",
        ),
        pytest.param(
            ["model: litellm_proxy/x", "api_base: http://localhost:4000"],
            {"type": "litellm", "apiBase": "http://localhost:4000"},
            "x",
            id="another-proxy",
        ),
        pytest.param(["model: ollama/llama3"], {"type": "ollama"}, "llama3", id="ollama"),
        pytest.param(
            [
                "model: hosted_vllm/x",
                "api_base: http://localhost:8000",
                "rpm: 3",
                'tpm: "4"',
                "timeout: 2.5",
                "num_retries: 1",
                "organization: org",
                "extra_headers: {X-Key: os.environ/H, User-Agent: me}",
            ],
            {
                "type": "hosted_vllm",
                "apiBase": "http://localhost:8000",
                "advancedSettings": {
                    "organization": "org",
                    "customHeaders": {"X-Key": "${H}", "User-Agent": "me"},
                    "rpm": 3,
                    "tpm": 4,
                    "timeout": 2.5,
                    "maxRetries": 1,
                },
            },
            "x",
            id="all-settings",
        ),
    ],
)
def test_the_provider_of_one_entry(params: list[str], provider: dict[str, Any], model: str) -> None:
    made, _ = imported(listed(entry("m", *params)))
    assert list(providers_of(made).values()) == [provider]
    assert [e.model for e in made.endpoints] == [model]


def test_a_wildcard_is_a_provider_without_endpoints() -> None:
    text = listed(entry('"openai/*"', "model: openai/*", "api_key: os.environ/K"))
    plan = plan_of(text)
    assert [p.api_key for p in plan.providers] == ["${K}"]
    assert plan.endpoints == ()
    assert plan.notes == ("openai/*: a wildcard gives a provider without endpoints",)


def test_a_name_that_is_no_id_is_kept_as_the_name() -> None:
    text = listed(
        entry("'Team GPT (4)'", "model: openai/gpt-4"),
        entry("'team/Team GPT'", "model: openai/b"),
        entry("Team-GPT-4", "model: openai/c"),
        entry("'***'", "model: openai/d"),
        entry("日本", "model: openai/e"),
    )
    made, _ = imported(text)
    assert [(e.id, e.name) for e in made.endpoints] == [
        ("Team-GPT-4", "Team GPT (4)"),
        ("team-Team-GPT", "team/Team GPT"),
        ("Team-GPT-4-2", "Team-GPT-4"),
        ("model", "日本"),
    ]


def test_call_parameters_prices_and_modes() -> None:
    text = listed(
        entry(
            "m",
            "model: openai/gpt-4o",
            "temperature: 0.2",
            "max_tokens: 9",
            "input_cost_per_token: 1e-6",
            "mock_response: hello",
            "user: os.environ/SECRET",
            "extra_body: {mcp: [{api_key: x}]}",
            info="{output_cost_per_token: 0.000008, max_input_tokens: 1000, mode: chat}",
        ),
        entry("v", "model: openai/v", info="{mode: embedding}"),
        entry("r", "model: cohere/r", info="{mode: rerank}"),
    )
    made, _ = imported(text)
    assert made.endpoints[0].params == {"temperature": 0.2, "max_tokens": 9}
    assert without_defaults(made.providers[0].models[0]) == {
        "id": "gpt-4o",
        "contextWindow": 1000,
        "inputCostPerMillion": 1,
        "outputCostPerMillion": 8,
    }
    assert [e.purpose for e in made.endpoints] == ["chat", "embedding"]
    assert plan_of(text).notes == (
        "line 3: m: mock_response, user, extra_body not imported",
        "r: ccw has no endpoints of mode rerank",
    )
