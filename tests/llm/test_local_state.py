"""The kept server's state file: what it says is believed only of the process that wrote it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ccw.llm.local.kept import stop
from ccw.llm.local.state import Kept, find_kept, process_birth, read_state, state_path, write_state

STATE = Kept(
    port=1, pid=1, birth="0", started=0.0, last_used=0.0, idle_minutes=15.0, api_key="sk-local-x"
)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with ccw."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def test_the_state_file_is_the_users_alone(home: Path) -> None:
    write_state(home, STATE)
    assert stat.S_IMODE(state_path(home).stat().st_mode) == 0o600
    assert read_state(home) == STATE
    assert [p.name for p in state_path(home).parent.iterdir()] == ["server.json"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="truncated"),
        pytest.param("[]", id="no-object"),
        pytest.param('{"pid": 1}', id="fields-missing"),
        pytest.param(json.dumps(asdict(STATE) | {"port": "x"}), id="other-type"),
        pytest.param(json.dumps(asdict(STATE) | {"pid": -1}), id="impossible-pid"),
        pytest.param(json.dumps(asdict(STATE) | {"port": 70000}), id="impossible-port"),
    ],
)
def test_a_state_file_that_makes_no_sense_is_none(home: Path, text: str) -> None:
    state_path(home).write_text(text)
    assert read_state(home) is None
    assert find_kept(home) is None
    assert stop(home) is False


def test_a_recycled_pid_is_neither_used_nor_ended(
    home: Path, bystander: subprocess.Popen[bytes]
) -> None:
    write_state(home, replace(STATE, pid=bystander.pid, birth="1"))
    assert find_kept(home) is None
    assert not state_path(home).exists()
    write_state(home, replace(STATE, pid=bystander.pid, birth="1"))
    assert stop(home) is False
    assert bystander.poll() is None
    assert not state_path(home).exists()


def test_a_dead_process_is_forgotten(home: Path, bystander: subprocess.Popen[bytes]) -> None:
    birth = process_birth(bystander.pid)
    assert birth is not None
    bystander.kill()
    bystander.wait()
    write_state(home, replace(STATE, pid=bystander.pid, birth=birth))
    assert find_kept(home) is None
    assert not state_path(home).exists()


def test_a_stranger_at_the_port_is_not_asked(home: Path) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        birth = process_birth(os.getpid())
        assert birth is not None
        kept = replace(STATE, port=stranger.server_port, pid=os.getpid(), birth=birth)
        write_state(home, kept)
        assert find_kept(home) is None
        stranger.shutdown()
