"""`ccw provider test`: what it tells, how it ends, what it never shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccw.config.state import state_path
from tests.canary import CANARY, assert_not_on_disk, assert_nowhere
from tests.cli.providing import ccw, said
from tests.projects import CONFIG, write_config
from tests.servers.by_path import HTML, Gateway, models, redirect
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, echo_headers, raw, status


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", CANARY)


def configure(project: Path, base: str, **fields: Any) -> None:
    provider = {"id": "p", "name": "Gate", "type": "custom", "apiKey": "${CANARY_KEY}", **fields}
    write_config(project, {"providers": [{**provider, "apiBase": base}]})


def test_success(project: Path, by_path: Gateway) -> None:
    configure(project, by_path({"/v1/models": models("a", "b")}).base)
    before = (project / CONFIG).read_bytes()
    result = ccw(project, "provider", "test", "p")
    assert (result.exit_code, result.stderr) == (0, "")
    key, told = result.stdout.splitlines()
    assert (key, told[:21], told[-3:]) == ("key apiKey: ok", "p answers: 2 models, ", " ms")
    assert (project / CONFIG).read_bytes() == before
    listed = json.loads(ccw(project, "provider", "list", "--json").stdout)["providers"][0]
    assert listed["lastValidated"].endswith("Z")
    assert (listed["lastTest"]["ok"], listed["lastTest"]["keys"]["apiKey"]["state"]) == (True, "ok")


@pytest.mark.parametrize(
    ("answer", "code", "kind", "says"),
    [
        pytest.param(status(401), 5, "key", "Invalid API key: Gate", id="401"),
        pytest.param(echo_headers(403), 5, "key", "Invalid API key: Gate", id="403-tells-key"),
        pytest.param(status(404), 1, "not_found", "Endpoint not found: Gate", id="404"),
        pytest.param(raw(HTML), 1, "html", "web page instead of JSON", id="html"),
        pytest.param(redirect("http://h/"), 1, "redirect", "redirects to http://h", id="302"),
        pytest.param(lambda e: e.reset(), 6, "cut", "cut the connection", id="cut"),
        pytest.param([], 1, "empty", "No models returned", id="empty"),
    ],
)
def test_failures(
    project: Path, by_path: Gateway, answer: Any, code: int, kind: str, says: str
) -> None:
    configure(project, by_path({"*": answer}).base)
    result = ccw(project, "provider", "test", "p")
    assert (result.exit_code, result.stderr.startswith("ccw: ")) == (code, True)
    assert (says in result.stderr, says in result.stdout) == (True, False)
    as_json = ccw(project, "provider", "test", "p", "--json")
    told = json.loads(as_json.stdout)
    assert (as_json.exit_code, told["success"], told["kind"]) == (code, False, kind)
    assert (told["models"], told["call"], says in told["error"]) == ([], None, True)
    assert_nowhere(result.output + as_json.output + ccw(project, "provider", "show", "p").output)
    assert_not_on_disk(project)


def test_nobody_there(project: Path) -> None:
    configure(project, "http://127.0.0.1:1")
    result = ccw(project, "provider", "test", "p")
    assert (result.exit_code, "refused the connection" in result.stderr) == (6, True)


def test_a_rate_limit_is_no_failure(project: Path, by_path: Gateway) -> None:
    server = by_path({"*": status(429, "slow down")})
    configure(project, server.base)
    code, told, noted = said(ccw(project, "provider", "test", "p"))
    assert (code, noted, told.count("slow down")) == (0, "", 1)
    key, limited = told.splitlines()
    assert key == "key apiKey: limited"
    assert limited.startswith("p: limited at present; the key was probably accepted (Gate (")
    assert limited.endswith(f"127.0.0.1:{server.port}) limits its rate (429): slow down)")
    as_json = json.loads(ccw(project, "provider", "test", "p", "--json").stdout)
    assert (as_json["success"], as_json["kind"]) == (True, "limited")


def test_a_result_that_cannot_be_kept_is_a_note(project: Path, by_path: Gateway) -> None:
    configure(project, by_path({"*": models("m")}).base)
    state_path(project).with_name("litellm-api-state.json.lock").mkdir()
    result = ccw(project, "provider", "test", "p")
    assert result.exit_code == 0
    assert (
        result.stderr == f"note: the result is not kept: {state_path(project)} cannot be written\n"
    )


def test_a_key_that_is_not_set(project: Path) -> None:
    configure(project, "http://127.0.0.1:1", apiKey="${NO_SUCH_KEY}")
    result = ccw(project, "provider", "test", "p")
    assert (result.exit_code, "export NO_SUCH_KEY=" in result.stderr) == (3, True)


def test_each_key_of_a_pool(
    project: Path, by_path: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_key(exchange: Any) -> None:
        good = exchange.request.headers["authorization"].endswith(CANARY)
        (lambda e: e.whole(200, b'["m"]', {}))(exchange) if good else status(401)(exchange)

    monkeypatch.setenv("BAD", "sk-bad-123456")
    keys = [{"id": "a", "key": "${BAD}", "label": "team a"}, {"id": "b", "key": "${CANARY_KEY}"}]
    configure(project, by_path({"*": by_key}).base, apiKey="", apiKeys=keys)
    result = ccw(project, "provider", "test", "p")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert result.stderr == ""
    assert lines[0].startswith("key team a: refused (Invalid API key: Gate")
    assert (lines[1], lines[2][:20]) == ("key b: ok", "p answers: 1 models,")
    assert "sk-bad" not in result.output


def test_before_anything_is_saved(tmp_path: Path, by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("m"), "/models": models("m")})
    result = ccw(
        tmp_path, "provider", "test", "--base-url", server.root, "--key-env", "CANARY_KEY",
        "--type", "custom",
    )  # fmt: skip
    assert (result.exit_code, result.stdout[:26]) == (0, "custom answers: 1 models, ")
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_none_is_sent(tmp_path: Path, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    assert ccw(tmp_path, "provider", "test", "--base-url", server.root).exit_code == 0
    assert not any("authorization" in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param((), 2, "name a provider, or an address", id="nothing"),
        pytest.param(("p", "--base-url", "http://h"), 2, "name a provider, or", id="both"),
        pytest.param(("p", "--key-env", "X"), 2, "go with --base-url", id="key-of-a-provider"),
        pytest.param(("--base-url", "ftp://h"), 3, "begin with http:// or https://", id="ftp"),
        pytest.param(("--base-url", f"http://u:{CANARY}@h"), 3, "put the key into", id="user"),
        pytest.param(("--base-url", "http://h", "--call"), 2, "a saved provider", id="call"),
        pytest.param(
            ("--base-url", "http://h", "--key-env", CANARY), 2, "the name of a variable", id="a-key"
        ),
        pytest.param(
            ("--base-url", "http://h", "--key-env", "NO_SUCH"), 3, "NO_SUCH is not set", id="unset"
        ),
        pytest.param(
            ("--base-url", "http://h", "--type", "opnai"), 2, "did you mean openai? ", id="type"
        ),
        pytest.param(("no",), 3, "Provider not found: no", id="unknown"),
    ],
)
def test_refused(project: Path, words: tuple[str, ...], code: int, says: str) -> None:
    result = ccw(project, "provider", "test", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr
    assert_nowhere(result.output)


def test_a_real_call_is_announced_and_made(project: Path, openai_server: Server) -> None:
    configure(project, openai_server.base)
    result = ccw(project, "provider", "test", "p", "--call")
    assert result.exit_code == 0, result.output
    assert "calling p/gpt-4o now; this call is billed\n" in result.stderr
    assert f"gpt-4o answered: {ANSWER} ($" in result.stdout
    [call] = openai_server.posts
    assert (call.json["model"], call.json["max_tokens"]) == ("gpt-4o", 16)


def test_a_real_call_that_fails(project: Path, openai_server: Server) -> None:
    configure(project, openai_server.base)
    openai_server.models["broken"] = status(401)
    result = ccw(project, "provider", "test", "p", "--call", "--model", "broken", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["success"], told["call"]["success"]) == (5, False, False)
    assert "this call is billed" in result.stderr
    assert_nowhere(result.output)


def test_a_failed_test_makes_no_call(project: Path, openai_server: Server) -> None:
    openai_server.default = status(404)
    configure(project, openai_server.base)
    result = ccw(project, "provider", "test", "p", "--call")
    assert (result.exit_code, openai_server.posts) == (1, [])
