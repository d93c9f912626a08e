"""A provider's own words are shown without secrets, in whatever spelling they come back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.llm.call.failures import retry_after
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


NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, 9.0, id="date"),
        pytest.param({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0, id="past"),
        pytest.param({"retry-after-ms": "250", "retry-after": "9"}, 0.25, id="milliseconds"),
        pytest.param({"retry-after": "Thu, 99 Foo"}, None, id="nonsense"),
        pytest.param({"retry-after": "999999999999"}, 86_400.0, id="for-ages"),
        pytest.param({"retry-after-ms": "1e300"}, 86_400.0, id="for-ages-in-milliseconds"),
        pytest.param({"retry-after": "Fri, 01 Jan 9999 00:00:00 GMT"}, 86_400.0, id="far-date"),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(headers, NOW) == expected


def test_a_date_without_the_servers_time_means_nothing() -> None:
    assert retry_after({"retry-after": "Thu, 01 Jan 2026 12:00:09 GMT"}, None) is None
