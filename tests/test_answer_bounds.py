"""How long answers may get is known by what really goes out, `extra_body` too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw import LiteLLMExecutionOptions
from ccw.config.models import CustomEndpoint, ProviderCredential
from ccw.config.provider_types import provider_type
from ccw.execution.answers import longest_output, unbounded
from ccw.execution.targets import Target
from ccw.llm.prices import ModelFacts
from ccw.warming import plan_warming, warm
from tests.priced import ENVIRON, ask, configure, cost_bound
from tests.projects import write_files
from tests.servers.any_wire import any_server
from tests.wire.endpoints import BASES, MODELS

WIRES = ("openai", "custom", "openrouter", "mistral", "groq", "xai", "deepseek", "zai", "azure")
PRICES = {"inputCostPerMillion": 1, "outputCostPerMillion": 1000, "maxOutputTokens": 50_000}
MOST = 50_000


def target(params: dict[str, Any], kind: str = "openai") -> Target:
    endpoint = CustomEndpoint(id="ask", name="A", provider_id="it", model="m", params=params)
    provider = ProviderCredential(id="it", name="It", type=kind)
    return Target(endpoint, provider, provider_type(kind), "m", ModelFacts(max_output_tokens=MOST))


@pytest.mark.parametrize(
    ("kind", "params", "expected"),
    [
        pytest.param("openai", {}, MOST, id="of-the-model"),
        pytest.param("openai", {"maxTokens": 5}, 5, id="plain"),
        pytest.param("openai", {"maxTokens": 5, "max_completion_tokens": 9}, 9, id="the-larger"),
        pytest.param("openai", {"maxTokens": 5, "n": 3}, 15, id="answers"),
        pytest.param("openai", {"maxTokens": 5, "extra_body": {"max_tokens": 99}}, 99, id="body"),
        pytest.param("openai", {"extraBody": {"max_tokens": 99}}, 99, id="body-alone"),
        pytest.param(
            "openai", {"maxTokens": 5, "extra_body": {"max_tokens": 3}}, 5, id="body-below"
        ),
        pytest.param(
            "openai", {"maxTokens": 5, "extra_body": {"max_completion_tokens": 99}}, 99, id="both"
        ),
        pytest.param(
            "openai", {"maxTokens": 5, "extra_body": {"max_tokens": None}}, MOST, id="taken-away"
        ),
        pytest.param(
            "openai", {"maxTokens": 5, "extra_body": {"max_tokens": "99"}}, MOST, id="no-number"
        ),
        pytest.param(
            "openai", {"maxTokens": 5, "extra_body": {"max_output_tokens": 7}}, 7, id="other-name"
        ),
        pytest.param("openai", {"max_output_tokens": 7}, MOST, id="no-bound-for-all-servers"),
        pytest.param("openai", {"maxTokens": 5, "extra_body": {"n": 4}}, 20, id="answers-in-body"),
        pytest.param("openai", {"maxTokens": 5, "n": 4, "extra_body": {"n": 2}}, 20, id="most-of"),
        pytest.param("openai", {"maxTokens": 5, "extra_body": "odd"}, 5, id="no-body"),
        pytest.param("anthropic", {"extra_body": {"max_tokens": 9}}, MOST, id="not-on-the-wire"),
        pytest.param(
            "anthropic", {"maxTokens": 5, "extra_body": {"max_tokens": 9}}, 9, id="counted-anyway"
        ),
        pytest.param(
            "together_ai", {"maxTokens": 5, "extra_body": {"max_tokens": None}}, MOST, id="perhaps"
        ),
        pytest.param("openai", {"maxTokens": 5, "extraBody": {"maxTokens": 9}}, 9, id="camel-case"),
        pytest.param("google", {"maxTokens": 5, "max_output_tokens": 9}, 9, id="gemini"),
        pytest.param(
            "google",
            {"maxTokens": 5, "extra_body": {"generationConfig": {"maxOutputTokens": 99}}},
            99,
            id="gemini-body",
        ),
        pytest.param(
            "google",
            {"maxTokens": 5, "extra_body": {"generationConfig": {"candidateCount": 3}}},
            15,
            id="gemini-answers",
        ),
    ],
)
def test_longest_output(kind: str, params: dict[str, Any], expected: int) -> None:
    assert longest_output(target(params, kind)) == expected


@given(
    st.dictionaries(
        st.sampled_from(["max_tokens", "max_completion_tokens", "n", "top_k"]),
        st.one_of(st.none(), st.integers(-3, 100), st.text(max_size=2)),
    ),
    st.integers(1, 50),
)
def test_no_body_gets_by_the_bound(body: dict[str, Any], own: int) -> None:
    """The body wins where it says something, and a server goes by either name."""
    sent = {"max_tokens": own, **body}
    most = longest_output(target({"maxTokens": own, "extra_body": body}))
    named = [sent.get("max_tokens"), sent.get("max_completion_tokens")]
    counts = [count for count in named if isinstance(count, int)]
    answers = body.get("n")
    times = answers if isinstance(answers, int) and answers > 0 else 1
    assert most is not None
    assert all(count * times <= most for count in counts)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("kind", WIRES)
def test_the_bound_counts_what_goes_out(project: Path, kind: str, stream: bool) -> None:
    body = {"max_tokens": 1600, "n": 5}
    with any_server() as server:
        base, params = (
            f"{server.root}{BASES.get(kind, '/v1')}",
            {"maxTokens": 5, "extra_body": body},
        )
        configure(project, base, params, kind, MODELS[kind], **PRICES)
        refused = ask(project, stream=stream, max_cost=5)
        assert (refused.error_type, server.posts) == ("cost_exceeded", [])
        ask(project, stream=stream)
        sent = server.posts[-1].json
    assert {name: sent[name] for name in body} == body
    assert cost_bound(project) == pytest.approx(8.0, rel=0.01)


@pytest.mark.parametrize("kind", ["openai", "custom"])
def test_warming_asks_for_one_short_answer_whatever_the_body_says(project: Path, kind: str) -> None:
    write_files(project, {"a.txt": "word\n" * 3000})
    body = {"max_tokens": 16_000, "n": 5, "top_k": 1}
    with any_server() as server:
        base, params = (
            f"{server.root}{BASES.get(kind, '/v1')}",
            {"maxTokens": 5, "extra_body": body},
        )
        configure(project, base, params, kind, MODELS[kind], **PRICES)
        asked = LiteLLMExecutionOptions("", "ask", project, patterns=["*.txt"], max_cost=0.1)
        (result,) = warm(plan_warming(asked, environ=ENVIRON), environ=ENVIRON)
        (post,) = server.posts
    assert result.error is None
    assert {name: post.json.get(name) for name in body} == {"max_tokens": 1, "n": None, "top_k": 1}


def test_unbounded() -> None:
    body = {"generationConfig": {"maxOutputTokens": 9, "topK": 1}, "n": 2, "top_k": 3}
    assert unbounded(body) == {"generationConfig": {"topK": 1}, "top_k": 3}
