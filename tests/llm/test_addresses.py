"""Where calls go, whatever is written behind a base, and with whose headers."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ccw.errors import ProviderError
from ccw.llm.client import complete
from tests.llm.asking import request
from tests.servers import anthropic_wire, gemini_wire
from tests.servers.loopback import Server

pytestmark = pytest.mark.usefixtures("litellm_loaded")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("tail", ["/v1", "/v1/", "/v1/chat/completions", "/v1/chat/completions/"])
@pytest.mark.parametrize("kind", ["openai", "deepseek", "mistral", "zai"])
def test_a_base_may_be_the_whole_address(
    openai_server: Server, kind: str, tail: str, stream: bool
) -> None:
    with suppress(ProviderError):  # mistral's whole replies have another form
        complete(request(f"{openai_server.root}{tail}", model=f"{kind}/x", stream=stream))
    assert openai_server.posts[0].path == "/v1/chat/completions"


@pytest.mark.parametrize("base", ["", "/v1beta", "/v1beta/", "/gateway", "/gateway/v1"])
def test_gemini_is_asked_where_its_models_are_listed(base: str) -> None:
    with gemini_wire.gemini_server() as server:
        complete(request(f"{server.root}{base}", model="gemini/g-x", stream=False))
        path = server.posts[0].path
    version = "" if "/v1" in base else "/v1beta"
    assert path.startswith(f"{base.rstrip('/')}{version}/models/g-x:generateContent")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_key_header_of_ones_own_stands_alone(stream: bool) -> None:
    headers = {"X-Api-Key": "own-key"}
    with anthropic_wire.anthropic_server() as server:
        complete(request(server.root, model="anthropic/x", headers=headers, stream=stream))
        assert server.posts[0].headers["x-api-key"] == "own-key"
