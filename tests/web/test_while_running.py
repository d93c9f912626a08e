"""What changes under a running server: its files, another server, a gateway with a long list."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from fastapi.testclient import TestClient

from ccw.web.runs import Runs
from ccw.web.serving import listen
from tests.projects import CONFIG
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, raw, stall
from tests.web.apis import API, running
from tests.web.test_objects import add_endpoint, add_provider
from tests.web.threads import served

EXECUTE = "/api/cli/execute"
BROKEN = '{"providers": [{"id": "p", '


def test_a_file_that_breaks_and_is_put_right(asked: TestClient, shop: Path) -> None:
    shown = asked.get(f"{API}/config").json()
    kept = (shop / CONFIG).read_text()
    (shop / CONFIG).write_text(BROKEN)
    for answer in (
        asked.get(f"{API}/config"),
        asked.get("/api/models"),
        asked.get(f"{API}/cache/stats"),
        asked.put(f"{API}/endpoints/ask", json={"name": "X"}),
        asked.delete(f"{API}/providers/loop"),
        asked.post("/api/cli/execute", json={"prompt": "hi"}),
        asked.post("/api/context/preview", json={"prompt": "hi"}),
    ):
        assert (answer.status_code, answer.json()["error"]["type"]) == (500, "config_file_error")
        assert str(shop / CONFIG) in answer.json()["error"]["message"]
    assert (shop / CONFIG).read_text() == BROKEN
    (shop / CONFIG).write_text(kept)
    assert asked.get(f"{API}/config").json() == shown
    answer = asked.post("/api/cli/execute", json={"prompt": "hi", "stream": False})
    assert answer.json()["output"] == ANSWER


def test_a_file_that_goes_away(api: TestClient, project: Path) -> None:
    add_provider(api)
    add_endpoint(api, "a")
    (project / CONFIG).unlink()
    assert api.get(f"{API}/endpoints").json() == {"endpoints": [], "count": 0}
    assert api.put(f"{API}/endpoints/a", json={"name": "X"}).status_code == 404


def test_two_server_processes_lose_no_update(project: Path) -> None:
    with (
        running(project) as one,
        running(project) as two,
        one.client() as first,
        two.client() as second,
    ):
        provider = {"id": "p", "name": "P", "type": "openai"}
        assert first.post(f"{API}/providers", json=provider).status_code == 201

        def add(number: int) -> int:
            body = {"id": f"e{number}", "providerId": "p", "model": "m"}
            return (first, second)[number % 2].post(f"{API}/endpoints", json=body).status_code

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(add, range(24))) == [201] * 24
        for client in (first, second):
            ids = [e["id"] for e in client.get(f"{API}/endpoints").json()["endpoints"]]
            assert sorted(ids) == sorted(f"e{n}" for n in range(24))
        tag = {"If-Match": first.get(f"{API}/endpoints/e0").headers["etag"]}
        statuses = [
            client.put(f"{API}/endpoints/e0", json={"name": str(client)}, headers=tag).status_code
            for client in (second, first)
        ]
        assert statuses == [200, 412]


def test_a_gateway_with_five_thousand_models(asked: TestClient, openai_server: Server) -> None:
    data = [{"id": f"team/model-{n}", "object": "model"} for n in range(5000)]
    openai_server.default = raw(json.dumps({"object": "list", "data": data}).encode())
    listed = asked.get(f"{API}/providers/loop/models").json()
    assert (listed["count"], len(listed["models"]), listed["error"]) == (5000, 5000, None)
    merged = asked.get("/api/models").json()
    assert [model["id"] for model in merged] == [model["id"] for model in data]
    tested = asked.post(f"{API}/providers/loop/test").json()
    assert (tested["success"], tested["count"]) == (True, 5000)


def test_a_call_too_many_is_told_and_fits_in_later(shop: Path, openai_server: Server) -> None:
    openai_server.will(stall("The beginning", 20))
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    question = {"prompt": "hi"}
    with (
        served(shop, listener, runs=Runs(limit=1)),
        httpx.Client(base_url=url, timeout=20, trust_env=False) as client,
        httpx.Client(base_url=url, timeout=20, trust_env=False) as other,
    ):
        with client.stream("POST", EXECUTE, json=question) as answer:
            lines = answer.iter_lines()
            next(line for line in lines if "beginning" in line)
            refused = other.post(EXECUTE, json=question)
            assert (refused.status_code, refused.json()["error"]["type"]) == (429, "too_many_runs")
            assert other.get(f"{API}/config").status_code == 200
        assert openai_server.posts[0].client_left.wait(10)
        assert other.post(EXECUTE, json={**question, "stream": False}).json()["output"] == ANSWER
