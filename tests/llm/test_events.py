"""What a stream says reaches the reader whole, on every wire, or the call fails."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.errors import IncompleteReply
from ccw.llm.call.events import Events, Lines
from ccw.llm.client import complete
from tests.llm.asking import failure, request
from tests.servers.anthropic_wire import message
from tests.servers.gemini_wire import content
from tests.servers.loopback import Server
from tests.servers.openai_wire import SSE, raw

ODD = "a\u2028b\x85c\x0bd\x1ce\u2029f and data: [DONE] g"
Event = Mapping[str, Any]
Wire = Callable[[str, str], Iterator[Event]]
NDJSON = {"Content-Type": "application/x-ndjson"}
ENDS = ("\n", "\r\n", "\r")
STREAM = {"Content-Type": SSE["Content-Type"]}


def chat(first: str, second: str) -> Iterator[Event]:
    """The chunks of OpenAI's wire."""
    for delta, finish in (({"content": first}, None), ({"content": second}, None), ({}, "stop")):
        yield {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }


def anthropic(first: str, second: str) -> Iterator[Event]:
    """The events of Anthropic's wire."""
    usage = {"input_tokens": 3, "output_tokens": 1}
    yield {"type": "message_start", "message": message("", None, usage)}
    yield {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    for text in (first, second):
        delta = {"type": "text_delta", "text": text}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    yield {"type": "message_stop"}


def gemini(first: str, second: str) -> Iterator[Event]:
    """The chunks of Gemini's wire."""
    yield content(first, None)
    yield content(second, "STOP")


WIRES = [
    pytest.param("openai/x", chat, id="openai"),
    pytest.param("deepseek/x", chat, id="deepseek"),
    pytest.param("openrouter/x", chat, id="openrouter"),
    pytest.param("mistral/x", chat, id="mistral"),
    pytest.param("groq/x", chat, id="groq"),
    pytest.param("anthropic/x", anthropic, id="anthropic"),
    pytest.param("gemini/x", gemini, id="gemini"),
]


def plain(event: Event) -> str:
    """One event as it is sent, its characters as they are."""
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"


def in_two_lines(event: Event) -> str:
    """One event with its data cut behind its first comma."""
    head, comma, tail = json.dumps(event).partition(", ")
    return f"data: {head}{comma}\ndata: {tail}\n\n" if comma else f"data: {head}\n\n"


def body(events: Iterator[Event], form: Callable[[Event], str]) -> bytes:
    """A whole stream."""
    return "".join(map(form, events)).encode() + b"data: [DONE]\n\n"


@pytest.mark.parametrize(("model", "wire"), WIRES)
def test_characters_that_end_lines_elsewhere(openai_server: Server, model: str, wire: Wire) -> None:
    openai_server.will(raw(body(wire(ODD, " end"), plain), headers=STREAM))
    assert complete(request(openai_server.root, model=model)).text == ODD + " end"


@pytest.mark.parametrize(("model", "wire"), WIRES)
def test_data_in_several_lines(openai_server: Server, model: str, wire: Wire) -> None:
    openai_server.will(raw(body(wire("begin", " end"), in_two_lines), headers=STREAM))
    assert complete(request(openai_server.root, model=model)).text == "begin end"


@pytest.mark.parametrize(("model", "wire"), WIRES)
def test_what_else_a_stream_may_hold(openai_server: Server, model: str, wire: Wire) -> None:
    """The mark of the order of bytes, events without data, no line end at the end."""
    events = body(wire("begin", " end"), plain).removesuffix(b"data: [DONE]\n\n").rstrip()
    sent = codecs.BOM_UTF8 + b"retry: 9\n\nid: 1\n\n: ping\n\ndata:\n\n" + events
    openai_server.will(raw(sent, headers=STREAM))
    assert complete(request(openai_server.root, model=model)).text == "begin end"


@pytest.mark.parametrize(("model", "wire"), WIRES)
def test_an_event_that_is_no_json_is_not_passed_over(
    openai_server: Server, model: str, wire: Wire
) -> None:
    def damaged(event: Event) -> str:
        text = plain(event)
        return text.replace("}\n\n", "\n\n") if "LOST" in text else text

    openai_server.will(raw(body(wire("begin", "LOST"), damaged), headers=STREAM))
    error = failure(request(openai_server.root, model=model))
    assert isinstance(error, IncompleteReply)
    assert error.partial == "begin"


def ollama(first: str, last: str) -> list[str]:
    """Lines of JSON: Ollama's wire has no events."""
    said = [{"role": "assistant", "content": text} for text in (first, last)]
    lines = [
        {"model": "m", "message": said[0], "done": False},
        {"model": "m", "message": said[1], "done": True, "done_reason": "stop"},
    ]
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def test_lines_of_json(openai_server: Server) -> None:
    openai_server.will(raw("\n".join(ollama(ODD, " end")).encode(), headers=NDJSON))
    text = complete(request(openai_server.root, model="ollama_chat/x")).text
    assert text == ODD + " end"


def test_a_line_that_is_no_json_is_not_passed_over(openai_server: Server) -> None:
    first, last = ollama("begin", " end")
    openai_server.will(raw(f"{first}\n{first[:-1]}\n{last}\n".encode(), headers=NDJSON))
    error = failure(request(openai_server.root, model="ollama_chat/x"))
    assert isinstance(error, IncompleteReply)
    assert error.partial == "begin"


def read(reader: Lines, *pieces: bytes) -> str:
    """All that *reader* makes of *pieces*."""
    return b"".join([*map(reader.feed, pieces), reader.feed(b"", final=True)]).decode()


@given(st.text(st.sampled_from("1[,]\r\n\u2028\x85 ü")), st.data())
def test_where_a_stream_is_cut_does_not_matter(text: str, data: st.DataObject) -> None:
    body = text.encode()
    cut = data.draw(st.integers(0, len(body)))
    other = data.draw(st.integers(cut, len(body)))
    for kind in (Lines, Events):
        whole, pieces = kind(), kind()
        expected = read(whole, body)
        assert read(pieces, body[:cut], body[cut:other], body[other:]) == expected
        assert pieces.broken == whole.broken


@given(st.lists(st.recursive(st.text() | st.integers(), st.lists)), st.sampled_from(ENDS))
def test_values_come_through(values: list[object], end: str) -> None:
    """Whatever they hold, and however their lines end; no line ends within one."""
    texts = [json.dumps(value, ensure_ascii=False) for value in values]
    sent = "".join(f"data: {text}{end}{end}" for text in texts).encode(errors="replace")
    lines = read(Events(), sent).splitlines()
    assert [json.loads(line.removeprefix("data: ")) for line in lines if line] == [
        json.loads(text.encode(errors="replace")) for text in texts
    ]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param("data:1\n\ndata: [DONE]\n\n", "1 [DONE]", id="plain"),
        pytest.param("\ufeffdata: 1\n\n", "1", id="mark-of-the-order-of-bytes"),
        pytest.param("data: 1\ndata: 2\n", "1 2", id="no-line-between"),
        pytest.param("data: [\ndata: 1]\n\n", "[ 1]", id="two-lines"),
        pytest.param("data:\n\ndata: 1", "1", id="empty"),
        pytest.param("retry: 100\n\nid: 1\n\n: ping\n\ndata: 1\n\n", "1", id="without-data"),
        pytest.param("event: e\n: hi\ndata: [\nid: 1\ndata: 2]", "[ 2]", id="other-fields"),
        pytest.param('data: "[DONE]"\ndata: [DONE]', '"\\u005bDONE]" [DONE]', id="end-within"),
    ],
)
def test_events(sent: str, expected: str) -> None:
    found = read(Events(), sent.encode())
    assert found == "".join(f"data: {value}\n\n" for value in re.split(r"(?<!\[) ", expected))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("data: {\n\ndata: 1\n\n", id="followed"),
        pytest.param("data: {", id="last"),
        pytest.param("data: {\n\ndata: }\n\n", id="in-two-events"),
        pytest.param("data: [DONE] or not\n\n", id="nearly-the-end"),
    ],
)
def test_events_without_json(sent: str) -> None:
    reader = Events()
    assert read(reader, sent.encode()) == ""
    assert reader.broken
