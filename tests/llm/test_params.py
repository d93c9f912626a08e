"""Parameters that litellm would lose."""

from __future__ import annotations

import pytest

from ccw.llm.client import complete
from tests.llm.asking import request
from tests.servers.loopback import Server

pytestmark = pytest.mark.usefixtures("litellm_loaded")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("extra", [{}, {"extra_body": {"a": 1}}], ids=["alone", "beside"])
def test_how_long_openai_keeps_a_prefix(
    openai_server: Server, extra: dict[str, object], stream: bool
) -> None:
    params = {"prompt_cache_retention": "24h", "prompt_cache_key": "k", **extra}
    complete(request(openai_server.base, params=params, stream=stream))
    sent = openai_server.posts[0].json
    assert (sent["prompt_cache_retention"], sent["prompt_cache_key"]) == ("24h", "k")
    assert sent.get("a") == (1 if extra else None)
