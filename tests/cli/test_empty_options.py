"""Options with an empty value, as an unset variable of the shell makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.asking import ccw
from tests.servers.loopback import Server


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["cli", "hi", "--model", ""], "--model"),
        (["cli", "hi", "--dry-run", "--model", ""], "--model"),
        (["cli", "hi", "--fallback", ""], "--fallback"),
        (["cli", "@README.md hi", "--cd", ""], "--cd"),
        (["cli", "hi", "--project", ""], "--project"),
        (["pack", "src/**", "--model", ""], "--model"),
        (["pack", "src/**", "--cd", ""], "--cd"),
        (["pack", "src/**", "--output", ""], "-o"),
        (["cache", "pack", "src/**", "--model", ""], "--model"),
        (["cache", "warm", "src/**", "--model", ""], "--model"),
        (["provider", "list", "--project", ""], "--project"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_they_are_refused(
    shop: Path, openai_server: Server, arguments: list[str], option: str
) -> None:
    result = ccw(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{option}'" in result.stderr
    assert "it is empty; give it a value, or leave the option out" in result.stderr
    assert openai_server.requests == []


def test_an_empty_ccw_project_is_as_if_unset(
    shop: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As is usual for variables, and needed to switch one off for a single command."""
    monkeypatch.setenv("CCW_PROJECT", "")
    assert ccw("cli", "hi").exit_code == 0
