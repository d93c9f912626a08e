"""What a first configuration is made of: keys, gateways on loopback, the embedded model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ccw.config.first import Choice
from ccw.config.provider_types import litellm_model, provider_type
from ccw.errors import UsageError
from ccw.gateways.first import DEFAULT_MODELS, Found, Preferences, choose, look_around, next_steps
from ccw.llm.local.model import SMOLLM2, model_path
from ccw.llm.prices import model_facts
from tests.servers.fixed import Serve

LISTING = {"/v1/models": (200, b'{"data": [{"id": "first"}, {"id": "second"}]}')}
LITELLM = {"/health/liveliness": (200, b'"I\'m alive!"'), **LISTING}
OLLAMA = {"/api/version": (200, b'{"version": "0.9.1"}'), **LISTING}
LOCAL = Found("local", "the embedded model: small, needs no key", "smollm2")
OPENAI = Found("openai", "OPENAI_API_KEY is set", DEFAULT_MODELS["openai"], "${OPENAI_API_KEY}")
AZURE = Found("azure", "AZURE_API_KEY is set", None, "${AZURE_API_KEY}")
PROXY = Found("litellm", "a LiteLLM proxy answers", "first", "", "http://localhost:4000")
ASK = 'ccw cli --model {} -p "Say hello"'


@pytest.fixture
def nobody(unused_port: int) -> str:
    return f"http://127.0.0.1:{unused_port}"


def test_nothing_set_and_nobody_there(nobody: str) -> None:
    assert look_around({}, litellm_base=nobody, ollama_base=nobody) == [LOCAL]


def test_set_keys_come_first_as_references(nobody: str) -> None:
    environ = {"OPENAI_API_KEY": "sk-canary", "GEMINI_API_KEY": "canary", "MISTRAL_API_KEY": ""}
    found = look_around(environ, litellm_base=nobody, ollama_base=nobody)
    google = Found("google", "GEMINI_API_KEY is set", DEFAULT_MODELS["google"], "${GEMINI_API_KEY}")
    assert found == [OPENAI, google, LOCAL]


def test_gateways_on_loopback_tell_their_first_model(serve: Serve) -> None:
    proxy, ollama = serve(LITELLM), serve(OLLAMA)
    assert look_around({}, litellm_base=proxy, ollama_base=ollama) == [
        Found("litellm", f"a LiteLLM proxy answers at {proxy}", "first", "", proxy),
        Found("ollama", f"Ollama answers at {ollama}", "first", "", ollama),
        LOCAL,
    ]


def test_a_configured_gateway_is_taken_by_reference(serve: Serve, nobody: str) -> None:
    environ = {"LITELLM_BASE_URL": serve(LITELLM) + "/", "LITELLM_API_KEY": "sk-canary"}
    found = look_around(environ, litellm_base=nobody, ollama_base=nobody)
    reason, key, base = "LITELLM_BASE_URL is set", "${LITELLM_API_KEY}", "${LITELLM_BASE_URL}"
    assert found == [Found("litellm", reason, "first", key, base), LOCAL]


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        pytest.param(
            Preferences(),
            [OPENAI, LOCAL],
            Choice("openai", "gpt-6.1-sol", "openai", "gpt-6.1-sol", api_key="${OPENAI_API_KEY}"),
            id="the-first",
        ),
        pytest.param(
            Preferences(),
            [AZURE, PROXY, LOCAL],
            Choice("litellm", "first", "litellm", "first", api_base="http://localhost:4000"),
            id="the-first-with-a-model",
        ),
        pytest.param(
            Preferences(type="local"),
            [OPENAI, LOCAL],
            Choice("local", "smollm2", "local", "local"),
            id="the-type-wished-for",
        ),
        pytest.param(
            Preferences(type="groq"),
            [LOCAL],
            Choice(
                "groq",
                "openai/gpt-oss-120b",
                "groq",
                "openai-gpt-oss-120b",
                api_key="${GROQ_API_KEY}",
            ),
            id="a-type-without-its-key",
        ),
        pytest.param(
            Preferences("fireworks_ai", "m", "mine", "fire", "Fire", "MY_KEY", None, False),
            [LOCAL],
            Choice("fireworks_ai", "m", "fire", "mine", "Fire", "${MY_KEY}", None, False),
            id="everything-said",
        ),
        pytest.param(
            Preferences(model="m", api_base="https://gateway.example/v1/"),
            [OPENAI, LOCAL],
            Choice("custom", "m", "custom", "m", api_base="https://gateway.example/v1"),
            id="an-address-alone-is-custom",
        ),
        pytest.param(
            Preferences(type="openai", api_base="https://gateway.example/v1"),
            [OPENAI, LOCAL],
            Choice(
                "openai",
                "gpt-6.1-sol",
                "openai",
                "gpt-6.1-sol",
                api_base="https://gateway.example/v1",
            ),
            id="the-usual-key-is-not-for-other-hosts",
        ),
    ],
)
def test_choose(wanted: Preferences, found: Sequence[Found], expected: Choice) -> None:
    assert choose(wanted, found)[0] == expected


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param(Preferences(type="azure"), "--api-base", id="azure-without-address"),
        pytest.param(
            Preferences(type="custom", api_base="http://h"), "--model", id="no-model-known"
        ),
        pytest.param(
            Preferences(type="litellm", api_base="http://h"), "--model", id="another-gateway"
        ),
        pytest.param(
            Preferences(api_key_env="sk-canary-1"), "name of a variable", id="a-key-as-name"
        ),
    ],
)
def test_choose_names_the_missing_option(wanted: Preferences, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        choose(wanted, [OPENAI, AZURE, PROXY, LOCAL])
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("choice", "environ", "expected"),
    [
        pytest.param(
            Choice("openai", "m", "openai", "m", api_key="${OPENAI_API_KEY}"),
            {"OPENAI_API_KEY": "sk-1"},
            [ASK.format("m")],
            id="ready",
        ),
        pytest.param(
            Choice("openai", "m", "openai", "m", api_key="${OPENAI_API_KEY}"),
            {},
            ["export OPENAI_API_KEY=...", ASK.format("m")],
            id="key-not-set",
        ),
        pytest.param(
            Choice("openai", "m", "mine", "m", api_base="https://h"),
            {},
            ["ccw provider update mine --api-key-env NAME (a key for https://h)", ASK.format("m")],
            id="key-not-known",
        ),
        pytest.param(
            Choice("local", "smollm2", "local", "local"),
            {},
            ["ccw local install", ASK.format("local")],
            id="model-not-installed",
        ),
    ],
)
def test_next_steps(
    tmp_path: Path, choice: Choice, environ: Mapping[str, str], expected: list[str]
) -> None:
    assert next_steps(choice, environ, tmp_path) == expected


def test_an_installed_model_needs_no_step(tmp_path: Path) -> None:
    path = model_path(tmp_path)
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(SMOLLM2.size)
    choice = Choice("local", "smollm2", "local", "local")
    assert next_steps(choice, {}, tmp_path) == [ASK.format("local")]


@pytest.mark.parametrize("name", sorted(set(DEFAULT_MODELS) - {"local", "openrouter"}))
def test_default_models_are_known_to_litellm(name: str) -> None:
    """A model that the map does not price any more is no good default."""
    model = litellm_model(provider_type(name), DEFAULT_MODELS[name])
    facts = model_facts(model.removeprefix("bedrock/"))  # the map names these without it
    assert facts.context_window is not None
    assert facts.prices.input is not None
