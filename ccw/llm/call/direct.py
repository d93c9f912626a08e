"""litellm's fast way to send a call, over aiohttp, without the proxies that it finds by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccw.config.addresses import usual_form

if TYPE_CHECKING:
    import ssl

    import httpx

    from ccw.llm.call.wire import Transport

IDLE = 4.0  # seconds that a connection waits for the next call; many servers close theirs after 5
LONGEST_HEADER = 64 * 1024  # bytes; aiohttp refuses more than 8,190 by itself


def direct(litellms: Any) -> Transport:
    """Return what makes transports of the class *litellms*, for calls that no proxy is to see."""
    import aiohttp

    class Direct(litellms):  # type: ignore[misc]
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            """Send *request*; aiohttp knows no short forms of addresses."""
            host = usual_form(request.url.host)
            if host != request.url.host:
                request.url = request.url.copy_with(host=host)
            response: httpx.Response = await super().handle_async_request(request)
            return response

        async def _get_proxy_settings(self, request: httpx.Request) -> None:
            """Never look into the environment: whoever opens the transport has done so."""

    def transport(context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
        def session() -> aiohttp.ClientSession:
            return aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context, keepalive_timeout=IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )

        made: httpx.AsyncBaseTransport = Direct(client=session)
        return made

    return transport
