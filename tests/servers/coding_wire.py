"""The wires of coding clients on loopback, told apart by the path.

OpenAI's streams are cut without regard for events, lines or characters, as networks do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from tests.servers import anthropic_wire, gemini_wire, openai_wire
from tests.servers.loopback import Exchange, Server, serving
from tests.servers.openai_bodies import chunk_bytes
from tests.servers.openai_wire import JSON, SSE, USAGE

ANSWER = "Hello from the gateway: grüße, 你好 and a few more words."
SIZES = (1, 7, 64, 3, 500, 2)
RESPONSES_USAGE = {
    "input_tokens": 120,
    "input_tokens_details": {"cached_tokens": 100},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 127,
}


@contextmanager
def gateway_server() -> Iterator[Server]:
    """Run a server that answers OpenAI's wires with `ANSWER`, other wires with their own."""
    with serving(answer) as server:
        yield server


def answer(exchange: Exchange) -> None:
    """Answer in the wire that the path tells."""
    path = exchange.request.path.partition("?")[0]
    if exchange.request.method != "POST":
        openai_wire.listing(exchange)
    elif path.endswith("/messages"):
        anthropic_wire.stream(exchange)
    elif "enerateContent" in path:
        gemini_wire.answer(exchange)
    elif path.endswith("/responses"):
        _respond(exchange)
    elif exchange.request.wants_stream:
        _stream(exchange, _chat_events())
    else:
        openai_wire.say(ANSWER)(exchange)


def _respond(exchange: Exchange) -> None:
    if exchange.request.wants_stream:
        _stream(exchange, _response_events())
    else:
        exchange.whole(200, json.dumps(_response("completed")).encode(), JSON)


def _stream(exchange: Exchange, data: bytes) -> None:
    exchange.head(200, SSE)
    sizes = cycle(SIZES)
    while data:
        size = next(sizes)
        exchange.chunk(data[:size])
        data = data[size:]
    exchange.end()


def _chat_events() -> bytes:
    words = [chunk_bytes({"content": f"{word} "}) for word in ANSWER.split()]
    usage = {"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": USAGE}
    last = f"data: {json.dumps(usage)}\n\ndata: [DONE]\n\n".encode()
    return b"".join([*words, chunk_bytes({}, "stop"), last])


def _response_events() -> bytes:
    item = _message("in_progress", "")
    deltas = [
        {
            "type": "response.output_text.delta",
            "item_id": item["id"],
            "output_index": 0,
            "content_index": 0,
            "delta": f"{word} ",
        }
        for word in ANSWER.split()
    ]
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response("in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *deltas,
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": _message("completed", ANSWER),
        },
        {"type": "response.completed", "response": _response("completed")},
    ]
    numbered = ({**event, "sequence_number": number} for number, event in enumerate(events))
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
        for event in numbered
    )


def _response(status: str) -> dict[str, Any]:
    done = status == "completed"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "status": status,
        "model": "any",
        "output": [_message(status, ANSWER)] if done else [],
        "usage": RESPONSES_USAGE if done else None,
    }


def _message(status: str, text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": status,
        "content": content,
    }
