"""The room that warming leaves for thinking, which it must not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccw.warming import warm
from tests.projects import write_files
from tests.servers.anthropic_wire import answer, refuse
from tests.servers.any_wire import any_server
from tests.servers.loopback import Exchange, Server, serving
from tests.warming import FILES, ask, configure, environ, planned


@pytest.fixture
def server() -> Iterator[Server]:
    with any_server() as running:
        yield running


@pytest.fixture
def project(project: Path) -> Path:
    """A project with files of some 2,000 tokens."""
    write_files(project, FILES)
    return project


ENABLED = {"type": "enabled", "budget_tokens": 3000}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({"thinking": ENABLED}, 3001, id="a-budget"),
        pytest.param({"thinking": ENABLED, "maxTokens": 5000}, 5000, id="its-own-room"),
        pytest.param({"thinking": {"type": "adaptive"}}, 2049, id="adaptive"),
        pytest.param({"thinking": {"type": "disabled"}}, 1, id="disabled"),
        pytest.param({"reasoningEffort": "minimal"}, 1025, id="minimal"),
        pytest.param({"reasoning_effort": "low"}, 1025, id="low"),
        pytest.param({"reasoningEffort": "medium"}, 2049, id="medium"),
        pytest.param({"reasoningEffort": {"effort": "high"}}, 4097, id="high"),
        pytest.param({"reasoningEffort": "max"}, 16385, id="max"),
        pytest.param({"reasoningEffort": "low", "maxTokens": 2000}, 2000, id="low-with-room"),
        pytest.param({"reasoningEffort": "none"}, 1, id="none"),
    ],
)
def test_thinking_keeps_its_budget_and_has_room(
    project: Path, params: dict[str, Any], expected: int
) -> None:
    with serving(thinks_within_its_room) as server:
        configure(project, server, params=params)
        (result,) = warm(planned(project), environ=environ())
        ask(project, "@*.txt Why?")
        warmed, asked = (request.json for request in server.posts)
    assert result.error is None
    assert (warmed["max_tokens"], warmed.get("thinking")) == (expected, asked.get("thinking"))


def thinks_within_its_room(exchange: Exchange) -> None:
    """Refuse what Anthropic refuses: an answer that is not longer than the thinking."""
    body = exchange.request.json
    if body["max_tokens"] <= body.get("thinking", {}).get("budget_tokens", 0):
        refuse(exchange, "`max_tokens` must be greater than `thinking.budget_tokens`.")
    else:
        answer(exchange)


@pytest.mark.parametrize(
    ("model", "params", "expected"),
    [
        pytest.param("gpt-5-mini", {}, {"max_completion_tokens": 16}, id="gpt-5"),
        pytest.param("o3", {"maxTokens": 900}, {"max_completion_tokens": 16}, id="o3"),
        pytest.param("gpt-4o", {"maxTokens": 900}, {"max_tokens": 1}, id="does-not-reason"),
    ],
)
def test_reasoning_models_have_the_least_room(
    project: Path, server: Server, model: str, params: dict[str, Any], expected: dict[str, int]
) -> None:
    configure(project, server, "openai", params=params)
    path = project / ".ccw/storage/config/litellm-api-config.json"
    path.write_text(path.read_text().replace("gpt-4o", model))
    (result,) = warm(planned(project), environ=environ())
    body = server.posts[-1].json
    assert result.error is None
    assert {name: n for name, n in body.items() if name.startswith("max_")} == expected
