"""`ccw cli` and patterns that name nothing: what is said, what is an error, what is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.asking import invoke, prompt_sent
from tests.servers.loopback import Server


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        pytest.param(
            "explain @READM",
            "@READM matches no file and is taken as text; did you mean @README.md?\n",
            id="near",
        ),
        pytest.param(
            "@scr/auth x",
            "@scr/auth matches no file and is taken as text; did you mean @src/auth?\n",
            id="near-folder",
        ),
        pytest.param(
            "@README.md@src x",
            "@README.md@src matches no file and is taken as text; did you mean @README.md?\n",
            id="two-in-one",
        ),
        pytest.param(
            "@param is text", "@param matches no file and is taken as text\n", id="nothing-near"
        ),
        pytest.param(
            '@"my notes/*.md what',
            '@"my has no closing quote and is taken as text\n',
            id="unclosed-quote",
        ),
        pytest.param(
            "@!tests/** x",
            "@!tests/** leaves nothing out, as no pattern names files; add one, such as @**\n",
            id="only-excluded",
        ),
    ],
)
@pytest.mark.parametrize("cache", ["--cache", "--no-cache"])
def test_a_note_is_told_without_any_file(
    shop: Path, openai_server: Server, prompt: str, note: str, cache: str
) -> None:
    result = invoke("-p", prompt, cache)
    assert result.exit_code == 0
    assert result.stderr.startswith(note)
    assert prompt_sent(openai_server) == prompt
    preview = invoke("-p", prompt, cache, "--dry-run")
    assert preview.stderr == note


@pytest.mark.parametrize(
    ("prompt", "packed"),
    [
        pytest.param("@. x", ["README.md", "src/auth/login.ts"], id="this-folder"),
        pytest.param("@README.md’s text", ["README.md"], id="typographic-possessive"),
    ],
)
def test_what_is_named(shop: Path, openai_server: Server, prompt: str, packed: list[str]) -> None:
    assert invoke("-p", prompt).exit_code == 0
    for path in packed:
        assert path in prompt_sent(openai_server)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        pytest.param("@docss/ what", "@docss/ matches no file", id="folder"),
        pytest.param("@scr/ x", "@scr/ matches no file: did you mean @src/?", id="near-folder"),
        pytest.param("@nope.ts x", "@nope.ts matches no file (looked up", id="nothing-near"),
    ],
)
def test_what_was_surely_meant_is_an_error(
    shop: Path, openai_server: Server, prompt: str, message: str
) -> None:
    result = invoke("-p", prompt)
    assert result.exit_code == 4
    assert message in result.stderr
    assert openai_server.posts == []


def test_missing_but_allowed_is_told(shop: Path) -> None:
    result = invoke("-p", "@no/*.x @README.md hi", "--allow-missing")
    assert result.exit_code == 0
    assert result.stderr.startswith("@no/*.x matched nothing\n")


@pytest.mark.parametrize(
    ("prompt", "typed"),
    [
        pytest.param('@"src/with space.py x', '@"src/with', id="folder"),
        pytest.param('see @"src', '@"src', id="folder-alone"),
        pytest.param("a @'./with space.py x", "@'./with", id="dot"),
        pytest.param('@README.md @!"src/*.py x', '@!"src/*.py', id="excluding"),
        pytest.param('@"my.py x', '@"my.py', id="file-type"),
    ],
)
def test_a_quote_without_its_partner(
    shop: Path, openai_server: Server, prompt: str, typed: str
) -> None:
    result = invoke("-p", prompt)
    assert (result.exit_code, result.stdout, openai_server.requests) == (4, "", [])
    assert f"ccw: {typed} has no closing quote; write " in result.stderr
    assert invoke("-p", prompt, "--allow-missing").exit_code == 0
    assert prompt_sent(openai_server).endswith(prompt)
