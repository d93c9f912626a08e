"""Which route gets marks, which a key, and which neither."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ccw.config.provider_types import KNOWN_TYPES
from ccw.llm.data import model_map
from ccw.llm.marks import NOTHING, Caching, cache_key, caching, lifetime_of, sends_marks
from ccw.llm.prefix_caches import ROUTES, never_marked, route_cache

MARKED = Caching(marks=(10, 20), lifetime="5m")
KEYED = Caching(key="ccw-1")


def asked(kind: str, model: str, **more: Any) -> Caching:
    """What a call with two marks and a key at hand asks for."""
    wanted = {"said": None, "provider_cache": "5m", "marks": (10, 20), "key": "ccw-1", **more}
    return caching(route_cache(kind, model), model, **wanted)


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        pytest.param("anthropic", "claude-sonnet-4-5", MARKED, id="anthropic"),
        pytest.param("bedrock", "us.anthropic.claude-sonnet-4-5-v1:0", MARKED, id="bedrock-claude"),
        pytest.param("bedrock", "amazon.nova-pro-v1:0", MARKED, id="bedrock-nova"),
        pytest.param("bedrock", "meta.llama3-70b", NOTHING, id="bedrock-llama"),
        pytest.param("openrouter", "anthropic/claude-opus-4.1", MARKED, id="openrouter-claude"),
        pytest.param("openrouter", "google/gemini-2.5-pro", MARKED, id="openrouter-gemini"),
        pytest.param("openrouter", "openai/gpt-5", NOTHING, id="openrouter-openai"),
        pytest.param("openrouter", "deepseek/deepseek-v3.2", NOTHING, id="openrouter-deepseek"),
        pytest.param("litellm", "claude-haiku", MARKED, id="gateway-claude"),
        pytest.param("litellm", "anthropic/claude-sonnet-4", MARKED, id="gateway-anthropic"),
        pytest.param("litellm", "bedrock/us.anthropic.claude-v1", MARKED, id="gateway-bedrock"),
        pytest.param("litellm", "vertex_ai/claude-opus-4", MARKED, id="gateway-vertex"),
        pytest.param("litellm", "gemini-2.5-pro", NOTHING, id="gateway-gemini"),
        pytest.param("litellm", "gpt-4o", NOTHING, id="gateway-openai"),
        pytest.param("litellm", "my-claude", MARKED, id="gateway-alias"),
        pytest.param("litellm", "notclaude", NOTHING, id="gateway-own-name"),
        pytest.param("openai", "gpt-4o", KEYED, id="openai"),
        pytest.param("openai", "ft:gpt-4o-mini:acme", KEYED, id="openai-tuned"),
        pytest.param("openai", "o3-mini", KEYED, id="openai-o3"),
        pytest.param("openai", "kimi-k2", NOTHING, id="openai-wire-other-model"),
        pytest.param("openai", "gpt-oss-120b", NOTHING, id="openai-wire-open-weights"),
        pytest.param("azure", "team-gpt-4o", KEYED, id="azure"),
        pytest.param("azure", "DeepSeek-V3.1", NOTHING, id="azure-other-vendor"),
        pytest.param("deepseek", "deepseek-chat", KEYED, id="deepseek"),
        pytest.param("google", "gemini-2.5-pro", NOTHING, id="google"),
        pytest.param("custom", "gpt-4o", NOTHING, id="custom"),
        pytest.param("custom", "claude-sonnet-4", NOTHING, id="custom-claude"),
        pytest.param("local", "smollm2", NOTHING, id="local"),
        pytest.param("ollama", "llama3", NOTHING, id="ollama"),
        pytest.param("mistral", "mistral-large", NOTHING, id="mistral"),
        pytest.param("groq", "llama-3.3-70b", NOTHING, id="groq"),
        pytest.param("xai", "grok-4", NOTHING, id="xai"),
        pytest.param("zai", "glm-4.6", NOTHING, id="zai"),
        pytest.param("brand_new", "claude", NOTHING, id="unknown-type"),
    ],
)
def test_what_a_route_gets(kind: str, model: str, expected: Caching) -> None:
    assert asked(kind, model) == expected


@pytest.mark.parametrize(
    ("kind", "model", "said", "marks"),
    [
        pytest.param("custom", "m", True, (10, 20), id="custom-says-so"),
        pytest.param("openai", "gpt-4o", True, (10, 20), id="openai-says-so"),
        pytest.param("zai", "glm-4.6", True, (10, 20), id="zai-says-so"),
        pytest.param("bedrock", "arn:aws:bedrock:x", True, (10, 20), id="bedrock-says-so"),
        pytest.param("anthropic", "claude", False, (), id="anthropic-says-no"),
        pytest.param("litellm", "claude", False, (), id="gateway-says-no"),
        pytest.param("litellm", "gemini-2.5-pro", True, (10, 20), id="gateway-gemini-says-so"),
        pytest.param("deepseek", "deepseek-chat", True, (), id="joins-parts"),
        pytest.param("openrouter", "openai/gpt-5", True, (), id="strips-marks"),
        pytest.param("google", "gemini-2.5-pro", True, (), id="bills-storage"),
        pytest.param("vertex_ai", "gemini-2.5-pro", True, (), id="vertex-bills-storage"),
        pytest.param("vertex_ai", "claude-sonnet-4-5", True, (10, 20), id="vertex-claude"),
        pytest.param("databricks", "claude-opus-4", True, (10, 20), id="any-type-says-so"),
        pytest.param("brand_new", "m", True, (10, 20), id="unknown-type-says-so"),
        pytest.param("nebius", "m", True, (), id="strips-marks-too"),
    ],
)
def test_the_provider_may_say_so_where_marks_arrive(
    kind: str, model: str, said: bool, marks: tuple[int, ...]
) -> None:
    assert asked(kind, model, said=said).marks == marks


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        pytest.param("deepseek", True, id="joins-parts"),
        pytest.param("nebius", True, id="strips-marks"),
        pytest.param("openrouter", False, id="for-some-models"),
        pytest.param("vertex_ai", False, id="for-others"),
        pytest.param("databricks", False, id="when-told"),
        pytest.param("brand_new", False, id="unknown-type"),
    ],
)
def test_where_saying_so_is_for_nothing(kind: str, never: bool) -> None:
    assert never_marked(kind) is never


@pytest.mark.parametrize("kind", ["anthropic", "openai", "deepseek"])
def test_off_is_off(kind: str) -> None:
    assert asked(kind, "gpt-4o", provider_cache="off", said=True) == NOTHING


@pytest.mark.parametrize(
    ("kind", "model", "lifetime"),
    [
        pytest.param("anthropic", "claude", "1h", id="anthropic"),
        pytest.param("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "1h", id="4.5"),
        pytest.param("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", "5m", id="4"),
        pytest.param("bedrock", "anthropic.claude-3-7-sonnet-20250219-v1:0", "5m", id="3.7"),
        pytest.param("bedrock", "amazon.nova-pro-v1:0", "5m", id="nova"),
        pytest.param("openrouter", "anthropic/claude-opus-4.1", "1h", id="openrouter-claude"),
        pytest.param("openrouter", "google/gemini-2.5-pro", "5m", id="openrouter-gemini"),
        pytest.param("litellm", "claude-haiku", "1h", id="gateway"),
        pytest.param("litellm", "bedrock/us.anthropic.claude-opus-4-6-v1", "1h", id="via-4.6"),
        pytest.param("litellm", "us.anthropic.claude-opus-4-1-20250805-v1:0", "5m", id="via-4.1"),
        pytest.param("openai", "gpt-4o", "5m", id="without-marks"),
    ],
)
def test_an_hour_only_where_a_mark_can_say_so(kind: str, model: str, lifetime: str) -> None:
    assert asked(kind, model, provider_cache="1h").lifetime == lifetime


@pytest.mark.parametrize(
    ("serves", "lifetime"),
    [
        pytest.param(["anthropic/claude-opus-4-1"], "1h", id="anthropics"),
        pytest.param(["bedrock/anthropic.claude-opus-4-1-20250805-v1:0"], "5m", id="bedrocks"),
        pytest.param(["anthropic", "bedrock"], "5m", id="one-is-not-known"),
    ],
)
def test_an_hour_behind_a_gateways_name(serves: list[str], lifetime: str) -> None:
    given = asked("litellm", "claude", provider_cache="1h", serves=serves)
    assert given.lifetime == lifetime


def test_what_litellm_sends_to_bedrock() -> None:
    """It goes by its map, which grows: a pattern that has aged would tell wrong lifetimes."""
    entries = {
        name: entry
        for name, entry in model_map().items()
        if entry.get("litellm_provider") in ("bedrock", "bedrock_converse")
        and entry.get("mode") == "chat"
        and re.search("claude|nova", name)
    }
    longest = "cache_creation_input_token_cost_above_1hr"
    expected = {
        name: (entry.get("supports_prompt_caching", False), longest in entry)
        for name, entry in entries.items()
        if not name.startswith("apac.")  # named there without that price, and sent by the base's
    }
    found = {name: asked("bedrock", name, provider_cache="1h") for name in expected}
    assert len(expected) > 100
    assert {n: (bool(f.marks), f.lifetime == "1h") for n, f in found.items()} == expected


@pytest.mark.parametrize(
    ("kind", "model", "provider_cache", "seconds"),
    [
        pytest.param("anthropic", "claude-opus-5", "5m", 300, id="marked-for-minutes"),
        pytest.param("anthropic", "claude-opus-5", "1h", 3600, id="marked-for-an-hour"),
        pytest.param("openai", "gpt-4o", "1h", 300, id="by-itself"),
        pytest.param("deepseek", "deepseek-chat", "5m", 3600, id="by-itself-for-hours"),
    ],
)
def test_how_long_a_prefix_lives(kind: str, model: str, provider_cache: str, seconds: int) -> None:
    row = route_cache(kind, model)
    assert lifetime_of(row, asked(kind, model, provider_cache=provider_cache)) == seconds


def test_the_table_knows_each_type_and_tells_its_source() -> None:
    fallback = ROUTES[-1]
    assert {kind for kind in KNOWN_TYPES if route_cache(kind, "any") is fallback} == set()
    assert all(row.source for row in ROUTES)
    marked = [row for row in ROUTES if sends_marks(row, None)]
    assert {row.kept for row in marked} == {"at marks"}


def test_the_key_is_stable_and_names_nothing() -> None:
    key = cache_key("/home/ann/shop", "@src/**/*.ts")
    assert key == cache_key("/home/ann/shop", "@src/**/*.ts")
    assert key.startswith("ccw-")
    assert len(key) <= 64  # OpenAI's bound
    others = {cache_key("/home/ann/shop@src/**/*.ts"), cache_key("", "x"), cache_key("x", "")}
    assert len(others | {key}) == 4
