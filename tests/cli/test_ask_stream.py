"""Streamed or whole: as the call says, else as the endpoint's parameters do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, execute_litellm_endpoint
from tests.cli.asking import invoke
from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER


def set_params(shop: Path, params: dict[str, Any]) -> None:
    config = json.loads((shop / CONFIG).read_text())
    config["endpoints"][0]["params"] = params
    (shop / CONFIG).write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("params", "arguments", "streams"),
    [
        ({}, [], True),
        ({}, ["--no-stream"], False),
        ({}, ["--json"], False),
        ({"stream": False}, [], False),
        ({"stream": False}, ["--stream"], True),
        ({"stream": True}, [], True),
        ({"stream": True}, ["--no-stream"], False),
        ({"stream": True}, ["--json"], False),
    ],
    ids=str,
)
def test_on_the_command_line(
    shop: Path, openai_server: Server, params: dict[str, Any], arguments: list[str], streams: bool
) -> None:
    set_params(shop, params)
    result = invoke("hi", *arguments)
    assert (result.exit_code, ANSWER in result.stdout) == (0, True)
    assert openai_server.posts[-1].wants_stream is streams


@pytest.mark.parametrize(
    ("params", "heard", "streams"),
    [({}, False, False), ({}, True, True), ({"stream": True}, False, True)],
    ids=str,
)
def test_from_python(
    shop: Path, openai_server: Server, params: dict[str, Any], heard: bool, streams: bool
) -> None:
    pieces: list[dict[str, str]] = []
    options = LiteLLMExecutionOptions(
        "hi", "ask", shop, params=params, on_output=pieces.append if heard else None
    )
    assert execute_litellm_endpoint(options).output == ANSWER
    assert openai_server.posts[-1].wants_stream is streams
