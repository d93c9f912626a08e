"""Lists of models: asked for, stale while a gateway is down, else built in or configured."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ccw.config.trust.wishes import Wish
from ccw.errors import InvalidValue, KeyNotConfigured, NotFound, NotTrusted, Unreachable
from ccw.gateways.models import ModelList
from ccw.llm.gateway.details import ModelDetails
from tests.canary import CANARY
from tests.gateways.worlds import START, World, gate, ids
from tests.servers.by_path import Gateway, models
from tests.servers.openai_wire import status

NOBODY = "http://127.0.0.1:1"


def test_a_list_is_asked_for_with_the_key_and_described(world: World, by_path: Gateway) -> None:
    server = by_path({"/v1/models": {"data": [{"id": "gpt-4o", "owned_by": "us"}, {}]}})
    world.configure(
        gate(server.base, models=[{"id": "gpt-4o", "name": "Mine", "inputCostPerMillion": 1}])
    )
    listed = world.list()
    model = ModelDetails(
        "gpt-4o",
        "Mine",
        "us",
        context_window=128000,
        max_output_tokens=16384,
        input_cost_per_million=1,
        output_cost_per_million=10.0,
        cache_read_cost_per_million=1.25,
        purpose="chat",
    )
    assert listed == ModelList(
        "gate", "custom", (model,), "gateway", fetched_at=START, age=0.0, skipped=1
    )
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


def test_the_last_list_is_used_while_the_gateway_is_down(world: World, by_path: Gateway) -> None:
    answers: dict[str, Any] = {"/v1/models": models("a")}
    world.configure(gate(by_path(answers).base))
    world.list()
    answers["/v1/models"] = status(500)
    world.now = START + 4000
    listed = world.list()
    assert (ids(listed), listed.source, listed.stale, listed.age) == (["a"], "cache", True, 4000)
    assert (listed.error or "").startswith("Could not fetch models: Gate (")
    assert "failed (500)" in (listed.error or "")
    answers["/v1/models"] = models("b")
    assert (ids(world.list()), world.list().stale) == (["b"], False)


def test_a_gateway_never_reached_has_the_models_of_its_type(world: World) -> None:
    world.configure(
        gate(NOBODY, type="mistral", models=[{"id": "mine"}]),
        endpoints=[{"id": "e", "name": "E", "providerId": "gate", "model": "tuned"}],
    )
    listed = world.list()
    assert ids(listed)[:2] == ["mine", "tuned"]
    assert "mistral-large-latest" in ids(listed)
    assert (listed.source, listed.fetched_at, listed.age, listed.stale) == (
        "built-in",
        None,
        None,
        False,
    )
    assert (listed.error or "").startswith("Could not fetch models: ")
    assert isinstance(listed.failure, Unreachable)


def test_an_empty_list_is_no_failure_to_fetch(world: World, by_path: Gateway) -> None:
    world.configure(gate(by_path({"/v1/models": {"data": [3]}}).base))
    expected = "No models returned that can be read (1 entries skipped) by Gate (gate)"
    for source in ("gateway", "cache"):
        listed = world.list()
        assert (listed.models, listed.source, listed.error) == ((), source, expected)


def test_models_of_the_configuration_alone_are_told_as_such(world: World) -> None:
    world.configure(
        gate(NOBODY, models=[{"id": "mine"}]),
        endpoints=[{"id": "e", "name": "E", "providerId": "gate", "model": "tuned"}],
    )
    listed = world.list()
    assert (ids(listed), listed.source) == (["mine", "tuned"], "configured")


@pytest.mark.parametrize("kind", ["azure", "bedrock", "vertex_ai"])
def test_types_without_a_list_have_a_built_in_one(world: World, kind: str) -> None:
    world.environ["VERTEX_AI_API_KEY"] = CANARY
    provider = gate("https://x.openai.azure.com", type=kind)
    world.configure(provider if kind == "azure" else {**provider, "apiBase": None})
    listed = world.list()
    assert (listed.source, listed.error, len(listed.models) > 10) == ("built-in", None, True)


def test_the_embedded_model_is_listed(world: World) -> None:
    world.configure({"id": "local", "name": "Local", "type": "local"})
    [model] = world.list("local").models
    assert (model.id, model.context_window, model.input_cost_per_million) == ("smollm2", 8192, 0.0)


@pytest.mark.parametrize(
    ("provider", "error", "says"),
    [
        pytest.param("other", NotFound, "Provider not found: other", id="unknown"),
        pytest.param("off", InvalidValue, "ccw provider update off --enable", id="disabled"),
        pytest.param("keyless", KeyNotConfigured, "NO_SUCH_KEY", id="no-key"),
    ],
)
def test_what_cannot_be_asked_is_raised(
    world: World, by_path: Gateway, provider: str, error: type[Exception], says: str
) -> None:
    server = by_path({"*": models("m")})
    world.configure(
        gate(server.base, id="off", enabled=False),
        gate(server.base, id="keyless", apiKey="${NO_SUCH_KEY}"),
    )
    with pytest.raises(error, match=says):
        world.list(provider)
    assert server.requests == []


def test_all_providers_are_asked_at_once(world: World, by_path: Gateway) -> None:
    slow = by_path({"*": lambda exchange: exchange.pause(20)})
    good = by_path({"*": models("m")})
    world.configure(
        gate(slow.base, id="s1"),
        gate(slow.base, id="s2", apiKey="sk-another"),
        gate(good.base, id="good"),
        gate(good.base, id="off", enabled=False),
        gate(good.base, id="keyless", apiKey="${NO_SUCH_KEY}"),
    )
    began = time.monotonic()
    listed = world.all(timeout=0.5)
    assert time.monotonic() - began < 2
    assert [(one.provider, ids(one), one.source) for one in listed] == [
        ("s1", [], "built-in"),
        ("s2", [], "built-in"),
        ("good", ["m"], "gateway"),
        ("keyless", [], "built-in"),
    ]
    assert "within 0.5 s" in (listed[0].error or "")
    assert "API key not configured for provider: Gate" in (listed[3].error or "")
    assert len(good.requests) == 1


def test_a_provider_without_trust_leaves_the_others_their_lists(
    world: World, by_path: Gateway
) -> None:
    good = by_path({"*": models("m")})
    stranger = gate("http://0.0.0.0:1", id="stranger")
    world.configure(stranger, gate(good.base), gate(NOBODY, id="down"))
    first, second, third = world.all()
    assert (ids(second), second.error, third.source) == (["m"], None, "built-in")
    assert (first.error or "").startswith("Could not fetch models: this project asks for what")
    assert "with: ccw trust" in (first.error or "")
    failure = first.failure
    assert isinstance(failure, NotTrusted)
    wish = Wish("key", "${CANARY_KEY}", "http://0.0.0.0:1")
    assert (failure.project, failure.wishes, str(failure)) == (
        world.project,
        frozenset({wish}),
        first.error,
    )
    with pytest.raises(NotTrusted):
        world.list("stranger")


def test_without_providers_there_is_no_list(world: World) -> None:
    assert world.all() == ()


def test_the_variables_make_a_gateway(world: World, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    (world.project / ".env").write_text(f"LITELLM_ENABLED=true\nLITELLM_BASE_URL={server.root}\n")
    world.environ["CCW_TRUST"] = "1"
    assert [(one.provider, ids(one)) for one in world.all()] == [("litellm", ["m"])]


def test_a_refused_key_of_a_pool_gives_way_to_the_next(world: World, by_path: Gateway) -> None:
    def guarded(exchange: Any) -> None:
        good = exchange.request.headers["authorization"] == "Bearer sk-good"
        (status(200) if good else status(401))(exchange)

    server = by_path({"*": guarded})
    world.environ |= {"BAD": "sk-bad", "GOOD": "sk-good"}
    keys = [{"id": "x", "key": "${BAD}"}, {"id": "y", "key": "${GOOD}"}, {"key": "${UNSET}"}]
    world.configure(gate(server.base, apiKey="", apiKeys=keys))
    world.list()
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer sk-bad", "Bearer sk-good"]
