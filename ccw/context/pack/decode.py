"""The bytes of a file as UTF-8 text: BOM first, then UTF-8, then the best guess; pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import NamedTuple

from ccw.context.lines import merge_ranges

BINARY_PROBE = 8192  # bytes in which a NUL says "not text"
STRIDE = 16 * 1024  # bytes checked at once
GUESS_SAMPLE = 64 * 1024  # bytes that a guess looks at: its time grows faster than the file

USUAL = "cp1252"  # among encodings that fit equally well; a superset of Latin-1's text

# UTF-32 before UTF-16, whose mark is the beginning of UTF-32's
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoded(NamedTuple):
    """A file's text as UTF-8 bytes, line ends kept; `guess` names the encoding when guessed."""

    text: bytes
    guess: str | None = None


def decode(data: bytes) -> Decoded | None:
    """Return *data* as UTF-8 without its byte order mark, or None when it is binary."""
    if data[:1] in (b"\xef", b"\xff", b"\xfe", b"\x00"):  # what marks begin with
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return _marked(data[len(mark) :], encoding)
    if data.find(b"\0", 0, BINARY_PROBE) >= 0:
        return None
    return Decoded(data) if _is_utf8(data) else _guessed(data)


def count_lines(text: bytes) -> int:
    """Return the number of lines; the last one needs no line end."""
    return text.count(b"\n") + (not text.endswith(b"\n") and bool(text))


def cut_lines(text: bytes, ranges: Iterable[tuple[int, int]]) -> bytes:
    """Return the lines of *text* in *ranges* (1-based, inclusive), each line once, in order."""
    lines = text.splitlines(keepends=True) if b"\r" not in text else _split(text)
    wanted = merge_ranges(ranges)
    return b"".join(line for first, last in wanted for line in lines[first - 1 : last])


def _split(text: bytes) -> list[bytes]:
    """Split at line feeds alone: bytes.splitlines would also split at a lone carriage return."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _is_utf8(data: bytes) -> bool:
    """Tell whether *data* is UTF-8; text of a small piece is made six times as fast as of all."""
    if data.isascii():
        return True
    view, position = memoryview(data), 0
    try:
        while position < len(data):
            end = position + STRIDE
            _, read = codecs.utf_8_decode(view[position:end], "strict", end >= len(data))
            position += read  # up to 3 bytes less than given: a character that the next one ends
    except UnicodeDecodeError:
        return False
    return True


def _marked(body: bytes, encoding: str) -> Decoded:
    """Trust the mark; what it promises and does not keep is replaced, and reported as a guess."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-8":
            return _guessed(body)
        return Decoded(body.decode(encoding, "replace").encode("utf-8"), f"damaged {encoding}")
    return Decoded(text.encode("utf-8"))


def _guessed(data: bytes) -> Decoded:
    for encoding in (_best_guess(data), USUAL):
        try:
            return Decoded(data.decode(encoding).encode("utf-8"), encoding)
        except (UnicodeError, LookupError):
            continue
    return Decoded(data.decode("latin-1").encode("utf-8"), "latin-1")


def _best_guess(data: bytes) -> str:
    import charset_normalizer

    matches = charset_normalizer.from_bytes(_sample(data))
    best = matches.best()
    if best is None:
        return USUAL
    equal = [m for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    if any(USUAL in match.could_be_from_charset for match in equal):
        return USUAL  # short western text fits its eastern sister as well
    return best.encoding


def _sample(data: bytes) -> bytes:
    """Return whole lines from the first foreign byte on: what is before them tells nothing."""
    start = data.rfind(b"\n", 0, _first_foreign(data)) + 1
    end = min(start + GUESS_SAMPLE, len(data))
    last_line_end = data.rfind(b"\n", start, end) + 1
    return data[start : last_line_end or end]


def _first_foreign(data: bytes) -> int:
    try:
        data.decode("ascii")
    except UnicodeDecodeError as error:
        return error.start
    return 0
