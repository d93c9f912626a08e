"""References to a keyring, a file and a command: read, checked and shown without following any."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config.models import ProviderCredential
from ccw.config.references import (
    MARK,
    Reference,
    equal_variable,
    has_sources,
    keyring_entry,
    mask,
    mask_address,
    outside_references,
    problems,
    references,
    replaced,
    substitute,
    unset_variables,
    variables,
)
from ccw.config.references.parsing import ALLOWED

KEY = "sk-canary-0123456789"
UNKNOWN = f"is no kind of reference; write {ALLOWED}"


def kinds(text: str) -> list[tuple[str, str, str | None]]:
    return [(r.kind, r.argument, r.default) for r in references(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", [], id="none"),
        pytest.param("$A", [("variable", "A", None)], id="whole"),
        pytest.param("${A:-x}", [("variable", "A", "x")], id="default"),
        pytest.param("${cmd:-x}", [("variable", "cmd", "x")], id="variable-named-like-a-kind"),
        pytest.param("${keyring:ccw/me}", [("keyring", "ccw/me", None)], id="keyring"),
        pytest.param("${file:~/my key.txt}", [("file", "~/my key.txt", None)], id="file"),
        pytest.param("${cmd:pass show a/b}", [("cmd", "pass show a/b", None)], id="command"),
        pytest.param(
            "${cmd:awk '{print $1}' f}", [("cmd", "awk '{print $1}' f", None)], id="braces-in-pairs"
        ),
        pytest.param("${cmd:}", [("cmd", "", None)], id="empty-command"),
        pytest.param("${vault:a/b}", [("unknown", "vault:a/b", None)], id="unknown"),
        pytest.param("${env:A}", [("unknown", "env:A", None)], id="env-is-no-kind"),
        pytest.param("${CMD:ls}", [("unknown", "CMD:ls", None)], id="kinds-are-lower-case"),
        pytest.param("${cmd:ls", [], id="unclosed-is-text"),
        pytest.param("${cmd:a {b {c}}}", [], id="braces-nested-twice-are-text"),
        pytest.param(
            "Bearer ${A}-${file:k}!${cmd:c}",
            [("variable", "A", None), ("file", "k", None), ("cmd", "c", None)],
            id="inside-text",
        ),
    ],
)
def test_references(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert kinds(text) == expected


def test_a_reference_knows_how_it_was_written() -> None:
    assert references("x ${cmd:a b} ${N:-d}") == (
        Reference("cmd", "a b", None, "${cmd:a b}"),
        Reference("variable", "N", "d", "${N:-d}"),
    )


def test_only_variables_are_variables() -> None:
    text = "${A}${cmd:x}${file:y}${keyring:s/u}${B}"
    assert (variables(text), unset_variables(text, {})) == (("A", "B"), ("A", "B"))
    assert (has_sources(text), has_sources("${A}${vault:x}")) == (True, False)
    assert substitute(f"<{text}>", {"A": "1", "B": "2"}) == "<12>"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("service/user", ("service", "user")),
        ("https://host/path/user", ("https://host/path", "user")),
        ("service", ("", "service")),
        ("service/", ("service", "")),
    ],
)
def test_keyring_entry(argument: str, expected: tuple[str, str]) -> None:
    assert keyring_entry(argument) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("${A} ${keyring:s/u} ${file:f} ${cmd:c 'a b'}", (), id="sound"),
        pytest.param("${vault:a}", (f"${{vault:…}} {UNKNOWN}",), id="unknown"),
        pytest.param("${HOST:8080}", (f"${{HOST:…}} {UNKNOWN}",), id="default-without-dash"),
        pytest.param(
            "${keyring:x}",
            ("${keyring:…} needs a service and a user: ${keyring:service/user}",),
            id="no-user",
        ),
        pytest.param(
            "${keyring:/u}",
            ("${keyring:…} needs a service and a user: ${keyring:service/user}",),
            id="no-service",
        ),
        pytest.param("${file: }", ("${file:…} needs a path: ${file:~/.secrets/key}",), id="file"),
        pytest.param(
            "${cmd: }", ("${cmd:…} needs a command: ${cmd:pass show openai}",), id="command"
        ),
        pytest.param(
            "${cmd:'' x}", ("${cmd:…} needs a command: ${cmd:pass show openai}",), id="empty-name"
        ),
        pytest.param(
            "${cmd:echo 'x}", ("${cmd:…} has a quote or backslash without its end",), id="quote"
        ),
        pytest.param(
            "${cmd:echo ${A}}",
            ("${cmd:…} holds another reference; references do not nest",),
            id="nested",
        ),
    ],
)
def test_problems(text: str, expected: tuple[str, ...]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("${keyring:service/user}", None, id="keyring"),
        pytest.param("${file:~/very/long/path/to/the/openai-key-2026.txt}", None, id="file"),
        pytest.param("${cmd:pass show providers/openai-production}", None, id="command"),
        pytest.param("${cmd:op read op://vault/item-1234567890/key}", None, id="one-password"),
        pytest.param("${cmd:pass show item-1234567890/key}", None, id="path-of-an-item"),
        pytest.param("${cmd:gcloud secrets versions access latest}", None, id="words"),
        pytest.param("${cmd:get --key-file keys/one}", None, id="harmless-option"),
        pytest.param(f"${{cmd:get {KEY}}}", "${cmd:get sk-…6789}", id="key-in-command"),
        pytest.param("${cmd:get --token abc}", "${cmd:get --token sk-…}", id="short-token"),
        pytest.param("${cmd:get --password=abc}", "${cmd:get --password=sk-…}", id="password"),
        pytest.param("${cmd:curl http://u:pw@h/k}", "${cmd:curl http://…@h/k}", id="user-info"),
        pytest.param(f"${{cmd:x}} {KEY}", "${cmd:x} sk-…6789", id="literal-beside"),
        pytest.param(f"${{vault:{KEY}}}", "${sk-…6789}", id="unknown"),
        pytest.param("${vault:a/b}", None, id="unknown-short"),
    ],
)
def test_mask(text: str, shown: str | None) -> None:
    assert mask(text) == (shown or text)


def test_addresses_show_references_too() -> None:
    text = "https://${cmd:host}/v1?key=${file:k}&a=abcdefghijklmnop"
    assert mask_address(text) == "https://${cmd:host}/v1?key=${file:k}&a=sk-…mnop"


def test_a_reference_is_no_literal() -> None:
    text = "${cmd:pass show openai}"
    assert equal_variable(text, {"X": text}) is None


def test_an_address_with_a_reference_is_checked_when_it_is_used() -> None:
    fields = {"id": "p", "name": "P", "type": "custom", "apiBase": "${cmd:find-host}/v1/"}
    assert ProviderCredential.model_validate(fields).api_base == "${cmd:find-host}/v1"


PIECES = st.sampled_from(
    ["${", "}", "{", "$", ":", ":-", "/", "'", "cmd:", "file:", "keyring:", "x:", "A", "b c", "\n"]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_is_parts_and_references(text: str) -> None:
    """Nothing is lost or made up, whatever the text."""
    assert replaced(text, lambda r: r.written) == text
    found = references(text)
    assert len(outside_references(text)) == len(text) - sum(len(r.written) for r in found)
    assert all(r.written.startswith("$") and r.argument in r.written for r in found)
    assert all(isinstance(problem, str) for problem in problems(text))
    assert mask(mask_address(text)) is not None


@given(st.from_regex(r"sk-[A-Za-z0-9]{16,40}", fullmatch=True), st.sampled_from(["", "--t ", "a="]))
def test_no_key_in_a_command_is_shown(key: str, before: str) -> None:
    shown = mask(f"${{cmd:get {before}{key} more}}")
    assert MARK in shown
    assert key not in shown


@pytest.mark.parametrize(
    "piece",
    [
        "!",
        "+",
        "-",
        "a",
        "-token",
        "1a+",
        "${a:",
        "{}",
        "//",
        "${a:{}",
        " ",
        "?&=",
        "?version=a${A}",
    ],
)
def test_long_texts_take_no_time(piece: str) -> None:
    """A cloned project's config must not be able to hang whoever looks at it."""
    text = piece * 20_000
    started = time.monotonic()
    for written in (text, f"${{cmd:{text}}}", f"${{cmd:{text}", f"${{x:{text}}}"):
        mask(mask_address(written))
        problems(written)
    assert time.monotonic() - started < 5
