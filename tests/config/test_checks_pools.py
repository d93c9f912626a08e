"""What `ccw config validate` says of key pools and fallbacks."""

from __future__ import annotations

from typing import Any

import pytest

from ccw.config.checks import findings
from ccw.config.models import LiteLLMApiConfig

KEY_B = "${KEY_B}"
PROVIDER = {"id": "p", "name": "P", "type": "openai"}
OTHERS = [
    {"id": "off", "name": "o", "providerId": "p", "model": "m", "enabled": False},
    {"id": "vectors", "name": "v", "providerId": "p", "model": "m", "purpose": "embedding"},
    {"id": "spare", "name": "s", "providerId": "p", "model": "m"},
    {"id": "asleep", "name": "s", "providerId": "q", "model": "m", "enabled": False},
    {"id": "far", "name": "f", "providerId": "p", "model": "m", "fallbacks": ["near"]},
    {"id": "near", "name": "n", "providerId": "p", "model": "m", "fallbacks": ["e"]},
]


def key(name: str | None = None, text: str = "${OPENAI_API_KEY}", **more: Any) -> dict[str, Any]:
    return {"id": name, "key": text, **more}


def pool(*keys: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**PROVIDER, "apiKeys": list(keys), **fields}


def said(provider: dict[str, Any], *endpoints: dict[str, Any]) -> list[tuple[str, str, str]]:
    asleep = {**PROVIDER, "id": "q", "enabled": False}
    content = {"providers": [provider, asleep], "endpoints": list(endpoints)}
    config = LiteLLMApiConfig.model_validate(content)
    environ = {"OPENAI_API_KEY": "k", "KEY_B": "k"}
    return [(f.level, f.field, f.message) for f in findings(config, environ)]


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        pytest.param(pool(key("a"), key("b", KEY_B), routingStrategy="least-busy"), [], id="sound"),
        pytest.param(
            pool(key("a"), apiKey="k", routingStrategy="weighted"), [], id="its-own-key-counts"
        ),
        pytest.param(
            pool(key("a"), key("b", KEY_B, enabled=False), routingStrategy="weighted"),
            [("routingStrategy", "weighted has no effect with fewer than two keys in use")],
            id="strategy-of-one",
        ),
        pytest.param(pool(key("a"), key("a")), [("apiKeys[1].id", "a is there twice")], id="twice"),
        pytest.param(pool(key(), key()), [], id="without-ids"),
        pytest.param(
            pool(key("a", enabled=False)),
            [("apiKeys", "all keys are disabled or empty, so p cannot be used")],
            id="all-disabled",
        ),
        pytest.param(pool(key("a", enabled=False), apiKey="k"), [], id="its-own-key-is-left"),
        pytest.param(
            pool(key("a", weight=0), key("b", KEY_B, weight=0), routingStrategy="weighted"),
            [("apiKeys", "all weights are 0; give a key a weight above it")],
            id="no-weight",
        ),
        pytest.param(
            pool(key("a", weight=0), key("b", KEY_B), routingStrategy="weighted"),
            [],
            id="one-weight",
        ),
        pytest.param(
            pool(key("a", weight=2), key("b", KEY_B)),
            [("routingStrategy", "weights have no effect with simple-shuffle, only with weighted")],
            id="weights-of-no-use",
        ),
        pytest.param(
            pool(key("a"), key("b"), routingStrategy="least-busy"),
            [("routingStrategy", "least-busy has no effect with fewer than two keys in use")],
            id="one-key-under-two-ids",
        ),
        pytest.param(pool(key("a"), key("b", " ")), [("apiKeys[1].key", "is empty")], id="empty"),
        pytest.param(
            pool(key("a"), key("b", "${GONE}")),
            [("apiKeys[1].key", "environment variable GONE is not set")],
            id="unset",
        ),
        pytest.param(
            {**PROVIDER, "advancedSettings": {"rpm": 1, "tpm": 2}}, [], id="limits-have-effect"
        ),
    ],
)
def test_pools(provider: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert said(provider) == [
        ("warning", f"providers[0].{field}", message) for field, message in expected
    ]


@pytest.mark.parametrize(
    ("fallbacks", "expected"),
    [
        pytest.param(["spare"], [], id="sound"),
        pytest.param(["spaer"], ["Endpoint not found: spaer; did you mean spare?"], id="unknown"),
        pytest.param(["off"], ["off is disabled, or its provider is"], id="disabled"),
        pytest.param(["asleep"], ["asleep is disabled, or its provider is"], id="its-provider"),
        pytest.param(["vectors"], ["vectors is for embedding, not for chat"], id="not-chat"),
        pytest.param(["e"], ["e is the endpoint itself"], id="itself"),
    ],
)
def test_fallbacks(fallbacks: list[str], expected: list[str]) -> None:
    endpoint = {"id": "e", "name": "e", "providerId": "p", "model": "m", "fallbacks": fallbacks}
    found = said(PROVIDER, endpoint, *OTHERS)
    mine = [item for item in found if item[1].startswith("endpoints[0]")]
    assert mine == [("warning", "endpoints[0].fallbacks[0]", text) for text in expected]


def test_a_fallback_twice_and_a_circle() -> None:
    endpoint = {"id": "e", "name": "e", "providerId": "p", "model": "m"}
    found = said(PROVIDER, {**endpoint, "fallbacks": ["spare", "spare", "far"]}, *OTHERS)
    assert found[0] == ("warning", "endpoints[0].fallbacks[1]", "spare is there twice")
    assert found[1] == (
        "information",
        "endpoints[0].fallbacks",
        "far leads back to e; only the list of the one asked for is used",
    )
