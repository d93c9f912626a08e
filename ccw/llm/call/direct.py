"""Calls sent over aiohttp, as litellm does by itself: 0.2 ms less a call than httpx's transport.

litellm's transport, and `httpx-aiohttp`, read the environment's proxies, decode what is escaped in
a path, or fail at a header that is not ASCII; hence one of our own, for calls without a proxy.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
import httpx
from yarl import URL

from ccw.config.addresses import usual_form
from ccw.llm.call.connections import UnreadableHead

if TYPE_CHECKING:
    import ssl

IDLE = 4.0  # seconds that a connection waits for the next call; many servers close theirs after 5
LONGEST_HEADER = 64 * 1024  # bytes; aiohttp refuses more than 8,190 by itself
MOST_HEADERS = 2000  # aiohttp refuses more than 128 by itself, of an answer that is paid for
AT_ONCE = 1024 * 1024  # bytes of a body; aiohttp wants more of them to come from a file
SENDING = ".send_request_headers.started"  # how httpcore's name of the event ends
OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")  # that aiohttp would add


class DirectTransport(httpx.AsyncBaseTransport):
    """A transport of one event loop; its errors are httpx's, with aiohttp's as their cause."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request*, whose body is at hand, and return the response with its body unread."""
        self._session = self._session or _session(self._context)
        body = await request.aread()
        timeout = request.extensions.get("timeout", {}).get("connect")
        with _translated():
            response = await self._session.request(
                request.method,
                _url(request.url),
                headers=request.headers,
                data=(body if len(body) <= AT_ONCE else io.BytesIO(body)) or None,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout),
                allow_redirects=False,
                auto_decompress=False,
                skip_auto_headers=OWN_HEADERS,
                trace_request_ctx=request.extensions.get("trace"),
            )
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response), request=request
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


class _Body(httpx.AsyncByteStream):
    """The body of a response; one that is not read to its end takes its connection with it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for data in self._response.content.iter_any():
                yield data

    async def aclose(self) -> None:
        self._response.close()


def _session(context: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, keepalive_timeout=IDLE),
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
        max_headers=MOST_HEADERS,
        trace_configs=[_traced()],
    )


def _traced() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(_tell_sending)
    return config


async def _tell_sending(_session: object, context: SimpleNamespace, _params: object) -> None:
    """Pass on to httpx's extension `trace` what aiohttp tells when it has a connection."""
    tell = context.trace_request_ctx
    if tell is not None:
        await tell(f"direct{SENDING}", {})


def _url(url: httpx.URL) -> URL:
    """Return *url* as it is; aiohttp knows no short forms of addresses."""
    host = usual_form(url.host)
    return URL(str(url if host == url.host else url.copy_with(host=host)), encoded=True)


@contextmanager
def _translated() -> Iterator[None]:
    """Raise aiohttp's errors as httpx's: what could not be reached, and what broke off."""
    try:
        yield
    except (aiohttp.InvalidURL, UnicodeError) as error:  # UnicodeError: a name no resolver takes
        raise httpx.InvalidURL(str(error)) from error
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ClientResponseError as error:
        raise UnreadableHead("no head of HTTP") from error  # its words may hold the request
    except aiohttp.ClientError as error:
        raise httpx.ReadError(str(error)) from error
