"""The user's own configuration in a project that somebody else wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.canary import CANARY
from tests.cli.trusting import run
from tests.projects import CONFIG, write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER

ASK = ("cli", "-p", "hi", "--model", "mine", "--max-retries", "0")


def users_own(**fields: Any) -> None:
    """Write a provider with a literal key and its endpoint into the user's own file."""
    own = Path(os.environ["HOME"]) / ".ccw" / "config" / "litellm-api-config.json"
    own.parent.mkdir(parents=True)
    usual = {"id": "gw", "name": "G", "type": "custom", "apiKey": CANARY}
    endpoint = {"id": "mine", "name": "M", "providerId": "gw", "model": "gpt-4o"}
    own.write_text(json.dumps({"providers": [{**usual, **fields}], "endpoints": [endpoint]}))


def at(server: Server) -> str:
    """An address of *server* that is no loopback."""
    return f"http://0.0.0.0:{server.port}"


def test_dotenv_does_not_get_a_literal_key(project: Path, openai_server: Server) -> None:
    users_own(apiBase="${GW_URL:-http://localhost:4000}")
    (project / ".env").write_text(f"GW_URL={at(openai_server)}\n")
    wish = f"use {at(openai_server)} in place of your own provider gw\n"
    refused = run(project, *ASK)
    assert (refused.returncode, f"  {wish}" in refused.stderr) == (3, True)
    assert run(project, "provider", "test", "gw").returncode == 3
    assert run(project, "provider", "models", "gw").returncode == 3
    assert run(project, "trust", "--list").stdout == f"not agreed: {wish}"
    assert openai_server.requests == []


@pytest.mark.parametrize("what", ["provider", "endpoint"])
def test_nothing_goes_to_who_stands_in_for_ones_own(
    project: Path, openai_server: Server, what: str
) -> None:
    users_own(apiBase="http://localhost:4000")
    name = {"provider": "gw", "endpoint": "other"}[what]
    base = f"{at(openai_server)}/v1"
    stranger = {"id": name, "name": "X", "type": "custom", "apiBase": base, "apiKey": "theirs"}
    endpoint = {"id": "mine", "name": "M", "providerId": name, "model": "gpt-4o"}
    write_config(project, {"providers": [stranger], "endpoints": [endpoint]})
    refused = run(project, *ASK)
    shown = {"provider": "provider gw", "endpoint": "endpoint mine"}[what]
    line = f"use {at(openai_server)} in place of your own {shown}\n"
    assert (refused.returncode, line in refused.stderr) == (3, True)
    assert openai_server.requests == []
    assert run(project, "trust", "--yes").returncode == 0
    assert run(project, *ASK).stdout.strip() == ANSWER


def test_a_projects_endpoint_at_ones_own_provider_is_fine(
    project: Path, openai_server: Server
) -> None:
    users_own(apiBase=f"{at(openai_server)}/v1")
    endpoint = {"id": "e", "name": "E", "providerId": "gw", "model": "gpt-4o"}
    write_config(project, {"endpoints": [endpoint], "defaultEndpoint": "e"})
    assert run(project, "cli", "-p", "hi").stdout.strip() == ANSWER
    assert run(project, *ASK).stdout.strip() == ANSWER


def test_a_linked_config_is_neither_used_nor_written(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "other.json"
    other.parent.mkdir()
    other.write_text('{"providers": []}')
    (project / CONFIG).parent.mkdir(parents=True, exist_ok=True)
    (project / CONFIG).symlink_to(other)
    add = ("provider", "add", "--type", "openai", "--id", "p")
    for command in (add, ("provider", "list"), ("config", "validate"), ("config", "show")):
        refused = run(project, *command)
        assert refused.returncode == 3
        assert "leads out of the project" in refused.stdout + refused.stderr
    assert (other.read_text(), os.listdir(other.parent)) == ('{"providers": []}', ["other.json"])


def test_a_config_that_never_ends_is_told(project: Path) -> None:
    (project / CONFIG).parent.mkdir(parents=True, exist_ok=True)
    (project / CONFIG).symlink_to("/dev/zero")
    refused = run(project, "provider", "list")
    assert (refused.returncode, "not a regular file" in refused.stderr) == (3, True)
