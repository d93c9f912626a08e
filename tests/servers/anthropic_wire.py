"""Anthropic's messages wire on loopback, whole and streamed, with usage of a written cache."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers.loopback import Exchange, Server, serving
from tests.servers.openai_wire import JSON, SSE, words

ANSWER = "Hello from Anthropic's wire."
USAGE: dict[str, Any] = {
    "input_tokens": 5,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 10},
    "output_tokens": 7,
}


@contextmanager
def anthropic_server() -> Iterator[Server]:
    """Run a server that answers `POST /v1/messages` with `ANSWER` and `USAGE`."""
    with serving(answer) as server:
        yield server


def answer(exchange: Exchange, usage: dict[str, Any] = USAGE) -> None:
    """Answer well, streamed or whole as asked; 404 off the one path."""
    if exchange.request.path.partition("?")[0] != "/v1/messages":
        exchange.whole(404, b'{"type":"error","error":{"message":"no such path"}}', JSON)
    elif exchange.request.wants_stream:
        stream(exchange, usage)
    else:
        exchange.whole(200, json.dumps(message(ANSWER, "end_turn", usage)).encode(), JSON)


def refuse(exchange: Exchange, text: str) -> None:
    """Call the request invalid."""
    error = {"type": "invalid_request_error", "message": text}
    exchange.whole(400, json.dumps({"type": "error", "error": error}).encode(), JSON)


def message(text: str, stop: str | None, usage: dict[str, Any]) -> dict[str, Any]:
    """A whole message; without text the head of a stream."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served-claude",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def stream(exchange: Exchange, usage: dict[str, Any] = USAGE, *, finished: bool = True) -> None:
    """Send the events of a streamed message; not *finished*: it ends after the text."""
    exchange.head(200, SSE)
    begin = {"message": message("", None, {**usage, "output_tokens": 1})}
    _event(exchange, "message_start", begin)
    _event(
        exchange, "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
    )
    _event(exchange, "ping", {})
    for word in words(ANSWER):
        delta = {"type": "text_delta", "text": word}
        _event(exchange, "content_block_delta", {"index": 0, "delta": delta})
    if finished:
        _event(exchange, "content_block_stop", {"index": 0})
        last = {
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": usage["output_tokens"]},
        }
        _event(exchange, "message_delta", last)
        _event(exchange, "message_stop", {})
    exchange.end()


def unfinished(exchange: Exchange) -> None:
    """Stream the text and end without a stop reason."""
    stream(exchange, finished=False)


def _event(exchange: Exchange, kind: str, fields: dict[str, Any]) -> None:
    data = json.dumps({"type": kind, **fields})
    exchange.chunk(f"event: {kind}\ndata: {data}\n\n".encode())
