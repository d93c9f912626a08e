"""What is known of a model: the gateway's word, the user's, litellm's map, the family's window."""

from __future__ import annotations

import pytest

from ccw.config.models import ModelInfo
from ccw.config.provider_types import provider_type
from ccw.llm.data import model_map
from ccw.llm.gateway.details import ModelDetails, built_in, described
from ccw.llm.gateway.parsing import Listed
from ccw.llm.gateway.windows import family_window

LITELLM, OPENAI = provider_type("litellm"), provider_type("openai")


def test_the_gateway_comes_before_the_user_before_the_map() -> None:
    listed = Listed(id="gpt-4", context_window=1000, input_cost_per_million=1.0)
    overlay = ModelInfo(id="gpt-4", name="Mine", context_window=2000, output_cost_per_million=2.0)
    assert described(listed, OPENAI, "p", overlay) == ModelDetails(
        id="gpt-4",
        name="Mine",
        provider="p",
        context_window=1000,
        max_output_tokens=4096,
        input_cost_per_million=1.0,
        output_cost_per_million=2.0,
        purpose="chat",
    )


def test_the_map_is_asked_by_exact_id() -> None:
    found = described(Listed(id="gpt-4"), LITELLM, "p", None)
    assert (found.context_window, found.context_window_estimated) == (8192, False)
    assert (found.input_cost_per_million, found.output_cost_per_million) == (30.0, 60.0)


def test_a_family_gives_a_window_and_no_price() -> None:
    found = described(Listed(id="claude-3-opus-of-ours"), LITELLM, "p", None)
    assert found == ModelDetails(
        id="claude-3-opus-of-ours",
        name="claude-3-opus-of-ours",
        provider="p",
        context_window=200_000,
        context_window_estimated=True,
    )


def test_an_unknown_model_stays_unknown() -> None:
    assert described(Listed(id="zorg"), LITELLM, "p", None) == ModelDetails("zorg", "zorg", "p")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param(Listed(id="openai/gpt-4", owner="team"), "openai", id="prefix"),
        pytest.param(Listed(id="gpt-4", owner="team"), "team", id="owner"),
        pytest.param(Listed(id="gpt-4"), "p", id="provider"),
        pytest.param(Listed(id="/gpt-4"), "p", id="empty-prefix"),
    ],
)
def test_provider(listed: Listed, expected: str) -> None:
    assert described(listed, LITELLM, "p", None).provider == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4-turbo", 128_000),
        ("gpt-4", 8_192),
        ("gpt-4o-mini-of-ours", 128_000),
        ("openai/gpt-4.1", 1_047_576),
        ("claude-3-5-sonnet-20241022", 200_000),
        ("gemini-1.5-pro", 1_000_000),
        ("gemini-pro", 32_000),
        ("llama-2-70b", 4_096),
        ("meta-llama/Llama-3-8b", 8_192),
        ("meta.llama3-1-70b-instruct", 131_072),
        ("llama3.1:8b", 131_072),
        ("llama3:8b", 8_192),
        ("mixtral-8x7b", 32_768),
        ("deepseek-r1:7b", 128_000),
        ("smollm2", None),
        ("photo1", None),
        ("my-own", None),
    ],
)
def test_family_window(model: str, expected: int | None) -> None:
    assert family_window(model) == expected


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("openai", "gpt-4o"),
        ("anthropic", "claude-sonnet-5-5"),
        ("google", "gemini-pro-latest"),
        ("azure", "gpt-4o"),
        ("bedrock", "anthropic.claude-3-5-haiku-20241022-v1:0"),
        ("mistral", "mistral-large-latest"),
        ("xai", "grok-4.7"),
    ],
)
def test_built_in(kind: str, known: str) -> None:
    assert known in [model.id for model in built_in(provider_type(kind))]


@pytest.mark.parametrize("kind", ["litellm", "custom", "local", "no-such-provider"])
def test_nobody_knows_what_other_servers_have(kind: str) -> None:
    assert built_in(provider_type(kind)) == ()


def test_windows_of_families_are_no_larger_than_most_of_the_map_says() -> None:
    """A family's window that most of its members lack would let prompts through that fail."""
    known = [
        (family_window(name), entry["max_input_tokens"])
        for name, entry in model_map().items()
        if entry.get("mode") == "chat" and isinstance(entry.get("max_input_tokens"), int)
    ]
    pairs = [(guess, true) for guess, true in known if guess is not None]
    assert sum(guess > true * 1.05 for guess, true in pairs) < len(pairs) * 0.15
