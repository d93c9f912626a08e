"""What a gateway tells of its models counts for a preview and a call, as in the list of models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import ccw
from tests.projects import write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import raw


def configure(project: Path, base: str, model: str, **provider: Any) -> None:
    """A gateway of type litellm, and an endpoint for one of its models."""
    gateway = {"id": "gate", "name": "Gate", "type": "litellm", "apiBase": base, **provider}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "gate", "model": model}
    write_config(
        project, {"providers": [gateway], "endpoints": [endpoint], "defaultEndpoint": "ask"}
    )


def listed(model: str) -> dict[str, Any]:
    """The entry of *model* in `ccw provider models`."""
    shown = json.loads(ccw("provider", "models", "gate", "--json", "--refresh").stdout)
    return next(entry for entry in shown["models"] if entry["id"] == model)


def previewed() -> tuple[int | None, float | None]:
    """The window that a preview tells, and USD per million of input."""
    shown = json.loads(ccw("cli", "-p", "hi", "--dry-run", "--json").stdout)
    cost = shown["inputCost"]
    return shown["contextWindow"], None if cost is None else cost / shown["tokens"] * 1e6


@pytest.mark.parametrize(
    ("model", "window", "price"),
    [
        pytest.param("openai/gpt-4o", 128_000, 2.5, id="provider-and-model"),
        pytest.param("claude-sonnet-4-5", 200_000, 3.0, id="bare-model"),
        pytest.param("team-model", None, None, id="a-name-of-its-own"),
    ],
)
def test_names_that_models_have_elsewhere(
    shop: Path, openai_server: Server, model: str, window: int | None, price: float | None
) -> None:
    configure(shop, openai_server.base, model)
    assert previewed() == (window, None if price is None else pytest.approx(price))
    assert openai_server.requests == []


FIGURES = {"max_input_tokens": 50_000, "input_cost_per_token": 4e-6}
TOLD = {"id": "team-model", "object": "model", "model_info": FIGURES}


def test_the_list_that_was_kept(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.root, "team-model")
    openai_server.default = raw(json.dumps({"object": "list", "data": [TOLD]}).encode())
    assert previewed() == (None, None)
    entry = listed("team-model")
    assert (entry["contextWindow"], entry["inputCostPerMillion"]) == (50_000, 4.0)
    asked = len(openai_server.requests)
    assert previewed() == (50_000, pytest.approx(4.0))
    assert len(openai_server.requests) == asked


def test_the_users_own_figures_win(shop: Path, openai_server: Server) -> None:
    own = {"id": "team-model", "inputCostPerMillion": 7}
    configure(shop, openai_server.root, "team-model", models=[own])
    openai_server.default = raw(json.dumps({"object": "list", "data": [TOLD]}).encode())
    listed("team-model")
    assert previewed() == (50_000, pytest.approx(7.0))


def test_a_preview_makes_no_folder_for_lists(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.base, "team-model")
    previewed()
    assert not (Path.home() / ".ccw/cache/models").exists()
