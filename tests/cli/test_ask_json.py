"""What `ccw cli --json` and `--dry-run` tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.asking import ccw, invoke
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


def test_json_has_the_result_in_camel_case(shop: Path) -> None:
    result = invoke("-p", "@README.md Explain", "--json")
    shown = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    session_id, duration = shown.pop("sessionId"), shown.pop("durationMs")
    assert session_id.startswith("ctx-")
    assert duration >= 0
    assert shown == {
        "success": True,
        "output": ANSWER,
        "model": "gpt-4o",
        "provider": "custom",
        "cacheUsed": True,
        "cacheHit": False,
        "cachedFiles": ["README.md"],
        "error": None,
        "errorType": None,
        "exitCode": 0,
        "usage": {
            "input": 20,
            "cacheRead": 100,
            "cacheWrite5m": 0,
            "cacheWrite1h": 0,
            "output": 7,
        },
        "cost": pytest.approx(0.000245),
        "saved": pytest.approx(0.000125),
        "cacheInert": None,
        "finishReason": "stop",
        "skippedFiles": [],
        "notes": [],
        "endpoint": "ask",
        "askedEndpoint": "ask",
        "keyLabel": None,
        "attempts": [],
        "costSource": "prices",
        "earlierCopies": [],
    }


def test_json_of_a_failure(shop: Path) -> None:
    result = invoke("-p", "hi", "--model", "aks", "--json")
    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["exitCode"], shown["success"]) == (3, 3, False)
    assert shown["error"].startswith("Endpoint not found: aks")


def test_dry_run_calls_nothing(shop: Path, openai_server: Server) -> None:
    result = invoke("-p", "@src/auth/**/*.ts Review", "--dry-run")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split("\t")[0] for line in lines[:2]] == [
        "src/auth/login.ts",
        "src/auth/nested/token.ts",
    ]
    assert lines[2].startswith("would ask ask: gpt-4o (custom) · 2 files · ")
    assert "cache marks: none" in lines[2]
    assert openai_server.requests == []


def test_dry_run_leaves_the_context_cache_as_it_was(shop: Path) -> None:
    def told(*more: str) -> tuple[bool, bool, bool]:
        shown = json.loads(invoke("-p", "@README.md Explain", "--json", *more).stdout)
        return shown["cacheUsed"], shown["cacheHit"], shown["sessionId"] is not None

    def status() -> dict[str, object]:
        found: dict[str, object] = json.loads(ccw("cache", "status", "--json").stdout)
        return found

    before = status()
    assert told("--dry-run") == (True, False, False)
    assert status() == before
    assert told() == (True, False, True)
    called = status()
    assert told("--dry-run") == (True, True, True)
    assert status() == called
    assert told("--dry-run", "--no-cache") == (False, False, False)


def test_dry_run_as_json(shop: Path) -> None:
    shown = json.loads(invoke("-p", "@README.md Explain", "--dry-run", "--json").stdout)
    assert [file["path"] for file in shown["files"]] == ["README.md"]
    assert shown["prompt"] == "@README.md Explain"
    assert shown["tokens"] > shown["files"][0]["tokens"] > 0
    assert (shown["contextWindow"], shown["cacheMarks"]) == (128_000, [])
