"""No key of a pool ends anywhere but at its server, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import time
import traceback
from pathlib import Path

import pytest

from ccw.errors import CcwError
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.pooling import Pooling
from ccw.execution.preparing import Preparation
from ccw.execution.tries import Tries
from tests.cli.asking import CCW
from tests.pools.worlds import ask, endpoint, provider, write
from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.servers.openai_wire import cut, echo_headers, overflow, status

SECRETS = ("sk-canary-aaaaaaaa", "sk-canary-bbbbbbbb", "sk-canary-cccccccc")
LOUD = {"LITELLM_LOG": "DEBUG", "OPENAI_LOG": "debug"}
FAILURES = {
    "refused": echo_headers(401),
    "forbidden": echo_headers(403),
    "limited": echo_headers(429),
    "failing": echo_headers(500),
    "wrong": echo_headers(400),
    "too-long": overflow(),
    "cut": cut("Half an"),
    "moved": status(307, headers={"Location": "http://127.0.0.1:9/"}),
}


@pytest.fixture(params=FAILURES)
def broken(
    request: pytest.FixtureRequest, project: Path, openai_server: Server, backup_server: Server
) -> Path:
    """A project whose three keys all meet the same failure."""
    openai_server.default = backup_server.default = FAILURES[request.param]
    first, second, third = SECRETS
    entries = [{"id": "a", "key": first}, {"id": "b", "key": second}]
    providers = [
        provider("p", openai_server.base, apiKeys=entries),
        provider("q", backup_server.base, apiKey=third),
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    return project


def assert_no_secret(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


def test_nothing_in_results_logs_or_files(
    broken: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        result = ask(broken, max_retries=1, timeout=4)
        assert not result.success
        assert_no_secret(repr(result))
    assert_no_secret(caplog.text)
    assert_no_secret("".join(capfd.readouterr()))
    for path in (*broken.rglob("*"), *Path(os.environ["HOME"]).rglob("*")):
        if path.is_file() and path.name != CONFIG.name:
            assert_no_secret(path.read_bytes().decode("latin-1"))


@pytest.mark.parametrize("broken", ["refused", "cut"], indirect=True)
def test_nothing_in_the_output_of_a_process(broken: Path) -> None:
    environ = {**{name: os.environ[name] for name in ("HOME", "PATH")}, **LOUD}
    done = subprocess.run(
        [CCW, "cli", "-p", "Hi", "--json", "--timeout", "4"],
        cwd=broken,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)["attempts"]
    assert_no_secret(done.stdout + done.stderr)


def test_an_error_of_a_pool_has_no_chain(broken: Path) -> None:
    options = LiteLLMExecutionOptions("Hi", None, broken, max_retries=0, timeout=4)
    environ = {"HOME": os.environ["HOME"]}
    ready = Preparation(options, environ, 0, lambda notes: None)
    ready.run()
    made = Pooling(ready, time.time, lambda notes: None, Tries())
    pooled = asyncio.run(made.ask(lambda text: None, lambda seconds, failure: None))
    assert isinstance(pooled.outcome, CcwError)
    assert (pooled.outcome.__cause__, pooled.outcome.__context__) == (None, None)
    assert_no_secret("".join(traceback.format_exception(pooled.outcome)))
    assert_no_secret(repr(pooled))
