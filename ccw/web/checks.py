"""Whom a request comes from, and whether it may: pure checks on its head.

A page of another site can make a browser send requests to this machine, under any name that its
owner's DNS server makes up for it; another user of the machine can connect as well. What such
requests cannot have is checked here.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

SIGN_IN = "/api/session"
_SIGN_IN_LOOK = ("sign-in", "tokens", "base", "fields", "parts")
OPEN_TO_ALL = frozenset(  # what the page to sign in takes
    {SIGN_IN, "/static/session.js", "/static/favicon.svg"}
    | {f"/static/{name}.css" for name in _SIGN_IN_LOOK}
)
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
HEADER_TO_ADD = "-H 'Authorization: Bearer TOKEN'"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")
_HTTP_PORT = 80


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a body; header names in lower case, values as they came."""

    method: str
    path: str
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    from_stranger: bool = False  # the connection is another user's

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.headers if key == wanted]

    def get(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next(iter(self.all(name)), None)

    @property
    def has_body(self) -> bool:
        """Whether a body follows, be it an empty one in chunks."""
        length = self.get("content-length")
        return self.get("transfer-encoding") is not None or length not in (None, "0")


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom a server serves: under which names and port, and with which secrets."""

    host: str
    port: int
    names: frozenset[str] = frozenset()
    token: str | None = field(default=None, repr=False)
    session: str = field(default="", repr=False)
    max_body: int = 0

    @property
    def cookie(self) -> str:
        """The name of the cookie; cookies do not tell ports apart."""
        return f"ccw-session-{self.port}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that may not pass."""

    status: int
    type: str
    message: str


def refusal(head: Head, rules: Rules) -> Refusal | None:
    """Return why *head* may not pass, None when it may."""
    return next((found for check in _CHECKS if (found := check(head, rules))), None)


def has_token(head: Head, rules: Rules) -> bool:
    """Tell whether *head* bears the token, or the cookie of a page that has signed in.

    Browsers send the cookie to every port of this machine, so other users' servers may get it:
    from a stranger it counts for nothing.
    """
    scheme, _, given = (head.get("authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and same_secret(given.strip(), rules.token):
        return True
    if head.from_stranger:
        return False
    return any(same_secret(value, rules.session) for value in _cookies(head, rules.cookie))


def same_secret(given: str, secret: str | None) -> bool:
    """Compare in a time that does not tell how much of *given* was right."""
    return bool(secret) and hmac.compare_digest(_bytes(given), _bytes(secret or ""))


def is_loopback(host: str) -> bool:
    """Tell whether *host*, a name or an address, is this machine's own."""
    return host.lower() == "localhost" or _is_address(host, loopback=True)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON can hold half a character


def _host(head: Head, rules: Rules) -> Refusal | None:
    """A page of another site reaches this machine only under that site's name."""
    given = head.all("host")
    match = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
    if match is None:
        return Refusal(400, "host_refused", "the request needs one Host header: a name and a port")
    name, port = match[1], int(match[2] or _HTTP_PORT)
    if port == rules.port and _is_ours(name, rules):
        return None
    return Refusal(
        403,
        "host_refused",
        f"Host {given[0]} is not this server; open http://127.0.0.1:{rules.port} "
        "or start it with --host",
    )


def _is_ours(name: str, rules: Rules) -> bool:
    bare = name.strip("[]")
    if name in LOOPBACK_NAMES or _is_address(bare, loopback=True):
        return True
    if rules.host in ANY_ADDRESS and _is_address(bare, loopback=False):
        return True
    return bare == rules.host.lower() or bare in rules.names


def _is_address(text: str, *, loopback: bool) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or not loopback


def _stranger(head: Head, rules: Rules) -> Refusal | None:
    if not head.from_stranger or (rules.token is not None and head.path != SIGN_IN):
        return None
    way = "whoever runs the server can start it with --token, then add"
    if rules.token is not None:
        way = "a page cannot sign in over it; with the token, add to each request"
    message = f"the connection belongs to another user of this machine; {way}: {HEADER_TO_ADD}"
    return Refusal(403, "stranger_refused", message)


def _origin(head: Head, _rules: Rules) -> Refusal | None:
    """Browsers name the page that a request comes from; programs send nothing."""
    own = f"http://{(head.get('host') or '').lower()}"
    if all(origin.lower() == own for origin in head.all("origin")):
        return None
    return Refusal(403, "origin_refused", "requests from pages of other sites are refused")


def _fetch_site(head: Head, _rules: Rules) -> Refusal | None:
    allowed = {"same-origin"}
    if head.method in ("GET", "HEAD"):
        allowed.add("none")  # typed into the address bar
    if set(head.all("sec-fetch-site")) <= allowed:
        return None
    return Refusal(
        403, "origin_refused", "links from other sites are refused; type the address instead"
    )


def _token(head: Head, rules: Rules) -> Refusal | None:
    if rules.token is None or head.path in OPEN_TO_ALL or has_token(head, rules):
        return None
    message = f"this server asks for its token; add: {HEADER_TO_ADD}"
    return Refusal(401, "token_missing", message)


def _media_type(head: Head, _rules: Rules) -> Refusal | None:
    """A form of another page cannot send this type without asking first."""
    if not head.has_body:
        return None
    kind = (head.get("content-type") or "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return None
    message = "a body is taken as JSON only; add: -H 'Content-Type: application/json'"
    return Refusal(415, "media_type_refused", message)


def _length(head: Head, rules: Rules) -> Refusal | None:
    length = head.get("content-length") or "0"
    if length.isdecimal() and int(length[:20]) <= rules.max_body:
        return None
    return too_large(rules)


def too_large(rules: Rules) -> Refusal:
    """Return the answer to a body over the bound."""
    message = f"the body is over {rules.max_body / 1024 / 1024:g} MB"
    return Refusal(413, "body_too_large", message)


def _cookies(head: Head, name: str) -> list[str]:
    pairs = [part.strip().partition("=") for text in head.all("cookie") for part in text.split(";")]
    return [value for key, _, value in pairs if key == name]


_CHECKS: tuple[Callable[[Head, Rules], Refusal | None], ...] = (
    _host,
    _stranger,
    _origin,
    _fetch_site,
    _token,
    _media_type,
    _length,
)
