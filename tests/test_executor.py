"""The executor against a loopback server: what is sent, what comes back, what fails and how."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccw import (
    LiteLLMExecutionOptions,
    LiteLLMExecutionResult,
    aexecute_litellm_endpoint,
)
from ccw.llm.usage import Usage
from tests.executing import ask
from tests.projects import configure, write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, words

USAGE = Usage(input=20, cache_read=100, output=7)


def sent_text(server: Server) -> str:
    """The user message of the last request."""
    content = server.posts[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def test_a_prompt_without_files(shop: Path, openai_server: Server) -> None:
    result = ask(shop, "Say hello")
    assert replace(result, duration_ms=0) == LiteLLMExecutionResult(
        success=True,
        output=ANSWER,
        model="gpt-4o",
        provider="custom",
        usage=USAGE,
        cost=pytest.approx(20 * 2.5e-6 + 100 * 1.25e-6 + 7 * 10e-6),  # gpt-4o in litellm's map
        saved=pytest.approx(100 * 1.25e-6),
        finish_reason="stop",
        endpoint="ask",
        asked_endpoint="ask",
        cost_source="prices",
    )
    assert openai_server.posts[-1].json["messages"] == [{"role": "user", "content": "Say hello"}]


def test_the_packed_files_stand_before_the_prompt(shop: Path, openai_server: Server) -> None:
    prompt = "@src/auth/**/*.ts Review security"
    result = ask(shop, prompt)
    pack, separator, question = sent_text(openai_server).rpartition("\n\n---\n\n")
    assert (separator, question) == ("\n\n---\n\n", prompt)
    assert pack.endswith(
        "```src/auth/login.ts\nexport const login = () => 'in'\n```\n\n"
        "```src/auth/nested/token.ts\nexport const token = 'none'\n```"
    )
    assert result.cached_files == ("src/auth/login.ts", "src/auth/nested/token.ts")
    assert (result.cache_used, result.cache_hit) == (True, False)
    assert result.session_id is not None
    assert result.session_id.startswith("ctx-")


def test_the_second_call_is_a_hit_with_the_same_bytes(shop: Path, openai_server: Server) -> None:
    first, second = (ask(shop, "@src/auth/**/*.ts Review security") for _ in range(2))
    assert (first.cache_hit, second.cache_hit) == (False, True)
    assert second.session_id == first.session_id
    assert openai_server.posts[0].json["messages"] == openai_server.posts[1].json["messages"]


def test_without_the_cache_the_files_are_still_sent(shop: Path, openai_server: Server) -> None:
    result = ask(shop, "@README.md Explain", enable_cache=False)
    assert "# Shop" in sent_text(openai_server)
    assert (result.cache_used, result.session_id) == (False, None)
    assert not (Path(os.environ["HOME"]) / ".ccw").exists()


@pytest.mark.parametrize(
    "switched_off",
    [
        pytest.param({"cacheStrategy": {"enabled": False}}, id="endpoint"),
        pytest.param({}, id="project"),
    ],
)
def test_a_cache_that_is_switched_off(
    shop: Path, openai_server: Server, switched_off: dict[str, Any]
) -> None:
    configure(shop, openai_server.base, **switched_off)
    if not switched_off:
        provider = {"id": "loop", "name": "L", "type": "custom", "apiBase": openai_server.base}
        endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o"}
        write_config(
            shop,
            {
                "providers": [provider],
                "endpoints": [endpoint],
                "defaultEndpoint": "ask",
                "globalCacheSettings": {"enabled": False},
            },
        )
    result = ask(shop, "@README.md Explain")
    assert "# Shop" in sent_text(openai_server)
    assert (result.success, result.cache_used) == (True, False)


def test_a_cache_folder_that_holds_other_things_is_done_without(
    shop: Path, openai_server: Server
) -> None:
    folder = Path.home() / ".ccw/cache/context"
    folder.mkdir(parents=True)
    (folder / ".DS_Store").write_bytes(b"x")
    result = ask(shop, "@README.md Why?")
    assert (result.success, result.cache_used) == (True, False)
    (note,) = (note for note in result.notes if "cache" in note)
    assert note.startswith(f"context cache {folder} cannot be used (it holds other things, such as")
    assert "continued without it; move what is not ccw's away, or set cacheDir" in note
    assert "```README.md" in sent_text(openai_server)
    assert os.listdir(folder) == [".DS_Store"]


def test_an_escaped_at_sign_is_sent_as_one(shop: Path, openai_server: Server) -> None:
    ask(shop, r"Who is \@alice at alice@example.org?")
    assert sent_text(openai_server) == "Who is @alice at alice@example.org?"


def test_context_text_is_packed_too(shop: Path, openai_server: Server) -> None:
    ask(shop, "What failed?", context_text="ERROR 42\n")
    assert "ERROR 42" in sent_text(openai_server).partition("\n\n---\n\n")[0]


def test_text_from_the_model_is_passed_on_as_it_comes(shop: Path) -> None:
    events: list[dict[str, str]] = []
    result = ask(shop, "Say hello", on_output=events.append)
    assert [event["data"] for event in events] == words(ANSWER)
    assert {event["type"] for event in events} == {"stdout"}
    assert result.output == ANSWER


@pytest.mark.parametrize(
    ("options", "streamed"),
    [
        pytest.param({}, False, id="nobody-listens"),
        pytest.param({"on_output": lambda event: None}, True, id="somebody-listens"),
        pytest.param({"stream": True}, True, id="asked-for"),
        pytest.param({"on_output": lambda event: None, "stream": False}, False, id="refused"),
    ],
)
def test_when_it_streams(
    shop: Path, openai_server: Server, options: dict[str, Any], streamed: bool
) -> None:
    assert ask(shop, "Say hello", **options).output == ANSWER
    assert openai_server.posts[-1].wants_stream is streamed


def test_parameters_go_out_in_the_wires_own_names(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.base, params={"temperature": 0.2, "maxTokens": 9, "topP": 0.5})
    ask(shop, "Say hello")
    body = openai_server.posts[-1].json
    assert (body["temperature"], body["max_tokens"], body["top_p"]) == (0.2, 9, 0.5)


def test_parameters_of_a_call_lead_nowhere_else(shop: Path, openai_server: Server) -> None:
    steered = ask(shop, "Hi", params={"baseUrl": "http://evil.example"})
    assert (steered.error_type, steered.exit_code) == ("usage_error", 2)
    assert openai_server.posts == []
    assert ask(shop, "Hi", params={"temperature": 0.1, "base_url": None}).success


@pytest.mark.parametrize(
    ("options", "roles"),
    [
        pytest.param({}, ["user"], id="none-by-default"),
        pytest.param({"system": "Be brief"}, ["system", "user"], id="asked-for"),
        pytest.param({"mode": "review"}, ["system", "user"], id="review"),
    ],
)
def test_system_message(
    shop: Path, openai_server: Server, options: dict[str, Any], roles: list[str]
) -> None:
    ask(shop, "Say hello", **options)
    assert [m["role"] for m in openai_server.posts[-1].json["messages"]] == roles


def test_the_model_can_be_replaced_for_a_call(shop: Path, openai_server: Server) -> None:
    assert ask(shop, "Say hello", model="gpt-4o-mini").model == "gpt-4o-mini"
    assert openai_server.posts[-1].json["model"] == "gpt-4o-mini"


def test_a_model_without_an_endpoint(shop: Path, openai_server: Server) -> None:
    assert ask(shop, "Say hello", endpoint_id="loop/vendor/big").success
    assert openai_server.posts[-1].json["model"] == "vendor/big"


def test_the_implicit_gateway_needs_no_file(project: Path, openai_server: Server) -> None:
    environ = {"LITELLM_ENABLED": "true", "LITELLM_BASE_URL": openai_server.base}
    environ["LITELLM_API_KEY"] = "sk-gateway"
    result = ask(project, "Say hello", endpoint_id="litellm/gpt-4o", environ=environ)
    assert (result.success, result.provider) == (True, "litellm")
    assert openai_server.posts[-1].headers["authorization"] == "Bearer sk-gateway"


def test_a_key_from_the_projects_dotenv(project: Path, openai_server: Server) -> None:
    provider = {"id": "loop", "name": "Loop", "type": "custom", "apiKey": "${LOOP_KEY}"}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "m"}
    base = {"apiBase": openai_server.base}
    write_config(project, {"providers": [provider | base], "endpoints": [endpoint]})
    (project / ".env").write_text("LOOP_KEY=sk-from-dotenv\n")
    before = dict(os.environ)
    assert ask(project, "Say hello", endpoint_id="ask").success
    assert openai_server.posts[-1].headers["authorization"] == "Bearer sk-from-dotenv"
    assert dict(os.environ) == before


def test_a_known_price_is_told(shop: Path, openai_server: Server) -> None:
    model = {
        "id": "gpt-4o",
        "inputCostPerMillion": 10,
        "outputCostPerMillion": 100,
        "cacheReadCostPerMillion": 1,
    }
    provider = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": openai_server.base}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o"}
    write_config(shop, {"providers": [provider | {"models": [model]}], "endpoints": [endpoint]})
    cost = ask(shop, "Say hello", endpoint_id="ask").cost
    assert cost == pytest.approx((20 * 10 + 100 * 1 + 7 * 100) / 1e6)


def test_awaited(shop: Path, openai_server: Server) -> None:
    async def both() -> list[LiteLLMExecutionResult]:
        options = LiteLLMExecutionOptions("@README.md Explain", "ask", shop)
        environ = {"HOME": os.environ["HOME"]}
        calls = (aexecute_litellm_endpoint(options, environ=environ) for _ in range(2))
        return await asyncio.gather(*calls)

    results = asyncio.run(both())
    assert [result.output for result in results] == [ANSWER, ANSWER]
    assert {result.cached_files for result in results} == {("README.md",)}
