"""What fails in the executor, before a call and in it: a result says how, nothing is raised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.user_layer import user_file
from tests.executing import ask
from tests.projects import CONFIG, write_config, write_files
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, cut, no_finish, say, status


@pytest.mark.parametrize(
    ("prompt", "options", "error", "error_type", "exit_code"),
    [
        pytest.param("", {}, "the prompt is empty", "usage_error", 2, id="empty"),
        pytest.param(" \n\t", {}, "the prompt is empty", "usage_error", 2, id="blank"),
        pytest.param("hi", {"mode": "write"}, "mode write belongs", "usage_error", 2, id="mode"),
        pytest.param("hi", {"over": "keep"}, "fail or drop, not keep", "usage_error", 2, id="over"),
        pytest.param(
            "hi", {"patterns": "no/*.x"}, "no/*.x matches", "nothing_matched", 4, id="one-pattern"
        ),
        pytest.param(
            "hi", {"endpoint_id": "aks"}, "Endpoint not found: aks", "not_found", 3, id="endpoint"
        ),
        pytest.param("@no/*.x hi", {}, "@no/*.x", "nothing_matched", 4, id="no-match"),
        pytest.param(
            "@../** hi", {"allow_missing": True}, "--include-dirs", "path_not_allowed", 4, id="out"
        ),
        pytest.param(
            "@README.md hi", {"max_size_kb": 0.01}, "--max-size", "context_too_large", 7, id="size"
        ),
    ],
)
def test_what_fails_before_the_call(
    shop: Path,
    openai_server: Server,
    prompt: str,
    options: dict[str, Any],
    error: str,
    error_type: str,
    exit_code: int,
) -> None:
    result = ask(shop, prompt, **options)
    assert (result.success, result.error_type, result.exit_code) == (False, error_type, exit_code)
    assert error in (result.error or "")
    assert openai_server.requests == []


def test_without_a_configuration_the_error_says_what_to_type(project: Path) -> None:
    result = ask(project, "Say hello")
    assert result.exit_code == 3
    assert "ccw init" in (result.error or "")
    assert "ccw local install" in (result.error or "")


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        pytest.param("hi", {}, id="default"),
        pytest.param("@src/a.py hi", {}, id="files"),
        pytest.param("hi", {"endpoint_id": "ask"}, id="endpoint"),
        pytest.param("hi", {"model": "loop/gpt-4o"}, id="provider-and-model"),
    ],
)
@pytest.mark.parametrize("name", ["typo", "file", "fi\0le"])
@pytest.mark.parametrize("has_own", [False, True], ids=["unconfigured", "users-own-file"])
def test_without_a_folder_the_error_names_it(
    shop: Path,
    tmp_path: Path,
    openai_server: Server,
    prompt: str,
    options: dict[str, Any],
    name: str,
    has_own: bool,
) -> None:
    """Whatever answers: nothing is asked about files, or logged, where there is no project."""
    (tmp_path / "file").touch()
    if has_own:
        write_files(user_file().parent, {user_file().name: (shop / CONFIG).read_text()})
    result = ask(tmp_path / name, prompt, **options)
    assert (result.error_type, result.exit_code) == ("usage_error", 2)
    assert f"no such folder: {tmp_path / name}" in (result.error or "")
    assert openai_server.requests == []


def test_an_unset_variable_is_named_before_any_file_is_read(project: Path) -> None:
    provider = {"id": "p", "name": "My OpenAI", "type": "openai", "apiKey": "${NO_SUCH_KEY}"}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "p", "model": "gpt-4o"}
    write_config(project, {"providers": [provider], "endpoints": [endpoint]})
    result = ask(project, "@missing/*.py hi", endpoint_id="ask")
    assert (result.error_type, result.exit_code) == ("key_not_configured", 3)
    assert "API key not configured for provider: My OpenAI" in (result.error or "")
    assert "NO_SUCH_KEY" in (result.error or "")


def test_an_unset_variable_of_another_provider_does_not_matter(
    shop: Path, openai_server: Server
) -> None:
    used = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": openai_server.base}
    unused = {"id": "other", "name": "Other", "type": "openai", "apiKey": "${NO_SUCH_KEY}"}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o"}
    write_config(shop, {"providers": [unused, used], "endpoints": [endpoint]})
    result = ask(shop, "@README.md hi", endpoint_id="ask")
    assert (result.success, result.output, result.notes) == (True, ANSWER, ())


def test_a_pack_over_the_window_is_refused_before_the_call(
    shop: Path, openai_server: Server
) -> None:
    model = {"id": "gpt-4o", "contextWindow": 100}
    provider = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": openai_server.base}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o"}
    write_config(shop, {"providers": [provider | {"models": [model]}], "endpoints": [endpoint]})
    (shop / "big.txt").write_text("one two three " * 100)
    result = ask(shop, "@big.txt Count", endpoint_id="ask")
    assert (result.error_type, result.exit_code) == ("context_window_exceeded", 7)
    assert "holds 100" in (result.error or "")
    assert openai_server.requests == []


def test_the_provider_fails(shop: Path, openai_server: Server) -> None:
    openai_server.will(status(401))
    result = ask(shop, "@README.md hi", max_retries=0)
    assert (result.success, result.error_type, result.exit_code) == (False, "key_refused", 5)
    assert (result.model, result.cached_files) == ("gpt-4o", ("README.md",))


@pytest.mark.parametrize("behaviour", [cut("Half an"), no_finish("Half an")], ids=["cut", "ends"])
def test_what_arrived_before_a_failure_is_kept(
    shop: Path, openai_server: Server, behaviour: Any
) -> None:
    openai_server.will(behaviour)
    result = ask(shop, "hi", stream=True, max_retries=0)
    assert (result.success, result.output, result.exit_code) == (False, "Half an", 1)
    assert result.error_type == "incomplete_reply"


@pytest.mark.parametrize(("prompt", "system"), [("a\ud800b", None), ("a", "\udcff")])
def test_what_is_no_text_is_refused(
    shop: Path, openai_server: Server, prompt: str, system: str | None
) -> None:
    result = ask(shop, prompt, system=system)
    assert (result.exit_code, openai_server.posts) == (2, [])
    assert "is no text: '\\ud" in str(result.error)


def test_an_answer_that_hits_the_output_limit_says_so(shop: Path, openai_server: Server) -> None:
    openai_server.will(say("Once upon", finish="length"))
    events: list[dict[str, str]] = []
    result = ask(shop, "hi", on_output=events.append)
    assert (result.success, result.finish_reason) == (True, "length")
    assert "maxTokens" in result.notes[-1]
    assert events[-1] == {"type": "stderr", "data": result.notes[-1] + "\n"}


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_an_answer_that_a_filter_cuts_says_so(
    shop: Path, openai_server: Server, stream: bool
) -> None:
    openai_server.will(say("Once upon", finish="content_filter"))
    result = ask(shop, "hi", stream=stream)
    assert (result.success, result.output) == (True, "Once upon")
    assert "the provider's filter cut the answer short" in result.notes[-1]


@pytest.mark.parametrize("finish", ["stop", "tool_calls", "eos", None])
def test_an_answer_that_ends_well_has_no_note(
    shop: Path, openai_server: Server, finish: str | None
) -> None:
    openai_server.will(say("Once upon", finish=finish))
    assert ask(shop, "hi", stream=False).notes == ()


def test_retries_can_be_switched_off(shop: Path, openai_server: Server) -> None:
    openai_server.will(status(503), status(503))
    assert ask(shop, "hi", max_retries=0).exit_code == 6
    assert len(openai_server.posts) == 1


def test_a_bug_is_not_hidden(shop: Path) -> None:
    def broken(event: dict[str, str]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(shop, "hi", on_output=broken)


def test_an_interrupted_answer_of_a_fallback_does_not_tell_that_the_first_was_sent_the_files(
    shop: Path, openai_server: Server
) -> None:
    """Else the first would be sent what it never had: copies that were replaced since."""
    configure_chain(shop, openai_server)
    (shop / "long.md").write_text("stays as it is\n" * 200)
    openai_server.models["m-first"] = status(401)
    with pytest.raises(KeyboardInterrupt):
        ask(shop, "@*.md hi", endpoint_id="first", max_retries=0, on_output=interrupt)
    assert [post.json["model"] for post in openai_server.posts] == ["m-first", "m-second"]
    del openai_server.models["m-first"]
    (shop / "README.md").write_text("# edited\n")
    first = [ask(shop, "@*.md hi", endpoint_id="first", fallbacks=()) for _ in range(2)]
    assert [(result.output, result.earlier_copies) for result in first] == [(ANSWER, ())] * 2
    (shop / "README.md").write_text("# edited again\n")
    last = ask(shop, "@*.md hi", endpoint_id="first", fallbacks=())
    assert last.earlier_copies == ("README.md",)  # now it was


def configure_chain(shop: Path, server: Server) -> None:
    """Configure `first`, which falls back to `second`; both are sent overlays."""
    names = ("first", "second")
    providers = [
        {"id": name, "name": name, "type": "custom", "apiBase": server.base} for name in names
    ]
    shared = {"cacheStrategy": {"layout": "overlay"}}
    endpoints = [
        {"id": name, "name": name, "providerId": name, "model": f"m-{name}", **shared}
        for name in names
    ]
    endpoints[0]["fallbacks"] = ["second"]
    write_config(shop, {"providers": providers, "endpoints": endpoints})


def interrupt(event: dict[str, str]) -> None:
    if event["type"] == "stdout":
        raise KeyboardInterrupt
