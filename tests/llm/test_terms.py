"""What a call asks of how it is served, and what a reply says of that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.terms import USUAL_TERMS, Terms, asked_terms, served_terms

ANTHROPIC = {
    "input_tokens": 3,
    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 1,
    "service_tier": "standard",
    "inference_geo": "not_available",
}


@pytest.mark.parametrize(
    ("params", "route", "expected"),
    [
        pytest.param({}, "openai", Terms(), id="nothing"),
        pytest.param({"service_tier": None}, "openai", Terms(), id="null"),
        pytest.param({"service_tier": 5}, "openai", Terms(), id="no-text"),
        pytest.param({"service_tier": "Priority"}, "openai", Terms("priority"), id="tier"),
        pytest.param({"service_tier": "auto"}, "openai", Terms("auto"), id="auto"),
        pytest.param({"service_tier": "auto"}, "gemini", Terms("priority"), id="auto-of-gemini"),
        pytest.param({"service_tier": "auto"}, "bedrock", Terms(), id="auto-of-bedrock"),
        pytest.param({"service_tier": "FLEX"}, "bedrock", Terms(), id="unknown-to-bedrock"),
        pytest.param({"service_tier": "flex"}, "bedrock", Terms("flex"), id="bedrock"),
        pytest.param({"service_tier": "on_demand"}, "groq", Terms("default"), id="groq"),
        pytest.param(
            {"extra_body": {"service_tier": "flex"}}, "openai", Terms("flex"), id="in-the-body"
        ),
        pytest.param(
            {"service_tier": "priority", "extra_body": {"serviceTier": "flex"}},
            "gemini",
            Terms("flex"),
            id="over-by-the-body",
        ),
        pytest.param(
            {"service_tier": "priority", "extra_body": [1]}, "openai", Terms("priority"), id="odd"
        ),
        pytest.param({"inference_geo": "US"}, "anthropic", Terms(geo="us"), id="geo"),
        pytest.param({"inference_geo": "global"}, "anthropic", Terms(geo="default"), id="global"),
        pytest.param({"speed": "fast"}, "anthropic", Terms(speed="fast"), id="fast"),
        pytest.param({"speed": "standard"}, "anthropic", Terms(speed="default"), id="not-fast"),
    ],
)
def test_asked(params: dict[str, Any], route: str, expected: Terms) -> None:
    assert asked_terms(params, route) == expected


OPENAI_EU = "regional_processing_uplift_multiplier_eu"


@pytest.mark.parametrize(
    ("params", "route", "base", "region"),
    [
        pytest.param({}, "openai", "https://eu.api.openai.com/v1", OPENAI_EU, id="eu"),
        pytest.param({}, "openai", "https://api.openai.com/v1", None, id="everywhere"),
        pytest.param({}, "openai", "${BASE}", None, id="reference"),
        pytest.param({}, "openai", None, None, id="no-base"),
        pytest.param({}, "azure", "https://eu.api.openai.com/v1", None, id="another-type"),
        pytest.param(
            {"vertex_location": "us-east5"},
            "vertex_ai",
            None,
            "regional_endpoint_uplift_multiplier",
            id="vertex",
        ),
        pytest.param({"vertex_location": "global"}, "vertex_ai", None, None, id="vertex-global"),
        pytest.param({"vertex_location": "us-east5"}, "openai", None, None, id="not-vertex"),
    ],
)
def test_the_region_that_is_asked(
    params: dict[str, Any], route: str, base: str | None, region: str | None
) -> None:
    asked = asked_terms(params, route, base)
    assert asked == Terms(region=region)
    assert Terms("flex").over(asked) == Terms("flex", region=region)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", Terms(), id="empty"),
        pytest.param(b'{"service_tier": "priority"}', Terms("priority"), id="openai"),
        pytest.param(b'{"service_tier": null}', Terms(), id="null"),
        pytest.param(b'{"service_tier": "on_demand"}', Terms("default"), id="groq"),
        pytest.param(b'{"serviceTier": {"type": "flex"}}', Terms("flex"), id="bedrock"),
        pytest.param(
            json.dumps({"content": '"service_tier": "priority"'}).encode(), Terms(), id="in-text"
        ),
        pytest.param(
            b'data: {"service_tier":"auto"}\n\ndata: {"service_tier":"default"}\n\n',
            Terms("default"),
            id="resolved-at-the-end",
        ),
        pytest.param(b'{"service_tier":"auto"}', Terms(), id="never-resolved"),
        pytest.param(
            json.dumps({"usage": ANTHROPIC}).encode(), Terms("default", "default"), id="anthropic"
        ),
        pytest.param(
            json.dumps({"usage": {**ANTHROPIC, "inference_geo": "us", "speed": "fast"}}).encode(),
            Terms("default", "us", "fast"),
            id="anthropic-elsewhere",
        ),
        pytest.param(b'{"input": {"speed": "fast", "inference_geo": "us"}}', Terms(), id="a-tool"),
        pytest.param(
            b'{"usageMetadata": {"trafficType": "ON_DEMAND_PRIORITY"}}', Terms("priority"), id="g"
        ),
        pytest.param(b'{"usageMetadata": {"trafficType": "ON_DEMAND"}}', Terms("default"), id="od"),
        pytest.param(
            b'{"usageMetadata": {"trafficType": "PROVISIONED_THROUGHPUT"}}',
            Terms("provisioned_throughput"),
            id="billed-otherwise",
        ),
        pytest.param(b'{"usage": {"speed": "fa', Terms(), id="cut"),
        pytest.param(b'{"usage": {"speed": ' + b"[" * 60_000, Terms(), id="deep"),
        pytest.param(b'{"usage": {"inference_geo": 5, "speed": []}}', Terms(), id="nonsense"),
    ],
)
def test_served(body: bytes, expected: Terms) -> None:
    assert served_terms(body, body, {}) == expected
    assert served_terms(body, b"", {}) == expected
    assert served_terms(b"", body, {}) == expected


USAGE = {"prompt_tokens": 3, "service_tier": "flex"}
ELSEWHERE = [
    pytest.param({"metadata": {"service_tier": "flex"}}, id="metadata"),
    pytest.param({"system_info": {"serviceTier": {"type": "flex"}}}, id="another-object"),
    pytest.param({"choices": [{"input": {"service_tier": "flex"}}]}, id="a-tool"),
    pytest.param({"choices": [{"input": {"usage": {**USAGE, "speed": "fast"}}}]}, id="its-usage"),
    pytest.param({"served": "service_tier", "tier": '"service_tier": "flex"'}, id="texts"),
]


@pytest.mark.parametrize("length", [0, 80_000], ids=["short", "long"])
@pytest.mark.parametrize("indent", [None, 2], ids=["one-line", "pretty"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("other", ELSEWHERE)
def test_a_whole_reply_says_it_at_its_top(
    other: dict[str, Any], first: bool, indent: int | None, length: int
) -> None:
    told = {"usage": {"prompt_tokens": 3}, "service_tier": "priority"}
    around = {"text": "x" * length, **other}
    body = json.dumps({**told, **around} if first else {**around, **told}, indent=indent).encode()
    assert served_terms(body[:65536], body[-8192:], {}) == Terms("priority")
    silent = json.dumps({**around, "usage": {}}, indent=indent).encode()
    assert served_terms(silent[:65536], silent[-8192:], {}) == Terms()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["lf", "cr", "crlf"])
@pytest.mark.parametrize("space", ["", " "])
@pytest.mark.parametrize("other", ELSEWHERE)
def test_an_event_says_it_at_its_top(other: dict[str, Any], space: str, end: str) -> None:
    events = [{"service_tier": "auto"}, {"service_tier": "priority", **other}, other]
    lines = [f"data:{space}{json.dumps(event)}{end}{end}" for event in events]
    body = "".join([f": waiting{end}{end}", *lines, f"data:{space}[DONE]{end}{end}"]).encode()
    assert served_terms(body, body[-8192:], {}) == Terms("priority")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            b'data: {"type":"message_start","message":{"usage":%b}}\n\n'
            b'data: {"type":"message_delta","usage":{"output_tokens":9}}\n\n'
            % json.dumps({**ANTHROPIC, "service_tier": "priority"}).encode(),
            Terms("priority", "default"),
            id="anthropic",
        ),
        pytest.param(
            b'data: {"type":"response.created","response":{"service_tier":"auto"}}\n\n'
            b'data: {"type":"response.completed","response":{"service_tier":"flex"}}\n\n',
            Terms("flex"),
            id="responses",
        ),
        pytest.param(
            b'\x00\x00\x01\x0b:event-type\x07\x00\x08metadata{"usage":{"inputTokens":3},'
            b'"serviceTier":{"type":"flex"}}\xa3\x22\x7b',
            Terms("flex"),
            id="bedrock",
        ),
    ],
)
def test_streams_say_it_in_their_ways(body: bytes, expected: Terms) -> None:
    assert served_terms(body, body[-8192:], {}) == expected


def test_gemini_says_it_in_a_header() -> None:
    assert served_terms(b"{}", b"", {"x-gemini-service-tier": "Standard"}) == Terms("default")
    assert served_terms(b"{}", b"", {"x-gemini-service-tier": "flex"}) == Terms("flex")


@given(st.binary(max_size=200))
def test_any_bytes_say_something_or_nothing(noise: bytes) -> None:
    parts = (noise, b'"usage":{' + noise, b'"service_tier":"' + noise)
    assert all(isinstance(served_terms(part, part, {}), Terms) for part in parts)


@pytest.mark.parametrize(
    ("served", "asked", "expected"),
    [
        pytest.param(Terms(), Terms("flex", "us"), Terms("flex", "us"), id="asked"),
        pytest.param(Terms("default"), Terms("flex"), Terms("default"), id="served"),
        pytest.param(Terms(geo="us"), Terms("flex"), Terms("flex", "us"), id="each-by-itself"),
    ],
)
def test_what_was_served_wins(served: Terms, asked: Terms, expected: Terms) -> None:
    assert served.over(asked) == expected


def test_in_words() -> None:
    assert str(Terms("flex", "us", "default")) == "service_tier=flex, inference_geo=us"
    assert (str(USUAL_TERMS), USUAL_TERMS.usual, Terms("auto").usual) == ("", True, False)
