"""Gemini's generateContent wire on loopback, whole and streamed, with cached tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers.loopback import Exchange, Server, serving
from tests.servers.openai_wire import JSON, SSE, words

ANSWER = "Hello from Gemini's wire."
USAGE: dict[str, Any] = {
    "promptTokenCount": 120,
    "cachedContentTokenCount": 100,
    "candidatesTokenCount": 7,
    "totalTokenCount": 127,
}


@contextmanager
def gemini_server() -> Iterator[Server]:
    """Run a server that answers `:generateContent` and `:streamGenerateContent`."""
    with serving(answer) as server:
        yield server


def answer(exchange: Exchange) -> None:
    """Answer well, streamed or whole by the path; 404 off the two methods."""
    path = exchange.request.path.partition("?")[0]
    if path.endswith(":streamGenerateContent"):
        stream(exchange)
    elif path.endswith(":generateContent"):
        exchange.whole(200, json.dumps(content(ANSWER, "STOP")).encode(), JSON)
    else:
        exchange.whole(404, b'{"error":{"code":404,"message":"no such method"}}', JSON)


def content(text: str, finish: str | None) -> dict[str, Any]:
    """One response; with a *finish* reason it carries the usage too."""
    candidate: dict[str, Any] = {
        "content": {"role": "model", "parts": [{"text": text}]},
        "index": 0,
    }
    if finish is None:
        return {"candidates": [candidate], "modelVersion": "served-gemini"}
    candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "served-gemini", "usageMetadata": USAGE}


def stream(exchange: Exchange) -> None:
    """Send the words as server-sent events, the last with the finish reason."""
    exchange.head(200, SSE)
    texts = words(ANSWER)
    for number, word in enumerate(texts, 1):
        body = content(word, "STOP" if number == len(texts) else None)
        exchange.chunk(f"data: {json.dumps(body)}\r\n\r\n".encode())
    exchange.end()
