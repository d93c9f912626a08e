"""Tokens and money of one call, normalised over providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccw.llm.marks import Lifetime

MOST_TOKENS = 10**12  # no call has as many; who says so knows nothing
MOST_USD = 1e6  # nor costs any as much


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call; the five parts never overlap, so each is billed once."""

    input: int = 0  # fresh: neither read from nor written to the provider's cache
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0

    @property
    def total_input(self) -> int:
        """All tokens that went in, cached or not."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


def normalise(raw: object, lifetime: Lifetime = "5m") -> Usage | None:
    """Return the tokens of *raw*, a usage object or dict as litellm gives it.

    None for nothing, for no input at all (every call has some), and for numbers beyond all calls.

    litellm's `prompt_tokens` holds everything that went in, also what Anthropic and Bedrock
    report beside it; writes are split by lifetime where the provider does, else they live for the
    *lifetime* that was asked for.
    """
    details = _part(raw, "prompt_tokens_details")
    read = _first(_count(details, "cached_tokens"), _count(raw, "cache_read_input_tokens"))
    written = _first(
        _count(raw, "cache_creation_input_tokens"),
        _count(details, "cache_creation_tokens"),
        _count(details, "cache_write_tokens"),
    )
    long_lived = _long_lived(_part(details, "cache_creation_token_details"), written, lifetime)
    usage = Usage(
        input=max(0, _count(raw, "prompt_tokens") - read - written),
        cache_read=read,
        cache_write_5m=written - long_lived,
        cache_write_1h=long_lived,
        output=_count(raw, "completion_tokens"),
    )
    counted = 0 < usage.total_input < MOST_TOKENS and usage.output < MOST_TOKENS
    return usage if counted else None


def _long_lived(split: object, written: int, lifetime: Lifetime) -> int:
    """Return how many of the tokens *written* live for an hour, by the provider's *split*."""
    told = min(written, _count(split, "ephemeral_1h_input_tokens"))
    if lifetime == "5m":
        return told
    return max(told, written - _count(split, "ephemeral_5m_input_tokens"))


def _part(raw: object, name: str) -> Any:
    if isinstance(raw, Mapping):
        return raw.get(name)
    return getattr(raw, name, None)


def _count(raw: object, name: str) -> int:
    value = _part(raw, name)
    return value if isinstance(value, int) and value > 0 else 0


def _first(*counts: int) -> int:
    """Return the first count that says something: the same tokens are told under two names."""
    return next((count for count in counts if count), 0)
