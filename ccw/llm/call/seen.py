"""What really came over the wire: litellm invents usage and finish reasons that were never sent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ccw.llm.call.direct import SENDING
from ccw.llm.call.events import is_json
from ccw.llm.call.request import OnSend
from ccw.llm.usage import MOST_USD

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 8 * 1024
# Keys of the JSON that OpenAI, Anthropic, Gemini, Ollama and Bedrock send. Inside a JSON string
# the quotes would be escaped, so the text of an answer cannot be mistaken for them.
FINISH = re.compile(rb'"(?:finish_reason|stop_reason|finishReason|done_reason|stopReason)"\s*:\s*"')
MODEL = re.compile(rb'"(?:model|modelVersion)"\s*:\s*"([\w./:@ -]+)"')
COST = re.compile(rb'"usage"\s*:\s*\{.*"cost"\s*:\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)')
COST_HEADER = "x-litellm-response-cost"
USAGE = re.compile(rb'"(?:usage|usageMetadata)"\s*:\s*\{|"(?:prompt_)?eval_count"\s*:\s*\d')


@dataclass
class Seen:
    """One HTTP exchange as observed; `head` and `tail` are the first and last bytes of the body.

    It is `sent` from when it is to be, which is before a connection; `on_send` is called after.
    """

    sent: bool = False
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers, repr=False)
    head: bytearray = field(default_factory=bytearray, repr=False)
    tail: bytearray = field(default_factory=bytearray, repr=False)
    finished: bool = False
    usage: bool = False
    on_send: OnSend | None = field(default=None, repr=False)

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take an event of the transport's, as httpx's extension `trace` tells them.

        What asks a proxy for a way to the server (CONNECT) holds nothing of the call.
        """
        asks_for_way = getattr(info.get("request"), "method", b"") == b"CONNECT"
        if event.endswith(SENDING) and not asks_for_way and self.on_send is not None:
            self.on_send()

    @property
    def model(self) -> str | None:
        """The model as the server names it, None when it does not."""
        found = MODEL.search(self.head)
        return found[1].decode() if found else None

    @property
    def cost(self) -> float | None:
        """The cost in USD as a LiteLLM proxy tells it; 0 is what it says of unknown prices."""
        found = COST.findall(self.tail)
        told = found[-1].decode() if found else self.headers.get(COST_HEADER, "")
        try:
            cost = float(told)
        except ValueError:
            return None
        return cost if 0 < cost < MOST_USD else None

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        value: str = self.headers.get("content-type", "")
        return value.partition(";")[0].strip().lower()

    @property
    def encoding(self) -> str:
        """The encodings of the body but identity, as `gzip, br`; "" for a body that is as sent."""
        value: str = self.headers.get("content-encoding", "")
        named = (part.strip().lower() for part in value.split(","))
        return ", ".join(name for name in named if name not in ("", "identity"))

    @property
    def is_json(self) -> bool:
        """Whether the body, as far as it was kept, is one JSON value."""
        return is_json(self.head)

    def take(self, data: bytes) -> None:
        """Remember what matters of *data*; a key split over two reads is found all the same."""
        window = bytes(self.tail[-64:]) + data
        self.finished = self.finished or FINISH.search(window) is not None
        self.usage = self.usage or USAGE.search(window) is not None
        self.head += data[: max(0, HEAD_BYTES - len(self.head))]
        self.tail += data
        del self.tail[:-TAIL_BYTES]


class Watched(httpx.AsyncByteStream):
    """A body that is observed while it is read."""

    def __init__(self, inner: object, seen: Seen, heard: Callable[[], None]) -> None:
        assert isinstance(inner, httpx.AsyncByteStream)
        self._inner, self._seen, self._heard = inner, seen, heard

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            self._seen.take(data)
            self._heard()
            yield data

    async def aclose(self) -> None:
        await self._inner.aclose()
