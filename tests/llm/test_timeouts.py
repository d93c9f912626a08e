"""Silence is bounded, a slow reader is not punished, and who leaves takes the connection along."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from ccw.errors import TimedOut
from ccw.llm.client import Timeouts, acomplete, complete
from tests.llm.asking import request
from tests.servers.loopback import Server
from tests.servers.openai_wire import (
    ANSWER,
    endless,
    keep_alive,
    slow_first_chunk,
    slow_headers,
    stall,
    status,
)

pytestmark = pytest.mark.usefixtures("litellm_loaded")

FIRST = "sent nothing for 0.8 s; is the model loading, or the server stuck?"
BETWEEN = "was silent for 0.8 s in the middle of its answer; ask again"
TOTAL = "gave no complete answer within 0.8 s; raise --timeout, or advancedSettings.timeout"


@pytest.mark.parametrize(
    ("behaviour", "bounds", "stream", "says", "partial"),
    [
        pytest.param(slow_headers(9), Timeouts(None, 0.8, 9), True, FIRST, "", id="headers"),
        pytest.param(slow_headers(9), Timeouts(None, 0.8, 9), False, FIRST, "", id="whole"),
        pytest.param(slow_first_chunk(9), Timeouts(None, 0.8, 9), True, FIRST, "", id="first"),
        pytest.param(stall("a b", 9), Timeouts(None, 9, 0.8), True, BETWEEN, "a b", id="between"),
        pytest.param(stall("a b", 9), Timeouts(0.8, 9, 9), True, TOTAL, "a b", id="total"),
        pytest.param(slow_headers(9), Timeouts(0.8, 9, 9), False, TOTAL, "", id="whole-total"),
        pytest.param(endless, Timeouts(0.8, 9, 9), True, TOTAL, None, id="endless"),
    ],
)
def test_timeouts(
    openai_server: Server, behaviour: Any, bounds: Timeouts, stream: bool, says: str, partial: str
) -> None:
    openai_server.will(behaviour)
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        complete(request(openai_server.base, timeouts=bounds, stream=stream))
    assert time.monotonic() - began < 8  # the server would speak after 9
    assert says in str(caught.value)
    assert caught.value.exit_code == 6
    assert caught.value.partial == partial or partial is None
    assert openai_server.posts[0].client_left.wait(5)


def test_total_counts_all_tries(openai_server: Server) -> None:
    openai_server.default = status(503, headers={"Retry-After": "0.15"})
    began = time.monotonic()
    with pytest.raises(Exception, match=r"busy or limits its rate|gave no complete answer"):
        complete(request(openai_server.base, timeouts=Timeouts(total=1.5), max_retries=99))
    assert time.monotonic() - began < 8
    assert 1 < len(openai_server.posts) < 20


def test_signs_of_life_keep_the_call_alive(openai_server: Server) -> None:
    openai_server.will(keep_alive("thought", every=0.2, times=5))
    reply = complete(request(openai_server.base, timeouts=Timeouts(None, 0.6, 0.6)))
    assert reply.text == "thought"


def test_a_slow_reader_is_no_silent_server(openai_server: Server) -> None:
    """A pager that stands still blocks us, not the server."""
    reply = complete(
        request(openai_server.base, timeouts=Timeouts(None, 5, 0.2)), lambda _: time.sleep(0.3)
    )
    assert reply.text == ANSWER


def test_cancelling_closes_the_connection(openai_server: Server) -> None:
    openai_server.will(stall("a b", 20))
    deltas: list[str] = []

    async def cancel_after_words() -> float:
        task = asyncio.create_task(acomplete(request(openai_server.base), deltas.append))
        while len(deltas) < 2:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancel_after_words()) < 8  # the server would go on after 20
    assert openai_server.posts[0].client_left.wait(5)
    assert deltas == ["a", " b"]


def test_an_error_of_the_reader_is_its_own(openai_server: Server) -> None:
    """`| head -1` closes our stdout: that is no failure of the provider."""

    def broken(_: str) -> None:
        raise BrokenPipeError

    openai_server.will(endless)
    with pytest.raises(BrokenPipeError):
        complete(request(openai_server.base), broken)
    assert openai_server.posts[0].client_left.wait(5)


INTERRUPTED = """
import sys
from ccw.llm.client import Request, Route, complete
route = Route("openai/x", "p", "sk-canary", sys.argv[1])
def show(text):
    print(text, end="", flush=True)
try:
    complete(Request(route, [{"role": "user", "content": "Hi"}]), show)
except KeyboardInterrupt:
    print("|interrupted", flush=True)
"""


NOTEBOOK = f"""
import asyncio, signal
async def cell():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as a notebook's kernel has it
    exec({INTERRUPTED!r}, {{}})
asyncio.run(cell())
"""


@pytest.mark.parametrize("program", [INTERRUPTED, NOTEBOOK], ids=["plain", "notebook"])
def test_ctrl_c(openai_server: Server, program: str) -> None:
    openai_server.will(stall("a b", 20))
    process = subprocess.Popen(
        [sys.executable, "-c", program, openai_server.base],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert process.stdout is not None
    assert process.stdout.read(3) == "a b"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out, err, process.returncode) == ("|interrupted\n", "", 0)
    assert openai_server.posts[0].client_left.wait(5)
