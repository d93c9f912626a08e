"""Streams in a form that every reader within litellm takes without losing text.

Most of its readers take httpx's lines, which also end at characters such as U+2028 that JSON may
hold as they are, pass silently over what is no JSON, and end at any line that has `[DONE]` in it
(litellm 1.106, `BaseModelResponseIterator`); OpenAI's breaks off at events without data.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import AsyncIterator

import httpx

END = "[DONE]"
DATA = "data:"
EVENTS = "text/event-stream"
JSON_LINES = frozenset({"application/x-ndjson", "application/jsonl"})  # Ollama's way
_ODD = re.compile(r"\[DONE\]|[\x85\u2028\u2029]")


def readable(body: httpx.AsyncByteStream, content_type: str) -> httpx.AsyncByteStream:
    """Return *body* so that each event, or line of JSON, is one line with one whole value."""
    if content_type == EVENTS:
        return _Readable(body, Events())
    return _Readable(body, Lines()) if content_type in JSON_LINES else body


class Lines:
    """JSON values, each in a line of its own; `broken` after a line that holds none."""

    def __init__(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._universal = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._begun: list[str] = []  # of the last line, which is not over yet
        self.broken = False

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """Return what is whole with *data*, which may be cut anywhere; if *final* all the rest."""
        rest, *lines = self._universal.decode(data, final).split("\n")
        found = []
        for line in lines:
            found.append(self._taken("".join([*self._begun, rest])))
            self._begun, rest = [], line
        self._begun.append(rest)
        if final:
            found += [self._taken("".join(self._begun)), self._taken("")]
        return "".join(found).encode()

    def _taken(self, line: str) -> str:
        """Return what is to be read of *line*; nothing of what follows a damaged one."""
        self.broken = self.broken or bool(line.strip() and not is_json(line))
        return "" if self.broken or not line.strip() else f"{escaped(line)}\n"


class Events(Lines):
    """Server-sent events with JSON as data; the empty line between them may be missing."""

    def __init__(self) -> None:
        super().__init__()
        self._value = ""  # as far as it has come, from one line of data or several

    def _taken(self, line: str) -> str:
        if not line.startswith(DATA):
            self.broken = self.broken or bool(self._value and not line)
            return ""
        value = f"{self._value} {line.removeprefix(DATA).strip()}".strip()
        whole = not self.broken and (value == END or is_json(value))
        self._value = "" if whole else value
        return f"{DATA} {value if value == END else escaped(value)}\n\n" if whole else ""


class _Readable(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, reader: Lines) -> None:
        self._body, self._reader = body, reader

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._body:
            yield self._reader.feed(data)
            self._check()
        yield self._reader.feed(b"", final=True)
        self._check()

    async def aclose(self) -> None:
        await self._body.aclose()

    def _check(self) -> None:
        if self._reader.broken:
            raise httpx.DecodingError("what should be JSON is none")


def escaped(data: str) -> str:
    """Return the JSON *data* without what ends a line, or the stream, for some readers."""
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0][0]):04x}{odd[0][1:]}", data)


def is_json(text: str | bytes | bytearray) -> bool:
    """Tell whether *text* is one JSON value."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
