"""What OpenAI's chat wire carries: whole completions, and the chunks of a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def completion(text: str, usage: Mapping[str, Any] | None, finish: str | None) -> dict[str, Any]:
    """A whole chat completion."""
    message = {"role": "assistant", "content": text}
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "served-model",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    return {**body, "usage": dict(usage)} if usage is not None else body


def chunk_bytes(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One server-sent event that holds a chat completion chunk."""
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "served-model",
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish}],
        **more,
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def words(text: str) -> list[str]:
    """Split *text* into the deltas that a stream sends it in."""
    return [word if index == 0 else " " + word for index, word in enumerate(text.split(" "))]
