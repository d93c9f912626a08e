"""What a call asks of the provider's prefix cache: where to mark the files, and for how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from ccw.llm.prefix_caches import RouteCache

Lifetime = Literal["5m", "1h"]
SECONDS: dict[Lifetime, int] = {"5m": 300, "1h": 3600}  # from the last use


@dataclass(frozen=True, slots=True)
class Caching:
    """What one call asks of the provider's cache: byte offsets of marks, their lifetime, a key.

    The text is cut at `cuts` as well: whether a provider finds a prefix again that was cut in other
    places is not documented.
    """

    marks: tuple[int, ...] = ()
    lifetime: Lifetime = "5m"
    key: str | None = None
    cuts: tuple[int, ...] = ()


NOTHING = Caching()


def sends_marks(row: RouteCache, said: bool | None) -> bool:
    """Tell whether marks are sent; *said* is the provider's `cacheMarks`, None when not set."""
    return bool(said) if row.marks is None else row.marks and said is not False


def lifetime_of(row: RouteCache, asked: Caching) -> int:
    """Return how many seconds a prefix lives from its last use, by what a call *asked* for."""
    return SECONDS[asked.lifetime] if asked.marks else row.seconds


def caching(
    row: RouteCache,
    model: str,
    *,
    said: bool | None,
    provider_cache: Literal["5m", "1h", "off"],
    marks: Sequence[int],
    key: str,
    cuts: Sequence[int] = (),
    serves: Sequence[str] = (),
) -> Caching:
    """Return what a call to *model* asks for by its *row*; *serves* are the models behind it.

    An hour is asked for only where *model* and each of those may know one.
    *marks* are where they may stand, and where they are sent the text is cut at *cuts*, too; *key*
    is the one to use where there is a use for it.
    *said* is the provider's `cacheMarks`, *provider_cache* what the endpoint wants.
    """
    if provider_cache == "off":
        return NOTHING
    marked = sends_marks(row, said)
    knows_hour = all(re.search(row.hour, name) for name in (model, *serves))
    return Caching(
        marks=tuple(marks) if marked else (),
        cuts=tuple(cuts) if marked else (),
        lifetime=provider_cache if marked and knows_hour else "5m",
        key=key if row.key and re.search(row.key, model) else None,
    )


def cache_key(*parts: str) -> str:
    """Return a short digest of *parts*: the same from call to call, and it names nothing."""
    digest = blake2b(digest_size=12)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"ccw-{digest.hexdigest()}"
