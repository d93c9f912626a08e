"""What an imported file asks of the user's keys: nothing of it is agreed to in passing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.canary import CANARY
from tests.cli.asking import CCW
from tests.cli.trusting import environ, run
from tests.exports.guide import GUIDE
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER
from tests.terminal import converse

IMPORT = ("config", "import", "litellm", "proxy.yaml")
USER = (*IMPORT, "--user")
CALL = ("cli", "-p", "hi", "--model", "a", "--max-retries", "0")


@pytest.fixture
def foreign(project: Path, openai_server: Server) -> str:
    """A file from elsewhere that sends the user's key to its own host; that host."""
    where = f"http://0.0.0.0:{openai_server.port}"
    params = f"{{model: openai/a, api_key: os.environ/OPENAI_API_KEY, api_base: '{where}/v1'}}"
    text = f"model_list:\n- model_name: a\n  litellm_params: {params}\n"
    (project / "proxy.yaml").write_text(text)
    return where


def users_own() -> Path:
    return Path(os.environ["HOME"]) / ".ccw" / "config" / "litellm-api-config.json"


def test_into_a_project_it_is_asked_about_when_used(
    project: Path, foreign: str, openai_server: Server
) -> None:
    assert run(project, *IMPORT).returncode == 0
    refused = run(project, *CALL)
    wish = f"send ${{OPENAI_API_KEY}} to {foreign}\n"
    assert (refused.returncode, wish in refused.stderr) == (3, True)
    assert run(project, "trust", "--list").stdout == f"not agreed: {wish}"
    assert openai_server.requests == []


def test_into_the_users_own_it_is_asked_about_at_once(
    project: Path, foreign: str, openai_server: Server
) -> None:
    refused = run(project, *USER)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr == (
        "this file, in every project of yours, would:\n"
        f"  send ${{OPENAI_API_KEY}} to {foreign}\n"
        "ccw: nothing was imported; if you trust the file with that, add --yes\n"
    )
    assert not users_own().exists()
    assert run(project, *USER, "--dry-run").returncode == 0
    assert run(project, *USER, "--yes").returncode == 0
    assert run(project, "trust", "--list").stdout.startswith("yours: send ${OPENAI_API_KEY}")
    assert run(project, *CALL).stdout.strip() == ANSWER
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {CANARY}"
    again = run(project, *USER)
    assert (again.returncode, "0 new, 2 already there" in again.stderr) == (0, True)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3)])
def test_a_terminal_is_asked(project: Path, foreign: str, answer: str, code: int) -> None:
    said = converse([CCW, *USER], environ(), project, "with that? [y/N]", answer)
    assert (said.exit_code, foreign in said.terminal) == (code, True)
    assert users_own().exists() == (code == 0)


def test_a_file_that_asks_for_nothing_needs_no_answer(project: Path) -> None:
    (project / "proxy.yaml").write_text(GUIDE)
    assert run(project, *USER).returncode == 0
    assert json.loads(run(project, "trust", "--list", "--json").stdout)["asks"] == []
