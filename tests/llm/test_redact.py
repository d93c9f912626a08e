"""A provider's own words are shown without secrets, in whatever spelling they come back."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.call.redact import excerpt, secrets_of

KEY = 'sk-a"b\\c/d+e=='
SECRETS = secrets_of(KEY, ["Bearer header-token", "7"], "http://me:pass%2Fword@proxy:3128")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"bad key {KEY}!", id="plain"),
        pytest.param(f"bad key {json.dumps(KEY)}!", id="json"),
        pytest.param(f"bad key {KEY!r}!", id="repr"),
        pytest.param(f"bad key {quote(KEY)}!", id="url"),
        pytest.param(f"bad key {quote(KEY, safe='')}!", id="url-all"),
        pytest.param("bad key \x1b[31mheader-\x00token\x1b[0m", id="token-in-control-characters"),
        pytest.param("bad key pass/word", id="proxy-password"),
    ],
)
def test_secrets_are_masked(text: str) -> None:
    shown = excerpt(text, SECRETS)
    assert shown.startswith("bad key ")
    assert not any(part in shown for part in ("sk-a", "header-token", "token", "pass/word"))


def test_ordinary_values_are_left_alone() -> None:
    assert excerpt("7 tries for Bearer", SECRETS) == "7 tries for ***"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\r\n  b\tc", "a b c", id="one-line"),
        pytest.param("\x1b]0;title\x07gone", "]0;titlegone", id="escape-sequences"),
        pytest.param("x" * 400, "x" * 300 + "…", id="shortened"),
    ],
)
def test_fit_to_be_shown(text: str, expected: str) -> None:
    assert excerpt(text, ()) == expected


@given(before=st.text(max_size=400), after=st.text(max_size=50))
def test_no_secret_survives_anywhere(before: str, after: str) -> None:
    secret = "sk-canary-5f3a9c1e7b"
    shown = excerpt(f"{before}{secret}{after}", secrets_of(secret, [], None))
    assert secret not in shown
    assert "sk-canary" not in shown or "sk-canary" in before + after
