"""Why there was no connection: litellm calls all of it "Connection error.", the causes know."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import httpx

from ccw.errors import CcwError, InvalidValue, ProviderError, Unreachable

if TYPE_CHECKING:
    from ccw.llm.call.target import Target

_CUT = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
Cause = TypeVar("Cause", bound=BaseException)


class UnreadableHead(httpx.RemoteProtocolError):
    """An answer came, with a status line or headers that cannot be read."""


def connection_failure(error: BaseException, target: Target) -> tuple[CcwError, bool] | None:
    """Return our error for a connection that failed, and whether another try may help.

    None when nothing in the chain of *error* is about a connection.
    """
    chain = list(causes(error))
    for described in (_tls, _unknown_host, _bad_address, _no_connection, _unreadable, _lost):
        found = described(chain, target)
        if found is not None:
            return found
    return None


def _tls(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    cause = _first(chain[::-1], ssl.SSLError)  # aiohttp's is one as well, without a reason
    if cause is None:
        return None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the certificate of {target.who} is not trusted ({cause.verify_message}); "
            "for a certificate authority of your own set SSL_CERT_FILE"
        ), False
    return Unreachable(f"no TLS with {target.who}; is it http:// instead of https://?"), False


def _unknown_host(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    cause = _first(chain, socket.gaierror)
    if cause is None:
        return None
    message = f"the host of {target.who} is unknown; check its api base and the network"
    return Unreachable(message), cause.errno == socket.EAI_AGAIN  # the resolver's "try again"


def _bad_address(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    if _first(chain, httpx.UnsupportedProtocol, httpx.InvalidURL) is None:
        return None
    return InvalidValue(
        f"the api base of {target.provider} is no address like https://host/v1"
    ), False


def _no_connection(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    if _first(chain, ConnectionRefusedError) is not None:
        return Unreachable(f"{target.who} refused the connection; is the server running?"), True
    if _first(chain, httpx.ProxyError) is not None:
        return Unreachable(
            f"the proxy on the way to {target.who} refused; check its address"
        ), False
    if _first(chain, httpx.ConnectTimeout) is not None:
        return Unreachable(f"no connection to {target.who} in time; check its api base"), False
    if _first(chain, httpx.ConnectError) is None or _first(chain, *_CUT) is not None:
        return None
    system = _first(chain, OSError)
    why = f" ({system.strerror})" if system is not None and system.strerror else ""
    return Unreachable(f"no connection to {target.who}{why}; check its api base"), True


def _unreadable(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    if _first(chain, UnreadableHead) is None:
        return None
    return ProviderError(
        f"{target.who} answered with headers that cannot be read; is it a model's server, and its "
        "api base right?"
    ), False


def _lost(chain: list[BaseException], target: Target) -> tuple[CcwError, bool] | None:
    if _first(chain, ConnectionError, httpx.TransportError) is None:
        return None
    message = f"{target.who} cut the connection before it answered"
    return Unreachable(message, sent=True), True


def _first(chain: list[BaseException], *kinds: type[Cause]) -> Cause | None:
    return next((link for link in chain if isinstance(link, kinds)), None)


def causes(error: BaseException | None, seen: set[int] | None = None) -> Iterator[BaseException]:
    """Yield *error* and everything that led to it, each once; members of groups too."""
    known = set() if seen is None else seen
    if error is None or id(error) in known:
        return
    known.add(id(error))
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from causes(member, known)
    yield from causes(error.__cause__, known)
    yield from causes(error.__context__, known)
