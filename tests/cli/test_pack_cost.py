"""`ccw pack` as data: JSON, the tree with tokens and price, why a file is in or out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.packing import ccw, fill
from tests.context.packs import read_pack


@pytest.fixture
def files(project: Path) -> Path:
    return fill(project)


def test_json(files: Path) -> None:
    plain = ccw(files, "pack", "src/**")
    answer = json.loads(ccw(files, "pack", "src/**", "--json").stdout)
    assert answer == {
        "content": plain.stdout[:-1],
        "files": [{"path": "src/a.py", "bytes": 26}, {"path": "src/b.py", "bytes": 3315}],
        "skippedFiles": [{"path": "src/c.bin", "reason": "binary"}],
        "totalBytes": len(plain.stdout_bytes) - 1,
        "notes": [],
    }


def endpoint(project: Path, **strategy: object) -> None:
    config = {
        "version": 1,
        "providers": [{"id": "p", "name": "p", "type": "openai", "apiKey": "k"}],
        "endpoints": [
            {
                "id": "my-gpt4o",
                "name": "x",
                "providerId": "p",
                "model": "gpt-4o",
                "cacheStrategy": strategy,
            }
        ],
    }
    path = project / ".ccw" / "storage" / "config" / "litellm-api-config.json"
    path.write_text(json.dumps(config))


def test_tree_without_an_endpoint_estimates(files: Path) -> None:
    result = ccw(files, "pack", "src/**", "README.md", "--tree")
    assert result.exit_code == 0
    lines = [re.split(r"  +", line.strip()) for line in result.stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        ["README.md", "26 bytes"],
        ["src/", "3,341 bytes"],
        ["a.py", "26 bytes"],
        ["b.py", "3,315 bytes"],
        ["total", "3,635 bytes"],
    ]
    assert all(re.fullmatch(r"~[\d,]+ tokens", line[2]) for line in lines)


def test_tree_of_an_endpoint_has_tokens_and_price(files: Path) -> None:
    endpoint(files, maxSizeKB=1)
    result = ccw(files, "pack", "src/*.py", "--tree", "--model", "my-gpt4o", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert [file["path"] for file in answer["files"]] == ["src/a.py", "src/b.py"]
    assert answer["maxBytes"] == 1024
    tokens = answer["total"]["tokens"]
    assert tokens > 300
    assert answer["total"]["tokensExact"] is True
    assert answer["total"]["price"] == pytest.approx(tokens * 2.5e-6)
    shown = ccw(files, "pack", "src/*.py", "--tree", "--model", "my-gpt4o")
    assert "over the endpoint's bound of 1,024 bytes by" in shown.stdout


def test_an_endpoints_bound_and_patterns_hold(files: Path) -> None:
    endpoint(files, maxSizeKB=1)
    assert ccw(files, "pack", "src/*.py", "--model", "my-gpt4o").exit_code == 7
    endpoint(files, filePatterns=["*.py"])
    result = ccw(files, "pack", "src/*.py", "README.md", "--model", "my-gpt4o")
    assert [file.path for file in read_pack(result.stdout_bytes[:-1])[0]] == [
        "src/a.py",
        "src/b.py",
        "README.md",
    ]


def test_explain(files: Path) -> None:
    (files / ".gitignore").write_text("b.py\n")
    inside = ccw(files, "pack", "src/*.py", "--explain", "src/a.py")
    outside = ccw(files, "pack", "src/*.py", "--explain", "src/b.py")
    assert (inside.exit_code, outside.exit_code) == (0, 0)
    assert "src/*.py" in inside.stdout
    assert ".gitignore" in outside.stdout
