"""Small configurations for tests of edits, and the moments at which they happen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ccw.config.models import LiteLLMApiConfig

NOW = datetime(2025, 1, 1, tzinfo=UTC)


LATER = datetime(2025, 6, 30, 12, 0, 0, 123_456, tzinfo=UTC)


NOW_TEXT = "2025-01-01T00:00:00.000Z"


LATER_TEXT = "2025-06-30T12:00:00.123Z"


KEY = "sk-abcdefghijklmnop"


def endpoint(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "providerId": "p", "model": "m", **fields}


def config(*endpoints: dict[str, Any], default: str | None = None) -> LiteLLMApiConfig:
    return LiteLLMApiConfig.model_validate(
        {
            "providers": [{"id": "p", "name": "P", "type": "openai", "apiKey": KEY}],
            "endpoints": list(endpoints),
            "defaultEndpoint": default,
        }
    )
