"""Connections that wait for the next call of their event loop, so that it need not open one.

A call has its connection to itself: a shared pool is slow where hundreds of calls run at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import httpx

SPARES = 32  # of each kind, at most
Make = Callable[[], httpx.AsyncBaseTransport]


class Lent(httpx.AsyncBaseTransport):
    """A transport for one call, which does not close it; `unread` responses keep it busy."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.transport = transport
        self.unread = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self.unread += 1
        response.stream = _Counted(response.stream, self)
        return response


class _Counted(httpx.AsyncByteStream):
    """A body that tells when it is done with."""

    def __init__(self, inner: httpx.AsyncByteStream, lent: Lent) -> None:
        self._inner, self._lent, self._closed = inner, lent, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            yield data

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._lent.unread -= not self._closed
        self._closed = True


@dataclass
class _Shelf:
    """What waits in one loop, by kind, until the loop ends."""

    spares: dict[Hashable, list[httpx.AsyncBaseTransport]] = field(default_factory=dict)
    keeper: AsyncGenerator[None, None] | None = None


_SHELVES: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shelf] = WeakKeyDictionary()


@asynccontextmanager
async def lend(kind: Hashable, make: Make) -> AsyncIterator[Lent]:
    """Give a transport of *kind*, a spare one if there is, else what *make* returns.

    It becomes a spare again unless something went wrong or an answer was left unread.
    """
    spares = (await _shelf()).spares.setdefault(kind, [])
    transport = spares.pop() if spares else make()
    lent = Lent(transport)
    try:
        yield lent
    except BaseException:
        await transport.aclose()
        raise
    if lent.unread or len(spares) >= SPARES:
        await transport.aclose()
    else:
        spares.append(transport)


async def _shelf() -> _Shelf:
    loop = asyncio.get_running_loop()
    shelf = _SHELVES.get(loop)
    if shelf is None:
        shelf = _SHELVES[loop] = _Shelf()
        shelf.keeper = _cleared_at_the_end(loop, shelf)
        await anext(shelf.keeper)
    return shelf


async def _cleared_at_the_end(
    loop: asyncio.AbstractEventLoop, shelf: _Shelf
) -> AsyncGenerator[None, None]:
    """Wait until the loop shuts its generators down: the one sign of its end that it gives."""
    try:
        yield
    finally:
        _SHELVES.pop(loop, None)
        for spares in shelf.spares.values():
            while spares:
                await spares.pop().aclose()
