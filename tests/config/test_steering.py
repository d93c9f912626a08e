"""An endpoint's parameters and model say how the answer comes, never where the call goes."""

from __future__ import annotations

import pytest

from ccw.config.steering import check_model, check_params
from ccw.errors import InvalidValue

VALUE = "http://canary.example"


@pytest.mark.parametrize(
    "name",
    [
        "api_base", "api_key", "base_url", "model", "model_list", "messages", "fallbacks",
        "context_window_fallback_dict", "headers", "extra_headers", "provider_specific_header",
        "custom_llm_provider", "client", "http_client", "proxy", "ssl_verify", "shared_session",
        "mock_response", "mock_tool_calls", "organization", "azure", "azure_ad_token",
        "azure_ad_token_provider", "use_litellm_proxy", "litellm_credential_name", "_anything",
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_profile_name",
        "aws_bedrock_runtime_endpoint", "aws_sts_endpoint", "aws_web_identity_token",
        "aws_role_name", "vertex_credentials", "vertex_ai_credentials", "region_name",
        "openai_identity_token_file", "anthropic_issuer_url", "langfuse_host", "s3_endpoint_url",
        "gcs_path_service_account", "dd_agent_host", "signoz_ingestion_endpoint",
        "hf_model_name", "prompt_id", "model_config", "tenant_id", "client_secret", "max_retries",
    ],
)  # fmt: skip
def test_params_that_move_a_call(name: str) -> None:
    with pytest.raises(
        InvalidValue, match=rf"^params\.{name} of endpoint e .*; remove it: "
    ) as caught:
        check_params("e", {"temperature": 0, name: VALUE})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["apiBase", "baseUrl", "API_KEY", "extraHeaders", "mockResponse"])
def test_names_as_they_are_written_in_the_file(name: str) -> None:
    with pytest.raises(InvalidValue, match=rf"^params\.{name} .*--param {name}=null$"):
        check_params("e", {name: VALUE})


@pytest.mark.parametrize("value", [VALUE, "x.evil.example/#", "eu-1.evil", "", 1.5, None])
@pytest.mark.parametrize("name", ["aws_region_name", "vertex_location", "vertex_project"])
def test_a_place_is_part_of_a_host_and_never_its_end(name: str, value: object) -> None:
    if value is None:
        value = "eu\n"
    with pytest.raises(InvalidValue, match=f"params.{name} of endpoint e may hold"):
        check_params("e", {name: value})


def test_all_that_models_take_is_let_through() -> None:
    names = (
        "temperature", "max_tokens", "max_completion_tokens", "top_p", "top_k", "stop", "seed",
        "user", "metadata", "store", "n", "logit_bias", "logprobs", "presence_penalty",
        "frequency_penalty", "reasoning_effort", "thinking", "verbosity", "service_tier",
        "response_format", "tools", "tool_choice", "parallel_tool_calls", "extra_body",
        "prompt_cache_key", "safety_identifier", "modalities", "web_search_options", "num_ctx",
        "keep_alive", "repeat_penalty", "min_p", "drop_params", "allowed_openai_params",
        "cache_control", "safety_settings", "provider_options", "transforms", "route", "timeout",
    )  # fmt: skip
    check_params("e", dict.fromkeys(names, 1))
    check_params("e", {"aws_region_name": "eu-central-1", "vertex_project": "my-project-1"})


@pytest.mark.parametrize(
    "model",
    [
        "huggingface/https://evil.example",
        "huggingface/https://evil.example/m",
        "huggingface/https:evil.example",
        "x//evil.example/m",
        "azure/../../other",
        "gemini/m?key=",
        "gemini/m#",
        "gemini/a\\b",
    ],
)
def test_a_model_that_looks_like_an_address(model: str) -> None:
    with pytest.raises(InvalidValue, match=r"^type and model of endpoint e look like an address"):
        check_model("e", model)


@pytest.mark.parametrize(
    "model",
    [
        "openai/ft:gpt-4o:org::id",
        "openrouter/openai/gpt-4o:free",
        "cloudflare/@cf/meta/llama-3",
        "bedrock/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x-v1:0",
        "vertex_ai/gemini-2.5-pro@002",
        "ollama_chat/hf.co/unsloth/x-GGUF:Q4_K_M",
        "fireworks_ai/accounts/fireworks/models/x",
    ],
)
def test_models_as_they_are_named(model: str) -> None:
    check_model("e", model)


@pytest.mark.parametrize("name", ["api_base", "apiBase", "base_url", "api_key", "user_config"])
def test_a_body_that_would_move_the_call_at_a_proxy(name: str) -> None:
    with pytest.raises(InvalidValue, match=r"^params.extra_body of endpoint e would change where"):
        check_params("e", {"extra_body": {"top_k": 1, name: "https://evil.example"}})


def test_a_body_that_says_how_to_answer() -> None:
    check_params("e", {"extra_body": {"top_k": 1, "provider": {"order": ["x"]}}})


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}], ids=["nan", "inside"])
def test_a_number_without_end_is_named(value: object) -> None:
    with pytest.raises(
        InvalidValue, match=r"^params\.topP of endpoint e holds a number that is not finite$"
    ):
        check_params("e", {"topP": value})
