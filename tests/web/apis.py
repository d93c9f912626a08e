"""The server as tests reach it: within their process, or as one of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient

from ccw.web.app import create_app
from ccw.web.settings import ServeSettings
from tests.cli.asking import CCW

API = "/api/litellm-api"
LOCAL = "http://localhost:3000"


def environ() -> dict[str, str]:
    """The environment of calls: the test's own home, no keys."""
    return {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}


def client_of(project: Path, **settings: Any) -> TestClient:
    """A client of the application within this process."""
    given = {"environ": environ(), **settings}
    app = create_app(ServeSettings(project=project, **given))
    return TestClient(app, base_url=LOCAL, raise_server_exceptions=False)


@dataclass
class Running:
    """A server in a process of its own; `said` is what it wrote on stderr so far."""

    process: subprocess.Popen[str]
    url: str
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def log(self) -> str:
        return "".join(self.said)

    def client(self, **options: Any) -> httpx.Client:
        """A client of this server."""
        return httpx.Client(base_url=self.url, timeout=20, trust_env=False, **options)


@contextmanager
def running(project: Path, *arguments: str, port: int = 0, **variables: str) -> Iterator[Running]:
    """Run `ccw serve` for the time of a `with` block."""
    command = [CCW, "serve", "--port", str(port), "--project", str(project), "--no-open"]
    process = subprocess.Popen(
        [*command, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**environ(), **variables},
        cwd=project,
    )
    assert process.stderr is not None
    first = _first_line(process)
    found = re.search(r"http://[^/ ]+", first)
    assert found, first + process.stderr.read()
    server = Running(process, found[0], [first])
    reader = threading.Thread(target=lambda: server.said.extend(process.stderr or ()))
    reader.start()
    try:
        yield server
    finally:
        process.terminate()
        process.wait(20)
        reader.join()
        process.stderr.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    """The line with the address; a warning may come before it."""
    assert process.stderr is not None
    lines = ""
    while "http://" not in lines and (line := process.stderr.readline()):
        lines += line
    return lines


def events(text: str) -> list[tuple[str, Any]]:
    """The server-sent events in *text*, each with its data."""
    found = []
    for block in text.strip().split("\n\n"):
        if not block.startswith(":"):
            name, data = block.split("\n", 1)
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found
