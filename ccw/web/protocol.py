"""uvicorn's HTTP/1.1 protocol, with two more questions to a connection: whose, and how slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ccw.web.answers import Json, error_body
from ccw.web.guard import STRANGER

if TYPE_CHECKING:
    from ccw.web.sockets import Address

IsStranger = Callable[["Address", "Address"], bool]


def protocol_class(is_stranger: IsStranger, head_seconds: float) -> type[Protocol]:
    """Return the protocol of a server.

    *is_stranger* is asked once for each connection; a client has *head_seconds* to send the lines
    before a body.
    """
    asked = {"is_stranger": staticmethod(is_stranger), "head_seconds": head_seconds}
    return type("Protocol", (Protocol,), asked)


class Protocol(H11Protocol):
    """A connection that knows whose it is, and waits *head_seconds* for the head of a request."""

    is_stranger: ClassVar[staticmethod[[Address, Address], bool]]
    head_seconds: ClassVar[float]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._watch()
        if self.client and self.server and self.server[1] is not None:
            strange = self.is_stranger(self.client, (self.server[0], self.server[1]))
            self.app_state = {**self.app_state, STRANGER: strange}

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._watch()
        else:
            self._unwatch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (ours is the same for all)
        self._refuse(400, "malformed", "this is not HTTP as the server understands it")

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing() and self.conn.our_state is h11.IDLE:
            self._refuse(408, "too_slow", "the request took too long to arrive")

    def _refuse(self, status: int, kind: str, message: str) -> None:
        """Answer without the application: there is no request that it could be given."""
        answer = Json(error_body(kind, message), status, {"Connection": "close"})
        events = (
            h11.Response(status_code=status, headers=answer.raw_headers),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        )
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()
