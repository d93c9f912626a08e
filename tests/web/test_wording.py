"""What failures tell over HTTP is said in the names of the API's fields."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from ccw.web.wording import for_http

EXECUTE, PREVIEW = "/api/cli/execute", "/api/context/preview"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("add --allow-missing to go on", "add allowMissing: true to go on"),
        ("add --include-dirs ../b to allow it", "add includeDirs ../b to allow it"),
        ("with --max-size KB or --over drop", "with maxSize (KB) or over: drop"),
        ("larger than 5 bytes: 9 (--max-file-size)", "larger than 5 bytes: 9 (maxFileSize)"),
        ("allow --max-cost 0.50, or no --max-cost.", "allow maxCost: 0.50, or no maxCost."),
        ("--no-cache", "cache: false"),
        ("x--over drop, --overdue, --model a/b", "x--over drop, --overdue, --model a/b"),
    ],
)
def test_options_become_fields(message: str, expected: str) -> None:
    assert for_http(message) == expected


@pytest.mark.parametrize(
    ("path", "more"), [(EXECUTE, {}), (EXECUTE, {"stream": False}), (PREVIEW, {})]
)
@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"prompt": "@gone/*.py Why?"}, "allowMissing: true"),
        ({"prompt": "@README.md Why?", "maxSize": 0.001}, "maxSize (KB)"),
    ],
    ids=["missing", "too-large"],
)
def test_a_failure_says_what_a_program_can_send(
    asked: TestClient, path: str, more: dict[str, Any], question: dict[str, Any], field: str
) -> None:
    answer = asked.post(path, json={**question, **more})
    assert answer.status_code in (413, 422)
    message = answer.json()["error"]["message"]
    assert field in message
    assert "--" not in message


def test_a_note_says_it_too(asked: TestClient) -> None:
    answer = asked.post(PREVIEW, json={"prompt": "hi", "maxCost": 0}).json()
    assert "maxCost" in " ".join(answer["notes"])
    assert "--" not in " ".join(answer["notes"])
