"""A canary key goes to the provider's server and is seen nowhere else, whatever happens."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.errors import Unreachable
from ccw.llm.client import Request, Route, complete
from tests.canary import CANARY, HEADER, assert_not_on_disk, assert_nowhere, configure, read
from tests.llm.misdeeds import ALL
from tests.projects import write_files
from tests.servers.loopback import Behaviour, Exchange, Server
from tests.servers.openai_wire import (
    ANSWER,
    echo_headers,
    error_event,
    say,
    stall,
)

BEHAVIOURS: dict[str, Behaviour] = {
    "answer": say(),
    **{name: misdeed.behaviour for name, misdeed in ALL.items()},
    **{f"echo-{code}": echo_headers(code) for code in (401, 403, 400, 500)},
    "error-event": error_event("Half an", f"refused for {CANARY}"),
    "stall": stall("Half an", 5),
}


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Load what a first call loads, which on a busy machine takes longer than a call may here."""
    nobody = Request(Route("openai/none", "none", None, "http://127.0.0.1:9/v1"), [], max_retries=0)
    with pytest.raises(Unreachable):
        complete(nobody)


@pytest.fixture
def shop(project: Path, openai_server: Server) -> Path:
    """A project whose key stands in `.env` and whose header comes from the environment."""
    write_files(project)
    (project / ".env").write_text(f"CANARY_KEY={CANARY}\n")
    configure(project, openai_server.base)
    return project


def ask(project: Path, **options: Any) -> LiteLLMExecutionResult:
    environ = {"HOME": os.environ["HOME"], "CANARY_HEADER": HEADER, "CCW_TRUST": "1"}
    return execute_litellm_endpoint(
        LiteLLMExecutionOptions(
            "@README.md Explain", "ask", project, max_retries=0, timeout=2, **options
        ),
        environ=environ,
    )


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_in_process(
    shop: Path,
    openai_server: Server,
    name: str,
    stream: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    openai_server.default = BEHAVIOURS[name]
    before = dict(os.environ)
    result = ask(shop, stream=stream)
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {CANARY}"
    assert openai_server.posts[-1].headers["x-team"] == HEADER
    assert_nowhere(repr(result) + json.dumps(asdict(result)))
    assert_nowhere(caplog.text)
    assert_nowhere("".join(capfd.readouterr()))
    assert_not_on_disk(shop, Path(os.environ["HOME"]))
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    "base",
    ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1", "https://127.0.0.1:9/v1"],
    ids=["refused", "dns", "refused-tls"],
)
def test_a_server_that_is_not_there(shop: Path, base: str) -> None:
    configure(shop, base)
    result = ask(shop)
    assert result.exit_code == 6
    assert_nowhere(repr(result))


@pytest.mark.parametrize("end", ["\n", "\u2019"], ids=["line-break", "typographic"])
def test_a_key_that_no_header_can_carry(shop: Path, openai_server: Server, end: str) -> None:
    configure(shop, openai_server.base, f"a{end}{CANARY}{end}b")
    result = ask(shop)
    assert (result.success, result.exit_code) == (False, 3)
    assert_nowhere(repr(result))


def test_the_environment_of_children(shop: Path) -> None:
    """The key comes from `.env`; a process started during the call does not get to know it."""
    seen: list[str] = []

    def look(event: dict[str, str]) -> None:
        code = "import os; print(dict(os.environ))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        seen.append(done.stdout)

    assert ask(shop, on_output=look).output == ANSWER
    assert seen
    assert_nowhere("".join(seen))
    assert not {"HF_HUB_OFFLINE", "LITELLM_LOCAL_MODEL_COST_MAP"} & set(os.environ)
    assert "HF_HUB_OFFLINE" not in seen[0]


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--no-stream"]])
@pytest.mark.parametrize("name", ["answer", "echo-401", "error-event"])
def test_in_a_process(shop: Path, openai_server: Server, name: str, arguments: list[str]) -> None:
    command_lines: list[bytes] = []

    def watching(exchange: Exchange) -> None:
        command_lines.extend(map(read, Path("/proc").glob("[0-9]*/cmdline")))
        BEHAVIOURS[name](exchange)

    openai_server.default = watching
    ccw = str(Path(sys.executable).with_name("ccw"))
    command = [ccw, "cli", "-p", "@README.md Explain", "--model", "ask", "--max-retries", "0"]
    environ = {"HOME": os.environ["HOME"], "CANARY_HEADER": HEADER, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [*command, *arguments], cwd=shop, env=environ, capture_output=True, text=True, check=False
    )
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer {CANARY}"
    assert_nowhere(done.stdout + done.stderr)
    assert any(b"README.md" in line for line in command_lines)
    assert CANARY.encode() not in b"".join(command_lines)
    assert_not_on_disk(shop, Path(os.environ["HOME"]))


@pytest.mark.parametrize(
    "command",
    [
        "provider list --json",
        "provider show p",
        "provider show p --json",
        "config show",
        "config validate",
        "cli --dry-run --json -p hi --model ask",
    ],
)
@pytest.mark.parametrize("literal", [False, True], ids=["reference", "literal"])
def test_reading_commands(shop: Path, openai_server: Server, command: str, literal: bool) -> None:
    if literal:
        configure(shop, openai_server.base, CANARY)
    ccw = str(Path(sys.executable).with_name("ccw"))
    environ = {"HOME": os.environ["HOME"], "CANARY_HEADER": HEADER, "CANARY_KEY": CANARY}
    done = subprocess.run(
        [ccw, *command.split()], cwd=shop, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert_nowhere(done.stdout + done.stderr)
