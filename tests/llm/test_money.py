"""Amounts of money as people read them."""

from __future__ import annotations

import pytest

from ccw.llm.money import dollars


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        (0.0, None, "$0"),
        (0.000245, None, "$0.00024"),
        (-0.0123, None, "-$0.012"),
        (0.00002, None, "$0.00002"),
        (0.999, None, "$1"),
        (5.449, None, "$5.45"),
        (12_345.6, None, "$12,345.60"),
        (1.20341, 4, "$1.2034"),
        (-0.5, 4, "-$0.5000"),
        (0.0, 4, "$0.0000"),
    ],
)
def test_dollars(amount: float, places: int | None, expected: str) -> None:
    assert dollars(amount, places) == expected
