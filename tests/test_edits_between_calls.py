"""Whatever is changed between two calls of one process, the second sees: nothing goes stale."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ccw import LiteLLMExecutionOptions, list_models
from ccw.config.places import config_path, user_config_path
from ccw.config.trust.record import agree, forget
from ccw.config.trust.wishes import Wish
from ccw.execution.planning import make_plan
from ccw.execution.sending import request_of
from ccw.llm.client import Route
from tests.between_calls import ENDPOINT, ask, configure, environ_of, later, provider, sent
from tests.projects import write_config
from tests.servers.by_path import Gateway, models
from tests.servers.loopback import Server


def elsewhere(server: Server) -> str:
    """An address that is no loopback by the rule, and leads there all the same."""
    return f"http://0.0.0.0:{server.port}/v1"


def silently(path: Path, old: str, new: str) -> None:
    """Put *new* in the place of *old*, as long, and the time back to what it was."""
    assert len(old) == len(new)
    before = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_configuration(project: Path, openai_server: Server) -> None:
    configure(project, openai_server)
    assert [ask(project).success, ask(project).success] == [True, True]
    silently(config_path(project), "gpt-4o", "gpt-4x")
    assert ask(project).model == "gpt-4x"
    silently(config_path(project), '"custom"', '"nobody"')
    assert ask(project).error_type == "key_not_configured"
    assert [model for _, model in sent(openai_server)] == ["gpt-4o", "gpt-4o", "gpt-4x"]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        pytest.param("${OWN}", ".env", id="dotenv"),
        pytest.param("${file:key.txt}", "key.txt", id="file"),
        pytest.param("OWN=sk-first", "", id="literal"),
    ],
)
def test_a_key(project: Path, openai_server: Server, reference: str, name: str) -> None:
    place = project / name if name else config_path(project)
    if name:
        place.write_text("OWN=sk-first" if name == ".env" else "sk-first")
    configure(project, openai_server, apiKey=reference)
    for _ in range(2):
        ask(project)
    silently(place, "sk-first", "sk-other")
    ask(project)
    seen = [key.rpartition("sk-")[2] for key, _ in sent(openai_server) if key]
    assert seen == ["first", "first", "other"]


def test_the_environment(project: Path, openai_server: Server) -> None:
    configure(project, openai_server, apiKey="${OWN}")
    results = [ask(project, **given).error_type for given in ({"OWN": "a"}, {}, {"OWN": "b"})]
    assert results == [None, "key_not_configured", None]
    assert [key for key, _ in sent(openai_server)] == ["Bearer a", "Bearer b"]


def test_trust_given_and_taken_back(project: Path, openai_server: Server) -> None:
    place = elsewhere(openai_server)
    write_config(
        project,
        {"providers": [provider(place, apiKey="${OWN}")], "endpoints": [ENDPOINT]},
    )
    home = project.parent / "home" / ".ccw"
    wish = Wish("key", "${OWN}", place.removesuffix("/v1"))
    told = [ask(project, OWN="k").error_type]
    agree(home, project, frozenset({wish}))
    told.append(ask(project, OWN="k").error_type)
    forget(home, project)
    told += [ask(project, OWN="k").error_type, ask(project, OWN="k", CCW_TRUST="1").error_type]
    assert told == ["not_trusted", None, "not_trusted", None]


def test_an_address_that_moves_out(project: Path, openai_server: Server) -> None:
    """The key was harmless where it went; the new place has not been agreed to."""
    configure(project, openai_server, apiKey="${OWN}")
    assert ask(project, OWN="k").success
    write_config(
        project,
        {
            "providers": [provider(elsewhere(openai_server), apiKey="${OWN}")],
            "endpoints": [ENDPOINT],
        },
    )
    assert ask(project, OWN="k").error_type == "not_trusted"
    assert len(openai_server.posts) == 1


def test_a_users_own_provider_that_comes_to_stand_behind(
    project: Path, openai_server: Server
) -> None:
    configure(project, openai_server)
    own = user_config_path(environ_of(project))
    assert ask(project).success
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps({"providers": [provider("http://127.0.0.1:9/v1")]}))
    assert ask(project).error_type == "not_trusted"
    own.unlink()
    assert ask(project).success


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"enabled": False}, id="disabled"),
        pytest.param({"purpose": "image"}, id="other-purpose"),
        pytest.param({"params": {"api_base": "http://evil.example"}}, id="params"),
    ],
)
def test_an_endpoint_that_becomes_unusable(
    project: Path, openai_server: Server, change: Mapping[str, Any]
) -> None:
    configure(project, openai_server)
    assert ask(project).success
    found = provider(openai_server.base)
    write_config(project, {"providers": [found], "endpoints": [{**ENDPOINT, **change}]})
    assert [ask(project).exit_code for _ in range(2)] == [3, 3]


def test_what_a_gateway_tells_of_its_models(project: Path, by_path: Gateway) -> None:
    told = {"id": "m", "context_length": 12_345}
    server = by_path({"/v1/models": {"data": [told]}, "*": models("m")})
    write_config(
        project,
        {"providers": [provider(server.base)], "endpoints": [{**ENDPOINT, "model": "m"}]},
    )
    options = LiteLLMExecutionOptions("hi", "e", project)

    def window() -> int | None:
        plan = make_plan(options, environ_of(project), later())
        return plan.target.facts.context_window

    assert [window(), window()] == [None, None]
    assert list_models(project, "p", environ=environ_of(project)).error is None
    assert [window(), window()] == [12_345, 12_345]


def test_what_a_call_does_to_its_parameters_stays_in_it(project: Path) -> None:
    """litellm writes into tools and schemas that it is given."""
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"a": 1}}}]
    endpoint = {**ENDPOINT, "params": {"tools": tools, "temperature": 1}}
    write_config(
        project, {"providers": [provider("http://127.0.0.1:9/v1")], "endpoints": [endpoint]}
    )
    options = LiteLLMExecutionOptions("hi", "e", project)
    for _ in range(2):
        plan = make_plan(options, environ_of(project), later())
        params = request_of(plan, options, Route("openai/gpt-4o", "P")).params
        assert params == {"tools": tools, "temperature": 1}
        params["tools"][0]["function"].clear()
