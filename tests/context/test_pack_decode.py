"""The bytes of files as UTF-8 text, and lines cut out of it."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.context.lines import merge_ranges
from ccw.context.pack.decode import STRIDE, Decoded, count_lines, cut_lines, decode

TEXT = "naïve – 你好\r\nx\n"
FRENCH = "# Ce fichier gère les données à traiter, où êtes-vous, garçon ?\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", Decoded(b""), id="empty"),
        pytest.param(b"a\r\nb\rc", Decoded(b"a\r\nb\rc"), id="line-ends-stay"),
        pytest.param(TEXT.encode(), Decoded(TEXT.encode()), id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + TEXT.encode(), Decoded(TEXT.encode()), id="utf-8-bom"),
        pytest.param(codecs.BOM_UTF8 + b"a\0b", Decoded(b"a\0b"), id="nul-after-bom-is-text"),
        pytest.param(TEXT.encode("utf-16"), Decoded(TEXT.encode()), id="utf-16-bom"),
        pytest.param(
            codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), Decoded(TEXT.encode()), id="utf-16-be"
        ),
        pytest.param(TEXT.encode("utf-32"), Decoded(TEXT.encode()), id="utf-32-bom"),
        pytest.param(
            codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), Decoded(TEXT.encode()), id="utf-32-be"
        ),
        pytest.param(
            codecs.BOM_UTF16_LE + b"a\0b",
            Decoded("a\ufffd".encode(), "damaged utf-16-le"),
            id="cut",
        ),
        pytest.param(b"a\0b", None, id="binary"),
        pytest.param(b"\0" * 10, None, id="nul-first"),
        pytest.param(b"a" * 8191 + b"\0", None, id="nul-in-the-probe"),
        pytest.param(b"a" * 8192 + b"\0", Decoded(b"a" * 8192 + b"\0"), id="nul-after-the-probe"),
        pytest.param(FRENCH.encode("latin-1"), Decoded(FRENCH.encode(), "cp1252"), id="latin-1"),
        pytest.param(
            "Příliš žluťoučký kůň úpěl ďábelské ódy, dnes je hezký den a já jdu ven.".encode(
                "cp1250"
            ),
            Decoded(
                "Příliš žluťoučký kůň úpěl ďábelské ódy, dnes je hezký den a já jdu ven.".encode(),
                "cp1250",
            ),
            id="cp1250",
        ),
        pytest.param(
            "これは日本語のテキストです。文字コードを推測します。\n".encode("shift_jis"),
            Decoded("これは日本語のテキストです。文字コードを推測します。\n".encode(), "cp932"),
            id="shift-jis",
        ),
    ],
)
def test_decode(data: bytes, expected: Decoded | None) -> None:
    assert decode(data) == expected


@given(st.binary(max_size=200))
def test_decode_gives_utf8_or_nothing(data: bytes) -> None:
    """No input is an error, and what is text can be read as UTF-8."""
    decoded = decode(data)
    if decoded is not None:
        decoded.text.decode("utf-8")


PIECES = ("a", "é", "好", "🙂")


@given(
    text=st.text(st.sampled_from(PIECES), min_size=1, max_size=6),
    before=st.integers(0, 8),
    cut=st.integers(0, 3),
    strides=st.integers(1, 2),
)
def test_characters_across_the_pieces_that_are_checked(
    text: str, before: int, cut: int, strides: int
) -> None:
    """A character may lie across their edge; a cut one is no UTF-8, there as anywhere."""
    part = text.encode()[: -cut or None]
    data = b"x" * (STRIDE * strides - before) + part
    try:
        data.decode()
    except UnicodeDecodeError:
        assert decode(data) != Decoded(data)
    else:
        assert decode(data) == Decoded(data)


def test_a_guess_on_a_large_file_is_quick() -> None:
    data = (("int x; // plain\n" * 50 + FRENCH) * 1200).encode("latin-1")[: 1 << 20]
    start = time.perf_counter()
    decoded = decode(data)
    assert decoded
    assert decoded.text == data.decode("latin-1").encode()
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("text", "ranges", "expected"),
    [
        pytest.param(b"a\nb\nc\n", [(2, 2)], b"b\n", id="one"),
        pytest.param(b"a\nb\nc", [(2, 9)], b"b\nc", id="to-the-end"),
        pytest.param(
            b"a\nb\nc\nd\n", [(4, 4), (1, 2), (2, 2)], b"a\nb\nd\n", id="several-in-order"
        ),
        pytest.param(b"a\r\nb\rc\nd", [(2, 2)], b"b\rc\n", id="a-carriage-return-ends-no-line"),
        pytest.param(b"a\r\n\r\n", [(2, 3)], b"\r\n", id="crlf"),
    ],
)
def test_cut_lines(text: bytes, ranges: list[tuple[int, int]], expected: bytes) -> None:
    assert cut_lines(text, ranges) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2), (b"a\r\nb\rc\n", 2)],
)
def test_count_lines(text: bytes, lines: int) -> None:
    assert count_lines(text) == lines


def test_merge_ranges() -> None:
    assert merge_ranges([(5, 9), (1, 2), (3, 3), (20, 30), (8, 12)]) == ((1, 3), (5, 12), (20, 30))
