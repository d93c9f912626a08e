"""Figures and drawings of the pages."""

from __future__ import annotations

import pytest

from ccw.web.pages.charts import Bar, Series, chart, days_until
from ccw.web.pages.rendering import money, short, size


def test_bars_are_stacked_to_the_highest_day() -> None:
    drawn = chart(["d1", "d2"], [Series("a", "A", (30, -5)), Series("b", "B", (10, 20))])
    assert (drawn.top, drawn.width, drawn.is_empty) == (40, 40, False)
    assert drawn.bars == (
        Bar(3.0, 24.0, 14.0, 72.0, "a", 0),
        Bar(3.0, 0.0, 14.0, 24.0, "b", 0),
        Bar(23.0, 48.0, 14.0, 48.0, "b", 1),
    )
    assert chart(["d1"], [Series("a", "A", (0,))]).is_empty


def test_days_reach_over_the_end_of_a_month() -> None:
    from datetime import date

    assert days_until(date(2026, 3, 1), 3) == ("2026-02-27", "2026-02-28", "2026-03-01")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (size(512), "512 B"),
        (size(15 * 1024), "15 KB"),
        (size(100 * 1024 * 1024), "100 MB"),
        (short(950), "950"),
        (short(2_266_000), "2.27 M"),
        (money(None), "unknown"),
        (money(0.0), "$0"),
        (money(-0.0123), "−$0.012"),
        (money(5.449), "$5.45"),
    ],
)
def test_figures_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected
