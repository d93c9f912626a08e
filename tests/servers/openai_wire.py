"""The OpenAI chat wire on loopback, well-behaved by default, with a behaviour for each misdeed.

with openai_server() as server:
    server.will(status(503), say("hello"))      # the next two calls
    server.models["broken"] = cut("half")       # every call for that model
    ... server.base ... server.requests[-1].json
"""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.servers.loopback import Behaviour, Exchange, Server, serving
from tests.servers.openai_bodies import chunk_bytes, completion, words

ANSWER = "Hello from loopback."
USAGE: dict[str, Any] = {
    "prompt_tokens": 120,
    "completion_tokens": 7,
    "total_tokens": 127,
    "prompt_tokens_details": {"cached_tokens": 100},
}
MODELS = ("gpt-4o", "gpt-4o-mini")
JSON = {"Content-Type": "application/json"}
SSE = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
OVERFLOW = (
    "This model's maximum context length is 8192 tokens. However, your messages resulted in "
    "20000 tokens. Please reduce the length of the messages."
)


@contextmanager
def openai_server(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server that answers every chat call with `ANSWER` and lists `MODELS`."""
    with serving(say(), tls) as server:
        yield server


def say(
    text: str = ANSWER, *, usage: Mapping[str, Any] | None = USAGE, finish: str | None = "stop"
) -> Behaviour:
    """Answer with *text*, streamed or whole as asked; usage is streamed only when asked for."""

    def behave(exchange: Exchange) -> None:
        if exchange.request.method == "GET":
            listing(exchange)
        elif exchange.request.wants_stream:
            start(exchange)
            send_words(exchange, text)
            finish_stream(exchange, usage, finish)
        else:
            exchange.whole(200, json.dumps(completion(text, usage, finish)).encode(), JSON)

    return behave


def listing(exchange: Exchange) -> None:
    """Answer `GET /v1/models`; 404 for other paths."""
    if not exchange.request.path.endswith("/models"):
        exchange.whole(404, b'{"detail":"Not Found"}', JSON)
        return
    data = [{"id": name, "object": "model", "owned_by": "loopback"} for name in MODELS]
    exchange.whole(200, json.dumps({"object": "list", "data": data}).encode(), JSON)


def start(exchange: Exchange) -> None:
    """Send the head of a stream and its first chunk, which holds only the role."""
    exchange.head(200, SSE)
    exchange.chunk(chunk_bytes({"role": "assistant", "content": ""}))


def send_words(exchange: Exchange, text: str) -> None:
    for word in words(text):
        exchange.chunk(chunk_bytes({"content": word}))


def finish_stream(
    exchange: Exchange, usage: Mapping[str, Any] | None = USAGE, finish: str | None = "stop"
) -> None:
    """Send the last chunks: the reason, the usage when asked for, `[DONE]`."""
    exchange.chunk(chunk_bytes({}, finish))
    options = exchange.request.json.get("stream_options") or {}
    if usage is not None and options.get("include_usage"):
        exchange.chunk(chunk_bytes({}, choices=[], usage=dict(usage)))
    exchange.chunk(b"data: [DONE]\n\n")
    exchange.end()


def status(
    status_code: int,
    message: str = "the server says no",
    headers: Mapping[str, str] | None = None,
    **error: Any,
) -> Behaviour:
    """Refuse with *status_code* and an error object as OpenAI sends it."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": None, **error}}
    return raw(json.dumps(body).encode(), code=status_code, headers={**JSON, **(headers or {})})


def raw(body: bytes, *, code: int = 200, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer with exactly these bytes, whatever was asked."""
    return lambda exchange: exchange.whole(code, body, headers or JSON)


def gzipped(body: bytes, times: int = 1, *, code: int = 200) -> Behaviour:
    """Answer with *body* compressed so many *times*, although nobody asked for that."""
    for _ in range(times):
        body = gzip.compress(body)
    return raw(body, code=code, headers={**JSON, "Content-Encoding": ", ".join(["gzip"] * times)})


def overflow() -> Behaviour:
    """Refuse because the prompt is over the context window."""
    return status(400, OVERFLOW, type="invalid_request_error", code="context_length_exceeded")


def echo_headers(code: int = 401) -> Behaviour:
    """Refuse, and repeat every header of the request in the error's text, the key among them."""

    def behave(exchange: Exchange) -> None:
        status(code, f"refused: {exchange.request.headers}")(exchange)

    return behave


def slow_headers(seconds: float) -> Behaviour:
    """Say nothing at all for *seconds*, then answer."""

    def behave(exchange: Exchange) -> None:
        exchange.pause(seconds)
        say()(exchange)

    return behave


def slow_first_chunk(seconds: float) -> Behaviour:
    """Send the head of a stream at once, and its first chunk only after *seconds*."""

    def behave(exchange: Exchange) -> None:
        exchange.head(200, SSE)
        exchange.pause(seconds)
        send_words(exchange, ANSWER)
        finish_stream(exchange)

    return behave


def stall(text: str, seconds: float) -> Behaviour:
    """Stream *text*, be silent for *seconds*, then stream the rest of a good answer."""

    def behave(exchange: Exchange) -> None:
        start(exchange)
        send_words(exchange, text)
        exchange.pause(seconds)
        send_words(exchange, ANSWER)
        finish_stream(exchange)

    return behave


def keep_alive(text: str, every: float, times: int) -> Behaviour:
    """Send comments before the answer, as gateways do while a model thinks."""

    def behave(exchange: Exchange) -> None:
        exchange.head(200, SSE)
        for _ in range(times):
            exchange.chunk(b": PROCESSING\n\n")
            exchange.pause(every)
        send_words(exchange, text)
        finish_stream(exchange)

    return behave


def reset(exchange: Exchange) -> None:
    """Cut the connection before a byte of the answer."""
    exchange.reset()


def cut(text: str) -> Behaviour:
    """Stream *text*, then cut the connection in the middle of the body."""
    return _after(text, lambda exchange: exchange.reset())


def bad_chunk(text: str) -> Behaviour:
    """Stream *text*, then an event that is not JSON."""
    return _after(text, lambda exchange: _last(exchange, b'data: {"choices": [{"ind\n\n'))


def error_event(text: str, message: str = "the engine fell over") -> Behaviour:
    """Stream *text*, then an error instead of the rest."""
    event = b"data: " + json.dumps({"error": {"message": message, "code": 500}}).encode() + b"\n\n"
    return _after(text, lambda exchange: _last(exchange, event))


def no_finish(text: str) -> Behaviour:
    """Stream *text* and end as if that were all: no finish reason, no `[DONE]`."""
    return _after(text, lambda exchange: exchange.end())


def json_to_stream(text: str = ANSWER) -> Behaviour:
    """Answer with one JSON body although a stream was asked for."""
    return raw(json.dumps(completion(text, USAGE, "stop")).encode())


def no_choices(exchange: Exchange) -> None:
    """Answer with an empty list of choices."""
    exchange.whole(200, json.dumps({**completion("", USAGE, "stop"), "choices": []}).encode(), JSON)


def endless(exchange: Exchange) -> None:
    """Stream numbered words until the client leaves."""
    start(exchange)
    for number in range(1_000_000):
        exchange.chunk(chunk_bytes({"content": f"{number} "}))


def in_chunks(texts: Iterable[str]) -> Behaviour:
    """Stream exactly *texts*, one chunk each."""

    def behave(exchange: Exchange) -> None:
        start(exchange)
        for text in texts:
            exchange.chunk(chunk_bytes({"content": text}))
        finish_stream(exchange)

    return behave


def _after(text: str, then: Behaviour) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        start(exchange)
        send_words(exchange, text)
        then(exchange)

    return behave


def _last(exchange: Exchange, event: bytes) -> None:
    exchange.chunk(event)
    exchange.end()
