"""`ccw config validate` finds nothing in a sound configuration that sets every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ccw.config.checks import findings
from ccw.config.models import CustomEndpoint, LiteLLMApiConfig, ProviderCredential, Value

TIMES = {"createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z"}
PRICES = ("inputCost", "outputCost", "cacheReadCost", "cacheWriteCost")
ADVANCED = {
    "timeout": 5,
    "maxRetries": 1,
    "organization": "org",
    "apiVersion": "2024-10-21",
    "customHeaders": {"X-Team": "docs"},
    "proxy": "http://127.0.0.1:3128",
    "cacheMarks": True,
    "rpm": 60,
    "tpm": 1000,
}
PROVIDER = {
    "id": "p",
    "name": "P",
    "type": "openai",
    "apiKey": "k",
    "apiBase": "https://example.com/v1",
    "enabled": True,
    "advancedSettings": ADVANCED,
    "apiKeys": [{"id": "one", "key": "other", "label": "first", "weight": 2, "enabled": True}],
    "routingStrategy": "weighted",
    "models": [
        {
            "id": "m",
            "name": "M",
            "contextWindow": 100,
            "maxOutputTokens": 10,
            **{f"{price}PerMillion": 1 for price in PRICES},
        }
    ],
    **TIMES,
}
STRATEGY = {
    "enabled": True,
    "ttlMinutes": 5,
    "maxSizeKB": 16,
    "filePatterns": ["*.md"],
    "layout": "overlay",
    "providerCache": "1h",
}
ENDPOINT = {
    "id": "e",
    "name": "E",
    "providerId": "p",
    "model": "m",
    "description": "All of it",
    "purpose": "chat",
    "cacheStrategy": STRATEGY,
    "params": {"temperature": 0},
    "fallbacks": ["f"],
    "enabled": True,
    **TIMES,
}
EVERYTHING = {
    "version": 1,
    "providers": [PROVIDER],
    "endpoints": [ENDPOINT, {**ENDPOINT, "id": "f", "fallbacks": []}],
    "defaultEndpoint": "e",
    "globalCacheSettings": {"enabled": True, "cacheDir": "~/elsewhere", "maxTotalSizeMB": 5},
}


def parts(value: Any) -> Iterator[Value]:
    """Yield *value* and the objects in it."""
    if isinstance(value, Value):
        yield value
        for name in type(value).model_fields:
            yield from parts(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from parts(item)


def test_a_configuration_with_every_field() -> None:
    config = LiteLLMApiConfig.model_validate(EVERYTHING)
    unset = [
        (type(p).__name__, set(type(p).model_fields) - p.model_fields_set) for p in parts(config)
    ]
    assert [name for name, fields in unset if fields] == []
    assert {type(part) for part in parts(config)} >= {ProviderCredential, CustomEndpoint}
    assert findings(config, {}) == ()
