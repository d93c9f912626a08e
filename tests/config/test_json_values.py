"""Which values JSON can hold, as deep as they may be."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from ccw.config.json_values import not_json, too_deep


def nested(depth: int) -> Any:
    """A list in as many lists."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ENDLESS = "holds a number that is not finite"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(None, None, id="null"),
        pytest.param({"a": [1, 1.5, "x", {"b": True}]}, None, id="mixed"),
        pytest.param(nan, ENDLESS, id="nan"),
        pytest.param({"a": [{"b": -inf}]}, ENDLESS, id="inside"),
        pytest.param(nested(3), None, id="as-deep-as-allowed"),
        pytest.param(nested(4), "is nested more than 3 deep", id="deeper"),
        pytest.param({"a": {"b": {"c": {"d": 1}}}}, "is nested more than 3 deep", id="objects"),
        pytest.param(nested(100_000), "is nested more than 3 deep", id="much-deeper"),
    ],
)
def test_what_json_can_hold(data: Any, expected: str | None) -> None:
    assert not_json(data, 3) == expected
    assert too_deep(data, 3) == (None if expected == ENDLESS else expected)
