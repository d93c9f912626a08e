"""An edit on the command line agrees to what was typed, not to what a clone had in store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.canary import CANARY
from tests.cli.trusting import ASK, clone, run
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


def test_enabling_a_clones_provider_runs_none_of_its_commands(
    project: Path, openai_server: Server, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    clone(project, openai_server, apiKey=f"${{cmd:touch {ran}}}", enabled=False)
    refused = run(project, *ASK)
    assert "enable it: ccw provider update p --enable" in refused.stderr
    assert run(project, "provider", "update", "p", "--enable").returncode == 0
    refused = run(project, *ASK)
    assert (refused.returncode, "run ${cmd:touch" in refused.stderr) == (3, True)
    assert (ran.exists(), openai_server.requests) == (False, [])


@pytest.mark.parametrize("option", ["--api-key-env", "--add-key-env"])
def test_a_key_for_a_clones_host_is_asked_about(
    project: Path, openai_server: Server, option: str
) -> None:
    clone(project, openai_server, apiKey="")
    assert run(project, "provider", "update", "p", option, "MINE").returncode == 0
    refused = run(project, *ASK, MINE=CANARY)
    assert (refused.returncode, "send ${MINE} to http://0.0.0.0" in refused.stderr) == (3, True)
    assert openai_server.requests == []


def test_a_key_for_a_host_of_ones_own_is_not(project: Path, openai_server: Server) -> None:
    base = f"http://0.0.0.0:{openai_server.port}/v1"
    run(project, "provider", "add", "--type", "custom", "--id", "p", "--api-base", base)
    run(project, "provider", "update", "p", "--api-key-env", "OPENAI_API_KEY")
    run(project, "endpoint", "add", "e", "--provider", "p", "--model", "gpt-4o")
    assert run(project, *ASK).stdout.strip() == ANSWER
    listed = run(project, "trust", "--list").stdout
    assert listed == f"agreed: send ${{OPENAI_API_KEY}} to http://0.0.0.0:{openai_server.port}\n"
    assert run(project, "trust", "--revoke").stdout == listed.replace("agreed", "revoked")
    assert run(project, *ASK).returncode == 3
