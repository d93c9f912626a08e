"""One request to a gateway: bounded in time and size, no redirect followed, no key told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic_core import from_json

from ccw.errors import InvalidValue
from ccw.llm.call.failures import encoded
from ccw.llm.call.request import Route
from ccw.llm.call.seen import Seen
from ccw.llm.call.target import Target, check_sendable, query_apart, target_of
from ccw.llm.call.wire import open_client
from ccw.llm.gateway.failures import Failure, lost, refused, too_large, too_late, unreadable

TIMEOUT = 10.0  # seconds, for all that one question takes
MAX_BYTES = 16 * 1024 * 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of a 200 answer, and how long it took in milliseconds."""

    data: Any
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk with the gateway of *route* that is over at `until`, in the time of the event loop.

    `headers` carry the key in the gateway's own way and go along with every request.
    """

    route: Route
    headers: Mapping[str, str] = field(repr=False)
    seconds: float
    until: float
    max_bytes: int = MAX_BYTES

    @property
    def target(self) -> Target:
        """Whom messages name, and what they must not say."""
        return target_of(self.route)

    async def get(self, url: str) -> Answer | Failure:
        """Return what `GET url` answers."""
        return await self._ask("GET", url, None)

    async def post(self, url: str, body: Any) -> Answer | Failure:
        """Return what *url* answers to *body*, sent as JSON."""
        return await self._ask("POST", url, body)

    async def _ask(self, method: str, url: str, body: Any) -> Answer | Failure:
        loop = asyncio.get_running_loop()
        began = loop.time()
        refusal = unsendable(self.route)
        if refusal is not None:
            return refusal
        try:
            async with asyncio.timeout_at(self.until):
                answered = await self._exchange(method, url, body)
        except InvalidValue as error:  # a proxy that cannot be used
            return Failure("config", error)
        except TimeoutError:
            return too_late(self.seconds, self.target)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return lost(error, self.target)
        if isinstance(answered, Failure):
            return answered
        return Answer(answered[0], (loop.time() - began) * 1000)

    async def _exchange(self, method: str, url: str, body: Any) -> tuple[Any] | Failure:
        request: dict[str, Any] = {"headers": {**self.headers, **self.route.headers}}
        if body is not None:
            request["json"] = body
        seen = Seen()
        content = await self._content(method, url, request, seen)
        if content is None:
            return too_large(self.max_bytes, self.target)
        if seen.status is not None and seen.status != 200:
            return refused(seen.status, seen.headers, content, url, self.target)
        if seen.encoding:
            return Failure("not_json", encoded(seen, self.target), seen.status)
        try:
            return (from_json(content),)
        except ValueError:
            return unreadable(200, seen.content_type, content, self.target)

    async def _content(
        self, method: str, url: str, request: Mapping[str, Any], seen: Seen
    ) -> bytes | None:
        """Return the body, empty where it is compressed, None where it is too large."""
        try:
            async with (
                open_client(self.route, seen, _unheard) as client,
                client.stream(method, url, **request) as response,
            ):
                return await self._body(response)
        except httpx.DecodingError:
            return b""

    async def _body(self, response: httpx.Response) -> bytes | None:
        """Return the body; None as soon as it is known to be too large."""
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > self.max_bytes:
            return None
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                return None
        return bytes(body)


def begin(
    route: Route, headers: Mapping[str, str] | None = None, *, timeout: float = TIMEOUT
) -> Talk:
    """Begin a talk of *timeout* seconds; *headers* None: a Bearer header when there is a key."""
    until = asyncio.get_running_loop().time() + timeout
    route = query_apart(route)
    return Talk(route, bearer(route) if headers is None else headers, timeout, until)


def unsendable(route: Route) -> Failure | None:
    """Return why nothing can be sent over *route*: an impossible key, header or address."""
    try:
        check_sendable(route)
    except InvalidValue as error:
        return Failure("config", error)
    return None


def bearer(route: Route) -> dict[str, str]:
    """Return the header that carries the key of *route* in OpenAI's way, none without a key."""
    return {"Authorization": f"Bearer {route.api_key}"} if route.api_key else {}


def run(question: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Return what *question* finds, asked in an event loop of its own.

    Where a loop already runs (a notebook) it is asked in a thread of its own.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _in_new_loop(question)
    with ThreadPoolExecutor(1, "ccw-gateway") as pool:
        return pool.submit(_in_new_loop, question).result()


def _in_new_loop(question: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(question())


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose end does not wait for a name server that does not answer."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Leave the threads to end by themselves."""


def _unheard() -> None:
    """The watched wire tells of every read; here only the end counts."""
