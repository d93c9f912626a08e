"""`ccw provider update`: several keys, how they are chosen, how much each may be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.providing import add, ccw, said, stored


def update(project: Path, *words: str) -> tuple[int, str, str]:
    return said(ccw(project, "provider", "update", "p", *words))


def provider(project: Path) -> dict[str, Any]:
    fields: dict[str, Any] = stored(project)["providers"][0]
    return fields


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose provider `p` has the keys `KEY_A` and `b`."""
    for name in ("KEY_A", "KEY_B", "KEY_C"):
        monkeypatch.setenv(name, "sk-loop")
    add(tmp_path)
    update(tmp_path, "--add-key-env", "KEY_A")
    update(tmp_path, "--add-key-env", "$KEY_B", "--label", "b", "--weight", "2")
    return tmp_path


def test_keys_are_added_as_references(pool: Path) -> None:
    assert provider(pool)["apiKeys"] == [
        {"id": "KEY_A", "key": "${KEY_A}"},
        {"id": "b", "key": "${KEY_B}", "label": "b", "weight": 2},
    ]
    assert ccw(pool, "provider", "list").stdout.split("\t")[3] == "2 keys"


def test_keys_are_switched_and_taken_away(pool: Path) -> None:
    assert update(pool, "--disable-key", "KEY_A", "--add-key-env", "KEY_C") == (
        0, "updated p\n", "",
    )  # fmt: skip
    assert [(k["id"], k.get("enabled", True)) for k in provider(pool)["apiKeys"]] == [
        ("KEY_A", False), ("b", True), ("KEY_C", True),
    ]  # fmt: skip
    update(pool, "--enable-key", "KEY_A", "--remove-key", "KEY_B", "--remove-key", "KEY_C")
    assert provider(pool)["apiKeys"] == [{"id": "KEY_A", "key": "${KEY_A}", "enabled": True}]
    assert ccw(pool, "provider", "list").stdout.split("\t")[3] == "1 key"


def test_the_own_key_becomes_one_of_the_pool(tmp_path: Path) -> None:
    add(tmp_path, "--api-key-env", "OWN")
    update(tmp_path, "--add-key-env", "KEY_A")
    code, _, told = update(tmp_path, "--disable-key", "OWN")
    assert (code, '--api-key "", and --add-key-env NAME' in told) == (3, True)
    assert update(tmp_path, "--api-key", "", "--add-key-env", "OWN")[:2] == (0, "updated p\n")
    fields = provider(tmp_path)
    keys = [{"id": name, "key": f"${{{name}}}"} for name in ("KEY_A", "OWN")]
    assert ("apiKey" in fields, fields["apiKeys"]) == (False, keys)


def test_strategy_and_limits(pool: Path) -> None:
    update(pool, "--routing-strategy", "weighted", "--rpm", "60", "--tpm", "1000")
    fields = provider(pool)
    assert (fields["routingStrategy"], fields["advancedSettings"]) == (
        "weighted", {"rpm": 60, "tpm": 1000},
    )  # fmt: skip
    update(pool, "--rpm", "0")
    assert provider(pool)["advancedSettings"] == {"tpm": 1000}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--label", "x"], 2, "--label and --weight describe a new key: --add-key-env NAME"),
        (["--add-key-env", "sk-canary-0123456789"], 2, "--add-key-env expects the name of a "),
        (["--add-key-env", "KEY_A"], 3, "API key ID already exists: KEY_A; give it another"),
        (["--remove-key", "KEY_D"], 3, "API key not found: KEY_D of provider p; did you mean"),
        (["--name", "x", "--disable-key", "zz"], 3, "API key not found: zz of provider p; there"),
    ],
    ids=["label-alone", "a-key", "twice", "unknown", "half"],
)
def test_refused(pool: Path, words: list[str], code: int, message: str) -> None:
    before = stored(pool)
    result = update(pool, *words)
    assert (result[0], result[1]) == (code, "")
    assert result[2].startswith(f"ccw: {message}")
    assert "canary" not in result[2]
    assert stored(pool) == before


def test_a_variable_that_is_not_set_is_told(tmp_path: Path) -> None:
    add(tmp_path, "--api-key-env", "HOME")
    assert "note: NOT_SET is not set at present" in update(tmp_path, "--add-key-env", "NOT_SET")[2]
