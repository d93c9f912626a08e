"""How long a server asks to be left alone, in seconds, dates and milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ccw.llm.call.waiting import retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, 9.0, id="date"),
        pytest.param({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0, id="past"),
        pytest.param({"retry-after-ms": "250", "retry-after": "9"}, 0.25, id="milliseconds"),
        pytest.param({"retry-after": "Thu, 99 Foo"}, None, id="nonsense"),
        pytest.param({"retry-after": "999999999999"}, 86_400.0, id="for-ages"),
        pytest.param({"retry-after-ms": "1e300"}, 86_400.0, id="for-ages-in-milliseconds"),
        pytest.param({"retry-after": "Fri, 01 Jan 9999 00:00:00 GMT"}, 86_400.0, id="far-date"),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(headers, NOW) == expected


def test_a_date_without_the_servers_time_means_nothing() -> None:
    assert retry_after({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, None) is None
