"""Endpoints that answer for one that cannot: when, in which order, and how it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.history.log import totals
from tests.pools.worlds import BACKUP, ask, chain, endpoint, hits, keys, provider, write
from tests.servers.loopback import Behaviour, Server
from tests.servers.openai_wire import (
    ANSWER,
    USAGE,
    cut,
    overflow,
    raw,
    reset,
    say,
    status,
)

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(
    ("behaviour", "error_type"),
    [
        pytest.param(status(500), "provider_error", id="500"),
        pytest.param(status(429, "slow", {"Retry-After": "40"}), "rate_limited", id="429"),
        pytest.param(status(429, "no", code="insufficient_quota"), "rate_limited", id="quota"),
        pytest.param(status(402), "payment_required", id="402"),
        pytest.param(status(401), "key_refused", id="401"),
        pytest.param(status(404), "bad_request", id="404"),
        pytest.param(overflow(), "context_window_exceeded", id="overflow"),
        pytest.param(status(413), "limit_exceeded", id="413"),
        pytest.param(reset, "unreachable", id="reset"),
        pytest.param(raw(b"<html>"), "provider_error", id="html"),
    ],
)
def test_the_fallback_answers(
    project: Path,
    openai_server: Server,
    backup_server: Server,
    behaviour: Behaviour,
    error_type: str,
    stream: bool,
) -> None:
    openai_server.default = behaviour
    chain(project, openai_server.base, backup_server.base)
    result = ask(project, stream=stream, max_retries=0)
    assert (result.success, result.output, result.endpoint) == (True, BACKUP, "backup")
    assert (result.model, result.provider) == ("m-backup", "custom")
    assert [(a.endpoint, a.key, a.error_type) for a in result.attempts] == [
        ("ask", None, error_type)
    ]
    assert (len(openai_server.posts), len(backup_server.posts)) == (1, 1)


@pytest.mark.parametrize(
    "base", [NOWHERE, "https://127.0.0.1:9/v1"], ids=["refused", "refused-tls"]
)
def test_a_first_server_that_is_down(project: Path, backup_server: Server, base: str) -> None:
    chain(project, base, backup_server.base)
    result = ask(project)
    assert (result.output, result.endpoint) == (BACKUP, "backup")
    assert [a.error_type for a in result.attempts] == ["unreachable"] * 3  # two retries


@pytest.mark.parametrize(
    "behaviour",
    [status(400, "no such parameter"), status(422), cut("Half an")],
    ids=["400", "422", "after-text"],
)
def test_no_fallback_for_what_is_wrong_or_half_told(
    project: Path, openai_server: Server, backup_server: Server, behaviour: Behaviour
) -> None:
    openai_server.default = behaviour
    chain(project, openai_server.base, backup_server.base)
    result = ask(project, stream=True)
    assert (result.success, result.endpoint) == (False, "ask")
    assert (len(openai_server.posts), len(backup_server.posts)) == (1, 0)


def test_first_the_other_keys_then_the_fallback(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(401)
    chain(project, openai_server.base, backup_server.base, apiKeys=keys("a", "b"))
    result = ask(project)
    assert (result.endpoint, result.key_label) == ("backup", None)
    assert sorted(a.key or "" for a in result.attempts) == ["a", "b"]
    assert hits(openai_server) == {"a": 1, "b": 1}


def test_money_and_run_log_are_those_of_the_endpoint_that_answered(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    plain = {k: v for k, v in USAGE.items() if k != "prompt_tokens_details"}
    backup_server.default = say(usage=plain)
    chain(project, openai_server.base, backup_server.base)
    result = ask(project, max_retries=0)
    assert result.cost == pytest.approx(120 * 1e-6 + 7 * 10e-6)
    assert [(t.key, t.calls, t.failed) for t in totals(project, "endpoint")] == [
        ("backup", 1, 0),
        ("", 1, 0),
    ]


def test_fallbacks_in_order_and_not_those_of_fallbacks(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    endpoints = [
        endpoint("one", "p", fallbacks=["two", "three", "one", "two"]),
        endpoint("two", "p", fallbacks=["one", "four"]),
        endpoint("three", "p", fallbacks=["one", "two", "four"]),
        endpoint("four", "q"),
    ]
    write(
        project, [provider("p", openai_server.base), provider("q", backup_server.base)], endpoints
    )
    result = ask(project, max_retries=0)
    assert result.success is False
    assert [post.model for post in openai_server.posts] == ["m-one", "m-two", "m-three"]
    assert [a.endpoint for a in result.attempts] == ["one", "two", "three"]
    assert (result.endpoint, backup_server.posts) == ("three", [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"enabled": False}, "endpoint two is disabled", id="endpoint"),
        pytest.param({"purpose": "embedding"}, "is for embedding, not for chat", id="purpose"),
        pytest.param({"providerId": "off"}, "provider off is disabled", id="provider"),
        pytest.param({"providerId": "gone"}, "Provider not found: gone", id="lost-provider"),
    ],
)
def test_what_cannot_be_a_fallback_is_left_out_with_a_note(
    project: Path,
    openai_server: Server,
    backup_server: Server,
    change: dict[str, Any],
    said: str,
) -> None:
    openai_server.default = status(500)
    providers = [
        provider("p", openai_server.base),
        provider("q", backup_server.base),
        provider("off", backup_server.base, enabled=False),
    ]
    endpoints = [
        endpoint("one", "p", fallbacks=["two", "nobody", "three"]),
        {**endpoint("two", "p"), **change},
        endpoint("three", "q"),
    ]
    write(project, providers, endpoints)
    result = ask(project, max_retries=0)
    assert (result.output, len(openai_server.posts)) == (BACKUP, 1)
    assert [a.endpoint for a in result.attempts] == ["one"]
    first, second = result.notes
    assert first.startswith("fallback two is left out: ")
    assert said in first
    assert second.startswith("fallback nobody is left out: Endpoint not found: nobody")


def test_the_note_is_told(project: Path, openai_server: Server) -> None:
    off = endpoint("two", "p", enabled=False)
    write(
        project, [provider("p", openai_server.base)], [endpoint("one", "p", fallbacks=["two"]), off]
    )
    result = ask(project)
    assert (result.success, result.output) == (True, ANSWER)
    assert result.notes == (
        "fallback two is left out: endpoint two is disabled; "
        "enable it: ccw endpoint update two --enable",
    )


def test_given_fallbacks_replace_the_endpoints_own(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = status(500)
    chain(project, openai_server.base, backup_server.base)
    assert ask(project, fallbacks=(), max_retries=0).success is False
    made = ask(project, fallbacks=["q/any"], max_retries=0)
    assert (made.output, made.endpoint, made.model) == (BACKUP, "q/any", "any")


def test_a_fallback_without_its_key_is_told_only_when_its_turn_comes(
    project: Path, openai_server: Server
) -> None:
    providers = [
        provider("p", openai_server.base),
        {"id": "q", "name": "Q", "type": "openai", "apiKey": "${Q_KEY}"},
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    assert ask(project).notes == ()
    openai_server.default = status(500)
    result = ask(project, max_retries=0)
    assert (result.error_type, result.exit_code) == ("key_not_configured", 3)
    assert [a.error_type for a in result.attempts] == ["provider_error", "key_not_configured"]


def test_each_endpoint_sends_its_own_params_and_the_same_files(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    (project / "a.txt").write_text("alpha\n")
    openai_server.default = status(500)
    providers = [provider("p", openai_server.base), provider("q", backup_server.base)]
    endpoints = [
        endpoint("ask", "p", fallbacks=["f"], params={"temperature": 0.1}),
        endpoint("f", "q", params={"temperature": 0.9}),
    ]
    write(project, providers, endpoints)
    result = ask(project, "@a.txt Explain", max_retries=0)
    sent = [server.posts[0].json for server in (openai_server, backup_server)]
    assert [body["temperature"] for body in sent] == [0.1, 0.9]
    assert sent[0]["messages"] == sent[1]["messages"]
    assert result.cached_files == ("a.txt",)


def test_the_endpoint_itself_is_no_fallback(project: Path, openai_server: Server) -> None:
    chain(project, openai_server.base, openai_server.base)
    result = ask(project, fallbacks=["ask"])
    assert result.success
    assert result.notes == ("fallback ask is left out: it is the endpoint itself",)
