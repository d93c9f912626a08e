"""The exported `config.yaml` starts the real LiteLLM proxy, and the answers come through it."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import CCW
from tests.projects import CONFIG, write_config, write_files
from tests.servers.litellm_proxy import Proxy, configured_proxy, free_port
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, openai_server

pytestmark = [pytest.mark.proxy, pytest.mark.slow]
MASTER = "sk-master-of-the-exported-proxy"
KEYS = {"POOL_A": "sk-pool-key-a-0123456789", "POOL_B": "sk-pool-key-b-0123456789"}
CANARY = "sk-openai-canary-0123456789"
VARIABLES = {**KEYS, "LITELLM_MASTER_KEY": MASTER, "OPENAI_API_KEY": CANARY, "TEAM": "blue"}


@dataclass(frozen=True)
class World:
    """A project, the server that it asks, and the proxy made of its export."""

    project: Path
    server: Server
    proxy: Proxy
    config: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("exported")
    project = folder / "project"
    write_files(project)
    with openai_server() as server:
        configure(project, server.base)
        config = folder / "config.yaml"
        done = ccw(project, {}, "config", "export", "litellm", "-o", str(config))
        assert done.returncode == 0, done.stderr
        with configured_proxy(folder, config, VARIABLES, MASTER) as proxy:
            yield World(project, server, proxy, config)


def configure(project: Path, base: str) -> None:
    """A pool with a header, a server without a key, one that is down, one that is disabled."""
    pool = [{"id": "a", "key": "${POOL_A}", "label": "A"}, {"id": "b", "key": "${POOL_B}"}]
    facts = {"id": "gpt-4o", "contextWindow": 4321, "inputCostPerMillion": 1}
    providers = [
        {"id": "pool", "name": "Pool", "type": "custom", "apiBase": base, "apiKeys": pool}
        | {"models": [facts], "advancedSettings": {"customHeaders": {"X-Team": "${TEAM}"}}},
        {"id": "open", "name": "Open", "type": "custom", "apiBase": base},
        {"id": "down", "name": "Down", "type": "custom"}
        | {"apiBase": f"http://127.0.0.1:{free_port()}/v1"},
    ]
    endpoints = [
        {"id": "ask", "name": "Ask", "providerId": "pool", "model": "gpt-4o"},
        {"id": "free", "name": "Free", "providerId": "open", "model": "gpt-4o-mini"}
        | {"params": {"temperature": 0.25}},
        {"id": "broken", "name": "Broken", "providerId": "down", "model": "x"}
        | {"fallbacks": ["ask"]},
        {"id": "off", "name": "Off", "providerId": "open", "model": "x", "enabled": False},
    ]
    write_config(project, {"providers": providers, "endpoints": endpoints})


def ccw(
    project: Path, variables: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    inherited = {"HOME": str(project.parent), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [CCW, *arguments],
        cwd=project,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def ask(project: Path, variables: Mapping[str, str], model: str, *more: str) -> str:
    done = ccw(project, variables, "cli", "-p", "@README.md Explain", "--model", model, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def through(world: World, folder: Path) -> Path:
    """Make a project that knows the proxy alone."""
    write_files(folder)
    gate = {"id": "gate", "name": "Gate", "type": "litellm", "apiBase": world.proxy.root}
    write_config(folder, {"providers": [{**gate, "apiKey": "${GATE}"}], "endpoints": []})
    return folder


def asked(world: World, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"{world.proxy.root}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {MASTER}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize(
    ("name", "more"),
    [("ask", ()), ("ask", ("--no-stream",)), ("free", ()), ("broken", ())],
    ids=["a-pool", "not-streamed", "without-a-key", "a-fallback"],
)
def test_the_answer_is_the_one_of_the_direct_endpoint(
    world: World, tmp_path: Path, name: str, more: tuple[str, ...]
) -> None:
    usable = "ask" if name == "broken" else name  # the proxy falls back to it
    direct = ask(world.project, VARIABLES, usable, *more)
    before = len(world.server.posts)
    proxied = ask(through(world, tmp_path), {"GATE": MASTER}, f"gate/{name}", *more)
    assert (proxied, direct) == (f"{ANSWER}\n", f"{ANSWER}\n")
    (request,) = world.server.posts[before:]
    sent = request.headers["authorization"]
    if name == "free":
        assert sent == "Bearer not-needed"
        assert (request.model, request.json["temperature"]) == ("gpt-4o-mini", 0.25)
    else:
        assert sent.removeprefix("Bearer ") in KEYS.values()
        assert (request.model, request.headers["x-team"]) == ("gpt-4o", "blue")


def test_both_keys_of_the_pool_are_used(world: World) -> None:
    before = len(world.server.posts)
    messages = [{"role": "user", "content": "hi"}]
    for _ in range(14):
        asked(world, "/v1/chat/completions", {"model": "ask", "messages": messages})
    sent = {request.headers["authorization"] for request in world.server.posts[before:]}
    assert sent == {f"Bearer {key}" for key in KEYS.values()}


def test_the_proxy_tells_the_models_and_no_key(world: World) -> None:
    models = [model["id"] for model in asked(world, "/v1/models")["data"]]
    assert sorted(models) == ["ask", "broken", "free"]
    told = asked(world, "/v1/model/info")
    assert not [key for key in VARIABLES.values() if key in json.dumps(told) and key != "blue"]
    info = next(m["model_info"] for m in told["data"] if m["model_name"] == "ask")
    assert (info["max_input_tokens"], info["input_cost_per_token"]) == (4321, 1e-06)
    assert info["ccw"]["provider"] == {"id": "pool", "name": "Pool", "type": "custom"}


def test_the_openai_key_went_nowhere(world: World) -> None:
    assert CANARY not in str([request.headers for request in world.server.requests])


def test_the_file_comes_back_as_the_project(world: World, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    done = ccw(again, {}, "config", "import", "litellm", str(world.config), "--project", ".")
    assert done.returncode == 0, done.stderr
    made = json.loads((again / CONFIG).read_text())
    given = json.loads((world.project / CONFIG).read_text())
    for kind in ("providers", "endpoints"):
        found = {item["id"]: without_stamps(item) for item in made[kind]}
        assert found == {item["id"]: with_defaults(item) for item in given[kind]}


def without_stamps(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("createdAt", "updatedAt")}


def with_defaults(item: dict[str, Any]) -> dict[str, Any]:
    """Return *item* with what an added one spells out."""
    key = {"apiKey": ""} if "type" in item else {}
    return {**key, "enabled": True, **item}
