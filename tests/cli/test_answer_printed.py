"""An answer is exact where it is kept, and harmless where a terminal reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.cli.left_out import folded
from ccw.cli.terminal import harmless
from tests.cli.asking import CCW, invoke, run
from tests.projects import write_config
from tests.servers.loopback import Server
from tests.servers.openai_wire import in_chunks, say
from tests.terminal import lines_left, shown

EVIL = "a\x1b]0;pwn\x07\r\nb\x1b[2J\x9b31m\u202ec\r\tü\n"
HARMLESS = "a\\u001b]0;pwn\\u0007\nb\\u001b[2J\\u009b31m\\u202ec\\u000d\tü\n"
PIECES = st.lists(st.text(st.sampled_from("\x1b[\r\n\ta\x9b\x07]0;ü\u200d\u202e")), max_size=9)


@given(PIECES)
def test_how_an_answer_is_cut_does_not_matter(pieces: list[str]) -> None:
    said, held = [], ""
    for piece in pieces:
        text, held = harmless(piece, held)
        said.append(text)
    assert ("".join(said), held) == harmless("".join(pieces))


@given(st.lists(st.text(), max_size=5))
def test_a_terminal_is_sent_no_control(pieces: list[str]) -> None:
    held = ""
    for piece in pieces:
        text, held = harmless(piece, held)
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text if c not in "\n\t")
    assert held in ("", "\r")


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(f"{text}\n\t{text}") == (f"{text}\n\t{text}", "")


@pytest.mark.parametrize("cut", [3, 10, 25])
def test_on_a_terminal(shop: Path, openai_server: Server, cut: int) -> None:
    openai_server.default = in_chunks([EVIL[:cut], EVIL[cut:]])
    said = shown([CCW, "cli", "hi"], os.environ, shop)
    assert said.decode().replace("\r\n", "\n") == HARMLESS


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_notes_while_the_answer_is_awaited(shop: Path, openai_server: Server, stream: bool) -> None:
    """Each has a line of its own, and of the sign of waiting nothing stays."""
    (shop / "src" / "b.bin").write_bytes(b"\0")
    more = [] if stream else ["--no-stream"]
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    *notes, closing = lines_left([CCW, "cli", "@src/ @nobody hi", *more], environ, shop)
    assert notes == ["@nobody matches no file and is taken as text", "left out: src/b.bin: binary"]
    assert closing.startswith("gpt-4o (custom) · ")


def test_in_a_pipe(shop: Path, openai_server: Server) -> None:
    openai_server.will(in_chunks([EVIL[:10], EVIL[10:]]), say(EVIL))
    assert run("hi").stdout == EVIL.encode()
    assert run("hi", "--no-stream").stdout == EVIL.encode()


def test_many_files_left_out_are_counted(shop: Path) -> None:
    for number in range(25):
        (shop / f"b{number:02}.bin").write_bytes(b"\0")
    result = invoke("@*.bin @README.md hi")
    told = [line for line in result.stderr.splitlines() if line.startswith("left out: ")]
    assert told[0] == "left out: b00.bin: binary"
    assert told[10:] == [
        "left out: 15 more; --json names all, ccw pack --explain PATH PATTERN tells of one"
    ]
    assert "1 file, 25 left out · " in result.stderr.splitlines()[-1]


def test_keys_that_cannot_be_used_are_not_counted_as_files(
    shop: Path, openai_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCW_TRUST", "1")
    broken = [{"id": f"k{number:02}", "key": f"${{file:no-{number}}}"} for number in range(12)]
    keys = [*broken, {"id": "good", "key": "sk-good"}]
    provider = {"id": "loop", "name": "Loop", "type": "custom", "apiBase": openai_server.base}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "loop", "model": "gpt-4o"}
    providers = [provider | {"apiKeys": keys}]
    write_config(shop, {"providers": providers, "endpoints": [endpoint], "defaultEndpoint": "ask"})
    (shop / "b.bin").write_bytes(b"\0")
    told = invoke("@*.bin @README.md hi").stderr.splitlines()
    assert [line[:13] for line in told if "key k" in line] == ["not used: key"] * 12
    assert [line for line in told if line.startswith("left out: ")] == ["left out: b.bin: binary"]


def test_folded() -> None:
    notes = [f"left out: {number}" for number in range(12)]
    assert list(folded(["a", *notes[:10], "b"])) == ["a", *notes[:10], "b"]
    assert list(folded([*notes, "b"]))[9:] == [
        "left out: 9",
        "b",
        "left out: 2 more; --json names all, ccw pack --explain PATH PATTERN tells of one",
    ]
