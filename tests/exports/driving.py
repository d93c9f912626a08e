"""Real programs run in a project whose endpoint is a gateway on loopback, with a transcript."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests.cli.asking import CCW
from tests.projects import write_config
from tests.servers.loopback import Server

BIN = Path(__file__).parents[2] / ".venv" / "clients" / "node_modules" / ".bin"
PATH = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # with the node that was installed for them
KEY = "sk-gate-canary-0123456789"
SECONDS = 90


@dataclass(frozen=True)
class World:
    """A project whose endpoint `mine` is the gateway's `real-model`, and an empty home."""

    folder: Path
    server: Server

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def home(self) -> Path:
        return self.folder / "home"


def configure(world: World, kind: str, base: str, model: str = "real-model") -> None:
    facts = {"id": model, "contextWindow": 128000, "maxOutputTokens": 4096}
    gate = {"id": "openai", "name": "Gate", "type": kind, "apiBase": base}
    write_config(
        world.project,
        {
            "providers": [{**gate, "apiKey": "${GATE_KEY}", "models": [facts]}],
            "endpoints": [
                {"id": "mine", "name": "Mine {a}", "providerId": "openai", "model": model}
            ],
        },
    )


def client(name: str) -> str:
    """Return the path of a client; without it the test is skipped, on CI it fails."""
    found = BIN / name
    if not found.exists():
        missing(f"{name} is not installed: make clients")
    return str(found)


def needs_node(version: int) -> None:
    """Go on only with a node of this *version* or a younger one."""
    node = shutil.which("node", path=PATH) or "node"
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(done.stdout.lstrip("v").partition(".")[0]) < version:
        missing(f"needs node {version}, this is {done.stdout.strip()}")


def missing(what: str) -> NoReturn:
    """Skip the test; on CI, where all is installed, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def run(
    world: World, *command: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program in the project with an empty home and no input; print what was said."""
    environ = {
        "HOME": str(world.home),
        "PATH": PATH,
        "GATE_KEY": KEY,
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "CODEX_HOME": str(world.home / ".codex"),
        **(variables or {}),
    }
    done = subprocess.run(
        command,
        cwd=world.project,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    tell(world, command, done)
    assert KEY not in done.stdout + done.stderr
    return done


def tell(world: World, command: tuple[str, ...], done: subprocess.CompletedProcess[str]) -> None:
    """Write the transcript: what was run, what came out, what the gateway was asked."""
    asked = [f"{r.method} {r.path} {r.model} {len(r.body)} B" for r in world.server.requests]
    said = [
        f"$ {' '.join(command)} -> {done.returncode}",
        done.stdout,
        done.stderr,
        *asked,
    ]
    text = "\n".join(said)
    print(text)  # noqa: T201 (shown with -rA, as CI does, and when the test fails)
    with (world.folder / "transcript.txt").open("a") as file:
        file.write(f"{text}\n")


def export(world: World, target: str, file: Path, *more: str) -> str:
    """Export to *file* and return its text, in which the key does not stand."""
    file.parent.mkdir(parents=True, exist_ok=True)
    done = run(world, CCW, "config", "export", target, "-o", str(file), *more)
    assert done.returncode == 0, done.stderr
    text = file.read_text()
    assert KEY not in text
    return text


def calls(server: Server) -> set[tuple[str, str | None, str | None]]:
    """Return path, model and key of all calls."""
    return {(r.path, r.model, r.headers.get("authorization")) for r in server.posts}
