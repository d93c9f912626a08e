"""What `ccw cli` says and takes about keys and fallbacks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.asking import CCW, invoke
from tests.pools.worlds import by_key, endpoint, keys, provider, write
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, say, status
from tests.terminal import converse


@pytest.fixture
def chain(project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`ask` with a pool of keys and the fallback `backup`; the server refuses key `a`."""
    openai_server.default = by_key(a=status(401, "bad key"))
    pool = keys("a", label="team-a") + keys("b", label="team-b")
    providers = [
        provider("openai", openai_server.base, apiKeys=pool, routingStrategy="cost-based"),
        provider("other", openai_server.base),
    ]
    endpoints = [
        endpoint("ask", "openai", fallbacks=["backup"]),
        endpoint("backup", "other"),
        endpoint("spare", "other"),
    ]
    write(project, providers, endpoints)
    monkeypatch.chdir(project)
    return project


def closing(stderr: str) -> str:
    """The closing line without its seconds."""
    return stderr.splitlines()[-1].rpartition(" · ")[0]


def test_the_closing_line_tells_the_key_and_why_it_is_not_another(chain: Path) -> None:
    result = invoke("-p", "Hi")
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    assert closing(result.stderr) == (
        "m-ask (custom) · key team-b (team-a was refused) · "
        "120 tokens in (100 cached), 7 out · cost unknown"
    )


def test_the_closing_line_tells_of_a_fallback(chain: Path, openai_server: Server) -> None:
    openai_server.models["m-ask"] = status(401)
    result = invoke("-p", "Hi")
    assert closing(result.stderr).startswith(
        "m-backup (custom) via backup (fallback: openai was refused) · 120 tokens in"
    )


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (status(500), "openai failed"),
        (status(429), "openai is busy"),
        (status(400, "context_length_exceeded"), "too long for openai"),
    ],
    ids=["500", "429", "overflow"],
)
def test_why_the_fallback_answered(chain: Path, openai_server: Server, behaviour, why) -> None:
    openai_server.models["m-ask"] = behaviour
    result = invoke("-p", "Hi", "--max-retries", "0")
    assert f"via backup (fallback: {why})" in result.stderr


def test_json_tells_all_attempts(chain: Path) -> None:
    shown = json.loads(invoke("-p", "Hi", "--json").stdout)
    assert (shown["endpoint"], shown["keyLabel"], shown["costSource"]) == ("ask", "team-b", None)
    (attempt,) = shown["attempts"]
    message = attempt.pop("message")
    assert "refused the key (401): bad key" in message
    assert attempt == {
        "endpoint": "ask",
        "provider": "openai",
        "key": "team-a",
        "errorType": "key_refused",
    }


def test_fallbacks_by_option(chain: Path, openai_server: Server) -> None:
    openai_server.models |= {"m-ask": status(404), "m-spare": status(404), "x": say("By x.")}
    result = invoke("-p", "Hi", "--fallback", "spare", "--fallback", "other/x")
    assert result.stdout == "By x.\n"
    assert "via other/x (fallback: openai failed)" in result.stderr


def test_no_fallback(chain: Path, openai_server: Server) -> None:
    openai_server.models["m-ask"] = status(404, "gone")
    result = invoke("-p", "Hi", "--no-fallback")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "gone" in result.stderr


def test_both_options_make_no_sense(chain: Path, openai_server: Server) -> None:
    result = invoke("-p", "Hi", "--no-fallback", "--fallback", "spare")
    assert (result.exit_code, openai_server.posts) == (2, [])
    assert "exclude each other" in result.output


def test_an_unknown_fallback_is_a_note(chain: Path) -> None:
    result = invoke("-p", "Hi", "--fallback", "sparr")
    assert result.exit_code == 0
    assert "fallback sparr is left out: Endpoint not found: sparr; did you mean spare?" in (
        result.stderr
    )


def test_when_all_fail_each_is_told(chain: Path, openai_server: Server) -> None:
    openai_server.models |= {"m-ask": status(401, "bad key"), "m-backup": status(500, "on fire")}
    result = invoke("-p", "Hi", "--max-retries", "0")
    first, second, last = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (1, "")
    assert first.startswith("ask (team-a): openai (127.0.0.1:")
    assert second.startswith("ask (team-b): openai (127.0.0.1:")
    assert last.startswith("ccw: other (127.0.0.1:")
    assert "on fire" in last


def test_a_dry_run_lists_the_fallbacks(chain: Path, openai_server: Server) -> None:
    assert "· fallbacks: backup" in invoke("-p", "Hi", "--dry-run").stdout
    more = invoke("-p", "Hi", "--dry-run", "--json", "--fallback", "spare", "--fallback", "other/x")
    assert json.loads(more.stdout)["fallbacks"] == ["spare", "other/x"]
    assert (
        json.loads(invoke("-p", "Hi", "--dry-run", "--json", "--no-fallback").stdout)["fallbacks"]
        == []
    )
    assert openai_server.posts == []


def test_the_endpoint_as_its_own_fallback_is_a_note(chain: Path) -> None:
    result = invoke("-p", "Hi", "--fallback", "ask")
    assert result.exit_code == 0
    assert "fallback ask is left out: it is the endpoint itself" in result.stderr


def test_a_refused_key_is_named_with_its_provider(
    project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_server.default = status(401, "bad key")
    entries = keys("a", label="team-a") + keys("b")
    pooled = provider("acme-1", openai_server.base, apiKeys=entries)
    single = provider("acme-2", openai_server.base, apiKey="sk-single")
    providers = [{**pooled, "name": "Acme"}, {**single, "name": "Acme"}]
    write(project, providers, [endpoint("ask", "acme-1"), endpoint("one", "acme-2")])
    monkeypatch.chdir(project)
    said = invoke("-p", "Hi").stderr
    place = f"127.0.0.1:{openai_server.port}"
    assert f"Acme (acme-1, {place}) refused the key (401): bad key; check key team-a of acme-1" in (
        said
    )
    assert "check key b of acme-1" in said
    assert invoke("-p", "Hi", "--model", "one").stderr == (
        f"ccw: Acme (acme-2, {place}) refused the key (401): bad key; check apiKey of acme-2\n"
    )


@pytest.mark.parametrize("entries", [[], keys("a", "b")], ids=["one-key", "pool"])
def test_a_long_wait_is_told(
    project: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch, entries
) -> None:
    busy = status(429, "slow down", {"Retry-After-Ms": "2100"})
    openai_server.will(*[busy] * max(1, len(entries)))
    write(
        project, [provider("acme", openai_server.base, apiKeys=entries)], [endpoint("ask", "acme")]
    )
    monkeypatch.chdir(project)
    result = invoke("-p", "Hi")
    assert (result.exit_code, result.stdout) == (0, f"{ANSWER}\n")
    first = result.stderr.splitlines()[0]
    assert first.startswith("acme asks to wait: trying again in ")
    assert first.endswith(" s")


def test_a_wait_is_told_on_a_terminal_too(project: Path, openai_server: Server) -> None:
    openai_server.will(status(429, "slow down", {"Retry-After-Ms": "2100"}))
    write(project, [provider("acme", openai_server.base)], [endpoint("ask", "acme")])
    environ = {name: os.environ[name] for name in ("HOME", "PATH")} | {"TERM": "xterm"}
    talk = converse([CCW, "cli", "-p", "Hi"], environ, project, until="out ·", answer="")
    assert (talk.stdout, talk.exit_code) == (f"{ANSWER}\n", 0)
    assert "acme asks to wait: trying again in 2 s" in talk.terminal
