"""Why a gateway gave no usable answer: one kind for programs, one error for people."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import httpx

from ccw.errors import (
    BadRequest,
    CcwError,
    KeyRefused,
    ProviderError,
    RateLimited,
    TimedOut,
    Unreachable,
)
from ccw.llm.call.connections import causes, connection_failure
from ccw.llm.call.failures import WAIT_FOR, provider_words
from ccw.llm.call.redact import excerpt
from ccw.llm.call.target import Target
from ccw.llm.call.waiting import retry_after

Kind = Literal[
    "config",  # nothing was sent: a key that is missing, an address that is none
    "url",
    "dns",
    "refused",
    "tls",
    "proxy",
    "unreachable",
    "timeout",
    "cut",
    "key",
    "not_found",
    "limited",
    "redirect",
    "status",
    "html",
    "not_json",
    "too_large",
    "no_list",
    "empty",
    "untested",
]
# the first class in the chain of an exception tells what went wrong with the connection
_CAUSES: tuple[tuple[type[BaseException], Kind], ...] = (
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (httpx.UnsupportedProtocol, "url"),
    (httpx.InvalidURL, "url"),
    (ConnectionRefusedError, "refused"),
    (httpx.ProxyError, "proxy"),
    (httpx.ConnectTimeout, "timeout"),
    (httpx.ConnectError, "unreachable"),
)
# how a LiteLLM proxy without a database and Gemini refuse a wrong key, both with 400
_BAD_KEY = re.compile(rb"no_db_connection|no connected db|api[ _]key (is )?not valid", re.I)
_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<body|<!--)", re.I)


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with one request; `status` None where no HTTP answer came.

    `words` are the gateway's own, fit to be shown.
    """

    kind: Kind
    error: CcwError
    status: int | None = None
    words: str = ""

    @property
    def why(self) -> str:
        """The error as one line."""
        return str(self.error)


def lost(error: BaseException, target: Target) -> Failure:
    """Return what a connection that failed with *error* means."""
    chain = list(causes(error))
    kind: Kind = next((kind for cause, kind in _CAUSES if _holds(chain, cause)), "cut")
    described = connection_failure(error, target)
    said = described[0] if described else Unreachable(f"{target.who} broke off its answer")
    return Failure(kind, said)


def too_late(seconds: float, target: Target) -> Failure:
    """Return the failure of an answer that was not whole after *seconds*."""
    message = f"{target.who} gave no complete answer within {seconds:g} s; is it busy, or stuck?"
    return Failure("timeout", TimedOut(message))


def too_large(limit: int, target: Target) -> Failure:
    """Return the failure of an answer over *limit* bytes."""
    megabytes = f"{limit / 1024 / 1024:g} MB"
    message = f"{target.who} answered with more than {megabytes}; is the api base right?"
    return Failure("too_large", ProviderError(message))


def refused(
    status: int, headers: Mapping[str, str], body: bytes, url: str, target: Target
) -> Failure:
    """Return the failure that an answer other than 200 means."""
    words = provider_words(body, target)
    said = f"({status}): {words}"
    if status in (401, 403) or (status == 400 and _BAD_KEY.search(body)):
        return Failure("key", KeyRefused(_about_key(status, words, target)), status)
    if status in (404, 405):
        path = excerpt(urlsplit(url).path, target.secrets)
        message = f"Endpoint not found: {target.who} has no {path} ({status})"
        return Failure("not_found", BadRequest(message), status, words)
    if status == 429:
        wait = retry_after(headers, None)
        message = f"{target.who} limits its rate {said}"
        return Failure("limited", RateLimited(message, retry_after=wait), status)
    if 300 <= status < 400:
        return Failure("redirect", BadRequest(_elsewhere(status, headers, url, target)), status)
    if status in WAIT_FOR:
        return Failure("status", RateLimited(f"{target.who} is busy {said}"), status)
    return Failure("status", ProviderError(f"{target.who} failed {said}"), status)


def unreadable(status: int, content_type: str, body: bytes, target: Target) -> Failure:
    """Return the failure of an answer with 200 that is not JSON."""
    if "html" in content_type or _HTML.match(body):
        message = f"{target.who} answered with a web page instead of JSON; is the api base right?"
        return Failure("html", ProviderError(message), status)
    start = excerpt(body[:400].decode("utf-8", "replace"), target.secrets, 60)
    began = f"it begins: {start}" if start else "it was empty"
    message = f"the answer of {target.who} was not JSON ({began}); is the api base right?"
    return Failure("not_json", ProviderError(message), status)


def without_list(target: Target) -> Failure:
    """Return the failure of an answer in JSON that holds no list of models."""
    message = f"{target.who} answered without a list of models; is the api base right?"
    return Failure("no_list", ProviderError(message), 200)


def no_models(who: str, skipped: int) -> ProviderError:
    """Return the error of a gateway that answered with a list and no model in it."""
    unread = f" that can be read ({skipped} entries skipped)" if skipped else ""
    return ProviderError(f"No models returned{unread} by {who}")


def _holds(chain: list[BaseException], kind: type[BaseException]) -> bool:
    return any(isinstance(link, kind) for link in chain)


def _about_key(status: int, words: str, target: Target) -> str:
    if not target.has_key:
        return (
            f"Invalid API key: {target.who} wants one and none is configured ({status}): {words}; "
            f"set apiKey of {target.id}"
        )
    return (
        f"Invalid API key: {target.who} refused it ({status}): {words}; "
        f"check {target.key} of {target.id}"
    )


def _elsewhere(status: int, headers: Mapping[str, str], url: str, target: Target) -> str:
    """Say where a redirect leads, by its host alone: the rest may be anything."""
    where, old = _place(headers.get("location", "")), _place(url)
    there = f"to {where}" if where and where != old else "to another path"
    return (
        f"{target.who} redirects {excerpt(there, target.secrets, 120)} ({status}), where no key "
        "is sent; correct its api base"
    )


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""
    except ValueError:
        return ""
