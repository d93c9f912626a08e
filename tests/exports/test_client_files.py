"""The files for coding clients: opencode.json, config.toml, and lines for a shell."""

from __future__ import annotations

import json
import tomllib

import pytest

from ccw.exports.addresses import anthropic_root, chat_base, gemini_root, responses_base
from ccw.exports.codex import export_codex
from ccw.exports.opencode import export_opencode
from ccw.exports.targets import TARGETS, export_config, known_limits, provider_of_model
from tests.exports.configs import CLAUDE, GATE, OPENAI, config_of, endpoint

SECRET = "sk-live-0123456789abcdef"


def test_opencode_whole_file() -> None:
    headers = {"advancedSettings": {"customHeaders": {"X-Team": "${TEAM}", "User-Agent": "me"}}}
    config = config_of(
        {**GATE, **headers},
        CLAUDE,
        endpoints=[endpoint("small", "gate", "gpt-4o"), endpoint("big", "anthropic", "claude")],
        defaultEndpoint="big",
    )
    made = export_opencode(config, limits=lambda *_: (1000, 100))
    assert json.loads(made.text) == {
        "$schema": "https://opencode.ai/config.json",
        "enabled_providers": ["gate", "ccw-anthropic"],
        "provider": {
            "gate": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "Gate",
                "options": {
                    "baseURL": "http://localhost:4000/v1",
                    "apiKey": "{env:GATE_KEY}",
                    "headers": {"X-Team": "{env:TEAM}", "User-Agent": "me"},
                },
                "whitelist": ["small"],
                "models": {
                    "small": {
                        "id": "gpt-4o",
                        "name": "SMALL",
                        "limit": {"context": 1000, "output": 100},
                    }
                },
            },
            "ccw-anthropic": {
                "npm": "@ai-sdk/anthropic",
                "name": "Claude",
                "options": {
                    "baseURL": "https://api.anthropic.com/v1",
                    "apiKey": "{env:ANTHROPIC_API_KEY}",
                },
                "whitelist": ["big"],
                "models": {
                    "big": {
                        "id": "claude",
                        "name": "BIG",
                        "limit": {"context": 1000, "output": 100},
                    }
                },
            },
        },
        "model": "ccw-anthropic/big",
        "small_model": "ccw-anthropic/big",
    }
    assert (made.endpoints, made.left_out) == (("small", "big"), ())
    assert made.variables == ("GATE_KEY", "TEAM", "ANTHROPIC_API_KEY")


@pytest.mark.parametrize("text", ["{file:~/.ssh/id_rsa}", "{env:AWS_SECRET_ACCESS_KEY}"])
@pytest.mark.parametrize("field", ["name", "model", "description"])
def test_opencode_is_handed_no_text_that_it_would_fill_in(text: str, field: str) -> None:
    config = config_of(OPENAI, endpoints=[{**endpoint("e", "openai"), field: f"x {text}"}])
    made = export_opencode(config)
    assert made.endpoints == ()
    assert text not in made.text


@pytest.mark.parametrize(
    ("base", "expected", "variables"),
    [
        ("${BASE}", "{env:BASE}/v1", ("BASE",)),
        ("https://${HOST}:${PORT}/v1", "https://{env:HOST}:{env:PORT}/v1", ("HOST", "PORT")),
        ("${BASE:-http://localhost:1}", "{env:GATE_API_BASE}", ("GATE_API_BASE",)),
    ],
)
def test_an_address_of_variables(base: str, expected: str, variables: tuple[str, ...]) -> None:
    config = config_of({**GATE, "apiKey": "", "apiBase": base}, endpoints=[endpoint("e", "gate")])
    made = export_opencode(config)
    assert json.loads(made.text)["provider"]["gate"]["options"] == {"baseURL": expected}
    assert made.variables == variables


def test_codex_whole_file() -> None:
    headers = {"advancedSettings": {"customHeaders": {"X-Team": "${TEAM}", "User-Agent": "me"}}}
    config = config_of(
        {**GATE, **headers},
        OPENAI,
        CLAUDE,
        endpoints=[
            endpoint("a", "gate", "gpt-4o"),
            endpoint("b", "openai", "gpt-5"),
            endpoint("c", "anthropic", "claude"),
        ],
        defaultEndpoint="b",
    )
    made = export_codex(config)
    assert tomllib.loads(made.text) == {
        "model": "gpt-5",
        "model_provider": "ccw-openai",
        "model_providers": {
            "gate": {
                "name": "Gate",
                "base_url": "http://localhost:4000/v1",
                "env_key": "GATE_KEY",
                "wire_api": "responses",
                "http_headers": {"User-Agent": "me"},
                "env_http_headers": {"X-Team": "TEAM"},
            },
            "ccw-openai": {
                "name": "OpenAI",
                "base_url": "https://api.openai.com/v1",
                "env_key": "OPENAI_API_KEY",
                "wire_api": "responses",
            },
        },
    }
    assert made.left_out == (
        "endpoint c: its provider may not speak /v1/responses; see ccw config export litellm",
        "endpoint a: codex has one model at a time; codex -c model_provider=gate -m gpt-4o",
    )
    assert all(f"# - {line}\n" in made.text for line in made.left_out)


def test_codex_takes_odd_names_and_no_variable_in_an_address() -> None:
    config = config_of(
        {**GATE, "id": "my.gate", "name": 'a "quoted"\nname'},
        {**GATE, "id": "moving", "apiBase": "${BASE}"},
        endpoints=[endpoint("a", "my.gate"), endpoint("b", "moving")],
    )
    made = export_codex(config)
    (found,) = tomllib.loads(made.text)["model_providers"].items()
    assert (found[0], found[1]["name"]) == ("my.gate", 'a "quoted"\nname')
    assert made.endpoints == ("a",)


def test_what_only_ccw_does_is_told() -> None:
    advanced = {"timeout": 5, "rpm": 3, "customHeaders": {"User-Agent": "me"}}
    pool = {**GATE, "apiKeys": [{"key": "${B}"}], "advancedSettings": advanced}
    config = config_of(
        pool,
        endpoints=[
            endpoint(
                "a", "gate", fallbacks=["b"], params={"n": 1}, cacheStrategy={"enabled": True}
            ),
            endpoint("b", "gate", purpose="image"),
        ],
    )
    assert export_opencode(config).left_out == (
        "endpoint b: opencode has no use for image",
        "endpoint a: fallbacks, params, cacheStrategy",
        "provider gate: timeout, rpm",
        "provider gate: all keys but the first",
    )


ROOTS = [chat_base, responses_base, anthropic_root, gemini_root]


@pytest.mark.parametrize(
    ("kind", "base", "expected"),
    [
        ("openai", None, ["https://api.openai.com/v1"] * 2 + [None, None]),
        ("litellm", "http://h:1", ["http://h:1/v1"] * 2 + ["http://h:1"] * 2),
        ("litellm", "http://h:1/v1", ["http://h:1/v1"] * 2 + ["http://h:1"] * 2),
        ("custom", "http://h:1/api", ["http://h:1/api"] * 2 + [None, None]),
        ("ollama", None, ["http://localhost:11434/v1"] * 2 + [None, None]),
        ("zai", None, ["https://api.z.ai/api/paas/v4", None, None, None]),
        ("anthropic", None, [None, None, "https://api.anthropic.com", None]),
        ("google", None, [None] * 3 + ["https://generativelanguage.googleapis.com"]),
        ("azure", "https://x.openai.azure.com", [None] * 4),
        ("cohere", None, [None] * 4),
    ],
)
def test_where_each_wire_is(kind: str, base: str | None, expected: list[str | None]) -> None:
    config = config_of({"id": "p", "name": "P", "type": kind, "apiBase": base}, endpoints=[])
    assert [root(config.providers[0]) for root in ROOTS] == expected


@pytest.mark.parametrize("target", TARGETS)
def test_no_target_is_handed_a_literal_secret(target: str) -> None:
    secret = {
        **GATE,
        "apiKey": SECRET,
        "apiBase": f"http://localhost:4000/?k={SECRET}",
        "advancedSettings": {"customHeaders": {"Authorization": SECRET}},
    }
    config = config_of(secret, endpoints=[endpoint("e", "gate", params={"api_key": SECRET})])
    made = export_config(target, config)
    assert SECRET not in repr(made)


def test_limits_and_owners_come_from_litellms_map() -> None:
    config = config_of({**OPENAI, "models": [{"id": "mine", "contextWindow": 7}]}, endpoints=[])
    (provider,) = config.providers
    assert known_limits("openai/gpt-4o", provider, "gpt-4o") == (128000, 16384)
    assert known_limits("openai/mine", provider, "mine") == (7, None)
    assert (provider_of_model("gpt-4o"), provider_of_model("nobody")) == ("openai", None)
