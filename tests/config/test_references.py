"""References: what they refer to, what they come to, how they are shown."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config.references import (
    MARK,
    equal_variable,
    expand,
    mask,
    mask_address,
    project_environ,
    substitute,
    unset_variables,
    variables,
)
from ccw.errors import ConfigFileError, MissingVariable

ENVIRON = {"A": "1", "B": "two", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("plain", "plain", id="no-reference"),
        pytest.param("${A}", "1", id="braces"),
        pytest.param("$A", "1", id="whole-value"),
        pytest.param("$A and more", "$A and more", id="no-braces-inside-text"),
        pytest.param("Bearer ${A}-${B}!", "Bearer 1-two!", id="two-inside-text"),
        pytest.param("${NO:-fallback}", "fallback", id="default"),
        pytest.param("${A:-fallback}", "1", id="default-not-needed"),
        pytest.param("${EMPTY:-fallback}", "fallback", id="default-for-empty"),
        pytest.param("${NO:-}", "", id="empty-default"),
        pytest.param("${NO:-http://h:1/v1}", "http://h:1/v1", id="default-with-colons"),
        pytest.param("${NO}", "", id="unset"),
        pytest.param("$NO", "", id="unset-whole-value"),
        pytest.param("${A", "${A", id="unclosed-is-text"),
        pytest.param("${1A}", "${1A}", id="no-name-is-text"),
        pytest.param("${}", "${}", id="nameless-is-text"),
        pytest.param("$", "$", id="dollar-is-text"),
        pytest.param("${A}${A}", "11", id="twice"),
    ],
)
def test_substitute(text: str, expected: str) -> None:
    assert substitute(text, ENVIRON) == expected


def test_a_value_is_not_expanded_again() -> None:
    assert substitute("${A}", {"A": "${B}", "B": "2"}) == "${B}"


@pytest.mark.parametrize(
    ("text", "names", "unset"),
    [
        pytest.param("x", (), (), id="none"),
        pytest.param("$A", ("A",), (), id="whole"),
        pytest.param("$NO", ("NO",), ("NO",), id="whole-unset"),
        pytest.param("${A} ${NO} ${NO2:-x}", ("A", "NO", "NO2"), ("NO",), id="mixed"),
        pytest.param("${EMPTY}", ("EMPTY",), (), id="empty-is-set"),
    ],
)
def test_names(text: str, names: tuple[str, ...], unset: tuple[str, ...]) -> None:
    assert (variables(text), unset_variables(text, ENVIRON)) == (names, unset)


def test_expand_names_variable_and_field() -> None:
    with pytest.raises(MissingVariable) as caught:
        expand("x ${NO}", ENVIRON, "apiBase of provider p")
    assert str(caught.value) == (
        "environment variable NO is not set (apiBase of provider p refers to it); "
        "export NO=… or put it into the project's .env"
    )
    assert expand("x ${A}", ENVIRON, "apiBase of provider p") == "x 1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("${OPENAI_API_KEY}", "${OPENAI_API_KEY}", id="reference"),
        pytest.param("$OPENAI_API_KEY", "$OPENAI_API_KEY", id="whole-value"),
        pytest.param("sk-abcdefghijklmnop", "sk-…mnop", id="literal"),
        pytest.param("abcdefghijklmnop", "sk-…mnop", id="literal-of-another-kind"),
        pytest.param("secret", "sk-…", id="short-shows-nothing"),
        pytest.param("${A:-sk-abcdefghijklmnop}", "${A:-sk-…mnop}", id="literal-default"),
        pytest.param("Bearer ${A}", "Bearer ${A}", id="text-and-reference"),
        pytest.param("abcdefghijklmnop ${A}", "sk-…mnop ${A}", id="literal-and-reference"),
        pytest.param("${A", "sk-…", id="unclosed-is-a-literal"),
    ],
)
def test_mask(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(st.text(st.characters(codec="ascii", exclude_characters="${}"), min_size=5))
def test_a_masked_literal_shows_four_characters_at_most(text: str) -> None:
    shown = mask(text)
    assert MARK in shown
    assert shown.removeprefix(f"sk-{MARK}") in ("", text[-4:])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("http://h:1/v1", "http://h:1/v1", id="plain"),
        pytest.param("http://user:pw@h:1/v1", "http://…@h:1/v1", id="user-info"),
        pytest.param("http://user:p?w@h", "http://…@h", id="password-with-mark"),
        pytest.param("${P:-http://user:pw@h}", "${P:-http://…@h}", id="user-info-in-default"),
        pytest.param("https://h/v1?key=abcdefghijklmnop", "https://h/v1?key=sk-…mnop", id="query"),
        pytest.param(
            "https://h/v1?api-version=2024-10-21&sig=abcdefghijklmnop",
            "https://h/v1?api-version=2024-10-21&sig=sk-…mnop",
            id="version-is-no-secret",
        ),
        pytest.param(
            "https://h/v1?api-version=1;key=abcdefghijklmnop",
            "https://h/v1?api-version=sk-…mnop",
            id="version-and-more",
        ),
        pytest.param("https://h/v1?abcdefghijklmnop", "https://h/v1?sk-…mnop", id="word"),
        pytest.param(
            "https://h/v1?a=b&abcdefghijklmnop&flag",
            "https://h/v1?a=sk-…&sk-…mnop&sk-…",
            id="words",
        ),
        pytest.param("https://h?abcdefghijklmn==", "https://h?sk-…mn==", id="padded-word"),
        pytest.param("https://h?abcdefghijk1234=", "https://h?sk-…234=", id="key-like-name"),
        pytest.param(
            "https://h?Ocp-Apim-Subscription-Key=${K}",
            "https://h?Ocp-Apim-Subscription-Key=${K}",
            id="long-name",
        ),
        pytest.param("https://h?abcdefgh/ijklmnop", "https://h?sk-…mnop", id="word-with-slash"),
        pytest.param("https://h?a?abcdefghijklmnop", "https://h?sk-…mnop", id="second-mark"),
        pytest.param("https://h/v1?a=abcdef#ghijklmnop", "https://h/v1?a=sk-…mnop", id="fragment"),
        pytest.param("https://h/R&D/v1?&", "https://h/R&D/v1?&", id="path"),
        pytest.param("https://h/v1?a=${K}&${W}", "https://h/v1?a=${K}&${W}", id="references"),
        pytest.param("${U}?abcdefghijklmnop", "${U}?sk-…mnop", id="behind-a-reference"),
        pytest.param("${U}&abcdefghijklmnop", "${U}&sk-…mnop", id="query-of-a-reference"),
        pytest.param(
            "https://${H}/v1?a=x${K}abcdefghijkl=&b=c",
            "https://${H}/v1?a=sk-…${K}sk-…jkl=&b=sk-…",
            id="around-a-reference",
        ),
        pytest.param("https://h?${W}abcdefghijklmnop", "https://h?${W}sk-…mnop", id="rest-of-word"),
        pytest.param("${U:-https://h?abcdefghijklmnop}", "${U:-https://h?sk-…mnop}", id="default"),
        pytest.param(
            "https://h?key=${K:-abcdefghijklmnop}",
            "https://h?key=${K:-sk-…mnop}",
            id="default-value",
        ),
        pytest.param(
            "https://h?api-version=${V:-2024-10-21}",
            "https://h?api-version=${V:-2024-10-21}",
            id="default-version",
        ),
    ],
)
def test_mask_address(text: str, shown: str) -> None:
    assert mask_address(text) == shown


PIECES = st.sampled_from(["?", "&", "=", "a=", "api-version=", "#", "/v1", "${A}", "${A:-b}", "x"])


@given(st.lists(PIECES, max_size=6).map("".join), st.lists(PIECES, max_size=4).map("".join))
def test_no_secret_in_a_query_is_shown(before: str, after: str) -> None:
    key = "sk-abcdefghijklm0123456789"
    assert key not in mask_address(f"https://h/v1?{before}{key}{after}")


@given(st.text(alphabet="${}:-AB1_ x", max_size=30))
def test_any_text_can_be_substituted_and_masked(text: str) -> None:
    assert substitute(text, dict.fromkeys(variables(text), "v")).count("${A}") == 0
    assert mask(mask_address(text)) is not None


def test_equal_variable_needs_a_long_literal() -> None:
    environ = {"KEY": "sk-abcdefghijklmnop", "SHORT": "x", "REF": "${KEYKEYKEY}"}
    values = ("sk-abcdefghijklmnop", "x", "${KEYKEYKEY}")
    assert [equal_variable(value, environ) for value in values] == ["KEY", None, None]


def test_dotenv_lies_under_the_real_environment(project: Path) -> None:
    (project / ".env").write_text('A=file\nexport B="from file"\n# note\nC=${A}/${B}/${D:-d}\nE\n')
    assert project_environ(project, {"A": "real"}) == {
        "A": "real",
        "B": "from file",
        "C": "real/from file/d",
    }


def test_without_dotenv_the_environment_is_all_there_is(project: Path) -> None:
    environ = {"A": "1"}
    values = project_environ(project, environ)
    assert (values, values.process, values.dotenv) == (environ, environ, {})


def test_a_folder_named_dotenv_is_no_dotenv(project: Path) -> None:
    (project / ".env").mkdir()
    assert project_environ(project, {"A": "1"}) == {"A": "1"}


def test_dotenv_with_byte_order_mark(project: Path) -> None:
    (project / ".env").write_bytes(b"\xef\xbb\xbfA=1\n")
    assert project_environ(project, {}) == {"A": "1"}


def test_dotenv_that_is_not_utf8_is_an_error_without_its_content(project: Path) -> None:
    (project / ".env").write_bytes(b"KEY=canary-\xff\n")
    with pytest.raises(ConfigFileError, match=r"\.env is not UTF-8") as caught:
        project_environ(project, {})
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_line_that_is_no_setting_is_reported_without_its_content(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (project / ".env").write_text("=canary=\nA=1\n")
    with caplog.at_level(logging.WARNING):
        assert project_environ(project, {}) == {"A": "1"}
    assert "canary" not in caplog.text


def test_what_dotenv_took_from_the_environment_is_not_its_own(project: Path) -> None:
    """Otherwise a cloned project could pass the user's key off as its own."""
    (project / ".env").write_text(
        "OWN=file\nBOTH=file\nTAKEN=${USERS}\nAGAIN=x${TAKEN}\nCHAIN=${OWN}/${NO:-d}\nTEXT=$USERS\n"
    )
    values = project_environ(project, {"USERS": "secret", "BOTH": "real"})
    assert values.process == {"USERS": "secret", "BOTH": "real"}
    assert values.dotenv == {"OWN": "file", "CHAIN": "file/d", "TEXT": "$USERS"}
    assert (values["AGAIN"], values["BOTH"]) == ("xsecret", "real")
