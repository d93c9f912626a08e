"""No gateway in reach, or one that does not end: each has a kind and words of its own."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from ccw.llm.gateway.failures import Failure
from tests.llm.gateway.asking import checked, failed, fetched, ids
from tests.servers.by_path import Gateway, models, redirect, slowly
from tests.servers.loopback import serving
from tests.servers.openai_wire import raw
from tests.servers.tls import self_signed


@pytest.mark.parametrize(
    ("base", "kind", "exit_code", "says"),
    [
        pytest.param("http://host.invalid/v1", "dns", 6, "the host of Gate", id="dns"),
        pytest.param("http://127.0.0.1:0", "refused", 6, "Gate (127.0.0.1:0)", id="port-0"),
        pytest.param("http://[::1]:1", "refused", 6, "Gate ([::1]:1)", id="ipv6"),
        pytest.param("http://[::1", "config", 3, "no address like", id="half-an-ipv6"),
        pytest.param("ftp://127.0.0.1", "config", 3, "no address like", id="ftp"),
        pytest.param("nonsense", "config", 3, "no address like", id="no-url"),
        pytest.param("http://127.0.0.1:99999", "config", 3, "no address like", id="no-port"),
    ],
)
def test_an_address_without_a_gateway(base: str, kind: str, exit_code: int, says: str) -> None:
    failure = failed(checked(base))
    assert (failure.kind, failure.error.exit_code) == (kind, exit_code)
    assert says in failure.why


@pytest.mark.parametrize("key", ["sk-line\nbreak", "sk-typographic–dash", " sk-space"])
def test_an_impossible_key_is_not_sent(by_path: Gateway, key: str) -> None:
    server = by_path({"*": models("m")})
    outcome = checked(server.base, key=key)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.error.exit_code) == ("config", 3)
    assert key not in outcome.why
    assert server.requests == []


def test_nobody_listens(unused_port: int) -> None:
    failure = failed(checked(f"http://127.0.0.1:{unused_port}"))
    assert (failure.kind, failure.error.exit_code) == ("refused", 6)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(lambda exchange: exchange.pause(20), id="never"),
        pytest.param(slowly(0.05), id="a-byte-now-and-then"),
        pytest.param(lambda e: [e.raw(b"H") or e.pause(0.05) for _ in range(99)], id="slow-head"),
    ],
)
def test_the_time_is_bounded_as_a_whole(by_path: Gateway, behaviour: Any) -> None:
    began = time.monotonic()
    failure = failed(checked(by_path({"*": behaviour}).base, timeout=0.4))
    assert (failure.kind, failure.error.exit_code) == ("timeout", 6)
    assert "no complete answer within 0.4 s" in failure.why
    assert time.monotonic() - began < 2


def test_a_name_server_that_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: time.sleep(3) or [])
    began = time.monotonic()
    assert failed(checked("http://gateway.example", timeout=0.3)).kind == "timeout"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("code", [301, 302, 307, 308])
@pytest.mark.parametrize("kind", ["custom", "anthropic", "google", "ollama", "litellm"])
def test_a_redirect_is_told_and_not_followed(by_path: Gateway, code: int, kind: str) -> None:
    other = by_path({"*": models("m")})
    server = by_path({"*": redirect(f"{other.base}/models?key=x", code)})
    failure = failed(checked(server.base, kind))
    assert (failure.kind, failure.status) == ("redirect", code)
    assert f"redirects to {other.root} ({code})" in failure.why
    assert other.requests == []


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("/login", "redirects to another path (302)"),
        ("https://user:secret@h/x", "redirects to https://h (302)"),
        ("http://[", "redirects to another path (302)"),
        ("", "redirects to another path (302)"),
    ],
)
def test_where_a_redirect_leads(by_path: Gateway, location: str, says: str) -> None:
    failure = failed(checked(by_path({"*": redirect(location)}).base))
    assert says in failure.why
    assert "secret" not in failure.why


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with serving(raw(b"{}"), self_signed(tmp_path)) as server:
        failure = failed(checked(server.base))
    assert (failure.kind, failure.error.exit_code) == ("tls", 6)
    assert "is not trusted" in failure.why


def test_http_behind_https(by_path: Gateway) -> None:
    server = by_path({})
    failure = failed(checked(f"https://127.0.0.1:{server.port}"))
    assert (failure.kind, "is it http:// instead" in failure.why) == ("tls", True)


def test_no_proxy_stands_between_ccw_and_this_machine(
    by_path: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = by_path({"*": models("wrong")}), by_path({"*": models("m")})
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.root)
    assert ids(fetched(server.base)) == ["m"]
    assert proxy.requests == []
