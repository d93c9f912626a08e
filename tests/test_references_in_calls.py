"""Keys from files and commands: asked for once by a call, by nothing else, and seen nowhere."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ccw import (
    LiteLLMExecutionOptions,
    execute_litellm_endpoint,
    get_provider_with_resolved_env_vars,
    resolve_env_var,
)
from tests.canary import CANARY, assert_not_on_disk, assert_nowhere, family, read
from tests.cli.asking import CCW
from tests.projects import write_config, write_files
from tests.servers.loopback import Exchange, Server
from tests.servers.openai_wire import ANSWER, echo_headers, say

SCRIPT = "#!/bin/sh\necho run >> runs\ncat key.txt\n"
COMMAND = "${cmd:./give-key}"


@pytest.fixture
def shop(project: Path, openai_server: Server) -> Path:
    """A project whose key comes out of a script that counts its runs."""
    write_files(project)
    (project / "give-key").write_text(SCRIPT)
    (project / "give-key").chmod(0o700)
    (project / "key.txt").write_text(f"{CANARY}\n")
    configure(project, openai_server, apiKey=COMMAND)
    return project


def configure(project: Path, server: Server, **fields: Any) -> None:
    provider = {"id": "p", "name": "Loop", "type": "custom", "apiBase": server.base, **fields}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "p", "model": "gpt-4o"}
    write_config(
        project, {"providers": [provider], "endpoints": [endpoint], "defaultEndpoint": "ask"}
    )


def environ() -> dict[str, str]:
    return {**{name: os.environ[name] for name in ("HOME", "PATH")}, "CCW_TRUST": "1"}


def ccw(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CCW, *words], cwd=project, env=environ(), capture_output=True, text=True, check=False
    )


def runs(project: Path) -> int:
    path = project / "runs"
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_call_asks_once_and_tells_nobody(
    shop: Path, openai_server: Server, stream: bool, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {"X-Twice": COMMAND, "X-File": "${file:key.txt}"}
    configure(shop, openai_server, apiKey=COMMAND, advancedSettings={"customHeaders": headers})
    openai_server.default = say() if status == 200 else echo_headers(status)
    result = execute_litellm_endpoint(
        LiteLLMExecutionOptions(
            "@README.md Explain", "ask", shop, max_retries=1, timeout=5, stream=stream
        ),
        environ=environ(),
    )
    sent = openai_server.posts[-1].headers
    expected = (f"Bearer {CANARY}", CANARY, CANARY)
    assert (sent["authorization"], sent["x-twice"], sent["x-file"]) == expected
    assert (result.success, runs(shop)) == (status == 200, 1)
    assert_nowhere(repr(result) + json.dumps(asdict(result)) + "".join(capfd.readouterr()))
    (shop / "key.txt").unlink()
    assert_not_on_disk(shop, Path(os.environ["HOME"]))


def test_the_processes_of_a_call_bear_no_key(shop: Path, openai_server: Server) -> None:
    command_lines: list[bytes] = []

    def watching(exchange: Exchange) -> None:
        own = family(os.getpid())
        command_lines.extend(read(Path(f"/proc/{pid}/cmdline")) for pid in own)
        say()(exchange)

    openai_server.default = watching
    done = ccw(shop, "cli", "-p", "hi")
    assert (done.returncode, done.stdout.strip(), runs(shop)) == (0, ANSWER, 1)
    assert_nowhere(done.stdout + done.stderr)
    assert any(b"cli\0-p\0hi" in line for line in command_lines)
    assert CANARY.encode() not in b"".join(command_lines)


@pytest.mark.parametrize(
    "words",
    [
        "provider list",
        "provider show p --json",
        "endpoint list --json",
        "config show",
        "config show --json",
        "config validate",
        "cli --dry-run --json -p hi",
        "provider update p --name New",
    ],
)
def test_nothing_but_a_call_asks(shop: Path, openai_server: Server, words: str) -> None:
    done = ccw(shop, *words.split())
    assert (done.returncode, runs(shop), openai_server.posts) == (0, 0, []), done.stderr
    assert_nowhere(done.stdout + done.stderr)
    if "show" in words:
        assert COMMAND in done.stdout


def test_a_reference_typed_as_the_key_is_no_literal(shop: Path) -> None:
    done = ccw(shop, "provider", "add", "--type", "custom", "--id", "q", "--api-base",
               "${file:base.txt}", "--api-key", "${cmd:pass show x}")  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "added q\n")
    assert "warning" not in done.stderr
    shown = json.loads(ccw(shop, "provider", "show", "q", "--json").stdout)
    assert (shown["apiKey"], shown["apiBase"]) == ("${cmd:pass show x}", "${file:base.txt}")


def test_base_and_proxy_may_come_from_files(shop: Path, openai_server: Server) -> None:
    (shop / "host").write_text(openai_server.base.removeprefix("http://") + "\n")
    configure(shop, openai_server, apiBase="http://${file:host}", apiKey="x-${file:key.txt}")
    assert ccw(shop, "cli", "-p", "hi").stdout.strip() == ANSWER
    assert openai_server.posts[-1].headers["authorization"] == f"Bearer x-{CANARY}"


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("${cmd:./none}", "the command ./none, which cannot be run: No such file or directory"),
        ("${cmd:sh -c 'cat key.txt; exit 3'}", "the command sh, which failed (exit code 3)"),
        ("${cmd:sh -c 'cat key.txt key.txt'}", "the command sh, which printed more than one line"),
        ("${cmd:true}", "the command true, which printed nothing"),
        ("${file:none.txt}", "which cannot be read: No such file or directory"),
        ("${file:give-key}", "which has 3 lines"),
        ("${keyring:x}", "apiKey of provider p: ${keyring:…} needs a service and a user"),
        ("${cmd:}", "apiKey of provider p: ${cmd:…} needs a command"),
        ("${vault:x}", "apiKey of provider p: ${vault:…} is no kind of reference; write ${NAME}"),
    ],
)
def test_a_reference_that_gives_nothing(
    shop: Path, openai_server: Server, key: str, why: str
) -> None:
    configure(shop, openai_server, apiKey=key)
    done = ccw(shop, "cli", "-p", "hi")
    assert (done.returncode, done.stdout, openai_server.posts) == (3, "", [])
    assert done.stderr.startswith("ccw: apiKey of provider p")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert_nowhere(done.stderr)


@pytest.mark.parametrize(
    ("key", "code", "why"),
    [
        ("${keyring:x}", 3, "error: providers[0].apiKey: ${keyring:…} needs a service and a user"),
        ("${vault:x}", 3, "error: providers[0].apiKey: ${vault:…} is no kind of reference"),
        ("${cmd:no-such-command}", 0, ""),
    ],
)
def test_validate_reads_references_as_they_are_written(
    shop: Path, openai_server: Server, key: str, code: int, why: str
) -> None:
    configure(shop, openai_server, apiKey=key)
    done = ccw(shop, "config", "validate")
    assert done.returncode == code
    assert why in done.stdout + done.stderr


def test_from_python(shop: Path) -> None:
    provider = get_provider_with_resolved_env_vars(shop, "p", environ=environ())
    assert provider is not None
    assert (provider.resolved_api_key, runs(shop)) == (CANARY, 1)
    assert_nowhere(repr(provider) + provider.model_dump_json())
    assert (resolve_env_var(COMMAND), resolve_env_var("a${file:key.txt}")) == ("", "a")
    assert runs(shop) == 1
