"""What `ccw cli` tells of money, and `ccw cache stats` of all calls together."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, aexecute_litellm_endpoint
from ccw.cli.main import cli
from ccw.history import HISTORY_FILE, LOCK_SECONDS, Run, record, totals
from tests.projects import configure, write_config
from tests.servers import anthropic_wire
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, endless, say, status

CCW = str(Path(sys.executable).with_name("ccw"))
UNCACHED = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127}


def ccw(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_the_closing_line_tells_what_was_saved(shop: Path) -> None:
    closing = ccw("cli", "-p", "hi").stderr
    assert "120 tokens in (100 cached), 7 out · $0.00024 · saved $0.00013 · " in closing


def test_the_closing_line_tells_what_a_write_cost(project: Path) -> None:
    with anthropic_wire.anthropic_server() as server:
        base = server.base.removesuffix("/v1")
        provider = {"id": "a", "name": "A", "type": "anthropic", "apiKey": "sk-x", "apiBase": base}
        endpoint = {"id": "ask", "name": "Ask", "providerId": "a", "model": "claude-opus-4-5"}
        write_config(project, {"providers": [provider], "endpoints": [endpoint]})
        arguments = ("cli", "-p", "hi", "--model", "ask", "--project", str(project))
        shown = ccw(*arguments)
        as_json = json.loads(ccw(*arguments, "--json").stdout)
    # 60 read at a tenth, 30 written at 1.25, 10 at twice the price of $5 a million
    saved = (60 * 0.9 - 30 * 0.25 - 10) * 5e-6
    assert as_json["saved"] == pytest.approx(saved)
    assert "saved $0.00018" in shown.stderr


def test_a_write_without_a_read_costs_extra(shop: Path, openai_server: Server) -> None:
    usage = {**UNCACHED, "prompt_tokens_details": {"cache_creation_tokens": 100}}
    openai_server.will(say(usage=usage))
    configure(shop, openai_server.base, model="mine")
    prices = {"inputCostPerMillion": 10, "outputCostPerMillion": 1, "cacheWriteCostPerMillion": 40}
    provider = {"id": "loop", "name": "L", "type": "custom", "apiBase": openai_server.base}
    endpoint = {"id": "ask", "name": "A", "providerId": "loop", "model": "mine"}
    models = {"models": [{"id": "mine", **prices}]}
    write_config(shop, {"providers": [provider | models], "endpoints": [endpoint]})
    result = ccw("cli", "-p", "hi", "--model", "ask")
    assert "cache write cost $0.003 extra" in result.stderr


def test_the_closing_line_tells_of_an_inert_cache(shop: Path, openai_server: Server) -> None:
    (shop / "some.txt").write_text("word " * 700)
    openai_server.will(say(usage=UNCACHED), say(usage=UNCACHED))
    inert = json.loads(ccw("cli", "-p", "@some.txt Count", "--json").stdout)["cacheInert"]
    assert inert == {"tokens": inert["tokens"], "minimum": 1024}
    assert 700 < inert["tokens"] < 800
    closing = ccw("cli", "-p", "@some.txt Count").stderr
    assert f" · cache inert: {inert['tokens']:,} of 1,024 tokens · " in closing


def test_no_usage_is_told_as_unknown(shop: Path, openai_server: Server) -> None:
    openai_server.will(say(usage=None))
    assert "tokens unknown · cost unknown · " in ccw("cli", "-p", "hi").stderr


@pytest.mark.parametrize(
    ("amount", "exit_code", "said"),
    [
        pytest.param("5", 0, "", id="enough"),
        pytest.param("0.0001", 7, "ccw: this call may cost up to $", id="too-little"),
        pytest.param("0", 7, "ccw: this call may cost up to $", id="nothing"),
        pytest.param("-1", 2, "'--max-cost'", id="negative"),
        pytest.param("nan", 2, "amount in USD", id="nan"),
        pytest.param("much", 2, "'--max-cost'", id="no-number"),
    ],
)
def test_max_cost(
    shop: Path, openai_server: Server, amount: str, exit_code: int, said: str
) -> None:
    result = ccw("cli", "-p", "@README.md hi", "--max-cost", amount)
    assert result.exit_code == exit_code
    assert said in result.stderr
    assert len(openai_server.posts) == (1 if exit_code == 0 else 0)


def test_an_unknown_price_refuses_where_a_bound_is_asked_for(
    shop: Path, openai_server: Server
) -> None:
    configure(shop, openai_server.base, model="mystery")
    result = ccw("cli", "-p", "hi", "--max-cost", "5", "--json")
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["errorType"]) == (7, "cost_exceeded")
    assert "the price of mystery is unknown" in shown["error"]


def test_a_dry_run_tells_the_bound(shop: Path) -> None:
    preview = json.loads(ccw("cli", "-p", "@README.md hi", "--dry-run", "--json").stdout)
    assert preview["costBound"] == pytest.approx(
        (preview["tokens"] + 8) * 2.5e-6 + 16_384 * 10e-6  # gpt-4o in litellm's map
    )
    assert " · at most $0.16 · " in ccw("cli", "-p", "@README.md hi", "--dry-run").stdout


def test_tree_and_dry_run_count_alike(shop: Path) -> None:
    tree = json.loads(ccw("pack", "src/", "README.md", "--tree", "--model", "ask", "--json").stdout)
    preview = json.loads(ccw("cli", "-p", "@src/ @README.md hi", "--dry-run", "--json").stdout)
    # the tree's last file has no empty line after it
    assert [(f["path"], f["tokens"]) for f in tree["files"]][:-1] == [
        (f["path"], f["tokens"]) for f in preview["files"]
    ][:-1]


def runs(project: Path) -> list[tuple[Any, ...]]:
    query = "SELECT endpoint, model, input, cost, local_hit, exit_code FROM runs ORDER BY id"
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return database.execute(query).fetchall()


def test_every_call_leaves_a_line(shop: Path, openai_server: Server) -> None:
    ccw("cli", "-p", "@README.md hi")
    ccw("cli", "-p", "@README.md hi")
    ccw("cli", "-p", "hi", "--no-cache")
    openai_server.will(status(401))
    ccw("cli", "-p", "hi")
    ccw("cli", "-p", "@no/*.x hi")  # reaches no provider
    cost = pytest.approx(0.000245)
    assert runs(shop) == [
        ("ask", "gpt-4o", 20, cost, 0, 0),
        ("ask", "gpt-4o", 20, cost, 1, 0),
        ("ask", "gpt-4o", 20, cost, None, 0),
        ("ask", "gpt-4o", None, None, None, 5),
    ]


def test_the_log_holds_neither_prompt_nor_files(shop: Path) -> None:
    ccw("cli", "-p", "@README.md What is the canary-question?")
    data = (shop / HISTORY_FILE).read_bytes()
    assert b"canary" not in data
    assert b"Shop" not in data


def test_an_interrupted_call_leaves_a_line(shop: Path, openai_server: Server) -> None:
    openai_server.will(endless)
    with subprocess.Popen(
        [CCW, "cli", "-p", "count"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert [run[-1] for run in runs(shop)] == [130]


def make_folder(path: Path) -> None:
    path.mkdir()


def make_noise(path: Path) -> None:
    path.write_bytes(b"noise" * 4096)


@pytest.mark.parametrize("spoil", [make_folder, make_noise], ids=["folder", "corrupt"])
def test_an_unusable_log_is_a_note_and_no_failure(
    shop: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(shop / HISTORY_FILE)
    result = ccw("cli", "-p", "hi")
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    assert f"the run log {shop / HISTORY_FILE} cannot be used" in result.stderr
    stats = ccw("cache", "stats")
    assert (stats.exit_code, stats.stdout) == (1, "")
    assert "the run log" in stats.stderr


def test_a_locked_log_does_not_keep_the_answer_back(shop: Path) -> None:
    ccw("cli", "-p", "hi")
    with closing(sqlite3.connect(shop / HISTORY_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        result = ccw("cli", "-p", "hi")
        took = time.monotonic() - began
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    assert "database is locked" in result.stderr
    assert took < 20
    assert len(runs(shop)) == 1


def test_a_locked_log_does_not_stop_the_event_loop(shop: Path) -> None:
    ccw("cli", "-p", "hi")

    async def ticks_while_asking() -> tuple[LiteLLMExecutionResult, float]:
        options = LiteLLMExecutionOptions("hi", "ask", shop)
        asked = asyncio.create_task(aexecute_litellm_endpoint(options))
        longest, before = 0.0, time.monotonic()
        while not asked.done():
            await asyncio.sleep(0.01)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        return await asked, longest

    with closing(sqlite3.connect(shop / HISTORY_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        result, longest = asyncio.run(ticks_while_asking())
    assert (result.success, "database is locked" in result.notes[-1]) == (True, True)
    assert longest < LOCK_SECONDS / 2


@pytest.mark.parametrize("prompt", ["hi", "@README.md hi"], ids=["plain", "with-files"])
def test_an_awaited_call_leaves_a_line(shop: Path, prompt: str) -> None:
    options = LiteLLMExecutionOptions(prompt, "ask", shop)
    assert asyncio.run(aexecute_litellm_endpoint(options)).success
    assert [run[-1] for run in runs(shop)] == [0]


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
