"""What really came over the wire: litellm invents usage and finish reasons that were never sent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit
from urllib.request import getproxies

import httpx

from ccw.config.addresses import is_loopback
from ccw.errors import InvalidValue
from ccw.llm.call.direct import SENDING
from ccw.llm.call.events import is_json, readable
from ccw.llm.call.request import NO_KEY, OnSend, Route
from ccw.llm.call.spare import lend
from ccw.llm.usage import MOST_USD

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT = 30.0  # seconds
HEAD_BYTES = 64 * 1024
TAIL_BYTES = 8 * 1024
# Keys of the JSON that OpenAI, Anthropic, Gemini, Ollama and Bedrock send. Inside a JSON string
# the quotes would be escaped, so the text of an answer cannot be mistaken for them.
FINISH = re.compile(rb'"(?:finish_reason|stop_reason|finishReason|done_reason|stopReason)"\s*:\s*"')
MODEL = re.compile(rb'"(?:model|modelVersion)"\s*:\s*"([\w./:@ -]+)"')
COST = re.compile(rb'"usage"\s*:\s*\{.*"cost"\s*:\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)')
KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
COST_HEADER = "x-litellm-response-cost"
Transport = Callable[["ssl.SSLContext"], httpx.AsyncBaseTransport]
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


def plain_transport(context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """Return httpx's own transport."""
    return httpx.AsyncHTTPTransport(verify=context)


@asynccontextmanager
async def open_client(
    route: Route, seen: Seen, heard: Callable[[], None], transport: Transport = plain_transport
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client for one call to *route*; it writes into *seen*, calls *heard* at every read.

    It follows no redirect, because a key must not travel to another host. *transport* makes what
    sends where no proxy is on the way.
    """
    timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT)
    options: dict[str, Any] = {
        "event_hooks": _hooks(route, seen, heard, timeout),
        "follow_redirects": False,
        "timeout": timeout,
    }
    if _is_proxied(route):
        async with _proxied_client(route, **options) as client:
            yield client
        return
    verified = _verified(route)
    async with (
        lend((transport, verified), partial(transport, verified)) as lent,
        httpx.AsyncClient(transport=lent, trust_env=False, **options) as client,
    ):
        yield client


def _hooks(
    route: Route, seen: Seen, heard: Callable[[], None], timeout: httpx.Timeout
) -> dict[str, list[Callable[[Any], Awaitable[None]]]]:
    async def on_request(request: httpx.Request) -> None:
        seen.sent = True
        request.extensions["trace"] = seen.trace
        _drop_missing_key(request)
        if route.query:
            request.url = _with_query(request.url, route.query)
        request.headers.update(_own_headers(route))
        # compressed bytes would hide from us what was sent, and how much it is
        request.headers["Accept-Encoding"] = "identity"
        request.extensions["timeout"] = timeout.as_dict()  # litellm would set its own

    async def on_response(response: httpx.Response) -> None:
        seen.status, seen.headers = response.status_code, response.headers
        if seen.encoding:
            raise httpx.DecodingError("an encoding that was not asked for")
        watched = _Watched(response.stream, seen, heard)
        response.stream = readable(watched, seen.content_type)

    return {"request": [on_request], "response": [on_response]}


def _own_headers(route: Route) -> Mapping[str, str]:
    """Return the user's headers that hold whatever litellm has made of them: beside, or instead."""
    if route.kind == "openai":
        return route.headers
    return {name: value for name, value in route.headers.items() if name.lower() in KEY_HEADERS}


def _base(route: Route) -> str:
    return route.api_base or "https:"


def _is_proxied(route: Route) -> bool:
    """Tell whether a proxy is on the way: the route's, or the environment's to other machines."""
    return route.proxy is not None or (not _is_here(route) and bool(getproxies()))


def _is_here(route: Route) -> bool:
    """Tell what trust calls this machine: a key agreed on for it must not leave through a proxy."""
    return is_loopback(urlsplit(_base(route)).hostname or "")


def _verified(route: Route) -> ssl.SSLContext:
    return _no_certificates() if _base(route).startswith("http:") else _certificates()


def _proxied_client(route: Route, **options: Any) -> httpx.AsyncClient:
    """Open a client with the route's proxy, or the environment's where the server is not here."""
    try:
        return httpx.AsyncClient(
            verify=_verified(route),
            proxy=route.proxy,
            trust_env=not _is_here(route),
            **options,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        kind = type(error)
    missing = "; for a SOCKS proxy: pip install 'httpx[socks]'" if kind is ImportError else ""
    raise InvalidValue(
        f"the proxy on the way to {route.title} cannot be used; "
        f"check advancedSettings.proxy and HTTPS_PROXY{missing}"
    )


class _Watched(httpx.AsyncByteStream):
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


def _drop_missing_key(request: httpx.Request) -> None:
    kept = [(name, value) for name, value in request.headers.multi_items() if NO_KEY not in value]
    request.headers = httpx.Headers(kept)
    if NO_KEY in request.url.query.decode():
        params = [
            (name, value) for name, value in request.url.params.multi_items() if value != NO_KEY
        ]
        request.url = request.url.copy_with(params=params)


def _with_query(url: httpx.URL, query: str) -> httpx.URL:
    """Return *url* with *query* at its end; what it names takes the place of what was there."""
    own = httpx.URL(f"?{query}")
    kept = (part for part in url.query.decode().split("&") if part)
    others = [part for part in kept if unquote_plus(part.partition("=")[0]) not in own.params]
    return url.copy_with(query="&".join([*others, own.query.decode()]).encode())


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def _no_certificates() -> ssl.SSLContext:
    """A context that trusts nobody: enough where no TLS is spoken, and safe where it is."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
