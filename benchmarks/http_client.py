"""A small HTTP/1.1 client: what measures a server must cost little."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

HOST = "127.0.0.1"


class Answer(NamedTuple):
    """An answer: its status, its headers with names in lower case, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Connection:
    """A connection that is kept open, for one request after the other."""

    def __init__(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._port, self._reader, self._writer = port, reader, writer
        self._turn = asyncio.Lock()

    @classmethod
    async def opened(cls, port: int) -> Connection:
        """Return a new connection to *port* of this machine."""
        return cls(port, *await asyncio.open_connection(HOST, port, limit=2**24))

    async def get(self, path: str) -> Answer:
        """Send a GET."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request with *body* as JSON; header names are written with `_`."""
        data = b"" if body is None else json.dumps(body).encode()
        async with self._turn:
            self._writer.write(self._head(method, path, data, headers) + data)
            return await self._answer()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    def _head(self, method: str, path: str, data: bytes, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self._port}"]
        if data:
            lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    async def _answer(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return Answer(int(first.split()[1]), headers, await self._body(headers))

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if "content-length" in headers:
            return await self._reader.readexactly(int(headers["content-length"]))
        pieces = []
        while size := int(await self._reader.readline(), 16):
            pieces.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readexactly(2)
        return b"".join(pieces)
