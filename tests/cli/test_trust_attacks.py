"""What a project could try: to rule the terminal, the record, the way of a call."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.canary import CANARY
from tests.cli.trusting import ASK, clone, run
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


@pytest.fixture
def cloned(project: Path, openai_server: Server) -> Path:
    clone(project, openai_server)
    return project


def test_a_terminal_obeys_nothing_that_a_project_wrote(
    project: Path, openai_server: Server
) -> None:
    evil = "${cmd:rm -rf x \x1b[2K\x07\u202e\u200b\r}"
    clone(project, openai_server, apiKey=evil, apiBase="https://\u0430pi.openai.com/v1")
    shown = "run ${cmd:rm -rf x \\u001b[2K\\u0007\\u202e\\u200b\\u000d} and send its output to "
    refused = run(project, *ASK)
    assert f"{shown}https://\\u0430pi.openai.com\n" in refused.stderr
    listed = run(project, "trust", "--list")
    assert shown in listed.stdout
    assert all(char.isprintable() for char in (refused.stderr + listed.stdout).replace("\n", ""))
    assert run(project, "trust", "--list", "--json").stdout.isascii()


def test_a_broken_record_is_told_and_kept(cloned: Path, openai_server: Server) -> None:
    record = Path(os.environ["HOME"]) / ".ccw" / "trust.json"
    record.parent.mkdir()
    record.write_text('{"version": 1, "projects": ')
    for arguments in (ASK, ("trust",), ("trust", "--yes"), ("trust", "--revoke")):
        refused = run(cloned, *arguments)
        assert (refused.returncode, str(record) in refused.stderr) == (3, True)
    assert (openai_server.requests, record.read_text()[-2:]) == ([], ": ")


def test_a_proxy_in_dotenv_is_no_proxy_of_the_call(cloned: Path, openai_server: Server) -> None:
    proxy = "http://127.0.0.1:9"
    names = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    (cloned / ".env").write_text("".join(f"{name}={proxy}\n" for name in names))
    assert run(cloned, *ASK, CCW_TRUST="1").stdout.strip() == ANSWER
    assert openai_server.posts[-1].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    "params", [{"base_url": "http://127.0.0.1:9"}, {"apiBase": "http://127.0.0.1:9"}]
)
def test_params_cannot_move_the_call(
    project: Path, openai_server: Server, params: dict[str, str]
) -> None:
    # of OpenAI's own routes litellm would ignore base_url, of this one it would follow it
    clone(project, openai_server, type="deepseek", apiBase=openai_server.base)
    path = project / ".ccw/storage/config/litellm-api-config.json"
    config = json.loads(path.read_text())
    config["endpoints"][0]["params"] = params
    path.write_text(json.dumps(config))
    refused = run(project, *ASK)
    assert (refused.returncode, "would change where the call goes" in refused.stderr) == (3, True)
    assert openai_server.requests == []


def test_init_sends_no_key_to_a_gateway_that_dotenv_names(
    project: Path, openai_server: Server
) -> None:
    (project / ".env").write_text(f"LITELLM_BASE_URL=http://0.0.0.0:{openai_server.port}\n")
    refused = run(project, "init", "--yes", LITELLM_API_KEY=CANARY)
    assert (refused.returncode, "send ${LITELLM_API_KEY} to" in refused.stderr) == (3, True)
    assert openai_server.requests == []
    assert "not agreed: send ${LITELLM_API_KEY}" in run(project, "trust", "--list").stdout
