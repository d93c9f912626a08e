"""Answers that take as long as a model does: server-sent events, or one object at the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ccw.web.answers import Json, status_of
from ccw.web.runs import Event, Run, Runs

if TYPE_CHECKING:
    from ccw.execution.options import LiteLLMExecutionOptions

BEAT_SECONDS = 15.0  # of silence before a sign of life
PATIENCE = 60.0  # seconds for a client that does not read
BEAT = b": waiting\n\n"
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Answer(Response):
    """The answer of a model to *options*; the call ends when the client goes away.

    What fails before there was something to tell is an HTTP error; later, the event `error`.
    """

    def __init__(
        self,
        options: LiteLLMExecutionOptions,
        environ: Mapping[str, str],
        runs: Runs,
        *,
        stream: bool,
    ) -> None:
        super().__init__()
        self._options, self._environ, self._runs = options, environ, runs
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._runs.begun(self._options, self._environ) as run:
            answer = _as_events if self._stream else _as_object
            await _while_there(answer(run, scope, receive, send), receive)


def encoded(event: Event) -> bytes:
    """Return *event* as it goes over the wire."""
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event.name}\ndata: {data}\n\n".encode("utf-8", "backslashreplace")


async def _while_there(work: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Do *work* as long as the client is there."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
    if working.done():
        working.result()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _as_object(run: Run, scope: Scope, receive: Receive, send: Send) -> None:
    async for event in run.events():  # the last one tells how it ended
        if event.name == "error":
            await _failure(event)(scope, receive, send)
        elif event.name == "done":
            await Json(event.data)(scope, receive, send)


def _failure(event: Event) -> Json:
    return Json(event.data, status_of(event.data["error"]["type"]))


async def _as_events(run: Run, scope: Scope, receive: Receive, send: Send) -> None:
    events = run.events()
    first = await anext(events)
    if first.name == "error":
        await _failure(first)(scope, receive, send)
        await anext(events, None)  # a bug is raised here
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await _send(send, encoded(first))
    async for piece in _with_beats(events):
        await _send(send, piece)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, piece: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _with_beats(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """Give the events as bytes, and a comment after each long silence."""
    following = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=BEAT_SECONDS)
            if not done:
                yield BEAT
                continue
            event = following.result()
            if event is None:
                return
            yield encoded(event)
            following = asyncio.ensure_future(anext(events, None))
    finally:
        following.cancel()
