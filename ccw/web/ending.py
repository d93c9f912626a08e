"""What is answered to a request that the end of the server breaks off."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ccw.errors import Interrupted
from ccw.web.answers import Json, error_body

STOPPED = Interrupted("the server was stopped before the answer was complete; start it again")
STATUS = 503


async def until_stopped(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let *app* answer; the server cancels what has not come to its end when it ends itself."""
    started = False

    async def noting(message: Message) -> None:
        nonlocal started
        started = True
        await send(message)

    try:
        await app(scope, receive, noting)
    except asyncio.CancelledError:
        if started:
            return  # the connection is closed, which tells that something is missing
        body = error_body(STOPPED.error_type, str(STOPPED))
        await Json(body, STATUS, {"Connection": "close"})(scope, receive, send)
