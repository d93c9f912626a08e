"""From what `pack` is given to what is packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ccw.config.models import CacheStrategy
from ccw.context.pattern import parse_patterns
from ccw.context.scope import Scope
from ccw.context.session import PackRequest


def request_for(
    patterns: str | Sequence[str],
    text: str | None,
    scope: Scope,
    strategy: CacheStrategy | None,
    max_size_kb: float | None,
    over: Literal["fail", "drop"],
) -> PackRequest:
    """Return the request for *patterns* and *text*, by default as a new endpoint packs."""
    strategy = strategy or CacheStrategy()
    return PackRequest(
        scope=scope,
        patterns=parse_patterns([patterns] if isinstance(patterns, str) else patterns),
        text=text or None,
        file_patterns=strategy.file_patterns,
        layout=strategy.layout,
        max_bytes=int((max_size_kb or strategy.max_size_kb) * 1024),
        over=over,
        ttl_minutes=strategy.ttl_minutes,
    )
