"""Reading commands show where an address leads, and no secret in its query."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ccw.cli.main import cli
from tests.projects import write_config

CANARY = "sk-CANARY-0123456789"


@pytest.mark.parametrize("query", [CANARY, f"key={CANARY}", f"a=b&{CANARY}", f"${{A}}{CANARY}"])
@pytest.mark.parametrize(
    "command",
    [
        ("provider", "show", "p"),
        ("provider", "show", "p", "--json"),
        ("provider", "list"),
        ("provider", "list", "--json"),
        ("config", "show"),
        ("config", "show", "--origin", "--json"),
    ],
    ids=" ".join,
)
def test_no_secret_of_a_query_is_shown(project: Path, command: tuple[str, ...], query: str) -> None:
    base = f"https://models.example/v1?{query}"
    write_config(
        project, {"providers": [{"id": "p", "name": "P", "type": "custom", "apiBase": base}]}
    )
    found = CliRunner(env={"COLUMNS": "200"}).invoke(cli, [*command, "--project", str(project)])
    assert (found.exit_code, CANARY in found.output) == (0, False), found.output
    assert "https://models.example/v1?" in found.output
    assert "sk-…6789" in found.output
