"""What is read off the bytes of an answer, however they are cut."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.call.seen import Seen

OPENAI = (
    b'data: {"model":"m-1","choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"a":1}}\n\n'
)
OPEN_ENDED = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":null}],"usage":null}\n\n'
ANTHROPIC = b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"o":7}}\n\n'
GEMINI = b'{"candidates":[{"finishReason": "STOP"}],"usageMetadata": {"x":1},"modelVersion":"m-1"}'
OLLAMA = b'{"model":"m-1","done":true,"done_reason":"stop","prompt_eval_count":26,"eval_count":9}\n'
BEDROCK = (
    b'\x00\x00\x00\x9a\x0b:event-type\x07{"stopReason":"end_turn"}\xf3\x01{"usage":{"i":1}}\x9c'
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(OPENAI, (True, True, "m-1"), id="openai"),
        pytest.param(OPEN_ENDED, (False, False, None), id="no-finish-no-usage"),
        pytest.param(ANTHROPIC, (True, True, None), id="anthropic"),
        pytest.param(GEMINI, (True, True, "m-1"), id="gemini"),
        pytest.param(OLLAMA, (True, True, "m-1"), id="ollama"),
        pytest.param(BEDROCK, (True, True, None), id="bedrock"),
    ],
)
def test_what_was_sent(body: bytes, expected: tuple[bool, bool, str | None]) -> None:
    seen = Seen()
    seen.take(body)
    assert (seen.finished, seen.usage, seen.model) == expected


@given(cuts=st.lists(st.integers(0, len(OPENAI)), max_size=30))
def test_cuts_hide_nothing(cuts: list[int]) -> None:
    seen, start = Seen(), 0
    for end in [*sorted(cuts), len(OPENAI)]:
        seen.take(OPENAI[start:end])
        start = end
    assert (seen.finished, seen.usage, seen.model) == (True, True, "m-1")
    assert bytes(seen.head) == OPENAI


@given(
    text=st.text() | st.sampled_from(['"finish_reason":"stop"', '{"usage":{"a":1}}', '"usage": {'])
)
def test_an_answer_about_the_wire_is_not_the_wire(text: str) -> None:
    seen = Seen()
    for ascii_only in (True, False):
        chunk = {"choices": [{"delta": {"content": text}, "finish_reason": None}]}
        seen.take(json.dumps(chunk, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))
    assert (seen.finished, seen.usage) == (False, False)


def test_a_long_answer_is_kept_at_both_ends_only() -> None:
    seen = Seen()
    for number in range(100_000):
        seen.take(b"%06d " % number)
    assert (len(seen.head), len(seen.tail)) == (64 * 1024, 8 * 1024)
    assert seen.head.startswith(b"000000 ")
    assert seen.tail.endswith(b"099999 ")


@pytest.mark.parametrize(
    ("event", "info", "expected"),
    [
        pytest.param("direct.send_request_headers.started", {}, ["sent"], id="direct"),
        pytest.param(
            "http11.send_request_headers.started",
            {"request": httpcore.Request("POST", "https://far.invalid")},
            ["sent"],
            id="through-a-proxy",
        ),
        pytest.param(
            "http11.send_request_headers.started",
            {"request": httpcore.Request("CONNECT", "http://proxy.invalid")},
            [],
            id="way-through-a-proxy",
        ),
        pytest.param("connection.start_tls.started", {}, [], id="tls"),
    ],
)
def test_when_the_call_goes_out(event: str, info: dict[str, Any], expected: list[str]) -> None:
    told: list[str] = []
    asyncio.run(Seen(on_send=lambda: told.append("sent")).trace(event, info))
    assert told == expected
