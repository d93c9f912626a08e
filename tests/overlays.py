"""Helper: endpoints that are sent overlays of a project, of whose files one holds a password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.projects import write_config, write_files
from tests.servers.loopback import Server

SECRET = "hunter2-1c9a"
SETTINGS = "s/settings.py"
FILES = {f"s/{name}.py": f"{name} = 1\n" * 200 for name in "abcdefghijklmnopqrst"}
WITH_SECRET = {**FILES, SETTINGS: f"PASSWORD = {SECRET!r}\n"}
PROMPT = "@s/ Why?"


def configure(project: Path, server: Server, **first: Any) -> None:
    """Configure two endpoints at one server, whose providers and models are not the same."""
    providers = [
        {"id": name, "name": name, "type": "custom", "apiBase": server.base}
        for name in ("ours", "theirs")
    ]
    strategy = {"cacheStrategy": {"layout": "overlay"}}
    endpoints = [
        {"id": "ov", "name": "A", "providerId": "ours", "model": "m", **strategy, **first},
        {"id": "other", "name": "B", "providerId": "theirs", "model": "m", **strategy},
        {"id": "larger", "name": "C", "providerId": "ours", "model": "m-large", **strategy},
    ]
    write_config(project, {"providers": providers, "endpoints": endpoints})


@pytest.fixture
def overlaid(project: Path, openai_server: Server) -> Path:
    """A project whose endpoints are sent overlays, with a file that holds a password."""
    configure(project, openai_server)
    write_files(project, WITH_SECRET)
    return project


def body(server: Server) -> str:
    content = server.posts[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def pack_of(server: Server) -> bytes:
    return body(server).rpartition("\n\n---\n\n")[0].encode()


def delete(project: Path) -> None:
    (project / SETTINGS).unlink()


def edit(project: Path) -> None:
    (project / SETTINGS).write_text("PASSWORD = ask()\n")
