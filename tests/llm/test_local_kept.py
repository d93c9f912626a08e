"""The kept server: found by its state file, told from strangers, started once, ended alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ccw.errors import LocalServerFailed
from ccw.llm.local.kept import Order, log_path, start, stop
from ccw.llm.local.model import SMOLLM2, model_path
from ccw.llm.local.server import count_prompt_tokens, local_server
from ccw.llm.local.state import Kept, find_kept, process_birth, read_state, state_path
from ccw.llm.local.status import status
from ccw.llm.local.wire import ask

ROOT = Path(__file__).parents[2]
QUESTION = [{"role": "user", "content": "Say hi"}]
NOT_RUNNING = {
    "running": False,
    "port": None,
    "pid": None,
    "uptimeSeconds": None,
    "idleSeconds": None,
    "idleLimitSeconds": None,
}


def keep(home: Path, idle_minutes: float = 5.0) -> Kept:
    order = Order(str(home), idle_minutes, threads=1)
    return start(order, python=sys.executable, environ=os.environ)[0]


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def lives(kept: Kept) -> bool:
    return process_birth(kept.pid) == kept.birth


def test_status_without_anything(home: Path) -> None:
    assert status(home, now=0.0) == {
        "model": "smollm2",
        "installed": False,
        "engineInstalled": True,
        "path": str(model_path(home)),
        "contextWindow": 8192,
        **NOT_RUNNING,
    }


@pytest.mark.model
def test_a_kept_server_is_shared_and_ended(local_home: Path) -> None:
    kept = keep(local_home)
    assert start(Order(str(local_home)), python=sys.executable, environ=os.environ) == (kept, False)
    with local_server(local_home) as server:
        assert server == kept.server
        assert count_prompt_tokens(server, QUESTION) > 0
    seen = status(local_home, now=kept.started + 2.0)
    assert (seen["running"], seen["port"], seen["pid"]) == (True, kept.port, kept.pid)
    assert (seen["uptimeSeconds"], seen["idleSeconds"]) == (2.0, 2.0)
    assert seen["idleLimitSeconds"] == 300.0
    assert stop(local_home) is True
    assert not lives(kept)
    assert {key: status(local_home, now=0.0)[key] for key in NOT_RUNNING} == NOT_RUNNING
    assert stop(local_home) is False


ASKS = """
import sys
from pathlib import Path
from ccw.llm.local.server import local_server
from ccw.llm.local.wire import ask
text = "The quick brown fox jumps over the lazy dog. " * 5 + sys.argv[2]
body = {"messages": [{"role": "user", "content": text}], "max_tokens": 1}
with local_server(Path(sys.argv[1])) as server:
    usage = ask(server, "POST", "/v1/chat/completions", body)["usage"]
print(server.port, usage["prompt_tokens_details"]["cached_tokens"])
"""


@pytest.mark.model
def test_a_second_process_meets_a_warm_prefix(local_home: Path) -> None:
    kept = keep(local_home)
    said = [
        subprocess.check_output(
            [sys.executable, "-c", ASKS, str(local_home), question], cwd=ROOT, timeout=90
        )
        for question in ("Who jumps?", "Over what?")
    ]
    (first_port, first_cached), (second_port, second_cached) = (map(int, s.split()) for s in said)
    assert (first_port, second_port, first_cached) == (kept.port, kept.port, 0)
    assert second_cached > 50


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_the_kept_server_is_detached_and_gives_no_key_away(
    local_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-of-the-user")
    kept = keep(local_home)
    process = Path(f"/proc/{kept.pid}")
    files = {os.readlink(path) for path in (process / "fd").iterdir()}
    assert not {name for name in files if name.startswith("/")} - {str(log_path(local_home))}
    assert os.getsid(kept.pid) == kept.pid
    shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert kept.api_key.encode() not in shown
    assert b"sk-canary" not in shown
    assert kept.api_key not in repr(kept)
    assert kept.api_key not in log_path(local_home).read_text()


@pytest.mark.model
def test_started_twice_at_once_there_is_one(local_home: Path) -> None:
    command = [sys.executable, "-m", "ccw", "local", "start"]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=90)[0] for process in both)
    kept = read_state(local_home)
    assert kept is not None
    where = f"port {kept.port}, pid {kept.pid}\n"
    assert said == [f"already running: {where}", f"started: {where}"]


@pytest.mark.model
def test_it_ends_when_idle_and_not_before(local_home: Path) -> None:
    kept = keep(local_home, idle_minutes=1.5 / 60)
    body = {"model": "smollm2", "messages": QUESTION, "max_tokens": 2}
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        ask(kept.server, "POST", "/v1/chat/completions", body)
        time.sleep(0.3)
    assert lives(kept)
    assert eventually(lambda: not lives(kept))
    assert not state_path(local_home).exists()
    assert find_kept(local_home) is None


@pytest.mark.model
def test_it_ends_when_its_folder_is_removed(local_home: Path) -> None:
    kept = keep(local_home, idle_minutes=1 / 60)
    shutil.rmtree(state_path(local_home).parent)
    assert eventually(lambda: not lives(kept))


@pytest.mark.model
def test_a_killed_server_is_replaced(local_home: Path) -> None:
    kept = keep(local_home)
    os.kill(kept.pid, 9)
    assert eventually(lambda: not lives(kept))
    again = keep(local_home)
    assert again.process != kept.process
    assert find_kept(local_home) == again


@pytest.mark.model
def test_a_start_that_fails_says_why(home: Path) -> None:
    path = model_path(home)
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(SMOLLM2.size)  # the right length, all zero
    with pytest.raises(LocalServerFailed, match=r"cannot be loaded.*server\.log"):
        keep(home)
    assert find_kept(home) is None
