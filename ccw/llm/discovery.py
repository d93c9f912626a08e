"""The HTTP talk with gateways, from plain values: does one answer, which models has it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

MAX_ANSWER_BYTES = 4 * 1024 * 1024
DEFAULT_TIMEOUT = 1.0  # seconds


def is_litellm(base: str, timeout: float = DEFAULT_TIMEOUT) -> bool:
    """Tell whether a LiteLLM proxy answers at *base*; no key is needed for that."""
    answer = _get_json(f"{base}/health/liveliness", {}, timeout)
    return isinstance(answer, str) and "alive" in answer


def is_ollama(base: str, timeout: float = DEFAULT_TIMEOUT) -> bool:
    """Tell whether Ollama answers at *base*."""
    answer = _get_json(f"{base}/api/version", {}, timeout)
    return isinstance(answer, dict) and isinstance(answer.get("version"), str)


def model_ids(base: str, api_key: str = "", timeout: float = DEFAULT_TIMEOUT) -> tuple[str, ...]:
    """Return the ids that `/v1/models` at *base* lists; empty when it does not tell."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    answer = _get_json(f"{base}/v1/models", headers, timeout)
    listed = answer.get("data") if isinstance(answer, dict) else None
    entries = listed if isinstance(listed, list) else []
    ids = (entry.get("id") for entry in entries if isinstance(entry, dict))
    return tuple(found for found in ids if isinstance(found, str) and found)


def _get_json(url: str, headers: Mapping[str, str], timeout: float) -> Any:
    """Return the JSON of a 200 answer, or None for anything else that may listen there."""
    import httpx

    try:
        with (
            httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream("GET", url, headers=dict(headers)) as answer,
        ):
            return json.loads(_body(answer.iter_bytes(), timeout)) if _is_ok(answer) else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        return None


def _is_ok(answer: Any) -> bool:
    return bool(answer.status_code == 200)


def _body(chunks: Any, timeout: float) -> bytes:
    """Join *chunks*, as far as time and memory allow; a cut body is no JSON any more."""
    body, deadline = bytearray(), time.monotonic() + timeout
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            return b""
    return bytes(body)
