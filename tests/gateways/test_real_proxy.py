"""The real LiteLLM proxy: listed, tested, refused, stopped in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

import ccw
from ccw.gateways.testing import check_connection
from ccw.llm.gateway.details import ModelDetails
from tests.gateways.worlds import World, gate, ids
from tests.servers.litellm_proxy import MASTER_KEY, MODEL, Proxy, litellm_proxy

pytestmark = [pytest.mark.proxy, pytest.mark.slow]
WRONG = "sk-wrong-1234567890"
LISTED = ModelDetails(  # as it is for gpt-4o-mini, which stands behind it
    MODEL,
    MODEL,
    "openai",
    context_window=128000,
    max_output_tokens=16384,
    input_cost_per_million=0.15,
    output_cost_per_million=0.6,
    cache_read_cost_per_million=0.075,
    purpose="chat",
)


def configure(world: World, proxy: Proxy, key: str | None, path: str = "") -> None:
    fields = {"apiKey": "${PROXY_KEY}" if key else ""}
    world.environ |= {"PROXY_KEY": key} if key else {}
    world.configure(gate(f"{proxy.root}{path}", type="litellm", **fields))


@pytest.mark.parametrize("path", ["", "/v1"])
def test_models_with_the_master_key(world: World, gateway: Proxy, path: str) -> None:
    configure(world, gateway, MASTER_KEY, path)
    listed = world.list(timeout=30)
    assert (listed.models, listed.error, listed.source) == ((LISTED,), None, "gateway")
    checked = world.check(timeout=30)
    assert (checked.success, checked.models, checked.note) == (True, (LISTED,), None)
    assert [(key.id, key.state) for key in checked.keys] == [("apiKey", "ok")]


def test_models_without_a_master_key(world: World, open_gateway: Proxy) -> None:
    configure(world, open_gateway, None)
    assert world.list(timeout=30).models == (LISTED,)
    checked = world.check(timeout=30)
    assert (checked.success, checked.keys) == (True, ())


@pytest.mark.parametrize(
    ("key", "status", "says"),
    [
        # without a database the proxy calls a wrong key a missing database
        pytest.param(WRONG, 400, "refused it (400): No connected db; check apiKey", id="wrong"),
        pytest.param("no-sk", 400, "refused it (400): No connected db; check apiKey", id="odd"),
        pytest.param(
            None,
            401,
            "wants one and none is configured (401): Authentication Error, No api key passed in",
            id="missing",
        ),
    ],
)
def test_a_refused_key(
    world: World, gateway: Proxy, key: str | None, status: int, says: str
) -> None:
    configure(world, gateway, key)
    checked = world.check(timeout=30)
    assert (checked.success, checked.kind, checked.status) == (False, "key", status)
    assert (checked.error or "").startswith("Invalid API key: Gate (")
    assert says in (checked.error or "")
    assert checked.failure is not None
    assert checked.failure.exit_code == 5
    assert key is None or key not in repr(checked)


def test_before_anything_is_saved(gateway: Proxy) -> None:
    answer = ccw.test_litellm_connection(gateway.root, MASTER_KEY)
    entry = {"id": MODEL, "name": MODEL, "provider": "openai", "contextLength": 128000}
    assert answer == {"success": True, "models": [entry]}
    assert ccw.test_litellm_connection(gateway.root, WRONG)["success"] is False


def test_a_base_with_a_path_too_much(gateway: Proxy) -> None:
    result = check_connection(f"{gateway.root}/v1/v1", MASTER_KEY, timeout=30)
    assert (result.kind, result.status) == ("not_found", 404)
    assert (result.error or "").endswith(f"its models are listed below {gateway.root}/v1")


def test_a_proxy_that_stops_in_the_middle(world: World, tmp_path: Path) -> None:
    with litellm_proxy(tmp_path) as proxy:
        configure(world, proxy, MASTER_KEY)
        assert ids(world.list(timeout=30)) == [MODEL]
    world.now += 3600
    listed = world.list()
    assert (listed.models, listed.stale, listed.age) == ((LISTED,), True, 3600)
    assert (listed.error or "").endswith("refused the connection; is the server running?")
    assert world.check().kind == "refused"
