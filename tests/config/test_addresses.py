"""Hosts however they are spelled: loopback, link-local, the metadata services of clouds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config.addresses import is_loopback, is_metadata, usual_form
from ccw.config.bases import checked_base, origin_of


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "169.254.0.1", "169.254.170.2", "169.254.169.254.", "2852039166",
        "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376", "169.254.43518",
        "169.0xfea9fe", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[fe80::1]", "[febf::1]",
        "[fd00:ec2::254]", "[FD00:EC2::23]", "[fd20:ce::254]", "100.100.100.200",
        "168.63.129.16", "192.0.0.192", "metadata.google.internal", "METADATA.google.internal.",
        "metadata", "metadata.goog", "instance-data", "instance-data.ec2.internal",
    ],
)  # fmt: skip
def test_metadata_is_refused_as_base(host: str) -> None:
    for base in (f"http://{host}", f"https://{host}:8443/v1"):
        with pytest.raises(ValueError, match="is link-local or a cloud's metadata service"):
            checked_base(base)


@pytest.mark.parametrize(
    "host", ["169%2e254%2e169%2e254", "%6detadata", "[fe80::1%25eth0]", "１６９.254.169.254%"]
)
def test_a_percent_sign_is_in_no_host(host: str) -> None:
    with pytest.raises(ValueError, match=r"names no usable host|is malformed"):
        checked_base(f"http://{host}/v1")


@pytest.mark.parametrize("host", ["[::1].evil.example", "evil.example[::1]", "[::1]evil"])
def test_nothing_stands_beside_brackets(host: str) -> None:
    with pytest.raises(ValueError, match="is malformed"):
        checked_base(f"http://{host}:8000/v1")


@pytest.mark.parametrize("host", ["１６９.２５４.１６９.２５４", "169。254。169。254", "ｍetadata"])
def test_wide_letters_and_dots_are_seen_through(host: str) -> None:
    assert is_metadata(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("api.localhost", True), ("127.0.0.1", True),
        ("127.9.9.9", True), ("127.1", True), ("2130706433", True), ("0x7f000001", True),
        ("0177.0.0.1", True), ("::1", True), ("0:0:0:0:0:0:0:1", True),
        ("::ffff:127.0.0.1", True), ("[::1]", True),
        ("0.0.0.0", False), ("0", False), ("::", False), ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False), ("evil-localhost", False), ("notlocalhost", False),
        ("128.0.0.1", False), ("10.0.0.1", False), ("::7f00:1", False), ("", False),
        ("127.0.0.1.nip.io", False), ("1270.0.0.1", False), ("256", False),
    ],
)  # fmt: skip
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.1", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("Api.Example", "Api.Example"),
        ("1.2.3.4.5", "1.2.3.4.5"), ("x.256", "x.256"), ("", ""),
    ],
)  # fmt: skip
def test_usual_form(host: str, expected: str) -> None:
    assert usual_form(host) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("HTTPS://Api.Example:443/v1?x=1", "https://api.example"),
        ("http://h:80", "http://h"),
        ("https://h:80/v1", "https://h:80"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
        ("http://user:canary@h/v1", "http://h"),
        ("http://üser:canary@h/v1", "http://h"),
        ("http://a@b@h", ""),
        ("http://user:a/b@h", ""),
        ("http://h?x@evil.example", "http://h"),
        ("http://h\\@evil.example", "http://evil.example"),
        ("http://h:port", ""),
        ("http://[::1", ""),
        ("http://[::1].evil.example", ""),
        ("http://evil.example[::1]:80", ""),
        ("", ""),
        ("/v1", ""),
    ],
)
def test_origin(base: str, expected: str) -> None:
    assert origin_of(base) == expected


@given(st.integers(0, 0xFFFF), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_every_spelling_of_a_link_local_address(low: int, form: str) -> None:
    number = (169 << 24 | 254 << 16) + low
    parts = (169, 254, low >> 8, low & 255)
    assert is_metadata(form.format(number))
    assert is_metadata(".".join(map(form.format, parts)))


@given(st.text(max_size=30))
def test_any_text_is_judged(text: str) -> None:
    assert not (is_loopback(text) and is_metadata(text))
