"""A server of OpenAI's chat wire that says which service tier it answered on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.loopback import Behaviour, Exchange
from tests.servers.openai_bodies import chunk_bytes, completion
from tests.servers.openai_wire import ANSWER, JSON, SSE


def served(tier: str | None, usage: Mapping[str, Any]) -> Behaviour:
    """Answer on *tier* (None: say nothing of it), streamed or whole as asked."""
    told = {} if tier is None else {"service_tier": tier}

    def behave(exchange: Exchange) -> None:
        if not exchange.request.wants_stream:
            body = {**completion(ANSWER, usage, "stop"), **told}
            exchange.whole(200, json.dumps(body).encode(), JSON)
            return
        exchange.head(200, SSE)
        exchange.chunk(chunk_bytes({"role": "assistant", "content": ANSWER}, **told))
        exchange.chunk(chunk_bytes({}, "stop", **told))
        exchange.chunk(chunk_bytes({}, choices=[], usage=dict(usage), **told))
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    return behave
