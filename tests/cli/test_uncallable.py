"""What every call would be refused for is not added, and told of where it was written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.providing import ccw, said
from tests.projects import CONFIG

ADD = ("endpoint", "add", "e", "--provider", "loop", "--model", "m")
UPDATE = ("endpoint", "update", "ask")
PROVIDER = ("provider", "update", "loop")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            (*ADD, "--param", "api_base=http://evil.example"),
            "e: params.api_base would change where the call goes or with which key, which belongs "
            "to the provider; remove it",
        ),
        (
            (*UPDATE, "--param", "num_retries=2"),
            "ask: params.num_retries belongs to the provider (maxRetries), or to a call "
            "(--max-retries); remove it",
        ),
        (
            (*UPDATE, "--param", "messages=[]"),
            "ask: params.messages would change what is asked, which the prompt says; remove it",
        ),
        ((*UPDATE, "--param", "stream=no"), "ask: params.stream is true or false"),
        (
            (*PROVIDER, "--header", "Host=evil"),
            "loop: advancedSettings.customHeaders.Host belongs to the connection, which ccw "
            "makes; remove it",
        ),
        (
            (*PROVIDER, "--header", "X-U=ü"),
            "loop: advancedSettings.customHeaders.X-U holds characters that a header cannot carry",
        ),
        (
            (*PROVIDER, "--header", "X-U=a\r\nX-V: b"),
            "loop: advancedSettings.customHeaders.X-U holds characters that a header cannot carry",
        ),
    ],
    ids=["api_base", "retries", "messages", "stream", "host", "not-ascii", "line-end"],
)
def test_it_is_refused(shop: Path, words: tuple[str, ...], told: str) -> None:
    before = (shop / CONFIG).read_bytes()
    assert said(ccw(shop, *words)) == (3, "", f"ccw: {told}\n")
    assert (shop / CONFIG).read_bytes() == before


def test_validate_tells_what_was_written_by_hand(shop: Path) -> None:
    config = json.loads((shop / CONFIG).read_text())
    config["endpoints"][0]["params"] = {"numRetries": 2, "temperature": 0}
    (shop / CONFIG).write_text(json.dumps(config))
    result = ccw(shop, "config", "validate")
    assert result.exit_code == 3
    assert "endpoints[0].params.numRetries: belongs to the provider" in result.output
    assert ccw(shop, "endpoint", "update", "ask", "--param", "numRetries=null").exit_code == 0
    assert ccw(shop, "config", "validate").exit_code == 0
