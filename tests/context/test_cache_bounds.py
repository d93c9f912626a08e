"""The bounds of the projects that share a cache, as they stand in its settings."""

from __future__ import annotations

import json

import pytest

from ccw.context.cache.bounds import Bounds, ProjectBound, bounds_in, largest, with_bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a": [5, 20000]}', {"a": ProjectBound(5, 20000)}, id="ours"),
        *(
            pytest.param(text, {}, id=name)
            for name, text in {
                "none": None,
                "a-number": 5,
                "no-json": "{",
                "a-list": "[1]",
                "no-pairs": '{"a": 1}',
                "words": '{"a": ["x", "y"]}',
                "too-few": '{"a": [1]}',
                "infinite": '{"a": [Infinity, 1]}',
                "too-large": '{"a": [9223372036854775808, 1]}',
                "too-many": '{"a": [1, 2, 3]}',
            }.items()
        ),
    ],
)
def test_bounds_in(text: object, expected: Bounds) -> None:
    assert bounds_in(text) == expected


def test_a_project_that_does_not_come_has_no_say() -> None:
    bounds = with_bound({}, "old", ProjectBound(9, 100))
    bounds = with_bound(bounds, "new", ProjectBound(5, 129))
    assert largest(bounds.values()) == 9
    bounds = with_bound(bounds, "new", ProjectBound(6, 130))
    assert bounds == {"new": ProjectBound(6, 130)}
    assert bounds_in(json.dumps(bounds)) == bounds
    assert (largest(bounds.values()), largest([])) == (6, 0)
