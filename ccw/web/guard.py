"""The guard before the application: refuses what may not pass, and takes bodies in whole.

A body is read here under its bounds of size and time; the application never waits for a client.
"""

from __future__ import annotations

import asyncio
from secrets import token_urlsafe

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ccw.web.answers import Json, error_body
from ccw.web.checks import Head, Refusal, Rules, refusal, too_large
from ccw.web.ending import until_stopped
from ccw.web.pages.rendering import bare_page
from ccw.web.settings import ServeSettings

STRANGER = "ccw.stranger"  # set in a connection's state by the protocol
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NO_STORE = (b"cache-control", b"no-store")
UNAUTHORIZED = 401
TOO_SLOW = Refusal(408, "too_slow", "the body took too long to arrive")


class ClientGone(Exception):
    """The client left before its request was complete."""


class Guard:
    """An ASGI application around *app* that lets through what `ccw.web.checks` allows."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app = app
        self._seconds = settings.body_seconds
        self.rules = Rules(
            host=settings.host,
            port=settings.port,
            names=settings.names,
            token=settings.token,
            session=token_urlsafe(32),
            max_body=settings.max_body,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await until_stopped(self._checked, scope, receive, _with_headers(send))

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = head_of(scope)
        refused = refusal(head, self.rules)
        if refused is None and head.has_body:
            try:
                taken = await self._body(receive)
            except ClientGone:
                return
            if isinstance(taken, Refusal):
                refused = taken
            else:
                receive = _replayed(taken, receive)
        app = self._app if refused is None else _answer(refused, head)
        await app(scope, receive, send)

    async def _body(self, receive: Receive) -> bytes | Refusal:
        """Return the whole body, or why it is not taken."""
        try:
            async with asyncio.timeout(self._seconds):
                return await _read(receive, self.rules)
        except TimeoutError:
            return TOO_SLOW


def head_of(scope: Scope) -> Head:
    """Return the head of the request that *scope* describes."""
    state = scope.get("state") or {}
    return Head(scope["method"], scope["path"], scope["headers"], bool(state.get(STRANGER)))


async def _read(receive: Receive, rules: Rules) -> bytes | Refusal:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > rules.max_body:
            return too_large(rules)
        if not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives *body* at once, then what the connection has to say."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _answer(refused: Refusal, head: Head) -> ASGIApp:
    if refused.status == UNAUTHORIZED:
        return _sign_in(refused, head)
    headers = {"Connection": "close"} if refused is TOO_SLOW else {}
    return Json(error_body(refused.type, refused.message), refused.status, headers)


def _sign_in(refused: Refusal, head: Head) -> ASGIApp:
    """Ask for the token: people in a page, which may have it in its address, programs in JSON."""
    answer: Response = Json(error_body(refused.type, refused.message), UNAUTHORIZED)
    if head.method == "GET" and "text/html" in (head.get("accept") or ""):
        answer = bare_page("sign_in.html", UNAUTHORIZED)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _with_headers(send: Send) -> Send:
    """Return a *send* that adds the headers of every answer."""

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            cached = any(name == b"cache-control" for name, _ in own)
            message["headers"] = [*own, *HEADERS, *(() if cached else (NO_STORE,))]
        await send(message)

    return send_more
