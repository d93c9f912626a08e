"""Who is called: what may be sent there, and how messages name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus, urlsplit

from ccw.config.headers import fits_header, header_problem
from ccw.errors import InvalidValue
from ccw.llm.call.redact import secrets_of
from ccw.llm.call.request import OPENAI_BASE, Route


@dataclass(frozen=True, slots=True)
class Target:
    """Who was called, for messages; `secrets` must appear in none of them."""

    provider: str  # as messages name it
    name: str
    id: str  # what is typed for it
    model: str  # as the server knows it
    route: str  # the model as litellm is told it
    base: str | None
    has_key: bool
    secrets: tuple[str, ...]
    key: str = "apiKey"  # which of the provider's

    @property
    def place(self) -> str:
        """`host:port` of the base, or the provider's name where litellm knows the address."""
        if self.base is None:
            return self.provider
        parts = urlsplit(self.base)
        usual = 443 if parts.scheme == "https" else 80
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host}:{usual if parts.port is None else parts.port}"

    @property
    def who(self) -> str:
        """The provider and where it is, as messages name it."""
        if self.base is None:
            return self.provider
        id_ = "" if self.id == self.name else f"{self.id}, "
        return f"{self.name} ({id_}{self.place})"


CHAT = "/chat/completions"
GEMINIS = re.compile(r"/v\d[^/]*$")


def query_apart(route: Route) -> Route:
    """Return *route* with the query of its base apart, so that a path can follow the base."""
    base, mark, query = (route.api_base or "").partition("?")
    return replace(route, api_base=base.rstrip("/"), query=query) if mark else route


def with_base(route: Route) -> Route:
    """Return *route* with the base written as litellm wants it, never left to the environment."""
    route = query_apart(route)
    if route.api_base:
        route = replace(route, api_base=route.api_base.rstrip("/").removesuffix(CHAT))
    if route.kind == "openai":
        own = {"OpenAI-Organization": route.organization} if route.organization else {}
        headers = {**own, **route.headers}
        return replace(route, api_base=route.api_base or OPENAI_BASE, headers=headers)
    if route.kind == "anthropic" and route.api_base:
        return replace(route, api_base=route.api_base.removesuffix("/v1"))
    if route.kind == "gemini" and route.api_base and not GEMINIS.search(route.api_base):
        return replace(route, api_base=f"{route.api_base}/v1beta")
    return route


def target_of(route: Route) -> Target:
    """Return what messages say about *route*, and what they must not say."""
    return Target(
        provider=route.title,
        name=route.provider_name,
        id=route.provider_id or route.provider_name,
        model=route.model.partition("/")[2] or route.model,
        route=route.model,
        base=route.api_base,
        has_key=bool(route.api_key),
        secrets=secrets_of(route.api_key, _sent_along(route), route.proxy),
        key=f"key {route.key_name}" if route.key_name else "apiKey",
    )


def _sent_along(route: Route) -> list[str]:
    """Return what goes along besides the key, and may hold a secret: headers, the base's query."""
    query = (route.api_base or "").partition("?")[2] or route.query
    values = [piece.partition("=")[2] or piece for piece in query.split("&")]
    return [*route.headers.values(), *values, *map(unquote_plus, values)]


def check_sendable(route: Route) -> None:
    """Refuse a key or header that HTTP cannot carry, without repeating it."""
    if route.api_key and not fits_header(route.api_key):
        raise InvalidValue(
            f"{target_of(route).key} of {route.title} holds a character that no HTTP header can "
            "carry, a line break perhaps; copy it again"
        )
    for name, value in route.headers.items():
        if header_problem(name, value) is not None:
            raise InvalidValue(f"header {name!r} of {route.title} cannot be sent over HTTP")
    if route.api_base is not None and not _is_address(route.api_base):
        raise InvalidValue(f"the api base of {route.title} is no address like https://host/v1")


def _is_address(base: str) -> bool:
    try:
        parts = urlsplit(base.partition("?")[0])  # which it keeps, and a query may hold a key
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
