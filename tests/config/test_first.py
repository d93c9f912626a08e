"""A choice is added once; what is configured stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ccw.config.first import Added, Choice, add_choice, endpoint_id_for
from ccw.config.models import LiteLLMApiConfig
from ccw.errors import AlreadyExists

NOW = datetime(2025, 1, 1, tzinfo=UTC)
OPENAI = Choice("openai", "gpt-4o", "openai", "gpt-4o", api_key="${OPENAI_API_KEY}")
LOCAL = Choice("local", "smollm2", "local", "local")


def added(*choices: Choice) -> tuple[LiteLLMApiConfig, list[Added]]:
    config, results = LiteLLMApiConfig(), []
    for choice in choices:
        config, result = add_choice(config, choice, NOW)
        results.append(result)
    return config, results


def novelty(one: Added) -> tuple[bool, bool, bool]:
    return one.is_new_provider, one.is_new_endpoint, one.is_default


def test_the_first_choice_is_the_default() -> None:
    config, [result] = added(OPENAI)
    assert novelty(result) == (True, True, True)
    assert config.default_endpoint == "gpt-4o"
    provider, endpoint = config.providers[0], config.endpoints[0]
    assert (provider.id, provider.type, provider.api_key) == ("openai", "openai", OPENAI.api_key)
    assert (endpoint.id, endpoint.provider_id, endpoint.model) == ("gpt-4o", "openai", "gpt-4o")


def test_the_same_choice_again_changes_nothing() -> None:
    once, _ = added(OPENAI)
    twice, result = add_choice(once, OPENAI, NOW)
    assert twice is once
    assert novelty(result) == (False, False, True)


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        pytest.param(None, "gpt-4o", id="stays"),
        pytest.param(False, "gpt-4o", id="stays-when-told"),
        pytest.param(True, "local", id="moves-when-told"),
    ],
)
def test_the_default_after_a_second_choice(default: bool | None, expected: str) -> None:
    config, _ = added(OPENAI, replace(LOCAL, default=default))
    assert config.default_endpoint == expected


def test_no_default_when_told_so() -> None:
    config, [result] = added(replace(LOCAL, default=False))
    assert config.default_endpoint is None
    assert novelty(result) == (True, True, False)


def test_a_second_endpoint_of_one_provider() -> None:
    config, [_, result] = added(OPENAI, replace(OPENAI, model="gpt-4o-mini", endpoint_id="mini"))
    assert novelty(result) == (False, True, False)
    assert [provider.id for provider in config.providers] == ["openai"]
    assert [endpoint.id for endpoint in config.endpoints] == ["gpt-4o", "mini"]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        pytest.param(replace(OPENAI, model="o3"), "Endpoint ID already exists: gpt-4o", id="model"),
        pytest.param(
            replace(OPENAI, type="azure"), "Provider ID already exists: openai", id="type"
        ),
        pytest.param(replace(OPENAI, api_key="${B}"), "Provider ID already exists", id="key"),
        pytest.param(replace(OPENAI, api_base="https://h"), "Provider ID already", id="base"),
    ],
)
def test_an_id_that_means_something_else_is_refused(second: Choice, said: str) -> None:
    config, _ = added(OPENAI)
    with pytest.raises(AlreadyExists, match=said):
        add_choice(config, second, NOW)


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        pytest.param("openai", "gpt-4o", "gpt-4o", id="as-it-is"),
        pytest.param("groq", "openai/gpt-oss-120b", "openai-gpt-oss-120b", id="slash"),
        pytest.param("ollama", "llama3:8b", "llama3-8b", id="colon"),
        pytest.param("custom", "/:/", "custom", id="nothing-left"),
        pytest.param("custom", "a" * 63 + "-b", "a" * 63, id="too-long"),
        pytest.param("local", "smollm2", "local", id="local"),
    ],
)
def test_endpoint_id_for(kind: str, model: str, expected: str) -> None:
    assert endpoint_id_for(kind, model) == expected
