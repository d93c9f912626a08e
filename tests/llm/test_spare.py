"""Connections that wait for the next call of the same event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ccw.llm.call.request import Route
from ccw.llm.call.seen import Seen
from ccw.llm.call.wire import open_client

Ask = Callable[[], Awaitable[str]]


@asynccontextmanager
async def port_teller(closed: asyncio.Queue[str]) -> AsyncIterator[str]:
    """Serve an address whose every answer is the port that the question came from."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = str(writer.get_extra_info("peername")[1])
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(port)}\r\n\r\n"
                writer.write(head.encode() + port.encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            closed.put_nowait(port)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def route(base: str) -> Route:
    return Route("openai/mine", "mine", api_base=base)


async def ask(base: str) -> str:
    """Make one call; return the port that it came from."""
    async with open_client(route(base), Seen(), lambda: None) as client:
        return (await client.get(base)).text


async def leave_unread(base: str) -> str:
    """Make one call and leave before its answer is read to the end."""
    async with open_client(route(base), Seen(), lambda: None) as client:
        response = await client.send(client.build_request("GET", base), stream=True)
        return await anext(response.aiter_text(1))


def test_the_next_call_takes_the_same_connection() -> None:
    async def calls() -> list[str]:
        async with port_teller(asyncio.Queue()) as base:
            return [await ask(base) for _ in range(3)]

    assert len(set(asyncio.run(calls()))) == 1


def test_calls_at_once_have_a_connection_each() -> None:
    async def calls() -> list[str]:
        async with port_teller(asyncio.Queue()) as base:
            return await asyncio.gather(*(ask(base) for _ in range(5)))

    assert len(set(asyncio.run(calls()))) == 5


@pytest.mark.parametrize("left", ["unread", "failed"])
def test_a_connection_in_an_unknown_state_is_closed(left: str) -> None:
    async def calls() -> tuple[str, str]:
        closed: asyncio.Queue[str] = asyncio.Queue()
        async with port_teller(closed) as base:
            first = await ask(base)
            if left == "unread":
                await leave_unread(base)
            else:
                with pytest.raises(ZeroDivisionError):
                    async with open_client(route(base), Seen(), lambda: None):
                        raise ZeroDivisionError
            assert await asyncio.wait_for(closed.get(), 5) == first
            return first, await ask(base)

    first, second = asyncio.run(calls())
    assert first != second


def test_nothing_stays_open_when_the_loop_ends() -> None:
    seen: list[str] = []

    async def server_side(ready: asyncio.Future[str], closed: asyncio.Queue[str]) -> None:
        async with port_teller(closed) as base:
            ready.set_result(base)
            seen.append(await asyncio.wait_for(closed.get(), 10))

    async def main() -> str:
        closed: asyncio.Queue[str] = asyncio.Queue()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(server_side(ready, closed))
        base = await ready
        port = await asyncio.to_thread(asyncio.run, ask(base))  # a loop of its own
        await serving
        return port

    port = asyncio.run(main())
    assert seen == [port]
