"""What really goes over the wire to each type of provider, and what is read back from it."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest

from ccw import list_models
from ccw.llm.client import Request, Route, complete
from ccw.llm.marks import NOTHING, Caching
from ccw.llm.messages import build_messages
from tests.projects import CONFIG
from tests.servers.any_wire import Sent, joined, sent
from tests.servers.litellm_proxy import MASTER_KEY, litellm_proxy
from tests.servers.loopback import Server
from tests.wire.endpoints import (
    FIVE,
    HOUR,
    KEYED,
    MARKS,
    MODELS,
    OPENAI_USAGE,
    POINT,
    PROMPT,
    USAGE,
    ask,
    configure,
    ends,
    preview,
)

GROQ = "groq"  # litellm reads its whole answers only with fields that are its own


def plain_text(project: Path, server: Server) -> str:
    """What a server gets that is sent one plain string."""
    configure(project, server, "custom")
    ask(project, enable_cache=False)
    (piece,) = sent(server.posts.pop())
    return piece.text


@pytest.mark.parametrize("kind", MODELS)
def test_each_type_gets_its_marks_and_the_same_text(
    project: Path, server: Server, kind: str
) -> None:
    plain = plain_text(project, server)
    configure(project, server, kind)
    shown = preview(project)
    result = ask(project, stream=kind == GROQ)
    pieces = sent(server.posts[-1])
    assert joined(pieces) == plain
    assert [piece.mark for piece in pieces if piece.mark] == (
        [MARKS[kind][0]] * len(shown.cache_marks) if kind in MARKS else []
    )
    assert ends(pieces) == [mark.offset for mark in shown.cache_marks]
    assert (len(pieces) > 1) is (kind in MARKS)
    assert server.posts[-1].json.get("prompt_cache_key") == shown.prompt_cache_key
    assert (shown.prompt_cache_key is not None) is (kind in KEYED)
    assert result.usage == USAGE.get(kind, OPENAI_USAGE)
    assert len(server.posts) == 2, "one call each; no explicit cache is made"


@pytest.mark.parametrize("kind", ["anthropic", "openai"])
@pytest.mark.parametrize(
    ("settings", "more"),
    [
        pytest.param({"providerCache": "off"}, {}, id="provider-cache-off"),
        pytest.param({}, {"enable_cache": False}, id="no-cache"),
    ],
)
def test_switched_off(
    project: Path, server: Server, kind: str, settings: dict[str, Any], more: dict[str, Any]
) -> None:
    configure(project, server, kind, **settings)
    ask(project, **more)
    (piece,) = sent(server.posts[-1])
    assert piece.mark is None
    assert "prompt_cache_key" not in server.posts[-1].json


@pytest.mark.parametrize(
    ("kind", "says", "marked"),
    [
        pytest.param("custom", True, True, id="custom-says-so"),
        pytest.param("openai", True, True, id="openai-says-so"),
        pytest.param("azure", True, True, id="azure-says-so"),
        pytest.param("zai", True, True, id="zai-says-so"),
        pytest.param("databricks", True, True, id="other-type-says-so"),
        pytest.param("nebius", True, False, id="nebius-strips-marks"),
        pytest.param("anthropic", False, False, id="anthropic-says-no"),
        pytest.param("deepseek", True, False, id="deepseek-joins-parts"),
        pytest.param("google", True, False, id="google-bills-storage"),
    ],
)
def test_what_the_provider_says_about_marks(
    project: Path, server: Server, kind: str, says: bool, marked: bool
) -> None:
    plain = plain_text(project, server)
    configure(project, server, kind, advancedSettings={"cacheMarks": says})
    shown = preview(project)
    ask(project)
    pieces = sent(server.posts[-1])
    assert joined(pieces) == plain
    assert [piece.mark for piece in pieces if piece.mark] == [FIVE] * len(shown.cache_marks)
    assert bool(shown.cache_marks) is marked
    assert all("cachedContents" not in request.path for request in server.requests)


@pytest.mark.parametrize(
    ("kind", "model", "mark"),
    [
        pytest.param("openrouter", "google/gemini-2.5-pro", FIVE, id="gemini-through-openrouter"),
        pytest.param("bedrock", "amazon.nova-pro-v1:0", POINT, id="nova"),
        pytest.param("openrouter", "openai/gpt-5", None, id="gpt-through-openrouter"),
    ],
)
def test_models_that_have_marks_of_their_own(
    project: Path, server: Server, kind: str, model: str, mark: object
) -> None:
    plain = plain_text(project, server)
    configure(project, server, kind, model=model)
    shown = preview(project)
    result = ask(project, stream=False)
    pieces = sent(server.posts[-1])
    assert joined(pieces) == plain
    assert ends(pieces) == [place.offset for place in shown.cache_marks]
    assert {str(piece.mark) for piece in pieces if piece.mark} == ({str(mark)} if mark else set())
    assert result.usage == USAGE.get(kind, OPENAI_USAGE)


def test_a_prompt_without_files_has_neither_marks_nor_key(project: Path, server: Server) -> None:
    for kind in ("anthropic", "openai"):
        configure(project, server, kind)
        ask(project, "Say hello")
        assert sent(server.posts[-1]) == [Sent("Say hello")]
        assert "prompt_cache_key" not in server.posts[-1].json


def test_the_endpoint_may_choose_the_key(project: Path, server: Server) -> None:
    configure(project, server, "openai")
    path = project / CONFIG
    chosen = '"params": {"promptCacheKey": "ours"}, "model"'
    path.write_text(path.read_text().replace('"model"', chosen))
    ask(project)
    assert server.posts[-1].json["prompt_cache_key"] == "ours"


@pytest.mark.parametrize(
    "model", ["openrouter/openai/gpt-5", "hosted_vllm/m", "xai/grok-4", "anthropic/claude-sonnet-4"]
)
def test_the_callers_messages_are_not_changed(server: Server, model: str) -> None:
    """litellm strips marks in place on some routes, and later calls would lose them."""
    messages = build_messages("FILES", "Hi", "Be brief.", Caching((5,)))
    before = copy.deepcopy(messages)
    base = server.root if model.startswith("anthropic") else server.base
    route = Route(model, "it", api_key="sk-loop", api_base=base)
    complete(Request(route, messages, stream=False, max_retries=0))
    assert messages == before != build_messages("FILES", "Hi", "Be brief.", NOTHING)


@pytest.mark.proxy
def test_the_real_gateway_hands_marks_on(
    project: Path, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also of a model whose name says nothing, once its list was read; streamed and whole."""
    upstream = {"model": "anthropic/claude-sonnet-4-5", "api_key": "x", "api_base": server.root}
    folder = tmp_path_factory.mktemp("gateway")
    with litellm_proxy(folder, models={"claude": upstream, "smart": upstream}) as gateway:
        for model, stream in (("claude", False), ("smart", True)):
            configure(project, server, "litellm", model=model, providerCache="1h")
            path = project / CONFIG
            text = path.read_text().replace(f"{server.root}/v1", gateway.root)
            path.write_text(text.replace("sk-loop", MASTER_KEY))
            list_models(project, "it", environ={"HOME": os.environ["HOME"]})
            result = ask(project, stream=stream)
            assert result.usage == USAGE["anthropic"]
    assert [request.path for request in server.posts] == ["/v1/messages"] * 2
    for request in server.posts:
        pieces = sent(request)
        assert {str(piece.mark) for piece in pieces if piece.mark} == {str(HOUR)}
        assert joined(pieces).endswith(f"\n\n---\n\n{PROMPT}")
