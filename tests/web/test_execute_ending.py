"""How a call over HTTP ends before its answer does: the client leaves, the server stops, a bug."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ccw import LiteLLMExecutionOptions
from ccw.errors import TooManyRuns
from ccw.web.runs import Event, Runs, joined
from tests.servers.loopback import Server
from tests.servers.openai_wire import endless, slow_first_chunk, stall
from tests.web.apis import API, client_of, environ, running

EXECUTE = "/api/cli/execute"


def test_no_more_calls_than_there_is_room_for(shop: Path, openai_server: Server) -> None:
    openai_server.default = stall("The beginning", 20)
    with client_of(shop, runs=Runs(limit=0)) as client:
        answer = client.post(EXECUTE, json={"prompt": "hi"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "too_many_runs")


def wait_for_posts(server: Server, number: int) -> None:
    """Wait until so many calls have reached the provider."""
    ends = time.monotonic() + 30
    while len(server.posts) < number and time.monotonic() < ends:
        time.sleep(0.02)


def test_the_call_ends_when_the_client_goes_away(shop: Path, openai_server: Server) -> None:
    openai_server.default = stall("The beginning", 30)
    with running(shop) as server, server.client() as client:
        with client.stream("POST", EXECUTE, json={"prompt": "hi"}) as answer:
            next(line for line in answer.iter_lines() if "beginning" in line)
        assert openai_server.posts[-1].client_left.wait(5)


def test_also_when_it_waits_for_one_object(shop: Path, openai_server: Server) -> None:
    with running(shop) as server, server.client() as client:
        assert client.post(EXECUTE, json={"prompt": "hi"}).status_code == 200
        openai_server.default = slow_first_chunk(30)
        leaving = threading.Thread(target=lambda: _give_up(client))
        leaving.start()
        wait_for_posts(openai_server, 2)
        assert openai_server.posts[1].client_left.wait(10)
        leaving.join()


def _give_up(client: Any) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post(EXECUTE, json={"prompt": "hi", "stream": False}, timeout=3)


def test_others_are_answered_while_a_model_never_ends(shop: Path, openai_server: Server) -> None:
    openai_server.default = endless
    with (
        running(shop) as server,
        server.client() as client,
        client.stream("POST", EXECUTE, json={"prompt": "hi"}) as answer,
    ):
        lines = answer.iter_lines()
        next(line for line in lines if line.startswith("event: delta"))
        with server.client() as other:
            began = time.monotonic()
            assert other.get(f"{API}/config").status_code == 200
            assert time.monotonic() - began < 5


def test_ctrl_c_ends_the_answers_under_way(shop: Path, openai_server: Server) -> None:
    openai_server.default = stall("The beginning", 30)
    with (
        running(shop) as server,
        server.client() as client,
        client.stream("POST", EXECUTE, json={"prompt": "hi"}) as answer,
    ):
        lines = answer.iter_lines()
        next(line for line in lines if "beginning" in line)
        server.process.send_signal(signal.SIGINT)
        rest = [line for line in lines if line]
        assert rest[-2] == "event: error"
        assert json.loads(rest[-1].removeprefix("data: "))["error"]["type"] == "interrupted"
        assert server.process.wait(10) == 0
    assert "Traceback" not in server.log


def test_ctrl_c_ends_a_test_of_a_silent_gateway(project: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running(project) as server,
        server.client() as client,
        ThreadPoolExecutor(1) as aside,
    ):
        gateway = f"http://127.0.0.1:{silent.getsockname()[1]}"
        asked = aside.submit(client.post, f"{API}/test-connection", json={"baseUrl": gateway})
        connection, _ = silent.accept()  # kept, and never answered
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        answer = asked.result()
        assert (answer.status_code, answer.json()["error"]["type"]) == (503, "interrupted")
        assert answer.headers["cache-control"] == "no-store"
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 4
    connection.close()
    assert server.log.count("\n") == 1


def delta(text: str) -> Event:
    return Event("delta", {"text": text})


def test_neighbouring_pieces_become_one() -> None:
    files = Event("files", {})
    events = [files, delta("a"), delta("b"), files, delta("c"), None]
    assert list(joined(events)) == [files, delta("ab"), files, delta("c")]


def test_a_bug_is_told_and_raised(project: Path) -> None:
    impossible: Any = 5
    options = LiteLLMExecutionOptions(impossible, None, project)

    async def told() -> list[Event]:
        heard = []
        with Runs().begun(options, environ()) as run:
            events = run.events()
            heard.append(await anext(events))
            with pytest.raises(TypeError):
                await anext(events)
        return heard

    (event,) = asyncio.run(told())
    assert (event.name, event.data["error"]["type"]) == ("error", "bug")


def test_the_end_of_a_call_makes_room(project: Path) -> None:
    options = LiteLLMExecutionOptions("hi", None, project)

    async def two_at_a_time() -> None:
        runs = Runs(limit=1)
        for _ in range(2):
            with runs.begun(options, environ()), pytest.raises(TooManyRuns):
                runs.begun(options, environ()).__enter__()

    asyncio.run(two_at_a_time())
