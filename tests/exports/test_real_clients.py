"""The exported files drive the real coding clients from npm against a gateway on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exports.driving import KEY, World, calls, client, configure, export, needs_node, run
from tests.servers import anthropic_wire, gemini_wire
from tests.servers.coding_wire import ANSWER, gateway_server
from tests.servers.litellm_proxy import configured_proxy

pytestmark = [pytest.mark.clients, pytest.mark.slow]
MASTER = "sk-master-of-the-exported-proxy"
CODEX = ("exec", "--skip-git-repo-check", "-s", "read-only", "--ephemeral")
OLD_NODE = 20  # the first that gemini and qwen run on


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with gateway_server() as server:
        made = World(tmp_path, server)
        made.project.mkdir()
        made.home.mkdir()
        configure(made, "custom", server.base)
        yield made


def test_opencode(world: World) -> None:
    program = client("opencode")
    export(world, "opencode", world.project / "opencode.json")
    listed = run(world, program, "models")
    assert listed.stdout == "ccw-openai/mine\n"
    done = run(world, program, "run", "Say hi")
    assert (done.returncode, done.stdout.strip()) == (0, ANSWER), done.stderr
    assert calls(world.server) == {("/v1/chat/completions", "real-model", f"Bearer {KEY}")}


@pytest.mark.parametrize(
    ("kind", "answer", "path", "header"),
    [
        ("anthropic", anthropic_wire.ANSWER, "/v1/messages", "x-api-key"),
        (
            "google",
            gemini_wire.ANSWER,
            "/v1beta/models/real-model:streamGenerateContent?alt=sse",
            "x-goog-api-key",
        ),
    ],
    ids=["anthropic", "google"],
)
def test_opencode_with_the_packages_it_has(
    world: World, kind: str, answer: str, path: str, header: str
) -> None:
    program = client("opencode")
    configure(world, kind, world.server.root)
    export(world, "opencode", world.project / "opencode.json")
    done = run(world, program, "run", "Say hi")
    assert (done.returncode, done.stdout.strip()) == (0, answer), done.stderr
    assert {(r.path, r.headers.get(header)) for r in world.server.posts} == {(path, KEY)}


def test_codex(world: World) -> None:
    program = client("codex")
    export(world, "codex", world.home / ".codex" / "config.toml")
    done = run(world, program, *CODEX, "Say hi")
    assert (done.returncode, done.stdout.strip()) == (0, ANSWER), done.stderr
    assert calls(world.server) == {("/v1/responses", "real-model", f"Bearer {KEY}")}


def test_codex_names_the_variable_that_is_not_set(world: World) -> None:
    program = client("codex")
    export(world, "codex", world.home / ".codex" / "config.toml")
    done = run(world, program, *CODEX, "Say hi", variables={"GATE_KEY": ""})
    assert done.returncode != 0
    assert "GATE_KEY" in done.stderr
    assert world.server.posts == []


@pytest.mark.proxy
def test_both_through_the_exported_proxy(world: World) -> None:
    """The whole chain: client, its exported file, the proxy of the exported config, gateway."""
    opencode, codex = client("opencode"), client("codex")
    config = world.folder / "config.yaml"
    export(world, "litellm", config)
    variables = {"GATE_KEY": KEY, "LITELLM_MASTER_KEY": MASTER}
    with configured_proxy(world.folder, config, variables, MASTER) as proxy:
        configure(world, "litellm", proxy.root, model="mine")
        export(world, "opencode", world.project / "opencode.json")
        export(world, "codex", world.home / ".codex" / "config.toml")
        through = {"GATE_KEY": MASTER}
        first = run(world, opencode, "run", "Say hi", variables=through)
        second = run(world, codex, *CODEX, "Say hi", variables=through)
    assert (first.returncode, first.stdout.strip()) == (0, ANSWER), first.stderr
    assert (second.returncode, second.stdout.strip()) == (0, ANSWER), second.stderr
    assert {(model, key) for _, model, key in calls(world.server)} == {
        ("real-model", f"Bearer {KEY}")
    }


@pytest.mark.parametrize(
    ("name", "arguments", "answer", "path", "header"),
    [
        pytest.param(
            "gemini",
            "--skip-trust -p 'Say hi'",
            gemini_wire.ANSWER,
            "/v1beta/models/real-model:streamGenerateContent?alt=sse",
            "x-goog-api-key",
            id="gemini",
        ),
        pytest.param(
            "qwen", "'Say hi'", ANSWER, "/v1/chat/completions", "authorization", id="qwen"
        ),
        pytest.param(
            "claude",
            "-p 'Say hi'",
            anthropic_wire.ANSWER,
            "/v1/messages?beta=true",
            "authorization",
            id="claude",
        ),
    ],
)
def test_clients_that_read_the_environment(
    world: World, name: str, arguments: str, answer: str, path: str, header: str
) -> None:
    program = client(name)
    if name != "claude":
        needs_node(OLD_NODE)
    configure(world, "litellm", world.server.root)
    file = world.folder / f"{name}.sh"
    write_settings(world.home, export(world, name, file))
    done = run(world, "sh", "-c", f". {file}; exec {program} {arguments}")
    assert (done.returncode, done.stdout.strip()) == (0, answer), done.stderr
    asked = {r.path: r.headers[header].removeprefix("Bearer ") for r in world.server.posts}
    assert asked == {path: KEY}


def write_settings(home: Path, text: str) -> None:
    """Do what the comment says: put the settings where the client looks for them."""
    comments = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    place = next((line for line in comments if line.endswith(" has to hold:")), None)
    if place is None:
        return
    settings = "\n".join(comments[comments.index(place) + 1 :])
    file = home / place.removeprefix("~/").removesuffix(" has to hold:")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(json.loads(settings)))


def test_a_shell_names_the_variable_that_is_not_set(world: World) -> None:
    configure(world, "litellm", world.server.root)
    file = world.folder / "qwen.sh"
    export(world, "qwen", file)
    done = run(world, "sh", "-c", f". {file}; echo on", variables={"GATE_KEY": ""})
    assert done.returncode != 0
    assert done.stdout == ""
    assert "GATE_KEY" in done.stderr
