"""The guard over a real connection: bodies, slow and broken clients, headers, signing in."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from ccw.web.serving import listen
from tests.projects import CONFIG
from tests.web.apis import API, Running, client_of, running
from tests.web.threads import served

TOKEN = "a-token-of-the-test"
JSON = {"Content-Type": "application/json"}
HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param(f"{API}/config", {}, 200, id="answer"),
        pytest.param("/nothing", {}, 404, id="unknown"),
        pytest.param(f"{API}/config", {"Origin": "http://evil.example"}, 403, id="refused"),
    ],
)
def test_every_answer_has_the_headers(
    api: TestClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = api.get(path, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_preflight_gets_nothing(api: TestClient) -> None:
    asking = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    answer = api.options(f"{API}/providers", headers=asking)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_form_of_another_page_saves_nothing(api: TestClient, project: Path) -> None:
    for headers in ({}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        form = api.post(f"{API}/providers", data={"type": "openai"}, headers=headers)
        assert form.status_code in (403, 415)
        plain = api.post(
            f"{API}/providers",
            content='{"type": "openai"}',
            headers={"Content-Type": "text/plain", **headers},
        )
        assert plain.status_code in (403, 415)
    assert not (project / CONFIG).exists()


def test_the_token_opens_everything_and_its_lack_nothing(project: Path) -> None:
    api = client_of(project, token=TOKEN)
    for path in (f"{API}/config", "/openapi.json", "/", "/nothing"):
        answer = api.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert api.get(f"{API}/config", headers=bearer).status_code == 200


def test_a_page_signs_in_once(project: Path) -> None:
    api = client_of(project, token=TOKEN)
    wrong = api.post("/api/session", json={"token": "guess"})
    assert (wrong.status_code, wrong.json()["error"]["type"]) == (401, "token_refused")
    assert "set-cookie" not in wrong.headers
    answer = api.post("/api/session", json={"token": TOKEN})
    assert answer.json() == {"success": True, "needed": True}
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=strict",
    }
    assert api.get(f"{API}/config").status_code == 200
    other = client_of(project, token=TOKEN)
    other.cookies = api.cookies
    assert other.get(f"{API}/config").status_code == 401


def test_a_browser_without_a_cookie_gets_the_page_to_sign_in(project: Path) -> None:
    api = client_of(project, token=TOKEN)
    page = api.get("/providers", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["www-authenticate"]) == (401, "Bearer")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert str(project) not in page.text
    needed = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert needed
    for path in needed:
        assert api.get(path).status_code == 200
    assert api.get("/static/page.js").status_code == 401
    assert {name: page.headers.get(name) for name in HEADERS} == HEADERS


def test_without_a_token_nothing_is_needed(api: TestClient) -> None:
    answer = api.post("/api/session", json={"token": "x"})
    assert answer.json() == {"success": True, "needed": False}
    assert "set-cookie" not in answer.headers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all clients that misbehave: it has to outlive each of them."""
    home = str(tmp_path_factory.mktemp("home"))  # tests have a home of their own, modules none
    with running(tmp_path_factory.mktemp("served"), HOME=home) as server:
        yield server


def answered(server: Running, request: bytes, *, end: bool = False) -> bytes:
    """Send raw bytes, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(request)
        if end:
            client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_fifty_megabytes_are_refused(server: Running) -> None:
    with server.client() as client:
        answer = client.post(f"{API}/providers", content=b"x" * 50_000_000, headers=JSON)
        assert answer.status_code == 413
        assert answer.json()["error"]["message"] == "the body is over 10 MB"


def test_chunks_are_counted(server: Running) -> None:
    chunks = (b"x" * 1_000_000 for _ in range(50))
    with server.client() as client:
        answer = client.post(f"{API}/providers", content=chunks, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["type"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="tls"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", id="two-hosts"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(b"nonsense\r\n\r\n", id="nonsense"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", id="negative-length"
        ),
    ],
)
def test_what_is_not_http_gets_an_answer(server: Running, request_: bytes) -> None:
    head, _, body = answered(server, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert set(json.loads(body)) == {"error"}


def test_half_a_request_and_a_client_that_leaves(server: Running) -> None:
    post = b"POST /api/litellm-api/providers HTTP/1.1\r\nHost: localhost:%d\r\n" % server.port
    post += b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    for piece in (b"GET /api", post, post + b'{"type": "op'):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(piece)
    with server.client() as client:
        assert client.get(f"{API}/providers").json()["count"] == 0
    assert server.process.poll() is None
    assert "Traceback" not in server.log


def test_an_upgrade_is_answered_as_if_it_were_none(server: Running) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "X-Forwarded-For": "10.0.0.1"}
    with server.client() as client:
        assert client.get(f"{API}/config", headers=upgrade).status_code == 200
    assert server.log.count("\n") == 1


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    host = b"Host: localhost:%d\r\n" % server.port
    both = b"GET /api/litellm-api/config HTTP/1.1\r\n%s\r\n" % host
    both += b"GET /nothing HTTP/1.1\r\n%sConnection: close\r\n\r\n" % host
    text = answered(server, both)
    assert re.findall(rb"HTTP/1.1 (\d+) ", text) == [b"200", b"404"]


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /api HTTP/1.1\r\nHost: loc", id="half-a-head"),
        pytest.param(
            b"POST /api/session HTTP/1.1\r\nHost: localhost:PORT\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
            id="half-a-body",
        ),
    ],
)
def test_slow_clients_are_told_and_left(project: Path, piece: bytes) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with (
        served(project, listener, head_seconds=0.3, body_seconds=0.3),
        socket.create_connection(("127.0.0.1", port), timeout=10) as client,
    ):
        began = time.monotonic()
        client.sendall(piece.replace(b"PORT", str(port).encode()))
        answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert time.monotonic() - began < 5
        assert b"HTTP/1.1 408 " in answer
        assert b'"too_slow"' in answer


def test_a_second_request_may_be_no_slower(project: Path) -> None:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with (
        served(project, listener, head_seconds=0.3),
        socket.create_connection(("127.0.0.1", port), timeout=10) as client,
    ):
        client.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % port)
        assert b" 404 " in client.recv(65536)
        client.sendall(b"GET /")
        assert b" 408 " in b"".join(iter(lambda: client.recv(65536), b""))


def test_a_connection_that_is_kept_is_no_slow_client(project: Path) -> None:
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with served(project, listener, head_seconds=0.3), httpx.Client(trust_env=False) as client:
        for _ in range(3):
            assert client.get(f"{url}{API}/config").status_code == 200
            time.sleep(0.4)
