"""`ccw pack --explain` says why a file is in or out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.packing import ccw, fill


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "stdout"),
    [
        pytest.param(["src/a.py", "src/**"], 0, "src/a.py: in\n  matched by src/**\n", id="in"),
        pytest.param(
            ["src/c.bin", "**"], 0, "src/c.bin: out\n  matched by **\n  binary\n", id="binary"
        ),
        pytest.param(["no.py", "**"], 4, "no.py: out\n  there is no such file\n", id="missing"),
        pytest.param([".", "**"], 0, ".: out\n  it is a folder; ask about a file\n", id="folder"),
    ],
)
def test_text(files: Path, arguments: list[str], exit_code: int, stdout: str) -> None:
    result = ccw(files, "pack", "--explain", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (exit_code, stdout, "")


@pytest.mark.parametrize(
    ("path", "exit_code", "expected"),
    [
        pytest.param(
            "src/a.py",
            0,
            {"path": "src/a.py", "included": True, "patterns": ["src/**"], "reasons": []},
            id="in",
        ),
        pytest.param(
            "src/c.bin",
            0,
            {"path": "src/c.bin", "included": False, "patterns": ["src/**"], "reasons": ["binary"]},
            id="out",
        ),
        pytest.param(
            "no.py",
            4,
            {
                "path": "no.py",
                "included": False,
                "patterns": [],
                "reasons": ["there is no such file"],
            },
            id="missing",
        ),
    ],
)
def test_json(files: Path, path: str, exit_code: int, expected: dict[str, object]) -> None:
    result = ccw(files, "pack", "--explain", path, "--json", "src/**")
    assert (result.exit_code, json.loads(result.stdout)) == (exit_code, {**expected, "notes": []})


def test_without_patterns(files: Path) -> None:
    result = ccw(files, "pack", "--explain", "src/a.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'ccw pack --explain src/app.py "src/**"' in result.stderr
