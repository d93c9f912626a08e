"""Each kind of gateway is asked in its own way, with its own header for the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccw.config.provider_types import provider_type
from ccw.llm.gateway.failures import Failure
from ccw.llm.gateway.listing import Found, fetch_models
from ccw.llm.gateway.parsing import Listed
from ccw.llm.gateway.talk import run
from tests.llm.gateway.asking import KEY, fetched, ids, route
from tests.servers.by_path import Gateway, models
from tests.servers.loopback import Exchange
from tests.servers.openai_wire import status


@pytest.mark.parametrize(
    ("path", "listed_at"),
    [
        ("", "/v1/models"),
        ("/v1", "/v1/models"),
        ("/v1/", "/v1/models"),
        ("/api/paas/v4", "/api/paas/v4/models"),
        ("/v1?tenant=7", "/v1/models?tenant=7"),
    ],
)
def test_openai(by_path: Gateway, path: str, listed_at: str) -> None:
    server = by_path({listed_at: models("b", "a")})
    assert ids(fetched(f"{server.root}{path}", "openai")) == ["b", "a"]
    [request] = server.requests
    assert (request.path, request.headers["authorization"]) == (listed_at, f"Bearer {KEY}")


@pytest.mark.parametrize("kind", ["custom", "litellm", "ollama", "anthropic", "google"])
def test_without_a_key_no_header_is_sent(by_path: Gateway, kind: str) -> None:
    server = by_path({"*": models("m")})
    assert ids(fetched(server.root, kind, None)) == ["m"]
    sent = {name for request in server.requests for name in request.headers}
    assert sent & {"authorization", "x-api-key", "x-goog-api-key", "api-key"} == set()


def test_headers_of_the_user_go_along(by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("m")})
    there = route(server.root, organization="org-1", headers={"X-Team": "blue"})
    found = run(lambda: fetch_models(there, provider_type("openai")))
    assert ids(found) == ["m"]
    headers = server.requests[0].headers
    assert (headers["x-team"], headers["openai-organization"]) == ("blue", "org-1")


@pytest.mark.parametrize("path", ["", "/v1"])
def test_anthropic_page_by_page(by_path: Gateway, path: str) -> None:
    first = {"data": [{"id": "a", "type": "model"}, {}], "has_more": True, "last_id": "a b"}
    second = {"data": [{"id": "a"}, {"id": "c", "display_name": "C"}], "has_more": False}
    server = by_path({"/v1/models?limit=1000": first, "/v1/models?limit=1000&after_id=a+b": second})
    found = fetched(f"{server.root}{path}", "anthropic")
    assert isinstance(found, Found)
    assert found.listing.models == (Listed(id="a"), Listed(id="c", name="C"))
    assert found.listing.skipped == 1
    for request in server.requests:
        assert request.headers["x-api-key"] == KEY
        assert request.headers["anthropic-version"] == "2023-06-01"
        assert "authorization" not in request.headers


@pytest.mark.parametrize("path", ["", "/v1beta"])
def test_gemini_page_by_page(by_path: Gateway, path: str) -> None:
    chat, embedding = {"name": "models/g"}, {"name": "models/e"}
    chat |= {"supportedGenerationMethods": ["generateContent"]}  # type: ignore[dict-item]
    embedding |= {"supportedGenerationMethods": ["embedContent"]}  # type: ignore[dict-item]
    server = by_path(
        {
            "/v1beta/models?pageSize=1000": {"models": [chat], "nextPageToken": "t"},
            "/v1beta/models?pageSize=1000&pageToken=t": {"models": [embedding]},
        }
    )
    found = fetched(f"{server.root}{path}", "google")
    assert isinstance(found, Found)
    assert found.listing.models == (
        Listed(id="g", purpose="chat"),
        Listed(id="e", purpose="embedding"),
    )
    assert {request.headers["x-goog-api-key"] for request in server.requests} == {KEY}


def test_pages_without_end_are_not_read_for_ever(by_path: Gateway) -> None:
    server = by_path({"*": {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}})
    assert ids(fetched(server.root, "anthropic")) == ["a"]
    assert len(server.requests) == 20


def test_a_page_that_fails_fails_the_list(by_path: Gateway) -> None:
    first = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    server = by_path({"/v1/models?limit=1000": first, "*": status(500)})
    found = fetched(server.root, "anthropic")
    assert isinstance(found, Failure)
    assert (found.kind, found.status) == ("status", 500)


@pytest.mark.parametrize("path", ["", "/v1"])
def test_ollama_tells_windows(by_path: Gateway, path: str) -> None:
    def show(exchange: Exchange) -> None:
        known = {"llama3:8b": {"model_info": {"llama.context_length": 8192}}}
        name = exchange.request.json["model"]
        (status(404) if name not in known else answer(known[name]))(exchange)

    tags = {"models": [{"name": "llama3:8b", "model": "llama3:8b"}, {"name": "odd"}]}
    server = by_path({"/api/tags": tags, "/api/show": show})
    found = fetched(f"{server.root}{path}", "ollama", None)
    assert isinstance(found, Found)
    assert found.listing.models == (Listed(id="llama3:8b", context_window=8192), Listed(id="odd"))


@pytest.mark.parametrize("info", ["/v1/model/info", "/model_group/info"])
def test_litellm_tells_prices(by_path: Gateway, info: str) -> None:
    figures = {"max_input_tokens": 128000.0, "input_cost_per_token": 1e-6}
    name, inner = ("model_name", "model_info") if "v1" in info else ("model_group", "more")
    entry = {name: "m", inner: {**figures, "id": "digest"}}
    entry |= {} if "v1" in info else figures  # type: ignore[operator]
    server = by_path({"/v1/models": models("m", "n"), info: {"data": [3, entry]}})
    found = fetched(f"{server.root}/v1", "litellm")
    assert isinstance(found, Found)
    assert found.listing.models == (
        Listed(id="m", context_window=128000, input_cost_per_million=1.0),
        Listed(id="n"),
    )


def test_litellm_without_its_own_routes_is_listed(by_path: Gateway) -> None:
    assert ids(fetched(by_path({"/v1/models": models("m")}).root, "litellm")) == ["m"]


def answer(data: Any) -> Any:
    return lambda exchange: exchange.whole(200, json.dumps(data).encode(), {})
