"""A LiteLLM gateway by plain dicts, and `ccw.litellm_adapter`."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ccw
from ccw.config.places import config_path
from ccw.config.state import state_path
from ccw.errors import InvalidValue
from tests.canary import CANARY, assert_nowhere
from tests.gateways.worlds import World, gate
from tests.servers.by_path import Gateway, models
from tests.servers.openai_wire import status

LISTED = [
    {"id": "openai/gpt-4", "name": "openai/gpt-4", "provider": "openai", "contextLength": 8192}
]


def config(base: str, **more: Any) -> dict[str, Any]:
    return {"baseUrl": base, "enabled": True, **more}


def test_a_connection_is_tested(by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("openai/gpt-4")})
    assert ccw.test_litellm_connection(server.root) == {"success": True, "models": LISTED}
    assert "authorization" not in server.requests[0].headers
    ccw.test_litellm_connection(server.root, CANARY)
    assert server.requests[-1].headers["authorization"] == f"Bearer {CANARY}"


def test_a_connection_that_fails_tells_why(by_path: Gateway) -> None:
    answer = ccw.test_litellm_connection(by_path({"*": status(401)}).root, CANARY)
    assert answer["success"] is False
    assert answer["error"].startswith("Invalid API key: ")
    assert_nowhere(str(answer))


@pytest.mark.parametrize(
    ("url", "key", "says"),
    [
        pytest.param(None, None, "url expected a text, got NoneType", id="no-url"),
        pytest.param("http://127.0.0.1:1", 5, "api_key expected a text, got int", id="key"),
    ],
)
def test_a_connection_to_what_is_no_address(url: Any, key: Any, says: str) -> None:
    assert ccw.test_litellm_connection(url, key) == {"success": False, "error": says}


@pytest.mark.parametrize("key", ["apiKey", "api_key"])
def test_a_key_is_saved_as_it_is_written_and_never_given_out(
    world: World, by_path: Gateway, key: str
) -> None:
    server = by_path({"*": models("m")})
    written = config(server.root)
    ccw.set_litellm_config(world.project, {**written, key: "${CANARY_KEY}"}, world.environ)
    ccw.set_litellm_config(world.project, {"enabled": True}, world.environ)
    provider = ccw.get_provider(world.project, "litellm")
    assert provider is not None
    assert provider.api_key == "${CANARY_KEY}"
    assert ccw.get_litellm_config(world.project, world.environ) == written
    assert ccw.fetch_litellm_models(world.project, world.environ)["success"]
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    ccw.set_litellm_config(world.project, {"apiKey": ""}, world.environ)
    assert [p.api_key for p in ccw.get_all_providers(world.project)] == [""]


def test_a_config_is_written_read_and_removed(world: World) -> None:
    assert ccw.get_litellm_config(world.project, world.environ) is None
    written = config(
        "http://localhost:4000",
        lastValidated=1735689600000,
        models=[{"id": "openai/gpt-4", "name": "GPT-4", "provider": "openai", "contextLength": 9}],
    )
    ccw.set_litellm_config(world.project, written, world.environ)
    assert ccw.get_litellm_config(world.project, world.environ) == written
    provider = ccw.get_provider(world.project, "litellm")
    assert provider is not None
    assert (provider.type, provider.api_key, provider.models[0].context_window) == (
        "litellm",
        "",
        9,
    )
    ccw.set_litellm_config(world.project, None, world.environ)
    ccw.set_litellm_config(world.project, None, world.environ)
    assert ccw.get_litellm_config(world.project, world.environ) is None


def test_what_a_config_leaves_out_stays(world: World) -> None:
    known = {"id": "m", "inputCostPerMillion": 2}
    world.configure(
        gate("http://h:1", id="litellm", type="litellm", apiKey="${CANARY_KEY}", models=[known])
    )
    new = {"enabled": False, "models": [{"id": "m", "contextLength": 5}, {"id": "n"}]}
    ccw.set_litellm_config(world.project, new, world.environ)
    provider = ccw.get_provider(world.project, "litellm")
    assert provider is not None
    assert (provider.api_base, provider.api_key, provider.enabled) == (
        "http://h:1",
        "${CANARY_KEY}",
        False,
    )
    assert [(m.id, m.context_window, m.input_cost_per_million) for m in provider.models] == [
        ("m", 5, 2),
        ("n", None, None),
    ]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        pytest.param({}, "baseUrl is missing", id="empty"),
        pytest.param(config("ftp://h"), "must begin with http", id="ftp"),
        pytest.param(config("http://h", models="x"), "models: expected a list", id="models"),
        pytest.param(config("http://h", models=[{}]), "models[0].id: is missing", id="no-id"),
        pytest.param(config("http://h", models=[3]), "models[0]", id="no-model"),
        pytest.param(config("http://h", lastValidated="x"), "milliseconds", id="time"),
        pytest.param(config("http://h", lastValidated=1e30), "milliseconds", id="far-time"),
        pytest.param("x", "expected a dict with baseUrl, got str", id="text"),
        pytest.param(
            config("http://h", bogus=1),
            "bogus is no name that is read here; there are baseUrl, apiKey, enabled, lastValidated",
            id="unknown-name",
        ),
        pytest.param(
            config("http://h", models=[{"id": "m", "window": 5}]),
            "models[0].window is no name that is read here; there are id, name, provider, context",
            id="unknown-name-of-a-model",
        ),
        pytest.param(config("http://h", apiKey=5), "apiKey: expected a text", id="key"),
    ],
)
def test_a_bad_config_is_refused_and_nothing_written(
    world: World, bad: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        ccw.set_litellm_config(world.project, bad, world.environ)
    assert says in str(caught.value)
    assert not config_path(world.project).exists()


def test_models_are_fetched_kept_and_told_as_old(world: World, by_path: Gateway) -> None:
    answers: dict[str, Any] = {"/v1/models": models("openai/gpt-4")}
    server = by_path(answers)
    ccw.set_litellm_config(world.project, config(server.root), world.environ)

    def fetch() -> dict[str, Any]:
        return ccw.fetch_litellm_models(world.project, world.environ, clock=world.clock)

    assert fetch() == {"success": True, "models": LISTED}
    assert ccw.get_litellm_config(world.project, world.environ) == config(
        server.root, models=LISTED
    )
    answers["/v1/models"] = status(503)
    assert fetch() == {"success": True, "models": LISTED}
    world.now += 301
    old = fetch()
    assert (old["success"], old["models"]) == (True, LISTED)
    assert old["error"].startswith("Could not fetch models: ")


@pytest.mark.parametrize("stamp", ["yesterday", "2026-02-31T00:00:00.000Z", "\x1b[8m"])
def test_a_state_that_others_wrote_is_no_failure(world: World, stamp: str) -> None:
    ccw.set_litellm_config(world.project, config("http://h"), world.environ)
    state = {"providers": {"litellm": {"lastValidated": stamp, "ok": True}}}
    state_path(world.project).write_text(json.dumps(state))
    assert ccw.get_litellm_config(world.project, world.environ) == config("http://h")


@pytest.mark.parametrize(
    ("provider", "says"),
    [
        pytest.param(None, "LiteLLM is not configured", id="not-configured"),
        pytest.param({}, "refused the connection", id="nobody-there"),
        pytest.param({"apiKey": "${NO_SUCH_KEY}"}, "API key not configured", id="no-key"),
        pytest.param({"enabled": False}, "LiteLLM is not configured", id="disabled"),
    ],
)
def test_models_that_cannot_be_fetched(
    world: World, provider: dict[str, Any] | None, says: str
) -> None:
    if provider is not None:
        world.configure({**gate("http://127.0.0.1:1", id="litellm", type="litellm"), **provider})
    answer = ccw.fetch_litellm_models(world.project, world.environ)
    assert answer["success"] is False
    assert says in answer["error"]
