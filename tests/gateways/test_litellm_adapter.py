"""`ccw.litellm_adapter`: the gateway of the variables, of `.env` or of the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ccw import litellm_adapter
from ccw.errors import CcwError
from tests.canary import CANARY, assert_not_on_disk, assert_nowhere
from tests.gateways.worlds import World, gate
from tests.servers.by_path import Gateway, models


def test_the_adapter_without_a_gateway(world: World) -> None:
    world.configure(gate("http://127.0.0.1:1"))
    place = (world.project, world.environ)
    assert litellm_adapter.is_configured(*place) is False
    assert litellm_adapter.get_config(*place) is None
    assert litellm_adapter.fetch_models(*place) == []
    litellm_adapter.clear_cache(*place)


def by_variables(world: World, base: str) -> None:
    world.environ |= {
        "LITELLM_ENABLED": "true",
        "LITELLM_BASE_URL": base,
        "LITELLM_API_KEY": CANARY,
    }


def by_dotenv(world: World, base: str) -> None:
    (world.project / ".env").write_text(
        f"LITELLM_ENABLED=true\nLITELLM_BASE_URL={base}\nLITELLM_API_KEY={CANARY}\n"
    )


def by_config(world: World, base: str) -> None:
    world.configure(gate(base, id="mine", type="litellm"))


@pytest.mark.parametrize("configure", [by_variables, by_dotenv, by_config])
def test_the_adapter(
    world: World, by_path: Gateway, configure: Callable[[World, str], None]
) -> None:
    server = by_path({"/v1/models": models("gpt-4")})
    configure(world, server.root)
    place = (world.project, world.environ)
    assert litellm_adapter.is_configured(*place)
    found = litellm_adapter.get_config(*place)
    assert found is not None
    assert (found.base_url, found.api_key) == (server.root, CANARY)
    assert_nowhere(repr(found))
    for _ in range(2):
        [model] = litellm_adapter.fetch_models(*place, clock=world.clock)
        assert (model.id, model.context_window) == ("gpt-4", 8192)
    asked = len(server.requests)
    litellm_adapter.clear_cache(*place)
    litellm_adapter.fetch_models(*place, clock=world.clock)
    assert len(server.requests) == 2 * asked
    litellm_adapter.fetch_models(*place, clock=world.clock, refresh=True)
    assert len(server.requests) == 3 * asked
    assert_not_on_disk(Path(world.environ["HOME"]))


def test_the_adapter_raises_what_keeps_it_from_listing(world: World) -> None:
    by_variables(world, "http://127.0.0.1:1")
    with pytest.raises(CcwError, match=r"Could not fetch models: .*refused the connection"):
        litellm_adapter.fetch_models(world.project, world.environ)


def test_the_adapter_finds_its_project(
    world: World, by_path: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_config(world, by_path({"*": models("m")}).root)
    below = world.project / "src"
    below.mkdir()
    monkeypatch.chdir(below)
    monkeypatch.setenv("CANARY_KEY", CANARY)
    assert litellm_adapter.is_configured()
    assert [model.id for model in litellm_adapter.fetch_models()] == ["m"]
