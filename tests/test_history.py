"""The run log: what a line holds, and the sums of lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccw.history.log import HISTORY_FILE, Totals, days_before, record, totals
from ccw.moments import moment
from tests.logged import FAILED, RUN, rows


def test_a_line_is_stored_as_it_is(project: Path) -> None:
    record(project, RUN)
    record(project, FAILED)
    head = ("2026-03-01T12:00:00.000Z", "ask", "openai", "gpt-4o")
    tail = (1200, "ctx-0123456789ab")
    assert rows(project) == [
        (1, *head, 10, 70, 15, 5, 4, 0.25, 0.5, 1, 4096, 0, *tail),
        (2, *head, *(None,) * 9, 6, *tail),
    ]


def test_only_the_user_may_read_the_log(project: Path) -> None:
    record(project, RUN)
    assert (project / HISTORY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_no_project_gets_no_log(tmp_path: Path) -> None:
    record(tmp_path, RUN)
    assert list(tmp_path.iterdir()) == []
    assert totals(tmp_path) == (Totals(),)
    assert list(tmp_path.iterdir()) == []


def test_sums(project: Path) -> None:
    for run in (RUN, replace(RUN, local_hit=False, saved=-0.125), FAILED):
        record(project, run)
    expected = Totals(
        key="gpt-4o",
        calls=3,
        failed=1,
        unknown_tokens=1,
        input=20,
        cache_read=140,
        cache_write=40,
        output=8,
        local_hits=1,
        packed=2,
        cost=0.5,
        unknown_cost=1,
        saved=0.375,
        unknown_saved=1,
    )
    assert totals(project, "model") == (expected, replace(expected, key=""))
    assert expected.provider_cache_share == pytest.approx(0.7)


def test_money_that_nobody_knows_is_not_zero(project: Path) -> None:
    record(project, FAILED)
    (_, whole) = totals(project)
    assert (whole.cost, whole.saved, whole.provider_cache_share) == (None, None, None)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        pytest.param("day", ["2026-03-01", "2026-03-02", ""], id="day"),
        pytest.param("endpoint", ["ask", "scan", ""], id="endpoint"),
        pytest.param("model", ["gpt-4o", "haiku", ""], id="model"),
    ],
)
def test_groups(project: Path, by: str, keys: list[str]) -> None:
    later = replace(RUN, time="2026-03-02T00:00:00.000Z", endpoint="scan", model="haiku")
    record(project, later)
    record(project, RUN)
    found = totals(project, by)  # type: ignore[arg-type]
    assert [(group.key, group.calls) for group in found] == list(zip(keys, [1, 1, 2], strict=True))


def test_the_last_days(project: Path) -> None:
    for day in ("01", "02", "03"):
        record(project, replace(RUN, time=f"2026-03-{day}T23:59:59.999Z"))
    now = 1772582400.0  # 2026-03-04T00:00:00Z
    assert moment(now) == "2026-03-04T00:00:00.000Z"
    assert [group.key for group in totals(project, since=days_before(now, 3))] == [
        "2026-03-02",
        "2026-03-03",
        "",
    ]
