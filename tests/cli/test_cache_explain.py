"""`ccw cache explain`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccw.cli.main import cli
from ccw.history.log import HISTORY_FILE
from ccw.history.verdicts import FIRST
from tests.projects import configure, write_config, write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import say, status


@pytest.fixture
def shop(project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured project with files, as the working directory."""
    write_files(project)
    configure(project, openai_server.base)
    monkeypatch.chdir(project)
    return project


def ccw(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def ask() -> str:
    asked = ccw("cli", "-p", "@src/**/*.ts Review", "--json")
    return str(json.loads(asked.stdout)["sessionId"])


def test_a_hit_and_a_miss(shop: Path, openai_server: Server) -> None:
    ask()
    (shop / "src/auth/login.ts").write_text("edited\n")
    (shop / "src/new.ts").write_text("new\n")
    openai_server.will(say(usage={"prompt_tokens": 5000, "completion_tokens": 1}))
    session = ask()
    result = ccw("cache", "explain")
    head, local, *changes, provider, since = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert head.startswith("ask: gpt-4o · 20")
    assert head.endswith(f" · {session}")
    assert local == "context cache: miss: 2 files differ from the call before"
    assert changes == ["  changed: src/auth/login.ts", "  added: src/new.ts"]
    assert provider.startswith("provider's cache: miss: ")
    assert since.startswith("  sent before: ")
    ask()
    told = ccw("cache", "explain").stdout
    assert "context cache: hit: the same files as in the call before\n" in told
    assert "provider's cache: hit: 100 of 120 tokens were read from the cache\n" in told


def test_a_preview_is_no_call(shop: Path) -> None:
    ask()
    (shop / "src/auth/login.ts").write_text("edited\n")
    assert ccw("cli", "-p", "@src/**/*.ts Review", "--dry-run").exit_code == 0
    ask()
    assert ccw("cache", "explain").stdout.splitlines()[1:3] == [
        "context cache: miss: 1 file differs from the call before",
        "  changed: src/auth/login.ts",
    ]
    ask()
    told = ccw("cache", "explain").stdout.splitlines()
    assert told[1] == "context cache: hit: the same files as in the call before"


def test_a_difference_is_to_the_call_before_whatever_was_previewed(
    shop: Path, openai_server: Server
) -> None:
    (shop / "src/zz.ts").write_text("let last = 1\n" * 400)
    session = ask()
    size = int(json.loads(ccw("cache", "status", session, "--json").stdout)["totalBytes"])
    first, last = shop / "src/auth/login.ts", shop / "src/zz.ts"
    before = first.read_text()
    first.write_text("previewed\n")
    assert ccw("cli", "-p", "@src/**/*.ts Review", "--dry-run").exit_code == 0
    first.write_text(before)
    last.write_text(last.read_text() + "let more = 2\n")
    ask()
    told = json.loads(ccw("cache", "explain", "--json").stdout)
    assert (told["file"], told["changes"]["changed"]) == ("src/zz.ts", ["src/zz.ts"])
    assert size - 200 < told["firstDifference"] <= size


def test_a_first_warming(shop: Path, openai_server: Server) -> None:
    provider = {"id": "o", "name": "O", "type": "openai", "apiKey": "sk-loop"}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "o", "model": "gpt-4o"}
    reached = {**provider, "apiBase": openai_server.base}
    write_config(shop, {"providers": [reached], "endpoints": [endpoint], "defaultEndpoint": "ask"})
    write_files(shop, {"src/long.ts": "word\n" * 3000})
    assert ccw("cache", "warm", "src/**/*.ts").exit_code == 0
    told = ccw("cache", "explain").stdout
    assert f"context cache: miss: {FIRST}\n" in told


def test_as_json(shop: Path) -> None:
    session = ask()
    told = json.loads(ccw("cache", "explain", session, "--json").stdout)
    assert {"time", "provider", "local"} <= told.keys()
    del told["time"]
    assert told == {
        "session": session,
        "endpoint": "ask",
        "model": "gpt-4o",
        "local": {
            "hit": False,
            "reason": "first",
            "message": FIRST,
        },
        "changes": {"changed": [], "added": [], "removed": [], "count": 0, "leftOut": False},
        "provider": {
            "hit": True,
            "reason": "hit",
            "message": "100 of 120 tokens were read from the cache",
        },
        "cacheRead": 100,
        "totalInput": 120,
        "firstDifference": None,
        "firstDifferenceBetween": None,
        "part": None,
        "file": None,
        "fileBefore": None,
        "secondsSince": None,
        "lifetimeSeconds": 300,
        "failedSince": None,
    }


def test_a_newer_call_that_failed_is_a_note(shop: Path, openai_server: Server) -> None:
    ask()
    told = ccw("cache", "explain")
    openai_server.will(status(401))
    assert ccw("cli", "-p", "@src/**/*.ts Review").exit_code == 5
    failed = json.loads(ccw("cache", "explain", "--json").stdout)["failedSince"]
    now = ccw("cache", "explain")
    assert (now.exit_code, now.stdout) == (0, told.stdout)
    assert failed["exitCode"] == 5
    assert now.stderr == f"note: the call at {failed['time']} failed with exit code 5\n"


def test_many_files_are_counted(shop: Path) -> None:
    ask()
    write_files(shop, {f"src/{n:03}.ts": "new\n" for n in range(70)})
    ask()
    lines = ccw("cache", "explain").stdout.splitlines()
    assert sum(line.startswith("  added: ") for line in lines) == 50
    assert "  and 20 more" in lines


@pytest.mark.skipif(os.name != "posix", reason="names that are not UTF-8")
def test_odd_names_are_shown(shop: Path) -> None:
    ask()
    Path(os.fsdecode(b"src/\xff.ts")).write_text("odd\n")
    ask()
    assert "  added: src/\\udcff.ts" in ccw("cache", "explain").stdout.splitlines()


def test_without_any_call(shop: Path) -> None:
    result = ccw("cache", "explain")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith(
        "ccw: no call with files that reached the model is in the run log; make one: "
    )
    assert not (shop / HISTORY_FILE).exists()


def test_an_unknown_session(shop: Path) -> None:
    ask()
    result = ccw("cache", "explain", "ctx-000000000000")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "ctx-000000000000" in result.stderr


def test_a_broken_log(shop: Path) -> None:
    (shop / HISTORY_FILE).write_bytes(b"no database" * 1000)
    result = ccw("cache", "explain")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be used" in result.stderr
