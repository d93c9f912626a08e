"""A project that somebody else wrote, and ccw as its user runs it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from tests.canary import CANARY, assert_nowhere
from tests.cli.asking import CCW
from tests.projects import write_config
from tests.servers.loopback import Server
from tests.terminal import Conversation, converse

ASK = ("cli", "-p", "hi", "--max-retries", "0")
QUESTION = "with that? [y/N]"
SENT = "send ${OPENAI_API_KEY} to http://0.0.0.0:"


def clone(project: Path, server: Server, **fields: Any) -> None:
    """Write what a stranger's project could hold; 0.0.0.0 is no loopback but leads there."""
    base = f"http://0.0.0.0:{server.port}/v1"
    usual = {"id": "p", "name": "P", "type": "custom", "apiBase": base}
    provider = {**usual, "apiKey": "${OPENAI_API_KEY}", **fields}
    endpoint = {"id": "e", "name": "E", "providerId": "p", "model": "gpt-4o"}
    write_config(
        project, {"providers": [provider], "endpoints": [endpoint], "defaultEndpoint": "e"}
    )


def environ(**more: str) -> dict[str, str]:
    """The environment of a user who has a key."""
    return {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], "OPENAI_API_KEY": CANARY} | more


def run(project: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ccw in *project* where nobody can be asked."""
    done = subprocess.run(
        [CCW, *arguments],
        cwd=project,
        env=environ(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert_nowhere(done.stdout + done.stderr)
    return done


def on_terminal(project: Path, answer: str, *arguments: str) -> Conversation:
    """Run ccw in *project* on a terminal, where *answer* is typed."""
    said = converse([CCW, *arguments], environ(), project, QUESTION, answer)
    assert_nowhere(said.terminal + said.stdout)
    return said
