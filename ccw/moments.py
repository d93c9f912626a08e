"""Moments as ccw writes them: ISO 8601 in UTC, to the millisecond, `2025-01-01T00:00:00.000Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(now: datetime) -> str:
    """Return *now*, an aware UTC time, as it is written."""
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(seconds: float) -> str:
    """Return *seconds* since 1970 as they are written."""
    return timestamp(datetime.fromtimestamp(seconds, UTC))
