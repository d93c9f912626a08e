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
_PORTS = {"http": 80, "https": 443}
KNOWN = 256  # addresses: a call looks at its few again and again
EXPECTED = "an address like https://host/v1"


@lru_cache(maxsize=KNOWN)
def checked_base(text: str) -> str:
    """Return *text* without trailing slashes; ValueError when it is no plain http(s) address.

    The messages never repeat the address: it may carry a password.
    """
    base = text.strip()
    if " " in base or not base.isprintable():  # other white space is not printable
        raise ValueError(f"must not hold white space; expected {EXPECTED}")
    parts = _split(base)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"must begin with http:// or https://; expected {EXPECTED}")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; put the key into apiKey")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(f"names no usable host; expected {EXPECTED}")
    if "#" in base:
        raise ValueError(
            f"must not hold a fragment (#...), which no server sees; expected {EXPECTED}"
        )
    if is_metadata(parts.hostname or ""):
        raise ValueError(
            "is link-local or a cloud's metadata service, where no model is served; "
            f"expected {EXPECTED}"
        )
    return base.rstrip("/")


def host_of(base: str) -> str:
    """Return the host of a checked base in lower case, without its port."""
    return (urlsplit(base).hostname or "").rstrip(".")


@lru_cache(maxsize=KNOWN)
def origin_of(base: str) -> str:
    """Return `scheme://host[:port]` of an address, a usual port left out; "" for a broken one."""
    parts = _parsed(base.strip())
    if parts is None:
        return ""
    host, port = canonical_host(parts.hostname or ""), parts.port
    shown = f"[{host}]" if ":" in host else host
    given = "" if port is None or port == _PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{shown}{given}" if host else ""


def _split(base: str) -> SplitResult:
    parts = _parsed(base)
    if parts is None:
        raise ValueError(f"is malformed; expected {EXPECTED}")
    return parts


def _parsed(text: str) -> SplitResult | None:
    """Return the parts of an address that every parser reads alike, None for any other."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts if _NETLOC.fullmatch(parts.netloc) else None
