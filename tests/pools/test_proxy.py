"""The real LiteLLM proxy: its own word for the cost, and a second one when the first has gone."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.pools.worlds import ask, endpoint, provider, write
from tests.servers.litellm_proxy import ANSWER, MASTER_KEY, MODEL, Proxy, litellm_proxy

pytestmark = [pytest.mark.proxy, pytest.mark.slow]


def gate(name: str, proxy: Proxy) -> dict[str, Any]:
    """A provider that is a proxy, with its key."""
    return {**provider(name, proxy.root, apiKey=MASTER_KEY), "type": "litellm"}


def own_figures(proxy: Proxy, prompt: str, *, stream: bool) -> float:
    """What the proxy itself tells of the cost of the same question."""
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "stream": stream,
        **({"stream_options": {"include_usage": True}} if stream else {}),
    }
    request = urllib.request.Request(
        f"{proxy.root}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {MASTER_KEY}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        if not stream:
            return float(answer.headers["x-litellm-response-cost"])
        lines = [line for line in answer.read().splitlines() if b'"usage"' in line]
    return float(json.loads(lines[-1].removeprefix(b"data: "))["usage"]["cost"])


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_the_cost_is_the_proxys_own(project: Path, gateway: Proxy, stream: bool) -> None:
    write(project, [gate("g", gateway)], [endpoint("ask", "g", model=MODEL)])
    result = ask(project, "What does it cost?", stream=stream)
    assert (result.success, result.output) == (True, ANSWER)
    assert result.cost_source == "gateway"
    assert result.cost == pytest.approx(
        own_figures(gateway, "What does it cost?", stream=stream), rel=1e-6
    )


def test_a_proxy_that_has_gone(project: Path, gateway: Proxy, tmp_path: Path) -> None:
    with ExitStack() as running:
        first = running.enter_context(litellm_proxy(tmp_path, MASTER_KEY))
        endpoints = [
            endpoint("ask", "g1", model=MODEL, fallbacks=["backup"]),
            endpoint("backup", "g2", model=MODEL),
        ]
        write(project, [gate("g1", first), gate("g2", gateway)], endpoints)
        before = ask(project)
        assert (before.success, before.endpoint, before.attempts) == (True, "ask", ())
    alone = ask(project, fallbacks=(), max_retries=0)
    assert (alone.error_type, alone.exit_code) == ("unreachable", 6)
    assert alone.error is not None
    assert "refused the connection; is the server running?" in alone.error
    pieces: list[str] = []
    after = ask(
        project, stream=True, max_retries=0, on_output=lambda event: pieces.append(event["data"])
    )
    assert (after.success, after.endpoint, after.output) == (True, "backup", ANSWER)
    assert "".join(pieces) == ANSWER


def test_a_wrong_key_goes_to_the_next_one(project: Path, gateway: Proxy) -> None:
    pool = [{"id": "wrong", "key": "sk-wrong-1"}, {"id": "right", "key": MASTER_KEY}]
    one = {
        **provider("g", gateway.root, apiKeys=pool, routingStrategy="cost-based"),
        "type": "litellm",
    }
    write(project, [one], [endpoint("ask", "g", model=MODEL)])
    result = ask(project)
    assert (result.output, result.key_label) == (ANSWER, "right")
    assert [(a.key, a.error_type) for a in result.attempts] == [("wrong", "key_refused")]
