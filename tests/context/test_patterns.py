"""Which tokens of a prompt are patterns, and what text is sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.context.patterns import (
    Pattern,
    Scan,
    extract_patterns,
    parse_pattern,
    parse_patterns,
    scan,
)
from ccw.errors import PatternError, UsageError


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("@src/auth/**/*.ts Review security", ["@src/auth/**/*.ts"], id="at-start"),
        pytest.param("a\n@b.py\tc @d/e", ["@b.py", "@d/e"], id="after-white-space"),
        pytest.param("write to bob@example.com", [], id="email"),
        pytest.param("<bob@example.com>, 'x@y.z'", [], id="email-in-brackets"),
        pytest.param("(@a.py [@b.py {@c.py", ["@a.py", "@b.py", "@c.py"], id="open"),
        pytest.param("<@d.py>,(@e.py),(@f.py)", ["@d.py", "@e.py", "@f.py"], id="closed"),
        pytest.param(
            "\"@a.py\" '@b.py' `@c.py` x,@d.py;@e.py:@f.py|@g.py=@h.py",
            [f"@{name}.py" for name in "abcdefgh"],
            id="after-punctuation",
        ),
        pytest.param("@a.py @b.py @a.py", ["@a.py", "@b.py"], id="no-duplicates"),
        pytest.param('["@a.py","@b.py"]', ["@a.py", "@b.py"], id="json-list"),
        pytest.param("| @a.py | @b.py|x |", ["@a.py", "@b.py"], id="ends-at-bar"),
        pytest.param("@a.py, @b.py; @c.py:", ["@a.py", "@b.py", "@c.py"], id="trailing-comma"),
        pytest.param("@a.py! @b.py? @c.py.", ["@a.py", "@b.py", "@c.py"], id="trailing-point"),
        pytest.param("(see @src/a.py).", ["@src/a.py"], id="trailing-bracket"),
        pytest.param("[x](@src/a.py)", ["@src/a.py"], id="markdown-link"),
        pytest.param("**(@src/a.py)**", ["@src/a.py"], id="markdown-bold-around-bracket"),
        pytest.param("@{a,b}/*.{c,d}, @[a-z]*.py.", ["@{a,b}/*.{c,d}", "@[a-z]*.py"], id="groups"),
        pytest.param("@src/@(a|b|c).py|x", ["@src/@(a|b|c).py"], id="bar-in-group"),
        pytest.param("@{a|b x", ["@{a"], id="bar-in-open-group"),
        pytest.param("@!src/** @!(a|b).py", ["@!src/**", "@!(a|b).py"], id="exclude-or-extglob"),
        pytest.param("@app/(auth)/page.tsx", ["@app/(auth)/page.tsx"], id="bracket-in-path"),
        pytest.param("@a.py:12 @b.py:1-4, @c:7:", ["@a.py:12", "@b.py:1-4", "@c:7"], id="lines"),
        pytest.param('@"a b/*.md" @\'c d.py\' @!"e f"', ["@a b/*.md", "@c d.py", "@!e f"],
            id="quoted"),
        pytest.param('@"a b.py":3-4.', ["@a b.py:3-4"], id="quoted-lines"),
        pytest.param('@"a b', [], id="unclosed-quote"),
        pytest.param("@'a b\n@c.py d'", ["@c.py"], id="quote-ends-with-its-line"),
        pytest.param('what does @" mean?', [], id="quote-then-space"),
        pytest.param('@" mean in src/*.py', [], id="quote-then-space-and-glob"),
        pytest.param("@' see README.md", [], id="single-quote-then-space"),
        pytest.param('@"\t/etc/x.py', [], id="quote-then-tab"),
        pytest.param("@' and @\" of @a.py", ["@a.py"], id="quotes-then-spaces-and-pattern"),
        pytest.param('@!" x/**', [], id="excluding-quote-then-space"),
        pytest.param("@\"\n@'\r\n@!'", [], id="quotes-that-end-their-lines"),
        pytest.param("@app.route('/x')\ndef f(): pass", [], id="decorator"),
        pytest.param("@pytest.mark.parametrize(\"a\", [1])", [], id="decorator-with-arguments"),
        pytest.param("@Component({\n})", [], id="annotation"),
        pytest.param("@README.md's author", ["@README.md"], id="possessive"),
        pytest.param(r"\@a.py @b.py", ["@b.py"], id="escaped"),
        pytest.param("@ @! @, @... @@ @@ -1,2 +1,2 @@", [], id="lone"),
        pytest.param("../.. @../.. @src/...", ["@../..", "@src/"], id="dots"),
        pytest.param("```\n@a.py\n```\n@b.py", ["@b.py"], id="fenced"),
        pytest.param("   ~~~ py\n@a.py\n~~~~\n@b.py", ["@b.py"], id="tildes-and-longer-close"),
        pytest.param("````\n```\n@a.py\n````\n@b.py", ["@b.py"], id="shorter-fence-inside"),
        pytest.param("    ```\n@a.py", ["@a.py"], id="indented-four-is-no-fence"),
        pytest.param("``` a`b\n@a.py", ["@a.py"], id="backtick-after-fence-is-no-fence"),
        pytest.param("```\n@a.py\n~~~\n@b.py", [], id="unclosed-fence"),
        pytest.param("```\r\n@a.py\r\n```\r\n@b.py", ["@b.py"], id="fence-with-crlf"),
        pytest.param("@é/ü.py", ["@é/ü.py"], id="not-ascii"),
        pytest.param("@. what", ["@."], id="this-folder"),
        pytest.param("in @.. (and @.)", ["@..", "@."], id="folder-above"),
        pytest.param("@... what, @!. and @!..", [], id="dots-that-are-no-folder"),
        pytest.param("@README.md’s text, @a.py's", ["@README.md", "@a.py"], id="possessives"),
    ],
)  # fmt: skip
def test_extract_patterns(prompt: str, expected: list[str]) -> None:
    assert extract_patterns(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        pytest.param(r"mail \@bob, not @a.py", "mail @bob, not @a.py", id="escape"),
        pytest.param("```\n\\@x\n```\n\\@y", "```\n\\@x\n```\n@y", id="code-is-kept"),
        pytest.param("  a \r\n\tb\n\n", "  a \r\n\tb\n\n", id="white-space"),
    ],
)
def test_text_as_sent(prompt: str, text: str) -> None:
    assert scan(prompt).text == text


def test_scan_gives_values() -> None:
    assert scan('@src/*.py:3-9 @!x @"a b') == Scan(
        patterns=(
            Pattern("@src/*.py:3-9", "src/*.py", lines=(3, 9)),
            Pattern("@!x", "x", exclude=True),
        ),
        text='@src/*.py:3-9 @!x @"a b',
        notes=('@"a has no closing quote and is taken as text',),
        unclosed=('"a b',),
    )


@pytest.mark.parametrize(
    ("prompt", "likely"),
    [
        pytest.param("see @it's.py, q", ("it's.py",), id="quote"),
        pytest.param("(@./it's.py)", ("./it's.py",), id="in-brackets"),
        pytest.param('@!q"q.py:3-4 q', ('!q"q.py:3-4',), id="excluding-lines"),
        pytest.param("@copy(1).py @copy(1).py", ("copy(1).py",), id="parenthesis-told-once"),
        pytest.param("@app.route('/x')\n", ("app.route('/x')",), id="decorator"),
        pytest.param("@ @! @@", (), id="lone"),
        pytest.param("```\n@it's.py\n```", (), id="code"),
    ],
)
def test_text_for_its_quote_or_parenthesis(prompt: str, likely: tuple[str, ...]) -> None:
    assert scan(prompt).likely == likely
    assert scan(prompt).patterns == ()


def test_an_open_quote_is_given_with_its_line() -> None:
    found = scan('@"a b\r\nc @\'d e\n@!"f\n@"a c')
    assert found.unclosed == ('"a b', "'d e", '!"f', '"a c')
    assert [note.split(" has ")[0] for note in found.notes] == ['@"a', "@'d", '@!"f']


def test_a_quote_before_white_space_is_text_by_itself() -> None:
    """What follows it is prose: as a pattern it would match nothing, and stop the call."""
    found = scan('@" in src/*.py ?\n@\' see @a.py\n@!" x\n@"')
    assert found.patterns == (Pattern("@a.py", "a.py"),)
    assert found.unclosed == ('"', "'", '!"')
    assert found.notes == tuple(
        f"@{quote} has no closing quote and is taken as text" for quote in found.unclosed
    )


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        pytest.param("src/*.py", Pattern("@src/*.py", "src/*.py"), id="bare"),
        pytest.param("@src", Pattern("@src", "src"), id="with-at"),
        pytest.param("!x", Pattern("@!x", "x", exclude=True), id="exclude"),
        pytest.param("@!x", Pattern("@!x", "x", exclude=True), id="at-exclude"),
        pytest.param("!(a|b)", Pattern("@!(a|b)", "!(a|b)"), id="extglob"),
        pytest.param("@(a|b).py", Pattern("@(a|b).py", "@(a|b).py"), id="shared-at"),
        pytest.param("a b, c.md", Pattern("@a b, c.md", "a b, c.md"), id="spaces-and-comma"),
        pytest.param("really?", Pattern("@really?", "really?"), id="trailing-punctuation-stays"),
        pytest.param("a.py:7", Pattern("@a.py:7", "a.py", lines=(7, 7)), id="line"),
        pytest.param("@'a b'", Pattern("@a b", "a b"), id="quoted"),
        pytest.param(
            f"a.py:{'9' * 20}",
            Pattern(f"@a.py:{'9' * 20}", "a.py", lines=(10**20 - 1,) * 2),
            id="line-beyond-all-files",
        ),
    ],
)
def test_parse_pattern(argument: str, expected: Pattern) -> None:
    assert parse_pattern(argument) == expected._replace(strict=True)


def test_arguments_that_only_exclude() -> None:
    assert parse_patterns([]) == ()
    assert parse_patterns(["a", "!b"]) == (parse_pattern("a"), parse_pattern("!b"))
    with pytest.raises(UsageError, match=r'^!a.txt only leaves files .*: "\*\*" "!a.txt"$'):
        parse_patterns(["@!a.txt", "!b.txt"])


@pytest.mark.parametrize("argument", ["", "@", "!", "@!"])
def test_empty_argument(argument: str) -> None:
    with pytest.raises(PatternError, match="is an empty pattern"):
        parse_pattern(argument)


@pytest.mark.parametrize("argument", ["a.py:0", "a.py:9-3", "a.py:0-4"])
def test_impossible_lines(argument: str) -> None:
    with pytest.raises(PatternError, match=r"lines are counted from 1 and run upwards") as raised:
        parse_pattern(argument)
    assert raised.value.exit_code == 4


PIECES = st.sampled_from(
    [
        "@",
        "@a",
        "@src/*.py",
        "\\@",
        "(",
        ")",
        "[",
        "]",
        "{a,b}",
        "|",
        "'",
        '"',
        "`",
        "```",
        "~~~",
        " ",
        "\n",
        "\r\n",
        "!",
        "?",
        ".",
        "..",
        "/",
        ":",
        "12-40",
        ",",
        "=",
        "é",
        "\x00",
        "\udc80",
    ]
)
PROMPTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)


def tokens_or_none(prompt: str) -> list[str] | None:
    try:
        return extract_patterns(prompt)
    except PatternError:
        return None


@given(PROMPTS)
def test_any_prompt_gives_distinct_tokens_of_its_own(prompt: str) -> None:
    tokens = tokens_or_none(prompt) or []
    assert len(set(tokens)) == len(tokens)
    for token in tokens:
        assert token.startswith("@")
        assert len(token) > 1
        assert token[1:].lstrip("!").partition(":")[0].strip("\"'") in prompt


@given(PROMPTS)
def test_only_escapes_change_the_text(prompt: str) -> None:
    if tokens_or_none(prompt) is not None:
        assert scan(prompt).text.replace("\\@", "@") == prompt.replace("\\@", "@")


@given(PROMPTS)
def test_nothing_is_found_without_an_at_sign(prompt: str) -> None:
    assert extract_patterns(re.sub("@", "", prompt)) == []


@given(st.lists(st.from_regex(r"[a-z]{1,4}(/[a-z*]{1,4}){0,2}\.py", fullmatch=True), unique=True))
def test_plain_paths_come_back_as_written(paths: list[str]) -> None:
    assert extract_patterns(" and ".join(f"@{path}" for path in paths)) == [f"@{p}" for p in paths]
