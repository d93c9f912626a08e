"""Which endpoint and provider a name leads to, and what is said when it leads nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config.models import LiteLLMApiConfig
from ccw.config.selection import select_endpoint, with_implicit
from ccw.errors import CcwError, ConfigError, InvalidValue, NotFound

IMPLICIT = {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": "http://h:4000", "LITELLM_API_KEY": "k"}
PROVIDERS = [
    {"id": "one", "name": "One", "type": "openai"},
    {"id": "off", "name": "Off", "type": "groq", "enabled": False},
    {"id": "two", "name": "Two", "type": "groq"},
]
ENDPOINTS = [
    {"id": "my-gpt4o", "name": "m", "providerId": "one", "model": "gpt-4o"},
    {"id": "asleep", "name": "m", "providerId": "one", "model": "m", "enabled": False},
    {"id": "vectors", "name": "m", "providerId": "one", "model": "m", "purpose": "embedding"},
    {"id": "orphan", "name": "m", "providerId": "gone", "model": "m"},
    {"id": "of-off", "name": "m", "providerId": "off", "model": "m"},
]


def config(**fields: Any) -> LiteLLMApiConfig:
    whole = {"providers": PROVIDERS, "endpoints": ENDPOINTS, "defaultEndpoint": "my-gpt4o"}
    return LiteLLMApiConfig.model_validate({**whole, **fields})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("my-gpt4o", ("my-gpt4o", "gpt-4o", "one", "openai"), id="endpoint-id"),
        pytest.param(None, ("my-gpt4o", "gpt-4o", "one", "openai"), id="default"),
        pytest.param("one/gpt-5", ("one/gpt-5", "gpt-5", "one", "openai"), id="provider-id"),
        pytest.param("openai/gpt-5", ("openai/gpt-5", "gpt-5", "one", "openai"), id="type"),
        pytest.param("groq/a/b", ("groq/a/b", "a/b", "two", "groq"), id="enabled-one-of-a-type"),
        pytest.param("xai/grok", ("xai/grok", "grok", "xai", "xai"), id="known-type"),
        pytest.param("cohere/c", ("cohere/c", "c", "cohere", "cohere"), id="litellms-provider"),
        pytest.param("local/smollm2", ("local/smollm2", "smollm2", "local", "local"), id="local"),
    ],
)
def test_select(name: str | None, expected: tuple[str, ...]) -> None:
    chosen = select_endpoint(config(), name, {})
    endpoint, provider = chosen.endpoint, chosen.provider
    assert (endpoint.id, endpoint.model, provider.id, provider.type) == expected
    assert (endpoint.purpose, endpoint.cache_strategy.enabled) == ("chat", True)


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        pytest.param(
            "my-gpt4", NotFound, "Endpoint not found: my-gpt4; did you mean my-gpt4o?", id="near"
        ),
        pytest.param(
            "zzz", NotFound, "Endpoint not found: zzz; ccw endpoint list shows what there is",
            id="far",
        ),
        pytest.param("a/", NotFound, "Endpoint not found: a/;", id="no-model"),
        pytest.param("/a", NotFound, "Endpoint not found: /a;", id="no-provider"),
        pytest.param(
            "asleep", InvalidValue,
            "endpoint asleep is disabled; enable it: ccw endpoint update asleep --enable",
            id="disabled",
        ),
        pytest.param(
            "vectors", InvalidValue, "endpoint vectors is for embedding, not for chat", id="purpose"
        ),
        pytest.param(
            "orphan", NotFound, "Provider not found: gone (endpoint orphan uses it)", id="orphan"
        ),
        pytest.param(
            "of-off", InvalidValue,
            "provider off is disabled; enable it: ccw provider update off --enable",
            id="disabled-provider",
        ),
        pytest.param("off/m", InvalidValue, "provider off is disabled", id="disabled-by-id"),
        pytest.param(
            "custom/m", NotFound, "Provider not found: custom (its address is needed)", id="custom"
        ),
    ],
)  # fmt: skip
def test_refused(name: str, error: type[CcwError], text: str) -> None:
    with pytest.raises(error) as caught:
        select_endpoint(config(), name, {})
    assert str(caught.value).startswith(text)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "opnai/gpt-4o",
            "Provider not found: opnai; did you mean openai? (neither ccw nor litellm has",
            id="near-a-type",
        ),
        pytest.param("tow/m", "Provider not found: tow; did you mean two?", id="near-an-id"),
        pytest.param(
            "coher/c", "Provider not found: coher; did you mean cohere?", id="near-litellms"
        ),
        pytest.param(
            "zzzzzz/m",
            "Provider not found: zzzzzz; neither ccw nor litellm has a provider of that name",
            id="far",
        ),
        pytest.param(
            "local/foo",
            "Model not found: foo of provider local; there is only smollm2: --model local/smollm2",
            id="no-such-embedded-model",
        ),
    ],
)
def test_slips(name: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        select_endpoint(config(), name, {}, names=lambda: {"openai", "cohere"})
    assert str(caught.value).startswith(text)


def test_another_model_for_the_call() -> None:
    assert select_endpoint(config(), "my-gpt4o", {}, "gpt-5").endpoint.model == "gpt-5"
    with pytest.raises(InvalidValue, match="Model not found: foo of provider local"):
        select_endpoint(config(), "local/smollm2", {}, "foo")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        pytest.param(
            {"providers": [], "endpoints": [], "defaultEndpoint": None},
            "nothing is configured for this project yet; run ccw init to configure a provider, "
            "or ccw local install for the embedded model",
            id="nothing",
        ),
        pytest.param(
            {"endpoints": [], "defaultEndpoint": None},
            "no endpoint is configured; add one: ccw endpoint add ID --provider one --model MODEL, "
            "or name a model: --model one/MODEL",
            id="providers-alone",
        ),
        pytest.param(
            {"defaultEndpoint": None},
            "no default endpoint is set; choose one: ccw endpoint default ID, or name it: "
            "--model ID; there are: my-gpt4o, orphan, of-off",
            id="no-default",
        ),
        pytest.param(
            {"defaultEndpoint": "lost"},
            "Endpoint not found: lost (it is set as defaultEndpoint; "
            "choose another: ccw endpoint default ID; there are: my-gpt4o, orphan, of-off)",
            id="dangling-default",
        ),
        pytest.param({"defaultEndpoint": "asleep"}, "endpoint asleep is disabled", id="disabled"),
    ],
)
def test_no_usable_default(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        select_endpoint(config(**fields), None, {})
    assert str(caught.value).startswith(text)


def test_a_name_without_any_configuration() -> None:
    with pytest.raises(NotFound, match="Endpoint not found: my-gpt4o; nothing is configured"):
        select_endpoint(LiteLLMApiConfig(), "my-gpt4o", {})


@pytest.mark.parametrize("enabled", ["true", "1", "TRUE", "yes", "on"])
def test_the_environment_makes_a_provider(enabled: str) -> None:
    environ = {**IMPLICIT, "LITELLM_ENABLED": enabled}
    made = with_implicit(LiteLLMApiConfig(), environ).providers[-1]
    fields = (made.id, made.type, made.api_key, made.api_base)
    assert fields == ("litellm", "litellm", "${LITELLM_API_KEY}", "${LITELLM_BASE_URL}")
    chosen = select_endpoint(LiteLLMApiConfig(), "litellm/gpt-4o", environ)
    assert (chosen.endpoint.model, chosen.provider) == ("gpt-4o", made)


def test_the_environment_without_base_and_key() -> None:
    made = with_implicit(LiteLLMApiConfig(), {"LITELLM_ENABLED": "true"}).providers[-1]
    assert (made.api_key, made.api_base) == ("", None)


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="unset"),
        pytest.param({**IMPLICIT, "LITELLM_ENABLED": "false"}, id="false"),
        pytest.param({**IMPLICIT, "LITELLM_ENABLED": ""}, id="empty"),
    ],
)
def test_no_provider_from_the_environment(environ: dict[str, str]) -> None:
    assert with_implicit(config(), environ) == config()


def test_a_configured_litellm_wins() -> None:
    own = config(providers=[{"id": "litellm", "name": "Mine", "type": "litellm"}])
    assert with_implicit(own, IMPLICIT) is own
