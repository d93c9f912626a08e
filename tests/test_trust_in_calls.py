"""Pools, fallbacks and the Python functions send nothing that was not agreed to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.config.manager import get_provider_with_resolved_env_vars
from ccw.errors import NotTrusted
from tests.canary import CANARY, assert_nowhere
from tests.projects import write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, status

KEY = "${OPENAI_API_KEY}"


def ask(project: Path) -> LiteLLMExecutionResult:
    environ = {"HOME": str(project.parent / "home"), "OPENAI_API_KEY": CANARY}
    options = LiteLLMExecutionOptions("hi", "e", project, max_retries=0, timeout=10)
    result = execute_litellm_endpoint(options, environ=environ)
    assert_nowhere(repr(result))
    return result


def provider(server: Server, **fields: Any) -> dict[str, Any]:
    """A provider on an address that is no loopback by the rule, and leads there all the same."""
    base = f"http://0.0.0.0:{server.port}/v1"
    return {"id": "p", "name": "P", "type": "custom", "apiBase": base, **fields}


def endpoint(name: str, provider_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "providerId": provider_id, "model": "gpt-4o", **fields}


def keys_seen(server: Server) -> set[str | None]:
    return {post.headers.get("authorization") for post in server.posts}


def test_a_pool_of_keys_of_the_user(project: Path, openai_server: Server) -> None:
    pool = [{"id": "a", "key": KEY}, {"id": "b", "key": f"{KEY}-b"}]
    write_config(
        project,
        {"providers": [provider(openai_server, apiKeys=pool)], "endpoints": [endpoint("e", "p")]},
    )
    result = ask(project)
    assert (result.error_type, result.exit_code) == ("not_trusted", 3)
    assert openai_server.requests == []


def test_a_pool_with_one_key_of_the_projects_own(project: Path, openai_server: Server) -> None:
    pool = [{"id": "a", "key": KEY}, {"id": "b", "key": "sk-of-the-project"}]
    write_config(
        project,
        {"providers": [provider(openai_server, apiKeys=pool)], "endpoints": [endpoint("e", "p")]},
    )
    assert ask(project).error_type == "not_trusted"  # the user is asked about all keys at once
    assert openai_server.requests == []


def test_a_fallback(project: Path, openai_server: Server) -> None:
    openai_server.default = status(500)
    first = provider(openai_server, apiBase=openai_server.base, id="first")
    evil = provider(openai_server, apiKey=KEY)
    endpoints = [endpoint("e", "first", fallbacks=["f"]), endpoint("f", "p")]
    write_config(project, {"providers": [first, evil], "endpoints": endpoints})
    result = ask(project)
    assert (result.success, result.output) == (False, "")
    assert [(a.endpoint, a.error_type) for a in result.attempts] == [
        ("e", "provider_error"),
        ("f", "not_trusted"),
    ]
    assert keys_seen(openai_server) == {None}


def test_a_fallback_that_is_not_agreed_to_is_passed_over(
    project: Path, openai_server: Server
) -> None:
    openai_server.models["broken"] = status(500)
    here = provider(openai_server, apiBase=openai_server.base, id="here")
    endpoints = [
        {**endpoint("e", "here", fallbacks=["f", "g"]), "model": "broken"},
        endpoint("f", "p"),
        endpoint("g", "here"),
    ]
    providers = [here, provider(openai_server, apiKey=KEY)]
    write_config(project, {"providers": providers, "endpoints": endpoints})
    result = ask(project)
    assert (result.output, result.endpoint) == (ANSWER, "g")
    assert [a.error_type for a in result.attempts] == ["provider_error", "not_trusted"]
    assert keys_seen(openai_server) == {None}


def test_a_first_endpoint_that_is_not_agreed_to_becomes_no_fallback(
    project: Path, openai_server: Server
) -> None:
    here = provider(openai_server, apiBase=openai_server.base, id="here")
    endpoints = [endpoint("e", "p", fallbacks=["f"]), endpoint("f", "here")]
    providers = [here, provider(openai_server, apiKey=KEY)]
    write_config(project, {"providers": providers, "endpoints": endpoints})
    result = ask(project)
    assert (result.error_type, result.exit_code) == ("not_trusted", 3)
    assert openai_server.requests == []


def test_loopback_is_not_asked_for(project: Path, openai_server: Server) -> None:
    here = provider(openai_server, apiBase=openai_server.base, apiKey=KEY)
    write_config(project, {"providers": [here], "endpoints": [endpoint("e", "p")]})
    assert ask(project).output == ANSWER
    assert keys_seen(openai_server) == {f"Bearer {CANARY}"}


def test_a_resolved_key_is_not_handed_out(project: Path, openai_server: Server) -> None:
    write_config(project, {"providers": [provider(openai_server, apiKey=KEY)]})
    environ = {"HOME": str(project.parent / "home"), "OPENAI_API_KEY": CANARY}
    with pytest.raises(NotTrusted):
        get_provider_with_resolved_env_vars(project, "p", environ=environ)
