"""A cloned project on the command line: nothing leaves before the user has agreed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.canary import CANARY
from tests.cli.trusting import ASK, QUESTION, SENT, clone, on_terminal, run
from tests.projects import write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


@pytest.fixture
def cloned(project: Path, openai_server: Server) -> Path:
    clone(project, openai_server)
    return project


def test_nothing_leaves_before_an_agreement(cloned: Path, openai_server: Server) -> None:
    refused = run(cloned, *ASK)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr == (
        "ccw: this project asks for what you have not agreed to:\n"
        f"  {SENT}{openai_server.port}\n"
        f"if you trust it, agree in {cloned} with: ccw trust "
        "(where nobody can be asked: CCW_TRUST=1 in the environment)\n"
    )
    assert openai_server.requests == []


def test_json_tells_it_as_well(cloned: Path, openai_server: Server) -> None:
    refused = run(cloned, *ASK, "--json")
    result = json.loads(refused.stdout)
    assert (refused.returncode, result["errorType"], result["exitCode"]) == (3, "not_trusted", 3)
    assert openai_server.requests == []


def test_agreed_to_in_a_script_it_works_until_the_project_asks_for_more(
    cloned: Path, openai_server: Server
) -> None:
    agreed = run(cloned, "trust", "--yes")
    assert (agreed.returncode, agreed.stdout) == (
        0, f"not agreed: {SENT}{openai_server.port}\n",
    )  # fmt: skip
    assert run(cloned, *ASK).stdout.strip() == ANSWER
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {CANARY}"
    headers = {"advancedSettings": {"customHeaders": {"X-Env": "${HOME}"}}}
    clone(cloned, openai_server, **headers)  # as a git pull would
    grown = run(cloned, *ASK)
    assert (grown.returncode, "send ${HOME} to" in grown.stderr) == (3, True)
    assert SENT not in grown.stderr
    clone(cloned, openai_server)
    assert run(cloned, *ASK).returncode == 0
    assert run(cloned, "trust", "--revoke").stdout == f"revoked: {SENT}{openai_server.port}\n"
    assert run(cloned, *ASK).returncode == 3
    assert len(openai_server.posts) == 2


def test_what_ones_own_ccw_wrote_is_not_asked_for(project: Path, openai_server: Server) -> None:
    base = f"http://0.0.0.0:{openai_server.port}/v1"
    add = ("provider", "add", "--type", "custom", "--id", "p", "--api-base", base)
    assert run(project, *add, "--api-key-env", "OPENAI_API_KEY").returncode == 0
    run(project, "endpoint", "add", "e", "--provider", "p", "--model", "gpt-4o")
    assert run(project, *ASK).stdout.strip() == ANSWER
    assert "agreed: send" in run(project, "trust", "--list").stdout


def test_the_environment_agrees_for_one_process(cloned: Path) -> None:
    assert run(cloned, *ASK, CCW_TRUST="1").stdout.strip() == ANSWER
    assert not (Path(os.environ["HOME"]) / ".ccw" / "trust.json").exists()
    (cloned / ".env").write_text("CCW_TRUST=1\n")
    assert run(cloned, *ASK).returncode == 3


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_terminal_is_asked_and_the_call_goes_on(
    cloned: Path, openai_server: Server, more: tuple[str, ...]
) -> None:
    said = on_terminal(cloned, "y", *ASK, *more)
    assert f"  {SENT}{openai_server.port}\r\n" in said.terminal
    answer = json.loads(said.stdout)["output"] if more == ("--json",) else said.stdout.strip()
    assert (said.exit_code, answer) == (0, ANSWER)
    again = on_terminal(cloned, "", *ASK, *more)
    assert (again.exit_code, QUESTION in again.terminal) == (0, False)


@pytest.mark.parametrize("answer", ["", "n"])
def test_a_no_sends_nothing_and_is_not_remembered(
    cloned: Path, openai_server: Server, answer: str
) -> None:
    for _ in range(2):
        said = on_terminal(cloned, answer, *ASK)
        assert (said.exit_code, said.stdout) == (3, "")
        assert said.terminal.endswith("ccw: you did not agree; nothing was sent or run\r\n")
    assert openai_server.requests == []


def test_other_commands_ask_as_well_and_run_again(project: Path, tmp_path: Path) -> None:
    write_config(project, {"globalCacheSettings": {"cacheDir": str(tmp_path / "outside")}})
    (project / "a.py").write_text("x\n")
    refused = run(project, "cache", "pack", "a.py", "--json")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert not (tmp_path / "outside").exists()
    no = on_terminal(project, "n", "cache", "pack", "a.py", "--json")
    assert (no.exit_code, no.stdout) == (3, "")
    yes = on_terminal(project, "y", "cache", "pack", "a.py", "--json")
    assert (yes.exit_code, json.loads(yes.stdout)["filesPacked"]) == (0, 1)


def test_the_question_of_ccw_trust(cloned: Path) -> None:
    no = on_terminal(cloned, "n", "trust")
    assert (no.exit_code, no.stdout.startswith("not agreed: send")) == (3, True)
    assert on_terminal(cloned, "y", "trust").exit_code == 0
    later = on_terminal(cloned, "", "trust")
    assert (later.exit_code, QUESTION in later.terminal) == (0, False)
    assert later.stdout.startswith("agreed: send")


def test_what_ccw_trust_lists(cloned: Path, openai_server: Server) -> None:
    where = f"http://0.0.0.0:{openai_server.port}"
    wish = {
        "kind": "key",
        "what": "${OPENAI_API_KEY}",
        "where": where,
        "text": f"send ${{OPENAI_API_KEY}} to {where}",
    }
    listed = run(cloned, "trust", "--list", "--json")
    assert (listed.returncode, json.loads(listed.stdout)) == (
        0,
        {
            "project": str(cloned),
            "trusted": False,
            "asks": [{**wish, "state": "not agreed"}],
            "unused": [],
        },
    )
    assert run(cloned, "trust", "--json").returncode == 3
    agreed = json.loads(
        run(cloned.parent, "trust", "--yes", "--json", "--project", cloned.name).stdout
    )
    assert (agreed["trusted"], agreed["asks"]) == (True, [{**wish, "state": "agreed"}])
    write_config(cloned, {"providers": []})
    unused = json.loads(run(cloned, "trust", "--json").stdout)
    assert (unused["trusted"], unused["asks"], unused["unused"]) == (True, [], [wish])
    revoked = json.loads(run(cloned, "trust", "--revoke", "--json").stdout)
    assert revoked == {"project": str(cloned), "revoked": [wish]}


def test_nothing_to_agree_to(project: Path) -> None:
    done = run(project, "trust")
    assert (done.returncode, done.stdout) == (
        0, f"{project} asks for nothing that needs your agreement\n",
    )  # fmt: skip
    assert run(project, "trust", "--revoke").stdout == f"nothing was agreed to for {project}\n"


def test_options_that_exclude_each_other(project: Path) -> None:
    assert run(project, "trust", "--yes", "--revoke").returncode == 2
