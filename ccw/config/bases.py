"""What a provider's base address may look like."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from ccw.config.addresses import canonical_host, is_metadata
from ccw.config.addresses import is_loopback as is_loopback

# no backslash: parsers differ on what it ends; no percent sign: some decode it, some do not
_HOST = re.compile(r"[\w.:-]+")
# brackets around all of an IPv6 address: what stands beside them, some parsers take for the host
_NETLOC = re.compile(r"(?:[^@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(?::[0-9]*)?")
_OUTSET = re.compile(r"[^/?#]*(?://[^/?#]*)?")
_USER = re.compile(r"//[!-?A-Z^-~]*@(?=[^@]*$)")  # one that no parser ends before the @
_PORTS = {"http": 80, "https": 443}
KNOWN = 256  # addresses: a call looks at its few again and again
EXPECTED = "an address like https://host/v1"


def checked_base(text: str) -> str:
    """Return *text* without slashes at its path's end; ValueError when no plain http(s) address.

    The messages never repeat the address: it may carry a password.
    """
    base = text.strip()
    if " " in base or not base.isprintable():  # other white space is not printable
        raise ValueError(f"must not hold white space; expected {EXPECTED}")
    problem = _problem(_outset(base))
    if problem is not None:
        raise ValueError(problem)
    if "#" in base:
        raise ValueError(
            f"must not hold a fragment (#...), which no server sees; expected {EXPECTED}"
        )
    path, mark, query = base.partition("?")
    return path.rstrip("/") + mark + query


def host_of(base: str) -> str:
    """Return the host of a checked base in lower case, without its port."""
    parts = _parsed(_outset(base))
    return "" if parts is None else (parts.hostname or "").rstrip(".")


def origin_of(base: str) -> str:
    """Return `scheme://host[:port]` of an address, a usual port left out; "" for a broken one."""
    return _origin(_outset(base.strip()))


def _outset(base: str) -> str:
    """Return the scheme and host of *base* as written; all that may be a secret is behind them.

    A user name is left out where every parser would; `@` stays to tell of it.
    """
    found = _OUTSET.match(base)
    return _USER.sub("//@", found[0]) if found else ""


def _problem(outset: str) -> str | None:
    """Return what is wrong with the beginning of a base, None where a call may go there."""
    parts = _parsed(outset)
    if parts is None:
        return f"is malformed; expected {EXPECTED}"
    if parts.scheme not in ("http", "https"):
        return f"must begin with http:// or https://; expected {EXPECTED}"
    if "@" in parts.netloc:
        return "must not hold a user name or password; put the key into apiKey"
    if not _HOST.fullmatch(parts.hostname or ""):
        return f"names no usable host; expected {EXPECTED}"
    if is_metadata(parts.hostname or ""):
        return (
            "is link-local or a cloud's metadata service, where no model is served; "
            f"expected {EXPECTED}"
        )
    return None


@lru_cache(maxsize=KNOWN)
def _origin(outset: str) -> str:
    parts = _parsed(outset)
    if parts is None:
        return ""
    host, port = canonical_host(parts.hostname or ""), parts.port
    shown = f"[{host}]" if ":" in host else host
    given = "" if port is None or port == _PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{shown}{given}" if host else ""


@lru_cache(maxsize=KNOWN)
def _parsed(outset: str) -> SplitResult | None:
    """Return the parts of an address that every parser reads alike, None for any other."""
    try:
        parts = urlsplit(outset)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts if _NETLOC.fullmatch(parts.netloc) else None
