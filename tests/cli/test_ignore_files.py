"""Ignore files that cannot be used, as the commands tell of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.asking import ccw

NOTE = "the rules of .gitignore do not hold: it is a symlink, which is not followed"


@pytest.fixture
def linked(shop: Path) -> Path:
    """A project whose `.gitignore` is a symlink."""
    (shop / "rules.txt").write_text("*.md\n")
    (shop / ".gitignore").symlink_to("rules.txt")
    return shop


def test_a_gitignore_that_is_not_used_is_a_note(linked: Path) -> None:
    assert linked
    packed = ccw("pack", "**/*.md")
    assert (packed.exit_code, NOTE in packed.stderr) == (0, True)
    assert "```README.md\n" in packed.stdout
    assert NOTE not in packed.stdout
    for command in (["pack"], ["cache", "pack"]):
        assert NOTE in json.loads(ccw(*command, "**/*.md", "--json").stdout)["notes"]
    assert NOTE in ccw("cli", "@**/*.md hi").stderr
    assert NOTE in json.loads(ccw("cli", "@**/*.md hi", "--json").stdout)["notes"]
    assert NOTE in ccw("cli", "@**/*.md hi", "--dry-run").stdout + ccw("cli", "@**/*.md hi").stderr
    assert f"  note: {NOTE}\n" in ccw("pack", "--explain", "README.md", "**/*.md").stdout


@pytest.mark.parametrize(
    "command",
    [
        ["pack", "**/*.md"],
        ["pack", "--allow-missing", "**/*.md"],
        ["pack", "--tree", "**/*.md"],
        ["pack", "--explain", "README.md", "**/*.md"],
        ["cache", "pack", "**/*.md"],
        ["cli", "@**/*.md hi"],
        ["cli", "--dry-run", "@**/*.md hi"],
    ],
)
def test_an_own_one_that_cannot_be_used_stops_every_command(shop: Path, command: list[str]) -> None:
    (shop / ".ccwignore").symlink_to("nowhere")
    stopped = ccw(*command)
    assert (stopped.exit_code, stopped.stdout) == (3, "")
    assert ".ccwignore cannot be used: it is a symlink, which is not followed" in stopped.stderr
    assert ccw("pack", "README.md").exit_code == 0  # named exactly
