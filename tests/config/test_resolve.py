"""From a provider as written to what a call needs: keys, addresses, headers."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from ccw.config.models import ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.config.resolve import ResolvedProvider, available_key, resolve_provider
from ccw.errors import CcwError, InvalidValue, KeyNotConfigured, MissingVariable

KEY = "sk-canary-0123456789"


def provider(**fields: Any) -> ProviderCredential:
    return ProviderCredential.model_validate({"id": "p", "name": "P", "type": "openai", **fields})


def refused(item: ProviderCredential, environ: dict[str, str]) -> CcwError:
    with pytest.raises(CcwError) as caught:
        resolve_provider(item, environ)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    return caught.value


def test_everything_is_filled_in() -> None:
    item = provider(
        type="custom",
        apiKey="$KEY",
        apiBase="http://${HOST:-localhost}:8000/v1/",
        advancedSettings={"customHeaders": {"X-Team": "team ${TEAM}"}, "proxy": "${PROXY}"},
    )
    environ = {"KEY": KEY, "TEAM": "docs", "PROXY": "http://proxy:3128"}
    assert resolve_provider(item, environ) == ResolvedProvider(
        provider=item,
        kind=provider_type("custom"),
        api_key=KEY,
        api_base="http://localhost:8000/v1",
        headers={"X-Team": "team docs"},
        proxy="http://proxy:3128",
    )


def test_repr_shows_no_secret() -> None:
    secrets = {"customHeaders": {"Authorization": KEY}, "proxy": f"http://u:{KEY}@proxy"}
    item = provider(
        apiKey=KEY,
        apiBase=f"https://h/v1?key={KEY}",
        apiKeys=[{"key": KEY}],
        advancedSettings=secrets,
        unknown=KEY,
    )
    resolved = resolve_provider(item, {})
    assert resolved.api_key == KEY
    assert KEY not in repr(item) + str(item) + repr(resolved) + str(resolved)


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("google", "GOOGLE_API_KEY"),
        ("google", "GEMINI_API_KEY"),
        ("mistral", "MISTRAL_API_KEY"),
        ("deepseek", "DEEPSEEK_API_KEY"),
        ("openrouter", "OPENROUTER_API_KEY"),
        ("groq", "GROQ_API_KEY"),
        ("xai", "XAI_API_KEY"),
        ("zai", "ZAI_API_KEY"),
        ("litellm", "LITELLM_API_KEY"),
        ("cohere", "COHERE_API_KEY"),
    ],
)
def test_an_empty_key_means_the_usual_variable(kind: str, variable: str) -> None:
    resolved = resolve_provider(provider(type=kind), {variable: KEY})
    assert resolved.api_key == KEY


@pytest.mark.parametrize(
    ("kind", "base", "expected"),
    [
        pytest.param("azure", "https://mine.openai.azure.com", KEY, id="azure-own-host"),
        pytest.param("litellm", "https://proxy.example/", KEY, id="litellm-any-base"),
        pytest.param("litellm", None, KEY, id="litellm-default-base"),
        pytest.param("custom", "https://api.openai.com/v1", None, id="custom-has-no-usual-key"),
        pytest.param("ollama", "http://gpu:11434", None, id="ollama"),
        pytest.param("local", None, None, id="local"),
    ],
)
def test_usual_key_by_base(kind: str, base: str | None, expected: str | None) -> None:
    names = ("OPENAI_API_KEY", "AZURE_API_KEY", "LITELLM_API_KEY")
    resolved = resolve_provider(provider(type=kind, apiBase=base), dict.fromkeys(names, KEY))
    assert resolved.api_key == expected


@pytest.mark.parametrize("kind", ["ollama", "litellm", "custom", "local", "bedrock"])
def test_types_that_work_without_a_key(kind: str) -> None:
    resolved = resolve_provider(provider(type=kind, apiBase="http://h:1"), {})
    assert (resolved.api_key, resolved.api_base) == (None, "http://h:1")


@pytest.mark.parametrize(
    ("fields", "environ", "why"),
    [
        pytest.param(
            {"apiKey": "${MY_KEY}"},
            {},
            "apiKey refers to MY_KEY, which is not set); export MY_KEY=… ",
            id="unset-reference",
        ),
        pytest.param(
            {"apiKey": "${MY_KEY}", "type": "ollama"},
            {},
            "apiKey refers to MY_KEY, which is not set); export MY_KEY=… ",
            id="unset-although-optional",
        ),
        pytest.param(
            {},
            {},
            "apiKey is empty and OPENAI_API_KEY is not set); export OPENAI_API_KEY=… ",
            id="nothing",
        ),
        pytest.param(
            {"type": "google"},
            {},
            "apiKey is empty and GOOGLE_API_KEY or GEMINI_API_KEY is not set); ",
            id="two-variables",
        ),
        pytest.param(
            {"apiBase": "http://localhost:8000/v1"},
            {"OPENAI_API_KEY": KEY},
            "apiKey is empty, and the usual key is not sent to a foreign apiBase); "
            "ccw provider update p --api-key-env NAME",
            id="foreign-base",
        ),
        pytest.param(
            {"apiKey": "${MY_KEY}"}, {"MY_KEY": " "}, "apiKey comes out empty); ", id="blank"
        ),
        pytest.param(
            {"apiKey": "${MY_KEY}"},
            {"MY_KEY": f"{KEY}\nsecond"},
            "its value holds characters that no key has",
            id="line-break",
        ),
        pytest.param(
            {"apiKey": f"{KEY}“"}, {}, "its value holds characters that no key", id="quote"
        ),
    ],
)
def test_no_usable_key(fields: dict[str, Any], environ: dict[str, str], why: str) -> None:
    error = refused(provider(**fields), environ)
    assert isinstance(error, KeyNotConfigured)
    assert str(error).startswith(f"API key not configured for provider: P (p: {why}")
    assert error.exit_code == 3


@pytest.mark.parametrize(
    ("fields", "environ", "error", "text"),
    [
        pytest.param(
            {"apiBase": "${BASE}"}, {}, MissingVariable,
            "environment variable BASE is not set (apiBase of provider p refers to it)",
            id="unset-base",
        ),
        pytest.param(
            {"apiBase": "${BASE}"}, {"BASE": f"https://u:{KEY}@h"}, InvalidValue,
            "apiBase of provider p must not hold a user name",
            id="user-info-in-variable",
        ),
        pytest.param(
            {"type": "custom"}, {}, InvalidValue,
            "apiBase of provider p is empty, and type custom needs an address",
            id="custom-without-base",
        ),
        pytest.param(
            {"type": "azure", "apiKey": "k"}, {}, InvalidValue,
            "apiBase of provider p is empty, and type azure needs an address",
            id="azure-without-base",
        ),
        pytest.param(
            {"apiKey": "k", "advancedSettings": {"customHeaders": {"X": "${H}"}}}, {},
            MissingVariable,
            "environment variable H is not set (advancedSettings.customHeaders.X of provider p",
            id="unset-header",
        ),
        pytest.param(
            {"apiKey": "k", "advancedSettings": {"customHeaders": {"X": "${H}"}}},
            {"H": f"{KEY}\r\nInjected: 1"}, InvalidValue,
            "advancedSettings.customHeaders.X of provider p holds characters",
            id="header-injection",
        ),
        pytest.param(
            {"apiKey": "k", "advancedSettings": {"customHeaders": {"X: y": "v"}}}, {},
            InvalidValue,
            "advancedSettings.customHeaders.X: y of provider p holds characters",
            id="header-name",
        ),
    ],
)  # fmt: skip
def test_unusable(
    fields: dict[str, Any], environ: dict[str, str], error: type[CcwError], text: str
) -> None:
    caught = refused(provider(**fields), environ)
    assert isinstance(caught, error)
    assert str(caught).startswith(text)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"apiKey": "${K}"}, KEY, id="reference"),
        pytest.param({"apiKey": "${UNSET}"}, "", id="unset"),
        pytest.param({}, KEY, id="usual"),
        pytest.param({"apiBase": "http://h"}, "", id="foreign-base"),
        pytest.param({"apiBase": "${UNSET}"}, "", id="unset-base"),
        pytest.param({"apiBase": "${BROKEN}"}, "", id="broken-base"),
    ],
)
def test_available_key_is_never_an_error(fields: dict[str, Any], expected: str) -> None:
    environ = {"K": KEY, "OPENAI_API_KEY": KEY, "BROKEN": "http://["}
    assert available_key(provider(**fields), environ) == expected
