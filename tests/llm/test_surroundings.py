"""What surrounds a call stays out of it: environment, proxies, globals, unsendable values."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import Any

import pytest

from ccw.errors import InvalidValue, Unreachable
from ccw.llm.client import complete
from tests.llm.asking import KEY, request
from tests.servers import anthropic_wire, gemini_wire, openai_wire
from tests.servers.loopback import Server

pytestmark = pytest.mark.usefixtures("litellm_loaded")

DECOYS = {
    **{
        f"{vendor}_{part}": f"decoy-{vendor}"
        for vendor in ("OPENAI", "ANTHROPIC", "AZURE", "GEMINI", "GOOGLE", "MISTRAL", "GROQ", "XAI")
        for part in ("API_KEY", "ORGANIZATION", "API_VERSION", "AUTH_TOKEN", "AD_TOKEN")
    },
    **{
        f"{vendor}_{part}": "http://127.0.0.1:9/decoy"
        for vendor in ("OPENAI", "ANTHROPIC", "AZURE", "GEMINI", "MISTRAL", "GROQ", "XAI")
        for part in ("API_BASE", "BASE_URL")
    },
    "OPENAI_ORG_ID": "decoy-org",
    "OPENAI_PROJECT_ID": "decoy-project",
    "OPENAI_ADMIN_KEY": "decoy-admin",
    "OPENAI_CUSTOM_HEADERS": "X-Decoy: decoy-header",
    "AZURE_OPENAI_AD_TOKEN": "decoy-token",
}


@pytest.mark.parametrize("key", [None, KEY], ids=["keyless", "key"])
@pytest.mark.parametrize(
    "model",
    ["openai/m", "azure/m", "mistral/m", "groq/llama-x", "xai/m", "deepseek/m", "hosted_vllm/m"],
)
def test_nothing_of_the_environment_is_sent(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch, model: str, key: str | None
) -> None:
    for name, value in DECOYS.items():
        monkeypatch.setenv(name, value)
    base = openai_server.root if model.startswith("azure") else openai_server.base
    complete(request(base, model=model, api_key=key, api_version="v1"))
    sent = openai_server.posts[0]
    assert "decoy" not in f"{sent.path} {sent.headers} {sent.body!r}"
    keys = {sent.headers.get("authorization"), sent.headers.get("api-key")} - {None}
    assert keys == ({KEY if model == "azure/m" else f"Bearer {KEY}"} if key else set())


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_anthropic_and_gemini_without_a_key(monkeypatch: pytest.MonkeyPatch, stream: bool) -> None:
    for name, value in DECOYS.items():
        monkeypatch.setenv(name, value)
    with anthropic_wire.anthropic_server() as claude, gemini_wire.gemini_server() as gemini:
        complete(request(claude.root, model="anthropic/x", api_key=None, stream=stream))
        complete(request(f"{gemini.root}/v1beta", model="gemini/x", api_key=None, stream=stream))
        sent = [claude.posts[0], gemini.posts[0]]
    secret = {"authorization", "x-api-key", "x-goog-api-key"}
    assert [secret & set(one.headers) for one in sent] == [set(), set()]
    assert "decoy" not in f"{[(one.path, one.headers, one.body) for one in sent]}"
    assert "no-key" not in f"{[(one.path, one.headers, one.body) for one in sent]}"


def test_own_authorization_header_without_a_key(openai_server: Server) -> None:
    headers = {"authorization": "Basic dXNlcjpwYXNz"}
    complete(request(openai_server.base, api_key=None, headers=headers))
    assert openai_server.posts[0].headers["authorization"] == "Basic dXNlcjpwYXNz"


def test_globals_of_litellm_are_not_used(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = sys.modules["litellm"]
    for name in ("api_key", "openai_key", "organization", "api_base"):
        monkeypatch.setattr(litellm, name, "http://127.0.0.1:9/decoy")
    complete(request(openai_server.base, api_key=None))
    assert "decoy" not in str(openai_server.posts[0].headers)
    assert "authorization" not in openai_server.posts[0].headers


def test_proxy_is_used(openai_server: Server) -> None:
    """The proxy is asked for the whole address; here it answers by itself."""
    far = "http://model.invalid/v1"
    assert complete(request(far, proxy=openai_server.root)).text == openai_wire.ANSWER
    assert openai_server.posts[0].path == "http://model.invalid/v1/chat/completions"


def test_the_environments_proxy_is_not_asked_for_this_machine(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert complete(request(openai_server.base)).text == openai_wire.ANSWER


@pytest.mark.parametrize("host", ["127.0.0.2", "x.localhost", "[::ffff:127.0.0.1]", "127.1"])
def test_however_this_machine_is_spelled_no_proxy_is_asked(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """A key that may go to this machine would leave it in clear."""
    monkeypatch.setenv("HTTP_PROXY", openai_server.root)
    with suppress(Unreachable):
        complete(request(f"http://{host}:{openai_server.port}/v1"))
    assert {post.path for post in openai_server.posts} <= {"/v1/chat/completions"}


def test_the_environments_proxy_is_asked_for_others(
    openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", openai_server.root)
    assert complete(request("http://model.invalid/v1")).text == openai_wire.ANSWER


@pytest.mark.parametrize(
    "proxy", ["ftp://u:proxy-password@h", "socks5://u:proxy-password@h:1", "::"]
)
def test_a_proxy_that_cannot_be_used(proxy: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        complete(request("http://model.invalid/v1", proxy=proxy))
    assert str(caught.value).startswith("the proxy on the way to my-server cannot be used")
    assert "proxy-password" not in str(caught.value)
    assert caught.value.__context__ is None


def test_environment_is_the_same_afterwards(openai_server: Server) -> None:
    before, began = dict(os.environ), time.monotonic()
    openai_server.will(openai_wire.say(usage=None))  # makes litellm count tokens itself
    complete(request(openai_server.base, model="openai/llama-3"))
    assert dict(os.environ) == before
    assert time.monotonic() - began < 10  # it does not look for Llama's tokenizer on the network


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"api_key": "sk-new\nline"}, "apiKey of my-server holds", id="key-newline"),
        pytest.param({"api_key": "sk-schlüssel"}, "apiKey of my-server holds", id="key-umlaut"),
        pytest.param({"headers": {"X-A": "a\r\nb"}}, "header 'X-A' of my-server", id="header"),
        pytest.param({"headers": {"X A": "b"}}, "header 'X A' of my-server", id="header-name"),
    ],
)
def test_unsendable_values_are_refused_before_the_call(
    openai_server: Server, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        complete(request(openai_server.base, **options))
    assert str(caught.value).startswith(message)
    assert "sk-" not in str(caught.value)
    assert openai_server.requests == []


@pytest.mark.parametrize("base", ["ftp://host/v1", "host/v1", "http://host:port", "http://[::", ""])
def test_a_base_that_is_no_address(base: str) -> None:
    with pytest.raises(InvalidValue, match="the api base of my-server is no address"):
        complete(request(base))
