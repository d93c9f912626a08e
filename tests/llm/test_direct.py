"""Calls over aiohttp do what they did over httpx: odd addresses, long headers, lost connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ccw.errors import InvalidValue, ProviderError
from ccw.llm.client import acomplete, complete
from tests.llm.asking import KEY, failure, request
from tests.servers import openai_wire
from tests.servers.loopback import Server
from tests.servers.openai_bodies import completion
from tests.servers.openai_wire import JSON, raw

pytestmark = pytest.mark.usefixtures("litellm_loaded")

ANSWER = json.dumps(completion("hello", None, "stop")).encode()


@asynccontextmanager
async def impatient(idle: float) -> AsyncIterator[tuple[str, list[int]]]:
    """Serve an address that closes a connection *idle* seconds after an answer, unannounced.

    Beside it, the ports that requests came from, as they come.
    """
    ports: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        ports.append(writer.get_extra_info("peername")[1])
        kind = f"Content-Type: application/json\r\nContent-Length: {len(ANSWER)}"
        writer.write(f"HTTP/1.1 200 OK\r\n{kind}\r\n\r\n".encode() + ANSWER)
        await writer.drain()
        await asyncio.sleep(idle)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", ports
    finally:
        server.close()


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "localhost"])
def test_an_address_may_be_spelled_as_the_system_reads_it(openai_server: Server, host: str) -> None:
    base = f"http://{host}:{openai_server.port}/v1"
    assert complete(request(base)).text == openai_wire.ANSWER
    assert openai_server.posts[0].headers["host"] == f"{host}:{openai_server.port}"


def test_a_long_header_is_no_failure(openai_server: Server) -> None:
    openai_server.will(raw(ANSWER, headers={**JSON, "X-Policy": "x" * 40_000}))
    assert complete(request(openai_server.base, stream=False)).text == "hello"


def test_a_connection_that_was_closed_meanwhile_costs_no_try() -> None:
    async def calls() -> tuple[list[str], list[int]]:
        async with impatient(0.05) as (base, ports):
            texts = []
            for _ in range(3):
                texts.append((await acomplete(request(base, stream=False))).text)
                await asyncio.sleep(0.2)
            return texts, ports

    texts, ports = asyncio.run(calls())
    assert texts == ["hello"] * 3
    assert len(set(ports)) == 3


def test_many_headers_are_no_failure(openai_server: Server) -> None:
    """The answer is paid for; it must not be asked for again."""
    many = {f"X-{number}": "x" for number in range(1000)}
    openai_server.will(raw(ANSWER, headers={**JSON, **many}))
    assert complete(request(openai_server.base, stream=False)).text == "hello"
    assert len(openai_server.posts) == 1


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 100_000, id="long"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 3000, id="many"),
        pytest.param("HTTP/1.1 200 OK\r\nX-Zürich: x".encode(), id="not-ascii"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", id="two-lengths"
        ),
        pytest.param(b"SSH-2.0-OpenSSH_9.6", id="not-http"),
    ],
)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_head_that_cannot_be_read_is_asked_for_once(head: bytes, stream: bool) -> None:
    """The answer may be paid for."""

    async def call() -> tuple[ProviderError, int]:
        asked = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head + b"\r\n\r\n" + ANSWER)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            with pytest.raises(ProviderError) as caught:
                await acomplete(request(base, stream=stream, max_retries=2))
        return caught.value, asked

    error, asked = asyncio.run(call())
    assert "answered with headers that cannot be read" in str(error)
    assert (asked, error.exit_code, error.__cause__) == (1, 1, None)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_takes_a_key_along(openai_server: Server, code: int) -> None:
    with openai_wire.openai_server() as other:
        location = f"http://localhost:{other.port}/v1/chat/completions"
        openai_server.will(raw(b"", code=code, headers={"Location": location}))
        error = failure(request(openai_server.base, stream=False, headers={"x-api-key": KEY}))
        assert f"redirects to another address ({code})" in str(error)
        assert other.requests == []


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("host", ["my..host", "a" * 64 + ".example"])
def test_a_name_that_cannot_be_one(host: str, stream: bool) -> None:
    error = failure(request(f"http://{host}/v1", stream=stream, max_retries=2))
    assert isinstance(error, InvalidValue)
    assert "is no address like https://host/v1" in str(error)


def test_no_cookie_is_taken_to_the_next_call(openai_server: Server) -> None:
    """Of a host by name: aiohttp keeps those of addresses in no jar."""
    cookie = raw(ANSWER, headers={**JSON, "Set-Cookie": "who=you; Path=/"})
    openai_server.will(cookie, cookie)

    async def calls() -> None:
        for _ in range(2):
            base = f"http://localhost:{openai_server.port}/v1"
            await acomplete(request(base, stream=False))

    asyncio.run(calls())
    assert ["cookie" in post.headers for post in openai_server.posts] == [False, False]


@pytest.mark.parametrize("region", ["Zürich", "日本"])
def test_a_header_that_is_not_ascii_is_no_failure(openai_server: Server, region: str) -> None:
    """The answer is paid for; it must not be asked for again."""
    told = region.encode().decode("latin-1")  # as the test's server writes its headers
    openai_server.will(raw(ANSWER, headers={**JSON, "X-Region": told}))
    assert complete(request(openai_server.base, stream=False)).text == "hello"
    assert len(openai_server.posts) == 1


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_large_prompt_arrives_whole(openai_server: Server) -> None:
    text = "word " * 500_000
    messages = [{"role": "user", "content": text}]
    assert complete(request(openai_server.base, messages=messages)).text == openai_wire.ANSWER
    assert openai_server.posts[0].json["messages"] == messages


def test_what_is_escaped_in_a_path_stays_so(openai_server: Server) -> None:
    base = f"{openai_server.root}/a%2Fb%3Ac/v1"
    complete(request(base, stream=False))
    assert openai_server.posts[0].path == "/a%2Fb%3Ac/v1/chat/completions"
