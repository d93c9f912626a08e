"""A call that goes well: what is sent, what comes back, what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from ccw.errors import ProviderError
from ccw.llm.call.handler import offer_handler
from ccw.llm.client import Reply, acomplete, complete
from ccw.llm.usage import Usage
from tests.llm.asking import KEY, QUESTION, request
from tests.servers import anthropic_wire, gemini_wire, openai_wire
from tests.servers.loopback import Exchange, Server

pytestmark = pytest.mark.usefixtures("litellm_loaded")

USAGE = Usage(input=20, cache_read=100, output=7)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_reply(openai_server: Server, stream: bool) -> None:
    assert complete(request(openai_server.base, stream=stream)) == Reply(
        openai_wire.ANSWER, "stop", USAGE, "served-model"
    )


def test_deltas_arrive_in_order_and_make_up_the_text(openai_server: Server) -> None:
    texts = [f"{number}, " for number in range(150)]
    openai_server.will(openai_wire.in_chunks(texts))
    deltas: list[str] = []
    reply = complete(request(openai_server.base), deltas.append)
    assert deltas == texts
    assert reply.text == "".join(texts)


def test_whole_reply_is_one_delta(openai_server: Server) -> None:
    deltas: list[str] = []
    complete(request(openai_server.base, stream=False), deltas.append)
    assert deltas == [openai_wire.ANSWER]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_what_is_sent(openai_server: Server, stream: bool) -> None:
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    complete(
        request(
            openai_server.base,
            stream=stream,
            params={"temperature": 0.5, "max_tokens": 9},
            headers={"X-Team": "blue"},
            organization="org-1",
        )
    )
    sent = openai_server.posts[0]
    names = ("authorization", "x-team", "openai-organization")
    assert sent.path == "/v1/chat/completions"
    assert {name: sent.headers[name] for name in names} == {
        "authorization": f"Bearer {KEY}",
        "x-team": "blue",
        "openai-organization": "org-1",
    }
    assert sent.json == {
        "model": "gpt-4o",
        "messages": QUESTION,
        "temperature": 0.5,
        "max_tokens": 9,
        **(streamed if stream else {}),
    }


def test_params_cannot_move_the_call(openai_server: Server) -> None:
    elsewhere = {"api_base": "http://127.0.0.1:9", "api_key": "other", "model": "openai/other"}
    elsewhere["client"] = "other"
    complete(request(openai_server.base, params={**elsewhere, "max_retries": 9, "stream": False}))
    sent = openai_server.posts[0]
    assert (sent.headers["authorization"], sent.model) == (f"Bearer {KEY}", "gpt-4o")


@pytest.mark.parametrize(
    ("usage", "finish"),
    [
        pytest.param(None, "stop", id="no-usage-is-not-invented"),
        pytest.param(openai_wire.USAGE, "length", id="cut-by-the-limit-is-a-reply"),
    ],
)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_only_what_the_server_said(
    openai_server: Server, usage: dict[str, Any] | None, finish: str, stream: bool
) -> None:
    openai_server.will(openai_wire.say(usage=usage, finish=finish))
    reply = complete(request(openai_server.base, stream=stream))
    assert (reply.usage, reply.finish_reason) == (USAGE if usage else None, finish)


def test_mistral_streams_without_usage_have_none(openai_server: Server) -> None:
    reply = complete(request(openai_server.base, model="mistral/mistral-large-latest"))
    assert (reply.text, reply.usage) == (openai_wire.ANSWER, None)


def test_whole_reply_without_reason_has_none(openai_server: Server) -> None:
    openai_server.will(openai_wire.say(finish=None))
    assert complete(request(openai_server.base, stream=False)).finish_reason is None


def test_messages_of_the_caller_stay_as_they_are(openai_server: Server) -> None:
    """Some of litellm's providers strip cache marks from the caller's own list."""
    part = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    messages = [{"role": "user", "content": [part]}]
    complete(request(openai_server.base, model="hosted_vllm/any", messages=messages))
    assert messages == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}],
        }
    ]


def test_a_model_of_the_responses_api_stays_on_chat_elsewhere(openai_server: Server) -> None:
    """litellm picks the API by the model's name; a compatible server only speaks chat."""
    reply = complete(request(openai_server.base, model="openai/gpt-5-codex", api_key=None))
    assert reply.text == openai_wire.ANSWER
    assert openai_server.posts[0].path == "/v1/chat/completions"


def test_keep_alives_of_a_gateway_are_no_text(openai_server: Server) -> None:
    openai_server.will(openai_wire.keep_alive("thought", every=0.01, times=3))
    assert complete(request(openai_server.base)).text == "thought"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_anthropic(stream: bool) -> None:
    with anthropic_wire.anthropic_server() as server:
        reply = complete(request(f"{server.root}/v1", model="anthropic/claude-x", stream=stream))
        sent = server.posts[0]
    expected = Usage(input=5, cache_read=60, cache_write_5m=30, cache_write_1h=10, output=7)
    assert reply == Reply(anthropic_wire.ANSWER, "stop", expected, "served-claude")
    assert (sent.path, sent.headers["x-api-key"]) == ("/v1/messages", KEY)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_gemini(stream: bool) -> None:
    with gemini_wire.gemini_server() as server:
        reply = complete(request(f"{server.root}/v1beta", model="gemini/g-x", stream=stream))
        sent = server.posts[0]
    assert reply == Reply(gemini_wire.ANSWER, "stop", USAGE, "served-gemini")
    assert sent.headers["x-goog-api-key"] == KEY
    assert KEY not in sent.path


def test_azure(openai_server: Server) -> None:
    complete(request(openai_server.root, model="azure/my-deployment", api_version="2025-01-01"))
    sent = openai_server.posts[0]
    path = "/openai/deployments/my-deployment/chat/completions?api-version=2025-01-01"
    assert (sent.path, sent.headers["api-key"]) == (path, KEY)


def ollama(exchange: Exchange) -> None:
    """Stream lines of JSON, as Ollama does, with its own names for tokens."""
    exchange.head(200, {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"})
    for word in openai_wire.words(openai_wire.ANSWER):
        line = {"model": "served-model", "message": {"role": "assistant", "content": word}}
        exchange.chunk(json.dumps({**line, "done": False}).encode() + b"\n")
    last = {"done": True, "done_reason": "stop", "prompt_eval_count": 120, "eval_count": 7}
    message = {"role": "assistant", "content": ""}
    exchange.chunk(
        json.dumps({"model": "served-model", "message": message, **last}).encode() + b"\n"
    )
    exchange.end()


def test_ollama(openai_server: Server) -> None:
    openai_server.will(ollama)
    reply = complete(request(openai_server.root, model="ollama_chat/llama3", api_key=None))
    expected = Usage(input=120, output=7)
    assert reply == Reply(openai_wire.ANSWER, "stop", expected, "served-model")
    assert "authorization" not in openai_server.posts[0].headers


def test_inside_a_running_loop(openai_server: Server) -> None:
    """A notebook runs a loop of its own; the blocking function works there too."""

    async def cell() -> Reply:
        return complete(request(openai_server.base))

    assert asyncio.run(cell()).text == openai_wire.ANSWER


def test_many_at_once(openai_server: Server) -> None:
    async def ask() -> list[Reply]:
        calls = (acomplete(request(openai_server.base)) for _ in range(20))
        return await asyncio.gather(*calls)

    assert [reply.text for reply in asyncio.run(ask())] == [openai_wire.ANSWER] * 20


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("key", [None, KEY], ids=["keyless", "key"])
@pytest.mark.parametrize("name", ["Authorization", "authorization"])
@pytest.mark.parametrize("kind", ["openai", "deepseek", "mistral", "zai", "ollama_chat"])
def test_an_authorization_of_ones_own_wins(
    openai_server: Server, kind: str, name: str, key: str | None, stream: bool
) -> None:
    if kind == "ollama_chat":
        openai_server.will(ollama)
    model, headers = f"{kind}/x", {name: "Basic x"}
    asked = request(openai_server.base, model=model, api_key=key, headers=headers, stream=stream)
    with suppress(ProviderError):  # of what is streamed although it was asked for whole
        complete(asked)
    assert openai_server.posts[0].headers["authorization"] == "Basic x"


@pytest.mark.parametrize(
    "kind",
    ["aiml", "docker_model_runner", "litellm_proxy", "perplexity", "xinference", "zai"],
)
def test_other_types_are_asked_for_a_whole_reply_as_for_a_stream(
    openai_server: Server, kind: str
) -> None:
    """litellm's handler is not made for all of them."""
    route: dict[str, Any] = {"model": f"{kind}/x", "organization": "org-1"}
    for stream in (True, False):
        assert complete(request(openai_server.base, **route, stream=stream)).text
    streamed, whole = openai_server.posts
    assert whole.path == streamed.path == "/v1/chat/completions"
    assert whole.headers["openai-organization"] == "org-1"
    assert whole.headers["authorization"] == f"Bearer {KEY}"
    assert whole.json == {"model": "x", "messages": QUESTION}


def test_whole_replies_come_by_the_handler_alone_of_ours(openai_server: Server) -> None:
    """OpenAI's client tells its name; the calls of others in this process are left to it."""
    import litellm

    route = {"model": "openai/x", "api_base": openai_server.base, "api_key": KEY}
    complete(request(openai_server.base, stream=False))
    complete(request(openai_server.base, stream=True))
    litellm.completion(messages=QUESTION, **route)
    names = [post.headers["user-agent"].startswith("python-httpx") for post in openai_server.posts]
    assert names == [True, False, False]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_tools_need_no_further_library(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    monkeypatch.setitem(sys.modules, "litellm.responses.mcp.litellm_proxy_mcp_handler", None)
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
    complete(request(openai_server.base, params={"tools": [tool]}, stream=stream))
    assert openai_server.posts[0].json["tools"] == [tool]


def test_a_litellm_without_the_switch_is_left_as_it_is() -> None:
    main = SimpleNamespace()
    offer_handler(main)
    assert main == SimpleNamespace()
