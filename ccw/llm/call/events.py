"""The lines of a stream as litellm can read them without losing text.

litellm's readers, but for OpenAI's own, take httpx's lines, which also end at characters such as
U+2028 that JSON may hold as they are; they pass silently over what is no JSON, and end at any line
that has `[DONE]` in it (litellm 1.106, `BaseModelResponseIterator`).
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator

import httpx

END = "[DONE]"
ESCAPED_END = "\\u005bDONE]"  # the same within a string of JSON
DATA = "data:"
EVENTS = "text/event-stream"
JSON_LINES = ("application/x-ndjson", "application/jsonl")  # Ollama's way


async def lines_of(response: httpx.Response) -> AsyncIterator[str]:
    """Yield the lines of *response*; each event, or line of JSON, holds one JSON value in a line.

    Raises `httpx.DecodingError` for one that holds none.
    """
    lines = split_lines(response.aiter_text())
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    async for line in _checked(lines, kind):
        yield line


def _checked(lines: AsyncIterator[str], kind: str) -> AsyncIterator[str]:
    if kind == EVENTS:
        return checked_events(lines)
    return checked_values(lines) if kind in JSON_LINES else lines


async def split_lines(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield the lines of *texts*, which may be cut anywhere; a line ends with CR, LF or both."""
    universal = io.IncrementalNewlineDecoder(None, translate=True)
    begun: list[str] = []
    async for text in texts:
        rest, *lines = universal.decode(text).split("\n")
        begun.append(rest)
        for line in lines:
            yield "".join(begun)
            begun = [line]
    last = "".join(begun)
    if last or universal.decode("", final=True):  # a CR at the very end has been held back
        yield last


async def checked_events(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield *lines* with the data of an event in one line, and its JSON known to be whole.

    Servers that part events by one line end instead of two are understood as well.
    """
    begun = ""
    async for line in lines:
        if not line.startswith(DATA):
            if begun and not line:
                break
            yield line
            continue
        begun = f"{begun} {line.removeprefix(DATA).strip()}".strip()
        if begun == END or is_json(begun):
            yield f"{DATA} {begun if begun == END else _escaped(begun)}"
            begun = ""
    if begun:
        raise httpx.DecodingError("an event that holds no JSON")


async def checked_values(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield *lines*, each of which is JSON or empty."""
    async for line in lines:
        if line.strip() and not is_json(line):
            raise httpx.DecodingError("a line that holds no JSON")
        yield _escaped(line)


def is_json(text: str | bytes | bytearray) -> bool:
    """Tell whether *text* is one JSON value."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _escaped(data: str) -> str:
    return data.replace(END, ESCAPED_END)
