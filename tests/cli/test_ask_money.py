"""What `ccw cli` tells of money and tokens, and what it may not exceed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.asking import ccw
from tests.projects import configure, write_config
from tests.servers import anthropic_wire
from tests.servers.loopback import Server
from tests.servers.openai_wire import say

UNCACHED = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127}


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
    assert "cache write cost $0.0030 extra" in result.stderr


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


def test_a_preview_tells_that_the_cost_bound_would_refuse(
    shop: Path, openai_server: Server
) -> None:
    done = ccw("cli", "-p", "hi", "--dry-run", "--max-cost", "0")
    assert done.exit_code == 0
    assert "the call would be refused: this call may cost up to $" in done.stderr
    assert openai_server.requests == []


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
    assert (
        " · at most $0.17 with input as fresh · "
        in ccw("cli", "-p", "@README.md hi", "--dry-run").stdout
    )


def test_tree_and_dry_run_count_alike(shop: Path) -> None:
    tree = json.loads(ccw("pack", "src/", "README.md", "--tree", "--model", "ask", "--json").stdout)
    preview = json.loads(ccw("cli", "-p", "@src/ @README.md hi", "--dry-run", "--json").stdout)
    # the tree's last file has no empty line after it
    assert [(f["path"], f["tokens"]) for f in tree["files"]][:-1] == [
        (f["path"], f["tokens"]) for f in preview["files"]
    ][:-1]


def test_a_bound_that_is_told_is_enough(shop: Path) -> None:
    refused = ccw("cli", "-p", "@README.md hi", "--max-cost", "0.01")
    told = re.search(r"may cost up to \$([0-9.]+) ", refused.stderr)
    shown = re.search(r"at most \$([0-9.]+) ", ccw("cli", "@README.md hi", "--dry-run").stdout)
    assert told is not None
    assert shown is not None
    assert (refused.exit_code, told[1]) == (7, shown[1])
    assert ccw("cli", "-p", "@README.md hi", "--max-cost", told[1]).exit_code == 0
