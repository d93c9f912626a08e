"""`ccw cache warm`, and the options about the provider's cache."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from tests.projects import CONFIG, write_config, write_files
from tests.servers import anthropic_wire
from tests.servers.loopback import Exchange, Server
from tests.servers.openai_wire import say, status

CCW = str(Path(sys.executable).with_name("ccw"))
PRICES = {"inputCostPerMillion": 10, "outputCostPerMillion": 20, "cacheReadCostPerMillion": 1}


@pytest.fixture
def shop(project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: files of some 2,000 tokens, and endpoints at a loopback server."""
    write_files(project, {"a.txt": "word\n" * 1000, "b.txt": "other\n" * 1000})
    base, root = openai_server.base, openai_server.root
    known = {"models": [{"id": "gpt-4o", **PRICES}]}
    providers = [
        {"id": "it", "name": "It", "type": "openai", "apiKey": "sk-loop", "apiBase": base, **known},
        {"id": "far", "name": "Far", "type": "mistral", "apiKey": "sk-loop", "apiBase": base},
        {"id": "own", "name": "Own", "type": "custom", "apiKey": "sk-loop", "apiBase": base},
        {"id": "ant", "name": "Ant", "type": "anthropic", "apiKey": "sk-loop", "apiBase": root},
    ]
    endpoints = [
        {"id": "ask", "name": "Ask", "providerId": "it", "model": "gpt-4o"},
        {"id": "other", "name": "O", "providerId": "it", "model": "gpt-unheard-of"},
        {"id": "far", "name": "Far", "providerId": "far", "model": "m"},
        {"id": "own", "name": "Own", "providerId": "own", "model": "m"},
        {"id": "ant", "name": "Ant", "providerId": "ant", "model": "claude-sonnet-4-5"},
    ]
    config = {"providers": providers, "endpoints": endpoints, "defaultEndpoint": "ask"}
    write_config(project, config)
    monkeypatch.chdir(project)
    return project


def ccw(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_it_tells_the_cost_first_and_what_came_of_it(shop: Path, openai_server: Server) -> None:
    result = ccw("cache", "warm", "*.txt", "--model", "ask")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("warming ask: gpt-4o (openai) · 2 files, ")
    assert "tokens · at most $0.0" in result.stderr
    assert "120 tokens in (100 cached), 7 out" in result.stdout
    assert "warm until" in result.stdout
    (call,) = openai_server.posts
    assert call.json["max_tokens"] == 1


def test_an_unknown_price_is_told(shop: Path) -> None:
    assert "cost unknown" in ccw("cache", "warm", "*.txt", "--model", "other").stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(("*.txt", "--model", "far"), 2, "ccw: nothing to warm: it is not", id="route"),
        pytest.param(("none/*.md",), 4, "none/*.md", id="no-match"),
        pytest.param(("*.txt", "--model", "nobody"), 3, "Endpoint not found", id="endpoint"),
        pytest.param((), 2, "Missing argument", id="no-pattern"),
        pytest.param(("*.txt", "--for", "soon"), 2, "no time such as 30m", id="no-time"),
        pytest.param(("*.txt", "--for", ""), 2, "no time such as 30m", id="empty-time"),
        pytest.param(("*.txt", "--for", "0s"), 2, "at least 1s", id="no-time-at-all"),
        pytest.param(("*.txt", "--for", "25h"), 2, "at most 24h", id="too-long"),
    ],
)
def test_what_it_refuses(
    shop: Path, openai_server: Server, words: tuple[str, ...], code: int, message: str
) -> None:
    result = ccw("cache", "warm", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert openai_server.posts == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("--max-cost", "1"), 0, "", id="enough"),
        pytest.param(("--max-cost", "0.001"), 7, "ccw: this call may cost up to $", id="one"),
        pytest.param(("--max-cost", "0.05", "--for", "24h"), 7, " in all, more than", id="all"),
        pytest.param(("--max-cost", "9", "--model", "other"), 7, "price of gpt-unh", id="unknown"),
        pytest.param(("--max-cost", "-1"), 2, "'--max-cost'", id="negative"),
        pytest.param(("--max-cost", "nan"), 2, "amount in USD", id="nan"),
    ],
)
def test_max_cost(
    shop: Path, openai_server: Server, words: tuple[str, ...], code: int, said: str
) -> None:
    result = ccw("cache", "warm", "*.txt", *words)
    assert (result.exit_code, said in result.stderr) == (code, True)
    assert len(openai_server.posts) == (1 if code == 0 else 0)


def test_a_refused_key_has_its_own_exit_code(shop: Path, openai_server: Server) -> None:
    openai_server.will(status(401))
    result = ccw("cache", "warm", "*.txt", "--for", "1h")
    assert (result.exit_code, result.stdout) == (5, "")


def test_a_time_that_it_lives_anyway(shop: Path, openai_server: Server) -> None:
    result = ccw("cache", "warm", "*.txt", "--for", "1s")
    assert "lives for 5 min; nothing has to be sent again" in result.stderr
    assert (result.exit_code, len(openai_server.posts)) == (0, 1)


def test_what_nobody_knows_is_not_claimed(shop: Path, openai_server: Server) -> None:
    openai_server.will(say(usage={"prompt_tokens": 120, "completion_tokens": 1}))
    result = ccw("cache", "warm", "*.txt", "--model", "own")
    assert (result.exit_code, openai_server.requests != []) == (0, True)
    assert result.stdout.endswith(" UTC if it keeps prefixes\n")
    assert ccw("cache", "warm", "*.txt", "--model", "own").stdout.endswith(" UTC\n")  # 100 cached


def test_a_provider_that_stores_nothing_ends_it(shop: Path, openai_server: Server) -> None:
    def stores_nothing(exchange: Exchange) -> None:
        anthropic_wire.answer(exchange, {"input_tokens": 2000, "output_tokens": 1})

    openai_server.will(stores_nothing)
    result = ccw("cache", "warm", "*.txt", "--model", "ant", "--for", "1h")
    assert (result.exit_code, len(openai_server.posts)) == (1, 1)
    assert "ccw: the provider stored nothing" in result.stderr
    assert "2,000 tokens in" in result.stdout
    assert "warm until" not in result.output


def test_each_sending_is_a_line_of_json(shop: Path, openai_server: Server) -> None:
    result = ccw("cache", "warm", "*.txt", "--model", "ask", "--json")
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    said = json.loads(line)
    assert (said["success"], said["kept"], said["usage"]["cacheRead"]) == (True, True, 100)
    until = datetime.fromisoformat(said["warmUntil"])
    assert timedelta(0) < until - datetime.now(UTC) < timedelta(hours=2)


def test_a_sending_that_was_not_kept_as_json(shop: Path, openai_server: Server) -> None:
    openai_server.will(status(401))
    result = ccw("cache", "warm", "*.txt", "--model", "ask", "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["success"], said["kept"]) == (5, False, False)
    assert (said["errorType"], said["warmUntil"]) == ("key_refused", None)


def test_an_interrupt_ends_it(shop: Path, openai_server: Server) -> None:
    process = subprocess.Popen(
        [CCW, "cache", "warm", "*.txt", "--for", "1h30m"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not openai_server.posts and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert process.stdout is not None
    assert "warm until" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "sent again 19 times, about $0.0" in said
    assert "…" in said


def test_the_dry_run_shows_marks_and_key(shop: Path) -> None:
    shown = ccw("cli", "-p", "@*.txt Why?", "--dry-run")
    assert "cache marks: none" in shown.stdout
    assert "cache key: ccw-" in shown.stdout
    off = json.loads(ccw("cli", "-p", "@*.txt Why?", "--dry-run", "--no-cache", "--json").stdout)
    assert (off["cacheMarks"], off["promptCacheKey"]) == ([], None)
    text = (shop / CONFIG).read_text().replace('"openai"', '"anthropic"')
    (shop / CONFIG).write_text(text.replace("gpt-4o", "claude-x"))
    shown = ccw("cli", "-p", "@*.txt Why?", "--dry-run")
    as_json = json.loads(ccw("cli", "-p", "@*.txt Why?", "--dry-run", "--json").stdout)
    offsets = [mark["offset"] for mark in as_json["cacheMarks"]]
    assert 1 <= len(offsets) <= 4
    assert {mark["ttl"] for mark in as_json["cacheMarks"]} == {"5m"}
    places = ", ".join(f"{offset:,}" for offset in offsets)
    assert f"cache marks: 5m at byte {places}" in shown.stdout


def test_the_settings_of_endpoint_and_provider(shop: Path) -> None:
    def stored() -> tuple[object, object]:
        config = json.loads((shop / CONFIG).read_text())
        strategy = config["endpoints"][0].get("cacheStrategy", {})
        advanced = config["providers"][0].get("advancedSettings", {})
        return strategy.get("providerCache"), advanced.get("cacheMarks")

    assert ccw("endpoint", "update", "ask", "--provider-cache", "1h").exit_code == 0
    assert ccw("provider", "update", "it", "--cache-marks").exit_code == 0
    assert stored() == ("1h", True)
    assert ccw("endpoint", "update", "ask", "--provider-cache", "off").exit_code == 0
    assert ccw("provider", "update", "it", "--no-cache-marks").exit_code == 0
    assert stored() == ("off", False)
    assert ccw("endpoint", "update", "ask", "--provider-cache", "2h").exit_code == 2
    assert "no effect" not in ccw("config", "validate").output
