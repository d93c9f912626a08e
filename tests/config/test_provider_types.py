"""Provider types: routes in litellm, usual keys, own hosts."""

from __future__ import annotations

import pytest

from ccw.config.bases import checked_base
from ccw.config.provider_types import KNOWN_TYPES, litellm_model, provider_type


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("openai", "openai/gpt-4o", "openai/gpt-4o"),
        ("openai", "ft:gpt-4o:org::id", "openai/ft:gpt-4o:org::id"),
        ("anthropic", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
        ("google", "gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("google", "gemini/gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("google", "google/gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("azure", "my-deployment", "azure/my-deployment"),
        ("mistral", "mistral-large-latest", "mistral/mistral-large-latest"),
        ("deepseek", "deepseek-chat", "deepseek/deepseek-chat"),
        ("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("openrouter", "openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("groq", "openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("xai", "grok-4", "xai/grok-4"),
        ("zai", "glm-4.6", "zai/glm-4.6"),
        ("bedrock", "anthropic.claude-v2", "bedrock/anthropic.claude-v2"),
        ("ollama", "llama3.2", "ollama_chat/llama3.2"),
        ("ollama", "ollama/llama3.2", "ollama_chat/llama3.2"),
        ("litellm", "gpt-4o", "openai/gpt-4o"),
        ("litellm", "openai/gpt-4o", "openai/openai/gpt-4o"),
        ("custom", "openai/gpt-4o", "openai/openai/gpt-4o"),
        ("custom", "custom/m", "openai/custom/m"),
        ("local", "smollm2", "openai/smollm2"),
        ("cohere", "command-r", "cohere/command-r"),
        ("cohere", "cohere/command-r", "cohere/command-r"),
    ],
)
def test_litellm_model(kind: str, model: str, expected: str) -> None:
    assert litellm_model(provider_type(kind), model) == expected


def test_an_unknown_type_is_litellms_provider_of_that_name() -> None:
    kind = provider_type("together_ai")
    assert (kind.route, kind.key_variables, kind.key_optional) == (
        "together_ai",
        ("TOGETHER_AI_API_KEY",),
        False,
    )


@pytest.mark.parametrize(
    ("kind", "base", "expected"),
    [
        ("openai", None, True),
        ("openai", "https://api.openai.com/v1", True),
        ("openai", "https://API.OPENAI.COM/v1", True),
        ("openai", "http://api.openai.com/v1", False),
        ("openai", "https://api.openai.com.evil.example/v1", False),
        ("openai", "https://evil.example/api.openai.com", False),
        ("openai", "http://localhost:8000/v1", False),
        ("azure", "https://mine.openai.azure.com", True),
        ("azure", "https://mine.cognitiveservices.azure.com", True),
        ("azure", "https://openai.azure.com.evil.example", False),
        ("azure", "https://evilopenai.azure.com", False),
        ("litellm", "http://10.0.0.7:4000", True),
        ("custom", "https://api.openai.com/v1", False),
        ("cohere", None, True),
        ("cohere", "https://api.cohere.com", False),
    ],
)
def test_the_usual_key_goes_to_own_hosts_alone(kind: str, base: str | None, expected: bool) -> None:
    assert provider_type(kind).owns(base) is expected


def test_default_bases_are_own_bases() -> None:
    bases = {kind.name: kind.default_base for kind in KNOWN_TYPES.values() if kind.default_base}
    assert {name: checked_base(base) for name, base in bases.items()} == bases


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1///", "https://api.openai.com/v1"),
        (" http://localhost:4000/ ", "http://localhost:4000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("https://host/v1?sig=abcdef/", "https://host/v1?sig=abcdef/"),
        ("https://host/v1//?a=b//", "https://host/v1?a=b//"),
        ("https://host?a=b@c/", "https://host?a=b@c/"),
    ],
)
def test_checked_base(base: str, expected: str) -> None:
    assert checked_base(base) == expected


@pytest.mark.parametrize(
    ("base", "problem"),
    [
        ("ftp://host/v1", "must begin with http:// or https://"),
        ("localhost:4000", "must begin with http:// or https://"),
        ("file:///etc/passwd", "must begin with http:// or https://"),
        ("https://user:canary@host/v1", "must not hold a user name or password"),
        ("https://canary@host", "must not hold a user name or password"),
        ("https://", "names no usable host"),
        ("https://:80/v1", "names no usable host"),
        ("https://evil.example\\.openai.azure.com", "names no usable host"),
        ("https://host:99999/v1", "is malformed"),
        ("https://host:port/v1", "is malformed"),
        ("https://[::1/v1", "is malformed"),
        ("https://ho st/v1", "must not hold white space"),
        ("https://host/\nX: y", "must not hold white space"),
        ("https://host/v1#canary", "must not hold a fragment"),
        ("https://host/v1?a=1 canary", "must not hold white space"),
        ("https:/canary?https://host", "names no usable host"),
        ("https://a@canary@host", "is malformed"),
        ("https://host/v1?a=1#canary", "must not hold a fragment"),
    ],
)
def test_checked_base_refuses(base: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        checked_base(base)
    assert "canary" not in str(caught.value)
