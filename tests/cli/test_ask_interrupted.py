"""Ctrl-C, a signal, a reader that leaves, a full disk: what came is kept, nothing looks broken."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from ccw.history.log import HISTORY_FILE
from tests.cli.asking import CCW, ccw, invoke, start
from tests.projects import CONFIG, write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import endless, stall

SLOW_DISK = """
import sys, time

class Finder:
    def find_spec(name, path=None, target=None):
        if name == "litellm.main":
            open({loading!r}, "w").close()
            time.sleep(60)

sys.meta_path.insert(0, Finder)
"""


def wait_for_words(server: Server, calls: int = 1) -> None:
    """Wait until the server has begun its answer to the last of *calls*."""
    ends = time.monotonic() + 30
    while len(server.posts) < calls and time.monotonic() < ends:
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
        closing, error = process.stderr.read().decode().splitlines()
    assert closing.startswith("gpt-4o (custom) · tokens unknown · cost unknown · ")
    assert error == "ccw: interrupted before the answer was complete"


@pytest.mark.parametrize(
    ("arguments", "arrived"),
    [pytest.param([], "", id="whole"), pytest.param(["--stream"], "The beginning", id="stream")],
)
def test_an_interrupted_call_has_a_result(
    shop: Path, openai_server: Server, arguments: list[str], arrived: str
) -> None:
    openai_server.default = stall("The beginning", 20)
    with start("-p", "@README.md hi", "--json", *arguments) as process:
        wait_for_words(openai_server)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
    shown = json.loads(stdout)
    assert (process.returncode, shown["exitCode"], stderr) == (130, 130, b"")
    assert (shown["success"], shown["output"]) == (False, arrived)
    assert shown["error"] == "interrupted before the answer was complete"
    assert shown["errorType"] == "interrupted"
    assert (shown["cachedFiles"], shown["model"]) == (["README.md"], "gpt-4o")
    assert (len(shown["sessionId"]), shown["durationMs"] > 500) == (16, True)


def exit_codes(project: Path) -> list[int]:
    with closing(sqlite3.connect(project / HISTORY_FILE)) as database:
        return [code for (code,) in database.execute("SELECT exit_code FROM runs")]


@pytest.mark.parametrize(
    ("number", "code", "arguments"),
    [
        pytest.param(signal.SIGTERM, 143, ["cli", "hi"], id="term"),
        pytest.param(signal.SIGHUP, 129, ["cli", "hi"], id="hangup"),
        pytest.param(signal.SIGTERM, 143, ["cli", "hi", "--fallback", "other"], id="pool"),
        pytest.param(signal.SIGTERM, 143, ["cache", "warm", "big.txt"], id="warm"),
    ],
)
def test_a_signal_that_ends(
    shop: Path, openai_server: Server, number: int, code: int, arguments: list[str]
) -> None:
    (shop / "big.txt").write_text("word\n" * 2000)
    config = json.loads((shop / CONFIG).read_text())
    config["endpoints"].append({**config["endpoints"][0], "id": "other"})
    write_config(shop, config)
    openai_server.default = stall("The beginning", 20)
    with subprocess.Popen([CCW, *arguments], stderr=subprocess.PIPE, stdin=-3) as process:
        wait_for_words(openai_server)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, exit_codes(shop)) == (code, [code])
    assert b"Traceback" not in said
    if arguments[0] == "cli":
        name = signal.Signals(number).name.encode()
        assert said.endswith(b"ccw: ended by %b before the answer was complete\n" % name)


@pytest.mark.parametrize("more", [[], ["--fallback", "other"]], ids=["plain", "pool"])
@pytest.mark.parametrize(
    ("number", "code", "how"),
    [
        pytest.param(signal.SIGINT, 130, "interrupted", id="int"),
        pytest.param(signal.SIGTERM, 143, "ended by SIGTERM", id="term"),
    ],
)
def test_what_ends_before_anything_was_sent(
    shop: Path, number: int, code: int, how: str, more: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reconfigure(shop, f"https://127.0.0.1:{silent.getsockname()[1]}/v1")
        with start("@README.md hi", *more) as process:
            silent.settimeout(30)
            connection, _ = silent.accept()  # and TLS is waited for
            process.send_signal(number)
            _, said = process.communicate(timeout=20)
            connection.close()
    assert (process.returncode, said) == (code, f"ccw: {how} before anything was sent\n".encode())
    with closing(sqlite3.connect(shop / HISTORY_FILE)) as database:
        runs = database.execute("SELECT exit_code, cost, saved, input FROM runs").fetchall()
        traces = database.execute("SELECT * FROM traces").fetchall()
    assert (runs, traces) == ([(code, 0.0, 0.0, None)], [])
    told = ccw("cache", "explain")
    assert told.exit_code == 3
    assert "no call with files that reached the model is in the run log; the call" in told.stderr
    total = ccw("cache", "stats").output.splitlines()[-1]
    assert total.startswith("total\t1\t1\t")
    assert total.endswith("\t$0.0000\t$0.0000")


@pytest.mark.parametrize("more", [[], ["--fallback", "other"]], ids=["plain", "pool"])
def test_what_ends_while_litellm_is_loaded(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    """Ctrl-C does not wait for the import, which takes seconds on a slow disk."""
    reconfigure(shop, "http://127.0.0.1:9/v1")
    loading = tmp_path / "loading"
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow/sitecustomize.py").write_text(SLOW_DISK.format(loading=str(loading)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "slow"))
    with start("hi", *more) as process:
        while not loading.exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, b"ccw: interrupted before anything was sent\n")


def reconfigure(shop: Path, base: str) -> None:
    config = json.loads((shop / CONFIG).read_text())
    config["providers"][0]["apiBase"] = base
    config["endpoints"].append({**config["endpoints"][0], "id": "other"})
    write_config(shop, config)


def test_what_ends_before_anything_was_sent_as_json(shop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        reconfigure(shop, f"https://127.0.0.1:{silent.getsockname()[1]}/v1")
        with start("@README.md hi", "--json") as process:
            silent.settimeout(30)
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
            connection.close()
    shown = json.loads(stdout)
    assert (shown["error"], stderr) == ("interrupted before anything was sent", b"")
    assert (shown["exitCode"], shown["cost"], shown["saved"]) == (130, 0.0, 0.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["term", "hangup"])
def test_a_second_signal_ends_at_once(shop: Path, openai_server: Server, number: int) -> None:
    """The first waits for the run log, which somebody else has locked."""
    assert invoke("hi").exit_code == 0
    openai_server.default = stall("The beginning", 20)
    with start("hi") as process, closing(sqlite3.connect(shop / HISTORY_FILE)) as database:
        wait_for_words(openai_server, 2)
        database.execute("BEGIN EXCLUSIVE")
        process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(number)
        assert process.wait(timeout=20) == -number


@pytest.mark.parametrize("more", [[], ["--fallback", "other"]], ids=["plain", "pool"])
def test_what_a_call_has_started_ends_with_it(
    shop: Path, more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCW_TRUST", "1")
    (shop / "slow").write_text("#!/bin/sh\necho $$ > pid.new && mv pid.new pid && exec sleep 60\n")
    (shop / "slow").chmod(0o700)
    config = json.loads((shop / CONFIG).read_text())
    config["providers"][0]["apiKey"] = "${cmd:./slow}"
    config["endpoints"].append({**config["endpoints"][0], "id": "other"})
    write_config(shop, config)
    with start("hi", *more) as process:
        pid = wait_for_text(shop / "pid")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 143
    assert not Path(f"/proc/{pid.strip()}").exists()


def wait_for_text(path: Path) -> str:
    ends = time.monotonic() + 30
    while not path.exists() and time.monotonic() < ends:
        time.sleep(0.02)
    return path.read_text()


def test_a_hangup_that_is_to_be_ignored(shop: Path, openai_server: Server) -> None:
    openai_server.default = stall("The beginning", 3)
    command = ["sh", "-c", f"trap '' HUP; exec {CCW} cli hi"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=-3, text=True) as process:
        wait_for_words(openai_server)
        process.send_signal(signal.SIGHUP)
        said, _ = process.communicate(timeout=30)
    assert (process.returncode, said[:13]) == (0, "The beginning")


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
