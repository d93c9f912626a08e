"""One loopback server that speaks the wire of every type of provider, and reads what was sent.

It tells the wires apart by the path: OpenAI's, Anthropic's, Gemini's, Bedrock's, Ollama's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.servers import anthropic_wire, gemini_wire, openai_wire
from tests.servers.loopback import Exchange, Recorded, Server, serving
from tests.servers.openai_wire import JSON

ANSWER = "Hello from loopback."
BEDROCK_USAGE = {
    "inputTokens": 5,
    "cacheReadInputTokens": 60,
    "cacheWriteInputTokens": 40,
    "outputTokens": 7,
    "totalTokens": 112,
}


@dataclass(frozen=True)
class Sent:
    """A piece of the user's message and its cache mark as it went over the wire."""

    text: str
    mark: object = None


@contextmanager
def any_server() -> Iterator[Server]:
    """Run a server that answers in the wire it is spoken to."""
    with serving(answer) as server:
        yield server


def answer(exchange: Exchange) -> None:
    """Answer well, in the wire that the path tells."""
    path = exchange.request.path.partition("?")[0]
    if path.endswith("/messages"):
        anthropic_wire.answer(exchange)
    elif "enerateContent" in path or "cachedContents" in path:
        gemini_wire.answer(exchange)
    elif path.endswith("/converse"):
        exchange.whole(200, json.dumps(_bedrock()).encode(), JSON)
    elif path.endswith("/api/chat"):
        exchange.whole(200, json.dumps(_ollama()).encode(), JSON)
    else:
        openai_wire.say()(exchange)


def sent(request: Recorded) -> list[Sent]:
    """Return the pieces of the one user message of *request*."""
    body = request.json
    if "contents" in body:
        (message,) = body["contents"]
        return [_piece(part) for part in message["parts"]]
    (message,) = [message for message in body["messages"] if message["role"] == "user"]
    content = message["content"]
    if isinstance(content, str):
        return [Sent(content)]
    return list(_pieces(content))


def joined(pieces: Iterable[Sent]) -> str:
    """Return the whole text of the user's message."""
    return "".join(piece.text for piece in pieces)


def _pieces(parts: list[dict[str, Any]]) -> Iterator[Sent]:
    """Bedrock's marks are parts of their own and stand after what they mark."""
    for part, following in zip(parts, [*parts[1:], {}], strict=True):
        if "cachePoint" not in part:
            yield Sent(part["text"], part.get("cache_control") or following.get("cachePoint"))


def _piece(part: dict[str, Any]) -> Sent:
    return Sent(part["text"], part.get("cache_control"))


def _bedrock() -> dict[str, Any]:
    message = {"role": "assistant", "content": [{"text": ANSWER}]}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": BEDROCK_USAGE}


def _ollama() -> dict[str, Any]:
    return {
        "model": "served-model",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": ANSWER},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 26,
        "eval_count": 9,
    }
