"""Amounts of money as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.money import at_most, dollars, in_full


@pytest.mark.parametrize(
    ("amount", "places", "expected"),
    [
        (0.0, None, "$0"),
        (0.000245, None, "$0.00024"),
        (-0.0123, None, "-$0.012"),
        (0.00002, None, "$0.000020"),
        (0.02, None, "$0.020"),
        (0.5, None, "$0.50"),
        (0.999, None, "$1.00"),
        (0.9949, None, "$0.99"),
        (5.449, None, "$5.45"),
        (12_345.6, None, "$12,345.60"),
        (1.20341, 4, "$1.2034"),
        (-0.5, 4, "-$0.5000"),
        (0.0, 4, "$0.0000"),
    ],
)
def test_dollars(amount: float, places: int | None, expected: str) -> None:
    assert dollars(amount, places) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param(0, "$0", id="none"),
        pytest.param(0.21, "$0.21", id="exact"),
        pytest.param(0.2136, "$0.22", id="up"),
        pytest.param(0.000101, "$0.00011", id="small"),
        pytest.param(0.999, "$1.00", id="to-a-dollar"),
        pytest.param(12.341, "$12.35", id="cents"),
    ],
)
def test_at_most(amount: float, expected: str) -> None:
    assert at_most(amount) == expected


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_what_is_shown_as_a_bound_is_enough(amount: float) -> None:
    assert float(at_most(amount).removeprefix("$").replace(",", "")) >= amount


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0.00001, "$0.00001"), (0.02, "$0.02"), (5.0, "$5"), (100.0, "$100"), (0.0, "$0")],
)
def test_what_was_typed(amount: float, expected: str) -> None:
    assert in_full(amount) == expected
