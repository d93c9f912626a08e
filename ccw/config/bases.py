"""What a provider's base address may look like."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_HOST = re.compile(r"[\w.:%-]+")  # no backslash: parsers differ on what it ends
EXPECTED = "an address like https://host/v1"


def checked_base(text: str) -> str:
    """Return *text* without trailing slashes; ValueError when it is no plain http(s) address.

    The messages never repeat the address: it may carry a password.
    """
    base = text.strip()
    if any(char.isspace() or not char.isprintable() for char in base):
        raise ValueError(f"must not hold white space; expected {EXPECTED}")
    parts = _split(base)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"must begin with http:// or https://; expected {EXPECTED}")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password; put the key into apiKey")
    if not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError(f"names no usable host; expected {EXPECTED}")
    return base.rstrip("/")


def host_of(base: str) -> str:
    """Return the host of a checked base in lower case, without its port."""
    return (urlsplit(base).hostname or "").rstrip(".")


def _split(base: str) -> SplitResult:
    try:
        parts = urlsplit(base)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        parts = None
    if parts is None:
        raise ValueError(f"is malformed; expected {EXPECTED}")
    return parts
