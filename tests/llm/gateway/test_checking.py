"""Every way in which a gateway fails has a kind, an exit code and words of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ccw.llm.gateway.checking import Checked
from ccw.llm.gateway.failures import Failure
from tests.llm.gateway.asking import KEY, checked, failed, fetched, ids
from tests.servers.by_path import HTML, Gateway, megabytes, models
from tests.servers.loopback import Server
from tests.servers.openai_wire import echo_headers, gzipped, raw, status

NO_DB = b'{"error":{"message":"No connected db.","type":"no_db_connection","code":"400"}}'


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code", "says"),
    [
        pytest.param(status(401), "key", 5, "Invalid API key: Gate", id="401"),
        pytest.param(status(403), "key", 5, "refused it (403)", id="403"),
        pytest.param(raw(NO_DB, code=400), "key", 5, "Invalid API key", id="litellm-400"),
        pytest.param(
            status(400, "API key not valid. Please pass a valid API key."),
            "key",
            5,
            "Invalid API key",
            id="gemini-400",
        ),
        pytest.param(echo_headers(), "key", 5, "***", id="key-in-the-answer"),
        pytest.param(status(400), "status", 1, "failed (400)", id="400"),
        pytest.param(status(429, headers={"Retry-After": "7"}), "limited", 6, "429", id="429"),
        pytest.param(status(500), "status", 1, "failed (500)", id="500"),
        pytest.param(status(503), "status", 6, "is busy (503)", id="503"),
        pytest.param(
            raw(HTML, headers={"Content-Type": "text/html"}), "html", 1, "web p", id="html"
        ),
        pytest.param(raw(HTML), "html", 1, "instead of JSON", id="html-called-json"),
        pytest.param(raw(b"OK"), "not_json", 1, "it begins: OK", id="text"),
        pytest.param(raw(b""), "not_json", 1, "it was empty", id="nothing"),
        pytest.param(raw(b"[" * 100_000), "not_json", 1, "was not JSON", id="nested-deeply"),
        pytest.param([], "empty", 1, "No models returned by Gate", id="empty-array"),
        pytest.param({"data": None}, "empty", 1, "No models returned", id="null"),
        pytest.param({"data": [{}, 3]}, "empty", 1, "(2 entries skipped)", id="none-readable"),
        pytest.param(gzipped(b"[]"), "not_json", 1, "the encoding gzip, alth", id="compressed"),
        pytest.param(gzipped(b"[]", 2), "not_json", 1, "gzip, gzip", id="compressed-twice"),
        pytest.param(gzipped(b"no", code=401), "key", 5, "Invalid API key", id="401-compressed"),
        pytest.param({}, "no_list", 1, "without a list of models", id="empty-object"),
        pytest.param({"ok": True}, "no_list", 1, "is the api base right?", id="other-object"),
        pytest.param(lambda e: e.reset(), "cut", 6, "cut the connection", id="closes-at-once"),
        pytest.param(megabytes(50, announced=True), "too_large", 1, "16 MB", id="50-MB"),
        pytest.param(megabytes(50, announced=False), "too_large", 1, "16 MB", id="50-MB-unsaid"),
    ],
)
def test_what_a_gateway_answers(
    by_path: Gateway, answer: Any, kind: str, exit_code: int, says: str
) -> None:
    failure = failed(checked(by_path({"/v1/models": answer}).base))
    assert (failure.kind, failure.error.exit_code) == (kind, exit_code)
    assert says in failure.why


@pytest.mark.parametrize(
    ("path", "answers", "says"),
    [
        pytest.param(
            "/v1/v1", {"/v1/models": models("m")}, "listed below {root}/v1", id="v1-twice"
        ),
        pytest.param(
            "/api/v2", {"/v1/models": models("m")}, "listed below {root}/v1", id="v1-instead"
        ),
        pytest.param(
            "", {"/api/v1/models": models("m")}, "listed below {root}/api/v1", id="api-v1-added"
        ),
        pytest.param(
            "/app",
            {"/app/v1/models": raw(HTML), "/v1/models": models("m")},
            "listed below {root}/v1",
            id="a-page-instead",
        ),
        pytest.param(
            "/v1/v1",
            {},
            "(404); no list below {root}/v1, {root}/api/v1, {root}/openai/v1 either",
            id="none-answers",
        ),
        pytest.param(
            "",
            {"*": raw(HTML)},
            "is the api base right?; no list below {root}/api/v1, {root}/openai/v1 either",
            id="pages-everywhere",
        ),
    ],
)
def test_the_base_to_try(by_path: Gateway, path: str, answers: dict[str, Any], says: str) -> None:
    server = by_path(answers)
    failure = failed(checked(f"{server.root}{path}"))
    assert says.format(root=server.root) in failure.why
    if failure.kind == "not_found":
        assert failure.why.startswith("Endpoint not found: Gate (127.0.0.1:")


@pytest.mark.parametrize(
    ("kind", "path"),
    [("anthropic", "/v1/models"), ("google", "/v1/models"), ("ollama", "/api/tags")],
)
def test_a_native_base_is_not_guessed(by_path: Gateway, kind: str, path: str) -> None:
    server = by_path({})
    failure = failed(checked(server.base, kind))
    assert failure.why.endswith(f"has no {path} (404)")
    assert len(server.requests) == 1


def test_success_tells_models_and_latency(by_path: Gateway) -> None:
    outcome = checked(by_path({"/v1/models": models("a", "b")}).base)
    assert isinstance(outcome, Checked)
    assert (len(outcome.listing.models), outcome.note) == (2, None)
    assert 0 < outcome.latency_ms < 10_000


@pytest.mark.parametrize(
    ("answers", "noted"),
    [
        pytest.param({"/v1/models": models("m")}, True, id="only-below-v1"),
        pytest.param({"/v1/models": models("m"), "/models": models("m")}, False, id="both"),
    ],
)
def test_a_base_without_v1_is_told_of(
    by_path: Gateway, answers: dict[str, Any], noted: bool
) -> None:
    server = by_path(answers)
    outcome = checked(server.root)
    assert isinstance(outcome, Checked)
    assert (outcome.note is not None) == noted
    if outcome.note:
        assert outcome.note.endswith(f"use the base {server.base}")


def test_azure_is_asked_for_its_base_models(by_path: Gateway) -> None:
    server = by_path({"/openai/models": {"data": [{"id": "gpt-4o"}]}})
    outcome = checked(server.root, "azure")
    assert isinstance(outcome, Checked)
    [request] = server.requests
    assert request.headers["api-key"] == KEY
    assert request.path == "/openai/models?api-version=2024-10-21"


def test_bedrock_cannot_be_asked() -> None:
    failure = failed(checked("https://bedrock.example", "bedrock"))
    assert (failure.kind, "--call" in failure.why) == ("untested", True)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param({"data": {"label": "mine"}}, None, id="good"),
        pytest.param(status(401), "key", id="refused"),
        pytest.param(status(500), None, id="not-told"),
    ],
)
def test_a_list_that_anyone_may_read_says_nothing_about_a_key(
    by_path: Gateway, answer: Any, kind: str | None
) -> None:
    server = by_path({"/api/v1/models": models("m"), "/api/v1/key": answer})
    outcome = checked(f"{server.root}/api/v1", "openrouter")
    assert (outcome.kind if isinstance(outcome, Failure) else None) == kind


def test_a_base_in_capitals(by_path: Gateway) -> None:
    server = by_path({"/V1/models": models("m")})
    assert ids(fetched(f"HTTP://LOCALHOST:{server.port}/V1")) == ["m"]


def test_a_gateway_is_asked_from_within_a_running_loop(by_path: Gateway) -> None:
    base = by_path({"*": models("m")}).base

    async def notebook() -> list[str]:
        return ids(fetched(base))

    assert asyncio.run(notebook()) == ["m"]


def test_two_gateways_at_one_base_get_their_own_keys(by_path: Gateway) -> None:
    server: Server = by_path({"*": models("m")})
    for key in ("sk-one-1234567", "sk-two-1234567"):
        checked(server.base, key=key)
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer sk-one-1234567", "Bearer sk-two-1234567"]
