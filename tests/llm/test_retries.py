"""What is tried again, how often, and how long is waited between."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest

from ccw.errors import CcwError
from ccw.llm.call.retries import LONGEST_BACKOFF
from ccw.llm.client import Timeouts, acomplete
from tests.llm.asking import request
from tests.llm.misdeeds import ALL
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, cut, reset, say, status

pytestmark = pytest.mark.usefixtures("litellm_loaded")


def ask(base: str, **options: Any) -> tuple[str, list[float]]:
    """Return the text, or the error's type, and the waits between the tries."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def call() -> str:
        return (await acomplete(request(base, **options), sleep=sleep)).text

    try:
        return asyncio.run(call()), waits
    except CcwError as error:
        return error.error_type, waits


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 529])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_busy_server_is_tried_again(openai_server: Server, code: int, stream: bool) -> None:
    openai_server.will(status(code), status(code))
    text, waits = ask(openai_server.base, max_retries=2, stream=stream)
    assert (text, len(openai_server.posts), len(waits)) == (ANSWER, 3, 2)
    assert all(0 <= wait <= LONGEST_BACKOFF for wait in waits)


@pytest.mark.parametrize("model", ["openai/x", "anthropic/x"])
def test_a_lost_connection_is_tried_again(openai_server: Server, model: str) -> None:
    openai_server.will(reset, reset, status(400))
    error, waits = ask(openai_server.root, model=model, max_retries=2)
    assert (error, len(openai_server.posts), len(waits)) == ("bad_request", 3, 2)


@pytest.mark.parametrize("name", ["400", "401", "403", "404", "413", "422", "html", "no-choices"])
def test_what_will_not_get_better_is_not_tried_again(openai_server: Server, name: str) -> None:
    openai_server.will(ALL[name].behaviour)
    _, waits = ask(openai_server.base, max_retries=5)
    assert (len(openai_server.posts), waits) == (1, [])


def test_never_again_after_the_first_words(openai_server: Server) -> None:
    openai_server.will(cut("half an"))
    assert ask(openai_server.base, max_retries=5) == ("incomplete_reply", [])
    assert len(openai_server.posts) == 1


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_as_often_as_asked(openai_server: Server, retries: int) -> None:
    openai_server.default = status(503)
    error, waits = ask(openai_server.base, max_retries=retries)
    assert (error, len(openai_server.posts)) == ("rate_limited", retries + 1)
    assert len(waits) == retries


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"Retry-After": "7"}, 7.0, id="seconds"),
        pytest.param({"Retry-After": "0"}, 0.0, id="at-once"),
        pytest.param({"Retry-After": "9", "retry-after-ms": "1500"}, 1.5, id="milliseconds"),
    ],
)
def test_waits_as_long_as_the_server_asks(
    openai_server: Server, headers: dict[str, str], expected: float
) -> None:
    openai_server.will(status(429, headers=headers))
    assert ask(openai_server.base, max_retries=1) == (ANSWER, [expected])


def test_waits_until_the_date_that_the_server_names(openai_server: Server) -> None:
    in_a_while = formatdate(time.time() + 20, usegmt=True)
    openai_server.will(status(429, headers={"Retry-After": in_a_while}))
    text, waits = ask(openai_server.base, max_retries=1)
    assert text == ANSWER
    assert 15 <= waits[0] <= 20


@pytest.mark.parametrize("value", ["soon", "-5", "inf", "nan", ""])
def test_a_senseless_retry_after_is_ignored(openai_server: Server, value: str) -> None:
    openai_server.will(status(429, headers={"Retry-After": value}))
    text, waits = ask(openai_server.base, max_retries=1)
    assert text == ANSWER
    assert 0 <= waits[0] <= LONGEST_BACKOFF


def test_who_asks_for_too_long_is_not_waited_for(openai_server: Server) -> None:
    openai_server.will(status(429, headers={"Retry-After": "3600"}))
    assert ask(openai_server.base, max_retries=3) == ("rate_limited", [])


def test_no_wait_beyond_the_total(openai_server: Server) -> None:
    openai_server.will(status(429, headers={"Retry-After": "30"}))
    bounds = Timeouts(total=10)
    assert ask(openai_server.base, max_retries=3, timeouts=bounds) == ("rate_limited", [])


def test_a_spent_quota_is_not_tried_again(openai_server: Server) -> None:
    openai_server.will(status(429, "You exceeded your quota", code="insufficient_quota"), say())
    assert ask(openai_server.base, max_retries=3) == ("rate_limited", [])
