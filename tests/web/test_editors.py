"""Two editors of one object: the later one is told, and nothing is lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.projects import CONFIG
from tests.web.apis import API, client_of
from tests.web.test_objects import add_endpoint, add_provider


@pytest.mark.parametrize("kind", ["provider", "endpoint"])
def test_the_second_dialog_gets_both_versions(api: TestClient, kind: str) -> None:
    add_provider(api, apiKey="sk-live-0123456789abcdef")
    name = add_endpoint(api, "a")["id"] if kind == "endpoint" else "p"
    path = f"{API}/{kind}s/{name}"
    read = api.get(path)
    tag = {"If-Match": read.headers["etag"]}
    first = api.put(path, json={"name": "First"}, headers=tag)
    assert first.status_code == 200
    second = api.put(path, json={"name": "Second"}, headers=tag)
    assert second.status_code == 412
    body = second.json()
    assert body["error"]["type"] == "changed_meanwhile"
    assert body["current"] == first.json()[kind]
    yours = {**body["yours"], "updatedAt": read.json()["updatedAt"]}
    assert yours == {**read.json(), "name": "Second"}
    again = api.put(path, json={"name": "Second"}, headers={"If-Match": first.headers["etag"]})
    assert again.status_code == 200


def test_a_tag_says_what_is_shown(api: TestClient) -> None:
    add_provider(api)
    tags = [api.get(f"{API}/providers/p").headers["etag"] for _ in range(2)]
    changed = api.put(f"{API}/providers/p", json={"enabled": False}).headers["etag"]
    assert tags[0] == tags[1] != changed
    assert api.get(f"{API}/providers/p").headers["etag"] == changed


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param("*", 200, id="any"),
        pytest.param('"old", {tag}', 200, id="one-of-several"),
        pytest.param('"old"', 412, id="other"),
        pytest.param("", 412, id="empty"),
        pytest.param("\u00e9".encode().decode("latin-1"), 412, id="not-a-tag"),
    ],
)
def test_if_match(api: TestClient, header: str, status: int) -> None:
    add_provider(api)
    tag = api.get(f"{API}/providers/p").headers["etag"]
    expected = {"If-Match": header.format(tag=tag).encode("latin-1")}
    for method, options in (("PUT", {"json": {"name": "X"}}), ("DELETE", {})):
        if method == "DELETE":
            tag = api.get(f"{API}/providers/p").headers["etag"]
            expected = {"If-Match": header.format(tag=tag).encode("latin-1")}
        answer = api.request(method, f"{API}/providers/p", headers=expected, **options)
        assert answer.status_code == status


def test_deleted_while_edited(api: TestClient) -> None:
    add_provider(api)
    tag = {"If-Match": api.get(f"{API}/providers/p").headers["etag"]}
    assert api.delete(f"{API}/providers/p").status_code == 200
    answer = api.put(f"{API}/providers/p", json={"name": "X"}, headers=tag)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")


def test_two_servers_on_one_project_lose_no_update(project: Path) -> None:
    servers = [client_of(project), client_of(project)]
    add_provider(servers[0])

    def add(number: int) -> int:
        body = {"id": f"e{number}", "providerId": "p", "model": "m"}
        return servers[number % 2].post(f"{API}/endpoints", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(add, range(40)))
    assert statuses == [201] * 40
    saved = json.loads((project / CONFIG).read_text())["endpoints"]
    assert sorted(e["id"] for e in saved) == sorted(f"e{n}" for n in range(40))


def test_of_two_who_save_at_once_one_is_told(project: Path) -> None:
    api = client_of(project)
    add_provider(api)
    tag = {"If-Match": api.get(f"{API}/providers/p").headers["etag"]}

    def save(number: int) -> int:
        body = {"name": f"Name {number}"}
        return api.put(f"{API}/providers/p", json=body, headers=tag).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(save, range(8)))
    assert sorted(statuses) == [200] + [412] * 7
