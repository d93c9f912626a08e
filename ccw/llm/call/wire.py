"""Clients for one call each, by which it goes where its route says, and is seen on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit
from urllib.request import getproxies

import httpx

from ccw.config.addresses import is_loopback
from ccw.errors import InvalidValue
from ccw.llm.call.events import readable
from ccw.llm.call.request import NO_KEY, Route
from ccw.llm.call.seen import Seen, Watched
from ccw.llm.call.spare import lend

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT = 30.0  # seconds
KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})
Transport = Callable[["ssl.SSLContext"], httpx.AsyncBaseTransport]


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
        watched = Watched(response.stream, seen, heard)
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
