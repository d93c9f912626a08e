"""`ccw cache stats`: all calls together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccw.history.log import HISTORY_FILE, Run, record, totals
from tests.cli.asking import ccw
from tests.projects import configure
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import cut, reset, status


def line(**fields: Any) -> Run:
    given = {
        "time": "2026-03-01T12:00:00.000Z",
        "endpoint": "ask",
        "provider": "custom",
        "model": "gpt-4o",
        "usage": None,
        "cost": None,
        "saved": None,
        "local_hit": None,
        "first_difference": None,
        "exit_code": 0,
        "duration_ms": 5,
        "session": None,
    }
    return Run(**{**given, **fields})


def test_stats_as_json(shop: Path) -> None:
    ccw("cli", "-p", "@README.md hi")
    record(shop, line(endpoint="scan", exit_code=6))
    shown = json.loads(ccw("cache", "stats", "--by", "endpoint", "--json").stdout)
    known = {
        "calls": 1,
        "failed": 0,
        "unknownTokens": 0,
        "input": 20,
        "cacheRead": 100,
        "cacheWrite": 0,
        "output": 7,
        "localHits": 0,
        "packed": 1,
        "cost": pytest.approx(0.000245),
        "unknownCost": 0,
        "saved": pytest.approx(0.000125),
        "unknownSaved": 0,
        "providerCacheShare": pytest.approx(100 / 120),
    }
    unknown = {"calls": 1, "failed": 1, "unknownTokens": 1, "packed": 0}
    nothing = dict.fromkeys(("input", "cacheRead", "cacheWrite", "output"), 0)
    money = {"cost": None, "unknownCost": 1, "saved": None, "unknownSaved": 1}
    both = {"calls": 2, "failed": 1, "unknownTokens": 1, "unknownCost": 1, "unknownSaved": 1}
    assert shown == {
        "by": "endpoint",
        "days": None,
        "groups": [
            {"key": "ask", **known},
            {"key": "scan", **known, **unknown, **nothing, **money, "providerCacheShare": None},
        ],
        "total": {**known, **both},
    }


def test_stats_as_a_table(shop: Path) -> None:
    ccw("cli", "-p", "@README.md hi")
    record(shop, line(model="mystery"))
    rows = [row.split("\t") for row in ccw("cache", "stats", "--by", "model").stdout.splitlines()]
    known = ["20", "100", "0", "7", "0 of 1", "83%"]
    assert rows == [
        ["gpt-4o", "1", "0", *known, "$0.0002", "$0.0001"],
        ["mystery", "1", "0", *["unknown"] * 4, "0 of 0", "", "unknown (1)", "unknown (1)"],
        ["total", "2", "0", *known, "$0.0002 + 1 unknown", "$0.0001 + 1 unknown"],
    ]


def test_stats_of_the_last_days(shop: Path) -> None:
    ccw("cli", "-p", "hi")
    record(shop, line(time="2020-01-01T00:00:00.000Z"))
    all_time = json.loads(ccw("cache", "stats", "--json").stdout)["total"]["calls"]
    today = json.loads(ccw("cache", "stats", "--days", "2", "--json").stdout)["total"]["calls"]
    assert (all_time, today) == (2, 1)


def test_stats_without_a_call(shop: Path) -> None:
    assert ccw("cache", "stats").stdout == "total\t0\t0\t0\t0\t0\t0\t0 of 0\t\t$0.0000\t$0.0000\n"
    assert not (shop / HISTORY_FILE).exists()
    assert totals(shop)[-1].cost == 0.0


@pytest.mark.parametrize("arguments", [["--days", "0"], ["--by", "week"]], ids=["days", "by"])
def test_wrong_usage_of_stats(shop: Path, arguments: list[str]) -> None:
    assert ccw("cache", "stats", *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("behaviour", "unknown"),
    [
        pytest.param(status(401), 0, id="key-refused"),
        pytest.param(status(429), 0, id="rate-limited"),
        pytest.param(status(400), 0, id="bad-request"),
        pytest.param(status(500), 1, id="failed"),
        pytest.param(reset, 1, id="cut-off"),
        pytest.param(cut("so "), 1, id="broke-off"),
    ],
)
def test_a_refused_call_costs_nothing(
    shop: Path, openai_server: Server, behaviour: Behaviour, unknown: int
) -> None:
    """What broke off may have been billed all the same."""
    openai_server.will(behaviour)
    assert ccw("cli", "-p", "hi", "--max-retries", "0").exit_code != 0
    (whole,) = totals(shop)[-1:]
    assert (whole.calls, whole.failed) == (1, 1)
    assert (whole.unknown_cost, whole.unknown_saved) == (unknown, unknown)
    assert whole.cost == (None if unknown else 0.0)


def test_a_call_that_reached_nobody_costs_nothing(shop: Path) -> None:
    configure(shop, "http://127.0.0.1:1/v1")
    assert ccw("cli", "-p", "hi", "--max-retries", "0").exit_code == 6
    assert (totals(shop)[-1].cost, totals(shop)[-1].unknown_cost) == (0.0, 0)
