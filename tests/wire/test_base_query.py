"""A base with a query, as some gateways want it: every request has it behind its path."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from ccw import execute_litellm_endpoint, list_models, update_provider
from ccw.cli.main import cli
from ccw.config.provider_types import KNOWN_TYPES
from ccw.errors import InvalidValue
from ccw.gateways.models import ModelList
from ccw.gateways.testing import CheckResult, check_connection, check_provider
from tests.projects import CONFIG
from tests.servers.by_path import answering, models
from tests.servers.loopback import Server
from tests.wire.endpoints import BASES, MODELS, ask, configure, options

QUERY = "tenant=a%20b&api-version=3&flag&sig=ab/"
PATHS = {
    "anthropic": "/v1/messages",
    "google": "/v1beta/models/gemini-2.5-pro:generateContent",
    "azure": "/openai/deployments/gpt-4o/chat/completions",
    "ollama": "/api/chat",
}
CARRIED = [kind for kind in MODELS if KNOWN_TYPES.get(kind) and kind != "bedrock"]
REFUSED = [kind for kind in MODELS if kind not in CARRIED]
LISTED = ["openai", "anthropic", "google", "ollama", "litellm", "openrouter"]


def with_query(project: Path, server: Server, kind: str, query: str = QUERY, **more: object) -> str:
    """Configure the provider `it` with a query behind its base, and return the base."""
    configure(project, server, kind, **more)
    base = f"{server.root}{BASES.get(kind, '/v1')}"
    path = project / CONFIG
    path.write_text(path.read_text().replace(f'"{base}"', f'"{base}?{query}"'))
    return f"{base}?{query}"


def listed(project: Path) -> ModelList:
    return list_models(project, "it", environ={"HOME": os.environ["HOME"]})


def checked(project: Path) -> CheckResult:
    return check_provider(project, "it", environ={"HOME": os.environ["HOME"]})


@pytest.mark.parametrize(
    ("kind", "stream"),
    [*((kind, False) for kind in CARRIED), *((kind, True) for kind in CARRIED if kind != "ollama")],
)  # the server of this test streams no answer of Ollama's
def test_calls_have_it(project: Path, server: Server, kind: str, stream: bool) -> None:
    with_query(project, server, kind)
    ask(project, "Say hello", stream=stream or kind == "groq")
    parts = urlsplit(server.posts[0].path)
    path = PATHS.get(kind, "/v1/chat/completions")
    streams = kind == "google" and stream
    assert parts.path == (path.replace(":gen", ":streamGen") if streams else path)
    assert parts.query == (f"alt=sse&{QUERY}" if streams else QUERY)


@pytest.mark.parametrize("kind", LISTED)
def test_tests_and_lists_have_it(project: Path, server: Server, kind: str) -> None:
    named = models("gpt-4o") | {"models": [{"name": "models/gpt-4o", "model": "gpt-4o"}]}
    server.default = answering({"*": named})
    base = with_query(project, server, kind)
    assert [model.id for model in listed(project).models] == ["gpt-4o"]
    assert checked(project).success
    assert check_connection(base, "sk-loop", kind).success
    assert server.requests
    assert all(r.path.endswith(f"?{QUERY}") or f"&{QUERY}" in r.path for r in server.requests)


def test_the_base_has_the_last_word_on_azures_version(project: Path, server: Server) -> None:
    server.default = answering({"*": {"data": []}})
    with_query(project, server, "azure", advancedSettings={"apiVersion": "2024-10-21"})
    assert checked(project).success
    assert urlsplit(server.requests[-1].path).query == QUERY


@pytest.mark.parametrize("kind", REFUSED)
def test_types_whose_calls_would_lose_it(project: Path, server: Server, kind: str) -> None:
    base = with_query(project, server, kind)
    said = f"holds a query, which calls to providers of type {kind} would lose"
    result = execute_litellm_endpoint(
        options(project, "Say hello"), environ={"HOME": os.environ["HOME"]}
    )
    assert (said in (result.error or ""), result.exit_code) == (True, 3)
    assert said in (checked(project).error or "")
    assert said in (check_connection(base, "sk-loop", kind).error or "")
    assert server.requests == []


def test_its_values_are_told_to_nobody(project: Path, server: Server) -> None:
    secret = "canary-0123456789"
    echo = f'{{"error": {{"message": "no such key: {secret}"}}}}'.encode()
    server.default = lambda exchange: exchange.whole(
        403, echo, {"Content-Type": "application/json"}
    )
    with_query(project, server, "custom", query=f"key={secret}")
    result = execute_litellm_endpoint(
        options(project, "Say hello"), environ={"HOME": os.environ["HOME"]}
    )
    assert server.posts[-1].path.endswith(f"?key={secret}")
    for told in (repr(result), repr(checked(project)), repr(result.error)):
        assert secret not in told


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("bedrock", "?a=1"), 3, "would lose", id="signed"),
        pytest.param(("moonshot", "?a=1"), 3, "would lose", id="of-litellm-alone"),
        pytest.param(("custom", "#a"), 3, "must not hold a fragment", id="fragment"),
        pytest.param(("custom", "?a=1#b"), 3, "must not hold a fragment", id="fragment-of-query"),
        pytest.param(("custom", "?a=1"), 0, "added p", id="query"),
    ],
)
def test_what_cannot_be_called_is_not_added(
    project: Path, words: tuple[str, str], code: int, said: str
) -> None:
    kind, end = words
    given = ("--type", kind, "--id", "p", "--api-base", f"http://localhost:1/v1{end}")
    result = CliRunner().invoke(cli, ["provider", "add", *given, "--project", str(project)])
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert (project / CONFIG).exists() is (code == 0)


def test_validate_tells_of_one_that_was_written_by_hand(project: Path, server: Server) -> None:
    with_query(project, server, "bedrock")
    result = CliRunner().invoke(cli, ["config", "validate", "--project", str(project)])
    assert "apiBase of provider it holds a query, which calls to providers of type" in result.output


def test_one_that_is_there_already_stands_in_no_ones_way(project: Path, server: Server) -> None:
    with_query(project, server, "bedrock")
    changed = update_provider(project, "it", {"name": "Bedrock"})
    assert changed.name == "Bedrock"
    with pytest.raises(InvalidValue, match=r"^it: apiBase: must not hold a fragment"):
        update_provider(project, "it", {"apiBase": "http://localhost:1#x"})
