"""Which heads pass the guard: by Host, Origin, token, media type and length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.web.checks import Head, Rules, is_loopback, refusal

OPEN = Rules(host="127.0.0.1", port=3000, max_body=100)
CLOSED = Rules(host="127.0.0.1", port=3000, max_body=100, token="T0ken", session="s3ssion")
WIDE = Rules(host="0.0.0.0", port=3000, max_body=100, token="T0ken", names=frozenset({"box.local"}))
NAMED = Rules(host="box.lan", port=3000, max_body=100, token="T0ken")
HOST = {"host": "localhost:3000"}
BEARER = {"authorization": "Bearer T0ken"}


def kind_of(
    rules: Rules,
    method: str = "GET",
    path: str = "/x",
    from_stranger: bool = False,
    **more: str,
) -> str | None:
    """The type of the refusal; header names are written with `_`."""
    headers = {**HOST, **{name.replace("_", "-"): value for name, value in more.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    found = refusal(Head(method, path, raw, from_stranger), rules)
    return found.type if found else None


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("localhost:3000", None),
        ("LOCALHOST:3000", None),
        ("127.0.0.1:3000", None),
        ("127.9.9.9:3000", None),
        ("[::1]:3000", None),
        ("localhost", "host_refused"),
        ("localhost:3001", "host_refused"),
        ("localhost:99999", "host_refused"),
        ("localhost.:3000", "host_refused"),
        ("evil.example:3000", "host_refused"),
        ("localhost.evil.example:3000", "host_refused"),
        ("127.0.0.1.evil.example:3000", "host_refused"),
        ("192.168.0.7:3000", "host_refused"),
        ("0.0.0.0:3000", "host_refused"),
        ("localhost:3000@evil.example", "host_refused"),
        ("user@localhost:3000", "host_refused"),
        ("", "host_refused"),
        ("loc\u00e4lhost:3000", "host_refused"),
    ],
)
def test_host(host: str, kind: str | None) -> None:
    assert kind_of(OPEN, host=host) == kind


@pytest.mark.parametrize(
    ("rules", "host", "kind"),
    [
        pytest.param(WIDE, "192.168.0.7:3000", None, id="any-address"),
        pytest.param(WIDE, "[fd00::7]:3000", None, id="any-ipv6"),
        pytest.param(WIDE, "box.local:3000", None, id="own-name"),
        pytest.param(WIDE, "evil.example:3000", "host_refused", id="rebinding"),
        pytest.param(NAMED, "box.lan:3000", None, id="given-host"),
        pytest.param(NAMED, "localhost:3000", None, id="loopback-too"),
        pytest.param(NAMED, "192.168.0.7:3000", "host_refused", id="another-address"),
    ],
)
def test_host_of_a_wider_server(rules: Rules, host: str, kind: str | None) -> None:
    assert kind_of(rules, host=host, **BEARER) == kind


def test_port_80_is_what_a_host_without_port_means() -> None:
    rules = Rules(host="127.0.0.1", port=80, max_body=100)
    assert kind_of(rules, host="localhost", origin="http://localhost") is None


def test_two_hosts_or_none() -> None:
    twice = [(b"host", b"localhost:3000"), (b"host", b"evil.example")]
    for headers in (twice, []):
        found = refusal(Head("GET", "/", headers), OPEN)
        assert found
        assert (found.status, found.type) == (400, "host_refused")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"origin": "http://localhost:3000"}, None),
        ({"origin": "http://127.0.0.1:3000"}, "origin_refused"),
        ({"origin": "http://localhost:3001"}, "origin_refused"),
        ({"origin": "https://localhost:3000"}, "origin_refused"),
        ({"origin": "http://evil.example"}, "origin_refused"),
        ({"origin": "null"}, "origin_refused"),
        ({"origin": ""}, "origin_refused"),
        ({"sec_fetch_site": "same-origin"}, None),
        ({"sec_fetch_site": "none"}, None),
        ({"sec_fetch_site": "same-site"}, "origin_refused"),
        ({"sec_fetch_site": "cross-site"}, "origin_refused"),
        ({"sec_fetch_site": "none", "method": "POST"}, "origin_refused"),
    ],
)
def test_pages_of_other_sites(headers: dict[str, str], kind: str | None) -> None:
    assert kind_of(OPEN, **headers) == kind


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        pytest.param({}, "token_missing", id="none"),
        pytest.param(BEARER, None, id="bearer"),
        pytest.param({"authorization": "bearer  T0ken"}, None, id="other-case"),
        pytest.param({"authorization": "Bearer t0ken"}, "token_missing", id="wrong"),
        pytest.param({"authorization": "Bearer"}, "token_missing", id="empty"),
        pytest.param({"authorization": "Basic T0ken"}, "token_missing", id="other-scheme"),
        pytest.param({"authorization": "Bearer T0k\u00e9n"}, "token_missing", id="not-ascii"),
        pytest.param({"cookie": "a=b; ccw-session-3000=s3ssion"}, None, id="cookie"),
        pytest.param({"cookie": "ccw-session-3001=s3ssion"}, "token_missing", id="other-port"),
        pytest.param({"cookie": "ccw-session-3000=T0ken"}, "token_missing", id="token-as-cookie"),
        pytest.param({"cookie": "ccw-session-3000="}, "token_missing", id="empty-cookie"),
        pytest.param({"path": "/api/session", "method": "POST"}, None, id="signing-in"),
        pytest.param({"path": "/openapi.json"}, "token_missing", id="documents-too"),
    ],
)
def test_token(headers: dict[str, str], kind: str | None) -> None:
    assert kind_of(CLOSED, **headers) == kind


def test_no_session_is_no_secret() -> None:
    rules = Rules(host="127.0.0.1", port=3000, token="T0ken", session="")
    assert kind_of(rules, cookie="ccw-session-3000=") == "token_missing"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"content_type": "application/json"}, None),
        ({"content_type": "Application/JSON; charset=utf-8"}, None),
        ({"content_type": "text/plain"}, "media_type_refused"),
        ({"content_type": "application/x-www-form-urlencoded"}, "media_type_refused"),
        ({"content_type": "multipart/form-data; boundary=x"}, "media_type_refused"),
        ({"content_type": "text/plain; application/json"}, "media_type_refused"),
        ({"content_type": "application/jsonx"}, "media_type_refused"),
        ({}, "media_type_refused"),
    ],
)
def test_a_body_is_json(headers: dict[str, str], kind: str | None) -> None:
    assert kind_of(OPEN, "POST", content_length="5", **headers) == kind
    assert kind_of(OPEN, "POST", transfer_encoding="chunked", **headers) == kind


def test_no_body_needs_no_type() -> None:
    assert kind_of(OPEN, "POST") is None
    assert kind_of(OPEN, "POST", content_length="0") is None


@pytest.mark.parametrize("length", ["101", "9" * 5000, "-1", "x", "\u00b2"])
def test_a_length_over_the_bound_or_none_at_all(length: str) -> None:
    headers = {"content_length": length, "content_type": "application/json"}
    assert kind_of(OPEN, "POST", **headers) == "body_too_large"


def test_a_stranger_needs_a_token_to_be_there() -> None:
    head = Head("GET", "/", [(b"host", b"localhost:3000")], from_stranger=True)
    found = refusal(head, OPEN)
    assert found
    assert (found.status, found.type) == (403, "stranger_refused")
    assert "-H 'Authorization: Bearer TOKEN'" in found.message
    missing = refusal(head, CLOSED)
    assert missing
    assert missing.type == "token_missing"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        pytest.param({"authorization": "Bearer T0ken"}, None, id="token"),
        pytest.param({"cookie": "ccw-session-3000=s3ssion"}, "token_missing", id="cookie"),
        pytest.param(
            {"path": "/api/session", "method": "POST"}, "stranger_refused", id="signing-in"
        ),
    ],
)
def test_a_stranger_passes_by_the_token_alone(headers: dict[str, str], kind: str | None) -> None:
    """Browsers give the cookie to whoever serves at another port of this machine."""
    assert kind_of(CLOSED, from_stranger=True, **headers) == kind


@given(st.text(max_size=40))
def test_no_name_but_our_own_passes(host: str) -> None:
    raw = [(b"host", host.encode("utf-8", "surrogatepass"))]
    allowed = refusal(Head("GET", "/", raw), OPEN) is None
    name = host.lower().rpartition(":")[0]
    assert not allowed or name in {"localhost", "[::1]"} or name.startswith("127.")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.7", False),
        ("localhost.evil", False),
    ],
)
def test_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
