"""How long marks ask a provider to keep a prefix, on the wire, in what is told and in the price."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ccw.llm.usage import Usage
from ccw.warming import plan_warming
from tests.projects import write_files
from tests.servers.any_wire import sent
from tests.servers.loopback import Server
from tests.servers.openai_wire import say
from tests.wire.endpoints import HOUR, MARKS, POINT, USAGE, ask, configure, options, preview

SONNET_4 = "us.anthropic.claude-sonnet-4-20250514-v1:0"
NOVA = "amazon.nova-pro-v1:0"


@pytest.mark.parametrize("kind", MARKS)
def test_marks_for_an_hour(project: Path, server: Server, kind: str) -> None:
    configure(project, server, kind, providerCache="1h")
    shown = preview(project)
    result = ask(project, stream=False)
    marks = [piece.mark for piece in sent(server.posts[-1]) if piece.mark]
    assert marks == [MARKS[kind][1]] * len(shown.cache_marks)
    assert {mark.ttl for mark in shown.cache_marks} == {"1h"}
    assert shown.notes == result.notes == ()


@pytest.mark.parametrize("model", [SONNET_4, NOVA])
def test_a_model_that_knows_no_hour(project: Path, server: Server, model: str) -> None:
    configure(project, server, "bedrock", model=model, providerCache="1h")
    shown = preview(project)
    result = ask(project, stream=False)
    marks = [piece.mark for piece in sent(server.posts[-1]) if piece.mark]
    assert marks == [POINT] * len(shown.cache_marks)
    assert {mark.ttl for mark in shown.cache_marks} == {"5m"}
    assert result.usage == USAGE["bedrock"]
    note = f"providerCache 1h: the cache of {model} keeps files for 5m only"
    assert shown.notes == result.notes == (note,)


def test_warming_goes_by_the_lifetime_that_holds(project: Path, server: Server) -> None:
    configure(project, server, "bedrock", model=SONNET_4, providerCache="1h")
    write_files(project, {"long.txt": "word " * 3000})
    asked = options(project, "", patterns=("*.txt",))
    warming = plan_warming(asked, environ={"HOME": os.environ["HOME"]})
    assert warming.lifetime == 300
    assert warming.bound is not None, "the price of a write for five minutes is known"


def test_unsplit_writes_are_paid_for_by_the_hour(project: Path, server: Server) -> None:
    configure(project, server, "bedrock", providerCache="1h")
    result = ask(project, stream=False)
    assert result.usage == Usage(input=5, cache_read=60, cache_write_1h=40, output=7)
    assert result.cost == pytest.approx(5 * 3e-6 + 60 * 3e-7 + 40 * 6e-6 + 7 * 15e-6)


GATEWAYS_USAGE = {
    "prompt_tokens": 105,
    "completion_tokens": 7,
    "total_tokens": 112,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 40,
}
SPLIT = {
    "cached_tokens": 60,
    "cache_creation_token_details": {
        "ephemeral_5m_input_tokens": 30,
        "ephemeral_1h_input_tokens": 10,
    },
}


@pytest.mark.parametrize(
    ("usage", "minutes", "hour"),
    [
        pytest.param(GATEWAYS_USAGE, 0, 40, id="unsplit"),
        pytest.param({**GATEWAYS_USAGE, "prompt_tokens_details": SPLIT}, 30, 10, id="split"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_hour_through_a_gateway(
    project: Path, server: Server, stream: bool, usage: dict[str, Any], minutes: int, hour: int
) -> None:
    configure(project, server, "litellm", providerCache="1h")
    server.will(say(usage=usage))
    result = ask(project, stream=stream)
    marks = {str(piece.mark) for piece in sent(server.posts[-1]) if piece.mark}
    assert marks == {str(HOUR)}
    assert result.usage == Usage(5, 60, minutes, hour, 7)
