"""Which gateway answers at an address: only what says so itself, and nothing hangs or raises."""

from __future__ import annotations

import json
import socket
import time

import pytest

from ccw.llm.gateway.presence import is_litellm, is_ollama, model_ids
from tests.servers.fixed import Answers, Serve

MODELS = json.dumps({"object": "list", "data": [{"id": "b"}, {"id": "a"}]}).encode()


@pytest.mark.parametrize(
    ("answers", "litellm", "ollama"),
    [
        pytest.param({"/health/liveliness": (200, b'"I\'m alive!"')}, True, False, id="litellm"),
        pytest.param({"/api/version": (200, b'{"version": "0.9.1"}')}, False, True, id="ollama"),
        pytest.param({}, False, False, id="something-else"),
        pytest.param(
            {"/health/liveliness": (200, b"<html>"), "/api/version": (200, b"<html>")},
            False,
            False,
            id="a-site-that-answers-everything",
        ),
        pytest.param(
            {"/health/liveliness": (500, b'"alive"'), "/api/version": (500, b'{"version": "1"}')},
            False,
            False,
            id="failing",
        ),
        pytest.param({"/api/version": (200, b'{"version": 1}')}, False, False, id="other-type"),
    ],
)
def test_who_answers(serve: Serve, answers: Answers, litellm: bool, ollama: bool) -> None:
    base = serve(answers)
    assert (is_litellm(base), is_ollama(base)) == (litellm, ollama)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(200, MODELS, ("b", "a"), id="as-listed"),
        pytest.param(200, b'{"data": [{"id": 1}, {}, 3, {"id": ""}]}', (), id="no-ids"),
        pytest.param(200, b'{"data": null}', (), id="no-list"),
        pytest.param(200, b"[]", (), id="no-object"),
        pytest.param(200, b"\xff\xfe", (), id="no-text"),
        pytest.param(200, b"[" * 100_000, (), id="nested-deeply"),
        pytest.param(401, MODELS, (), id="refused"),
        pytest.param(302, MODELS, (), id="redirects-are-not-followed"),
    ],
)
def test_model_ids(serve: Serve, status: int, body: bytes, expected: tuple[str, ...]) -> None:
    assert model_ids(serve({"/v1/models": (status, body)})) == expected


def test_nobody_there(unused_port: int) -> None:
    base = f"http://127.0.0.1:{unused_port}"
    assert (is_litellm(base), is_ollama(base), model_ids(base)) == (False, False, ())


@pytest.mark.parametrize("base", ["", "nonsense", "ftp://127.0.0.1", "http://[::1", "http://a b"])
def test_an_impossible_base_is_nobody(base: str) -> None:
    assert (is_litellm(base), is_ollama(base), model_ids(base)) == (False, False, ())


def test_a_silent_server_costs_no_more_than_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert is_litellm(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3) is False
        assert time.monotonic() - began < 3


def test_no_proxy_of_the_environment_is_asked(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve({})
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    base = serve({"/api/version": (200, b'{"version": "0.9.1"}')})
    assert is_ollama(base)
