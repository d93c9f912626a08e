"""How long a server asks to be left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from ccw.llm.call.request import LONGEST_REST


def retry_after(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Return the seconds that *headers* ask to wait, a day at most, None when they do not.

    A date is taken relative to *now*, the server's own time, or means nothing without it.
    """
    asked = _asked(headers, now)
    return None if asked is None else min(asked, LONGEST_REST)


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the time that the server says it is, None when it says none."""
    return _date(headers.get("date", ""))


def _asked(headers: Mapping[str, str], now: datetime | None) -> float | None:
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after", "")
    number = _number(milliseconds)
    if number is not None:
        return number / 1000
    number = _number(value)
    if number is not None or now is None:
        return number
    date = _date(value)
    return None if date is None else max(0.0, (date - now).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
