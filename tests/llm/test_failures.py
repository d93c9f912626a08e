"""Every failure on the wire becomes one of our errors, with its exit code and a way out."""

from __future__ import annotations

import logging
import socket
import traceback
from pathlib import Path
from typing import Any

import pytest

import ccw
from ccw.errors import (
    BadRequest,
    CcwError,
    ContextWindowExceeded,
    IncompleteReply,
    InvalidValue,
    KeyRefused,
    RateLimited,
    Unreachable,
)
from ccw.llm.client import complete
from tests.llm.asking import KEY, failure, request
from tests.llm.misdeeds import ALL, ANSWERS, JSON_TO_STREAM, STATUSES, STREAMS, Misdeed, table
from tests.servers import anthropic_wire, openai_wire
from tests.servers.loopback import Exchange, Server
from tests.servers.openai_wire import status
from tests.servers.tls import self_signed

pytestmark = pytest.mark.usefixtures("litellm_loaded")
PACKAGE = str(Path(ccw.__file__).parent)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("misdeed", table(STATUSES, ANSWERS))
def test_failures(openai_server: Server, misdeed: Misdeed, stream: bool) -> None:
    openai_server.will(misdeed.behaviour)
    error = failure(request(openai_server.base, stream=stream))
    assert (type(error), error.exit_code) == (misdeed.error, misdeed.exit_code)
    assert misdeed.says in str(error)
    assert len(openai_server.posts) == 1


@pytest.mark.parametrize("misdeed", table(STREAMS))
def test_broken_streams_keep_what_came(openai_server: Server, misdeed: Misdeed) -> None:
    openai_server.will(misdeed.behaviour)
    deltas: list[str] = []
    with pytest.raises(IncompleteReply) as caught:
        complete(request(openai_server.base), deltas.append)
    assert misdeed.says in str(caught.value)
    assert (caught.value.partial, "".join(deltas)) == ("half an", "half an")


@pytest.mark.parametrize("misdeed", table(JSON_TO_STREAM))
def test_a_stream_answered_by_one_body(openai_server: Server, misdeed: Misdeed) -> None:
    openai_server.will(misdeed.behaviour)
    error = failure(request(openai_server.base))
    assert type(error) is IncompleteReply
    assert str(error).endswith("with one JSON body; try --no-stream")


def test_anthropic_stream_without_stop_reason() -> None:
    with anthropic_wire.anthropic_server() as server:
        server.will(anthropic_wire.unfinished)
        error = failure(request(server.root, model="anthropic/x"))
    assert isinstance(error, IncompleteReply)
    assert error.partial == anthropic_wire.ANSWER


@pytest.mark.parametrize(
    "model", ["anthropic/x", "gemini/x", "mistral/x", "groq/x", "azure/x", "ollama_chat/x"]
)
@pytest.mark.parametrize(
    "name", ["401", "403", "404", "413", "429", "500", "529", "html", "reset", "echoed-key"]
)
def test_other_wires_fail_alike(openai_server: Server, model: str, name: str) -> None:
    misdeed = ALL[name]
    openai_server.will(misdeed.behaviour)
    error = failure(request(openai_server.root, model=model, api_version="v1"))
    assert (type(error), error.exit_code) == (misdeed.error, misdeed.exit_code)
    assert KEY not in str(error)
    assert len(openai_server.posts) == 1


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(
            "request (20000 tokens) exceeds the available context size (8192 tokens)",
            id="llama.cpp",
        ),
        pytest.param("prompt is too long: 210000 tokens > 200000 maximum", id="anthropic"),
        pytest.param(
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1000).",
            id="gemini",
        ),
        pytest.param(
            "Prompt contains 50000 tokens, too large for model with 32768 maximum context length",
            id="mistral",
        ),
        pytest.param("This model's maximum prompt length is 131072 but ...", id="xai"),
        pytest.param("Please reduce the length of the messages or completion.", id="groq"),
        pytest.param("This endpoint's maximum context length is 131072 tokens.", id="openrouter"),
        pytest.param("Your input exceeds the context window of this model.", id="openai"),
        pytest.param("litellm.ContextWindowExceededError: too much", id="litellm-proxy"),
        pytest.param("Try to load the model with a larger context length", id="lm-studio"),
        pytest.param("Prompt exceeds max length", id="zai"),
    ],
)
def test_the_words_for_too_much(openai_server: Server, message: str) -> None:
    openai_server.will(openai_wire.status(400, message))
    assert type(failure(request(openai_server.base))) is ContextWindowExceeded


def test_too_many_tokens_for_the_answer_is_another_thing(openai_server: Server) -> None:
    message = "max_tokens is too large: 100000. This model supports at most 16384 completion tokens"
    openai_server.will(openai_wire.status(400, message))
    assert type(failure(request(openai_server.base))) is BadRequest


def test_retry_after_is_told(openai_server: Server) -> None:
    openai_server.will(openai_wire.status(429, headers={"Retry-After": "7"}))
    error = failure(request(openai_server.base))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7.0
    assert str(error).endswith("it asks to wait 7 s")


def test_missing_key_is_told_apart_from_a_wrong_one(openai_server: Server) -> None:
    openai_server.will(openai_wire.status(401))
    error = failure(request(openai_server.base, api_key=None))
    assert type(error) is KeyRefused
    assert "wants a key, none is configured" in str(error)


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize("model", ["openai/x", "anthropic/x", "gemini/x", "ollama_chat/x"])
def test_refused_connection(model: str) -> None:
    port = closed_port()
    error = failure(request(f"http://127.0.0.1:{port}", model=model))
    assert type(error) is Unreachable
    assert str(error) == (
        f"my-server (127.0.0.1:{port}) refused the connection; is the server running?"
    )


def test_refused_on_every_address_of_the_name() -> None:
    error = failure(request(f"http://localhost:{closed_port()}/v1"))
    assert "refused the connection" in str(error)


@pytest.mark.parametrize("model", ["openai/x", "anthropic/x"])
def test_unknown_host(model: str) -> None:
    error = failure(request("http://no-such-host.invalid/v1", model=model))
    assert (type(error), error.exit_code) == (Unreachable, 6)
    assert str(error) == (
        "the host of my-server (no-such-host.invalid:80) is unknown; "
        "check its api base and the network"
    )


def test_untrusted_certificate(tmp_path: Path) -> None:
    with openai_wire.openai_server(self_signed(tmp_path)) as server:
        error = failure(request(server.base))
        assert server.requests == []
    assert (type(error), error.exit_code) == (Unreachable, 6)
    assert f"the certificate of my-server (127.0.0.1:{server.port}) is not trusted" in str(error)


def test_tls_to_a_server_without_it(openai_server: Server) -> None:
    error = failure(request(openai_server.base.replace("http:", "https:")))
    assert type(error) is Unreachable
    assert str(error).endswith("is it http:// instead of https://?")


def test_a_proxy_that_is_not_there() -> None:
    proxy = f"http://user:proxy-password@127.0.0.1:{closed_port()}"
    error = failure(request("http://127.0.0.1:9/v1", proxy=proxy))
    assert type(error) is Unreachable
    assert "proxy-password" not in str(error)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("nope/model", "litellm knows no provider for the model nope/model"),
        ("bare-model", "litellm knows no provider for the model bare-model"),
    ],
)
def test_unknown_provider(model: str, says: str) -> None:
    error = failure(request(None, model=model))
    assert type(error) is BadRequest
    assert says in str(error)


def test_unknown_parameter_is_an_error_and_not_dropped(openai_server: Server) -> None:
    params = {"temperature": 0.1}
    error = failure(request(openai_server.base, model="openai/o3", params=params))
    assert type(error) is BadRequest
    assert "temperature" in str(error)
    assert openai_server.requests == []


def test_azure_without_a_base() -> None:
    assert type(failure(request(None, model="azure/x"))) is InvalidValue


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("misdeed", table(STATUSES, ANSWERS, STREAMS))
def test_a_key_is_in_nothing_that_an_error_holds_nor_in_a_log(
    openai_server: Server, misdeed: Misdeed, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    openai_server.default = misdeed.behaviour
    headers = {"X-Secret": "header-canary-77"}
    with pytest.raises(CcwError) as caught:
        complete(request(openai_server.base, stream=stream, headers=headers, max_retries=0))
    error = caught.value
    assert (error.__cause__, error.__context__) == (None, None)
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    told += repr([frame_locals(error)]) + caplog.text
    assert KEY not in told
    assert "header-canary-77" not in told


def frame_locals(error: BaseException) -> list[dict[str, Any]]:
    """The variables that a debugger or an error tracker would show along *error*."""
    frames, step = [], error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename.startswith(PACKAGE):
            frames.append(dict(step.tb_frame.f_locals))
        step = step.tb_next
    return frames


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/x"])
@pytest.mark.parametrize(
    "query",
    [
        "key=sk%2fcanary%2b5f3a9c1e7b",
        "key=sk-canary+5f3a",
        "a=1&key=sk-canary%2D5f3a9c1e7b",
        "sk-canary-5f3a9c1e7b",
    ],
)
def test_a_key_in_the_query_of_a_base_is_masked(
    openai_server: Server, query: str, model: str
) -> None:
    def echo(exchange: Exchange) -> None:
        status(404, f"nothing at {exchange.request.path}")(exchange)

    openai_server.will(echo)
    said = str(failure(request(f"{openai_server.base}?{query}", model=model)))
    assert "nothing at /v1/" in said
    assert "canary" not in said
