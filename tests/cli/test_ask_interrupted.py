"""Ctrl-C, a reader that leaves, a full disk: what came is kept, and nothing looks like a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.asking import CCW, start
from tests.servers.loopback import Server
from tests.servers.openai_wire import endless, stall


def wait_for_words(server: Server) -> None:
    """Wait until the server has begun its answer."""
    ends = time.monotonic() + 30
    while not server.posts and time.monotonic() < ends:
        time.sleep(0.02)
    time.sleep(1)


def test_interrupt_while_streaming(shop: Path, openai_server: Server) -> None:
    openai_server.default = stall("The beginning", 20)
    with start("-p", "hi") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        came = os.read(process.stdout.fileno(), 100)
        while b"beginning" not in came:
            came += os.read(process.stdout.fileno(), 100)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=10) == 130
        assert (came + rest).rstrip() == b"The beginning"
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "arrived"),
    [pytest.param([], "", id="whole"), pytest.param(["--stream"], "The beginning", id="stream")],
)
def test_an_interrupted_call_has_a_result(
    shop: Path, openai_server: Server, arguments: list[str], arrived: str
) -> None:
    openai_server.default = stall("The beginning", 20)
    with start("-p", "hi", "--json", *arguments) as process:
        wait_for_words(openai_server)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
    shown = json.loads(stdout)
    assert (process.returncode, shown["exitCode"], stderr) == (130, 130, b"")
    assert (shown["success"], shown["output"]) == (False, arrived)
    assert shown["error"] == "interrupted before the answer was complete"
    assert shown["errorType"] == "interrupted"


def test_a_pipe_that_closes_early(shop: Path, openai_server: Server) -> None:
    openai_server.default = endless
    command = f"set -o pipefail; {CCW} cli -p hi | head -c 20"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert len(done.stdout) == 20
    assert (done.returncode, done.stderr) == (141, b"")
    assert openai_server.posts[-1].client_left.wait(10)


def test_a_full_disk(shop: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [CCW, "cli", "-p", "hi"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"cannot write the output: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
