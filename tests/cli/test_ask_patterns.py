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
            'what does @" mean in src/*.py ?',
            '@" has no closing quote and is taken as text\n',
            id="quote-in-prose",
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


@pytest.fixture
def odd(shop: Path) -> Path:
    """The shop with files and a folder that are awkward to name."""
    (shop / "d dir").mkdir()
    names = ("it's.py", 'q"q.py', "b'o\"th.py", "copy(1).py", "sp ace.py", "d dir/sp ace.py", "5'")
    for name in names:
        (shop / name).write_text(f"# {name}\n")
    return shop


@pytest.mark.parametrize(
    ("typed", "write", "name"),
    [
        pytest.param("it's.py", '@"it\'s.py"', "it's.py", id="single"),
        pytest.param("./it's.py", '@"./it\'s.py"', "it's.py", id="dot"),
        pytest.param("it's.py.", '@"it\'s.py"', "it's.py", id="end-of-sentence"),
        pytest.param("it's.py:1-2", '@"it\'s.py:1-2"', "it's.py", id="lines"),
        pytest.param('q"q.py', "@'q\"q.py'", 'q"q.py', id="double"),
        pytest.param("b'o\"th.py", '@"b\'o?th.py"', "b'o\"th.py", id="both"),
        pytest.param("copy(1).py", '@"copy(1).py"', "copy(1).py", id="parenthesis"),
    ],
)
def test_a_file_that_is_taken_for_text_is_told(
    odd: Path, openai_server: Server, typed: str, write: str, name: str
) -> None:
    result = invoke("-p", f"@{typed} q")
    assert (result.exit_code, prompt_sent(openai_server)) == (0, f"@{typed} q")
    assert result.stderr.startswith(f"@{typed.rstrip('.')} holds a ")
    assert f" and is taken as text; for the file write {write}\n" in result.stderr
    assert invoke("-p", f"{write} q").exit_code == 0
    assert f"# {name}" in prompt_sent(openai_server)


@pytest.mark.parametrize("prompt", ["@app.route('/x') what", "@it's.md q", "@Component({}) q"])
def test_text_that_names_no_file_is_not_worth_a_word(odd: Path, prompt: str) -> None:
    assert "taken as text" not in invoke("-p", prompt).stderr


def test_an_exclusion_that_is_taken_for_text_is_told(odd: Path) -> None:
    told = invoke("-p", "@!it's.py @**.py q", "--dry-run").stderr
    assert "@!it's.py holds a quote and is taken as text; for the file write @!\"it's.py\"" in told


@pytest.mark.parametrize(
    ("prompt", "typed"),
    [
        pytest.param('@"d dir/sp ace.py q', '@"d dir/sp', id="folder"),
        pytest.param('@"d dir', '@"d dir', id="folder-alone"),
        pytest.param('@"sp ace.py q', '@"sp ace.py', id="file"),
        pytest.param("@'sp ace.py", "@'sp ace.py", id="at-the-end"),
        pytest.param('a @"sp ace.py, q', '@"sp ace.py,', id="comma"),
        pytest.param('@"sp ace.py:1-2 q\nmore', '@"sp ace.py:1-2', id="lines"),
        pytest.param('@README.md @!"sp ace.py q', '@!"sp ace.py', id="excluding"),
    ],
)
def test_a_quote_without_its_partner_before_a_name_with_a_space(
    odd: Path, openai_server: Server, prompt: str, typed: str
) -> None:
    result = invoke("-p", prompt)
    assert (result.exit_code, result.stdout, openai_server.requests) == (4, "", [])
    assert f"ccw: {typed} has no closing quote; write " in result.stderr
    assert invoke("-p", prompt, "--allow-missing").exit_code == 0


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param('@"is it sp ace.py', id="not-at-the-beginning"),
        pytest.param('@"sp\nace.py q', id="on-two-lines"),
        pytest.param('@"' + "x " * 20 + "y", id="more-than-twenty"),
        pytest.param("@“sp ace.py” q", id="curly"),
        pytest.param("@‘sp ace.py q", id="curly-and-open"),
    ],
)
def test_an_open_quote_that_begins_no_name_is_text(
    odd: Path, openai_server: Server, prompt: str
) -> None:
    (odd / ("x " * 20 + "y")).touch()
    result = invoke("-p", prompt)
    assert (result.exit_code, prompt_sent(openai_server)) == (0, prompt)
    assert "is taken as text" in result.stderr
