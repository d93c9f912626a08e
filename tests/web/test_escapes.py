"""Ways out of the project and into the page's files: none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.servers.loopback import Server
from tests.web.apis import Running, running

SECRET = "the content of a file outside"
EXECUTE, PREVIEW = "/api/cli/execute", "/api/context/preview"


@pytest.fixture
def outside(shop: Path) -> Path:
    """A file beside the project, and two links to it from within."""
    file = shop.parent / "outside" / "secret.txt"
    file.parent.mkdir()
    file.write_text(SECRET)
    (shop / "link.txt").symlink_to(file)
    (shop / "linked").symlink_to(file.parent)
    return file


@pytest.mark.parametrize("route", [EXECUTE, PREVIEW])
@pytest.mark.parametrize(
    "prompt",
    [
        "@../outside/secret.txt what?",
        "@src/../../outside/secret.txt what?",
        "@{outside} what?",
        "@link.txt what?",
        "@linked/secret.txt what?",
        "@linked/*.txt what?",
    ],
)
def test_a_prompt_stays_in_the_project(
    asked: TestClient, openai_server: Server, outside: Path, route: str, prompt: str
) -> None:
    answer = asked.post(route, json={"prompt": prompt.replace("{outside}", str(outside))})
    assert answer.status_code == 422
    assert answer.json()["error"]["type"] in ("path_not_allowed", "nothing_matched")
    assert SECRET not in answer.text
    assert not openai_server.posts


def test_a_link_that_a_glob_meets_is_not_sent(
    asked: TestClient, openai_server: Server, outside: Path
) -> None:
    answer = asked.post(EXECUTE, json={"prompt": "@**/*.txt @README.md what?"})
    assert SECRET not in answer.text
    assert not [sent for sent in openai_server.posts if SECRET in str(sent.json)]


def test_secret_bearing_files_are_asked_for(asked: TestClient, shop: Path) -> None:
    (shop / ".env").write_text(f"A={SECRET}\n")
    refused = asked.post(PREVIEW, json={"prompt": "@.env what?"})
    assert refused.status_code == 422
    allowed = asked.post(PREVIEW, json={"prompt": "@.env what?", "allowSecrets": True})
    assert [file["path"] for file in allowed.json()["files"]] == [".env"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all paths."""
    home = str(tmp_path_factory.mktemp("home"))  # the tests' own is not there yet
    with running(tmp_path_factory.mktemp("served"), HOME=home) as server:
        yield server


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
        "/static/",
    ],
)
def test_static_files_are_those_of_the_pages(server: Running, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: close\r\n\r\n"
        raw.sendall(head.encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"create_app" not in answer
    assert b"root:" not in answer
