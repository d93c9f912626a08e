"""Calls through the real LiteLLM proxy, with a master key and without."""

from __future__ import annotations

import pytest

from ccw.errors import BadRequest, KeyRefused
from ccw.llm.client import complete
from ccw.llm.usage import Usage
from tests.llm.asking import request
from tests.servers.litellm_proxy import ANSWER, MASTER_KEY, MODEL, Proxy

pytestmark = [pytest.mark.proxy, pytest.mark.slow, pytest.mark.usefixtures("litellm_loaded")]
MODEL_NAME = f"openai/{MODEL}"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("path", ["", "/v1"])
def test_with_the_master_key(gateway: Proxy, stream: bool, path: str) -> None:
    deltas: list[str] = []
    asked = request(f"{gateway.root}{path}", model=MODEL_NAME, api_key=MASTER_KEY, stream=stream)
    reply = complete(asked, deltas.append)
    assert (reply.text, "".join(deltas)) == (ANSWER, ANSWER)
    assert reply.finish_reason == "stop"
    assert reply.usage is not None  # streamed, the proxy estimates its mock's tokens
    assert stream or reply.usage == Usage(input=10, output=20)
    assert len(deltas) > 1 or not stream


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("key", [None, "sk-any"], ids=["keyless", "any-key"])
def test_without_a_master_key(open_gateway: Proxy, key: str | None, stream: bool) -> None:
    reply = complete(request(open_gateway.root, model=MODEL_NAME, api_key=key, stream=stream))
    assert reply.text == ANSWER


@pytest.mark.parametrize(
    ("key", "says"),
    [
        pytest.param("sk-wrong", "refused the key (400): No connected db", id="wrong"),
        pytest.param(None, "wants a key, none is configured (401)", id="missing"),
    ],
)
def test_a_key_that_is_refused(gateway: Proxy, key: str | None, says: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        complete(request(gateway.root, model=MODEL_NAME, api_key=key))
    assert says in str(caught.value)
    assert "sk-wrong" not in str(caught.value)


def test_a_model_that_it_does_not_have(gateway: Proxy) -> None:
    with pytest.raises(BadRequest, match="Invalid model name passed in model=none-such"):
        complete(request(gateway.root, model="openai/none-such", api_key=MASTER_KEY))
