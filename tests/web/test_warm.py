"""What the server imports and when, and what it holds on to while it answers."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ccw.web.warm import WarmAfterFirst
from tests.web.apis import API, Running, running
from tests.web.test_objects import PROVIDER

LITELLM = re.compile(r"^import time:.*\| +litellm\b", re.MULTILINE)
THREADS = 80  # 40 for routes, some for calls and imports
GROWTH = 30_000  # kB
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's /proc")


def test_litellm_comes_after_the_first_answer(project: Path) -> None:
    with running(project, PYTHONPROFILEIMPORTTIME="1") as server, server.client() as client:
        time.sleep(1)
        assert "| uvicorn" in server.log.replace("  ", "")
        assert not LITELLM.search(server.log)
        assert client.get(f"{API}/config").status_code == 200
        wait_for_litellm(server)
        began = time.monotonic()
        assert client.get(f"{API}/config").status_code == 200
        assert time.monotonic() - began < 5


def wait_for_litellm(server: Running) -> None:
    """Wait until the server has begun to import litellm."""
    ends = time.monotonic() + 30
    while not LITELLM.search(server.log):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_warming_begins_once_and_when_the_first_answer_is_out() -> None:
    order: list[str] = []
    warmed = threading.Event()

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send("answer")

    async def send(message: Any) -> None:
        order.append(message)

    def warm() -> None:
        order.append("warm")
        warmed.set()

    async def two_requests() -> None:
        app: Any = WarmAfterFirst(answer, warm)
        await app({}, None, send)
        await asyncio.to_thread(warmed.wait, 10)
        await app({}, None, send)

    asyncio.run(two_requests())
    assert order == ["answer", "warm", "answer"]


@LINUX
def test_threads_and_memory_are_bounded(project: Path) -> None:
    with running(project) as server, server.client() as client:
        client.post(f"{API}/providers", json={**PROVIDER, "id": "p"})
        settle(server)
        ask_much(server, 100)
        before = status(server)
        ask_much(server, 300)
        after = status(server)
    assert after["Threads"] <= THREADS
    assert after["VmRSS"] - before["VmRSS"] < GROWTH


def ask_much(server: Running, times: int) -> None:
    """Read and change things from many threads."""

    def ask(number: int) -> int:
        if number % 10 == 0:
            return client.put(f"{API}/providers/p", json={"name": str(number)}).status_code
        return client.get(f"{API}/cache/stats").status_code

    with server.client() as client, ThreadPoolExecutor(60) as pool:
        assert set(pool.map(ask, range(times))) == {200}


def settle(server: Running) -> None:
    """Wait until the server has imported what it will."""
    ends, last = time.monotonic() + 60, -1
    while (now := status(server)["VmRSS"]) != last:
        assert time.monotonic() < ends
        last = now
        time.sleep(1)


def status(server: Running) -> dict[str, int]:
    """The figures of a process: sizes in kB, and its threads."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    pairs = re.findall(r"^(VmRSS|VmHWM|Threads):\s+(\d+)", text, re.MULTILINE)
    return {name: int(value) for name, value in pairs}
