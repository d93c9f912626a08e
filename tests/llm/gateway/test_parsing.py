"""Lists of models in all the shapes that gateways give, and what is no list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.gateway.listing import described
from ccw.llm.gateway.parsing import Listed, Listing, parse_entry, parse_listing

A, B = Listed(id="a"), Listed(id="b")
NAMES = [
    *("data", "models", "id", "name", "model_name", "model_info", "pricing", "mode"),
    *("max_input_tokens", "input_cost_per_token", "completion"),
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400)])
    | st.floats()
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"data": [{"id": "a"}, {"id": "b"}]}, Listing((A, B)), id="data"),
        pytest.param({"models": [{"id": "a"}, {"id": "b"}]}, Listing((A, B)), id="models"),
        pytest.param([{"id": "a"}, {"id": "b"}], Listing((A, B)), id="bare-array"),
        pytest.param(["a", "b"], Listing((A, B)), id="ids-alone"),
        pytest.param({"data": [{"id": "a"}], "models": [{"id": "x"}]}, Listing((A,)), id="both"),
        pytest.param({"data": [{"id": "a"}] * 3 + [{"id": "b"}]}, Listing((A, B)), id="twice"),
        pytest.param([], Listing(()), id="empty"),
        pytest.param({"data": None}, Listing(()), id="null-is-empty"),
        pytest.param({"data": [None, {"id": "a"}, 3, {}]}, Listing((A,), 3), id="unreadable"),
        pytest.param(
            {"data": [{"id": 1}, {"id": ""}, {"id": "a\nb"}, {"id": "x" * 600}, {"id": " a"}]},
            Listing((), 5),
            id="no-usable-ids",
        ),
        pytest.param({}, None, id="no-list"),
        pytest.param({"error": {"message": "no"}}, None, id="an-error"),
        pytest.param("a", None, id="text"),
        pytest.param(None, None, id="null"),
    ],
)
def test_parse_listing(data: Any, expected: Listing | None) -> None:
    assert parse_listing(data) == expected


def test_deployments_of_one_name_are_one_model() -> None:
    entries = [
        {"id": "smart", "mode": "chat", "litellm_params": {"model": name}}
        for name in ("anthropic/claude-x", "bedrock/claude-x", "anthropic/claude-x")
    ]
    serves = ("anthropic/claude-x", "bedrock/claude-x")
    smart = Listed(id="smart", purpose="chat", serves=serves)
    assert parse_listing([*entries, "a"]) == Listing((smart, A))


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(
            {"id": "openai/gpt-4", "object": "model", "created": 1, "owned_by": "openai"},
            Listed(id="openai/gpt-4", owner="openai"),
            id="openai",
        ),
        pytest.param(
            {
                "id": "anthropic/claude",
                "name": "Claude",
                "context_length": 200000,
                "top_provider": {"max_completion_tokens": 64000, "context_length": None},
                "pricing": {
                    "prompt": "0.000003",
                    "completion": "0.000015",
                    "input_cache_read": "0.0000003",
                    "input_cache_write": "-1",
                },
            },
            Listed(
                id="anthropic/claude",
                name="Claude",
                context_window=200000,
                max_output_tokens=64000,
                input_cost_per_million=3.0,
                output_cost_per_million=15.0,
                cache_read_cost_per_million=0.3,
            ),
            id="openrouter",
        ),
        pytest.param(
            {"id": "claude-x", "display_name": "Claude X", "type": "model"},
            Listed(id="claude-x", name="Claude X"),
            id="anthropic",
        ),
        pytest.param(
            {
                "name": "models/gemini-x",
                "displayName": "Gemini X",
                "inputTokenLimit": 1048576,
                "outputTokenLimit": 65536,
                "supportedGenerationMethods": ["countTokens", "generateContent"],
            },
            Listed(
                id="gemini-x",
                name="Gemini X",
                context_window=1048576,
                max_output_tokens=65536,
                purpose="chat",
            ),
            id="gemini",
        ),
        pytest.param(
            {"id": "smart", "litellm_params": {"model": "anthropic/claude-x", "rpm": 5}},
            Listed(id="smart", serves=("anthropic/claude-x",)),
            id="litellm-deployment",
        ),
        pytest.param(
            {"id": "smart", "litellm_provider": "anthropic", "litellm_params": None},
            Listed(id="smart", serves=("anthropic",)),
            id="litellm-provider",
        ),
        pytest.param(
            {"id": "smart", "providers": ["anthropic", "bedrock", 7, ""]},
            Listed(id="smart", serves=("anthropic", "bedrock")),
            id="litellm-group",
        ),
        pytest.param(
            {"id": "m", "litellm_params": {"model": ["x"]}, "providers": "many"},
            Listed(id="m"),
            id="serves-nonsense",
        ),
        pytest.param(
            {"name": "models/aqa", "supportedGenerationMethods": ["generateAnswer"]},
            Listed(id="aqa", purpose="other"),
            id="gemini-without-chat",
        ),
        pytest.param(
            {"name": "llama3:8b", "model": "llama3:8b", "details": {"family": "llama"}},
            Listed(id="llama3:8b"),
            id="ollama",
        ),
        pytest.param(
            {"id": "m", "max_model_len": 4096}, Listed(id="m", context_window=4096), id="vllm"
        ),
        pytest.param(
            {"id": "m", "max_context_length": 32768, "capabilities": {"completion_chat": True}},
            Listed(id="m", context_window=32768, purpose="chat"),
            id="mistral",
        ),
        pytest.param(
            {
                "id": "m",
                "mode": "image_generation",
                "model_info": {"max_input_tokens": 128000.0, "input_cost_per_token": 1.5e-7},
            },
            Listed(id="m", context_window=128000, input_cost_per_million=0.15, purpose="image"),
            id="litellm",
        ),
        pytest.param(
            {"id": "m", "context_length": True, "pricing": {"prompt": "free"}, "mode": 3},
            Listed(id="m"),
            id="nonsense-is-unknown",
        ),
        pytest.param(
            {"id": "m", "context_length": float("inf"), "input_cost_per_token": float("nan")},
            Listed(id="m"),
            id="no-numbers",
        ),
        pytest.param(
            {
                "id": "m",
                "context_length": 10**400,
                "input_cost_per_token": 10**400,
                "pricing": {"completion": "1e999"},
            },
            Listed(id="m"),
            id="numbers-over-all-floats",
        ),
        pytest.param(
            {"id": "m", "input_cost_per_token": 0, "max_input_tokens": 0},
            Listed(id="m", input_cost_per_million=0.0),
            id="free-and-no-window",
        ),
    ],
)
def test_parse_entry(entry: Any, expected: Listed) -> None:
    assert parse_entry(entry) == expected


@given(JSON)
def test_whatever_comes_is_read_or_counted(data: Any) -> None:
    listing = parse_listing(data)
    if listing is not None:
        ids = [model.id for model in listing.models]
        assert len(set(ids)) == len(ids)
        assert all(name.isprintable() and name for name in ids)


@given(JSON)
def test_whatever_a_proxy_tells_of_its_models_is_read_or_counted(data: Any) -> None:
    entries = described(data)
    assert entries is None or parse_listing(entries) is not None
