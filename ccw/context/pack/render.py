"""How a file looks in the pack: a fence that holds its path, its text, the fence again; pure.

    ```src/app.py
    print("hello")
    ```

The fence is longer than any run of backticks in that file, so no line of it can end the file
early; a file's part depends on this file alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ccw.context.scope import Skipped

HEADER = (
    b"Each file below stands between two lines of equally many backticks; the first names its "
    b"path (in JSON quotes where it needs them), then lines=A-B when only these lines are shown, "
    b"and no-final-newline when the file ends without one."
)
OVERLAY_HEADER = HEADER + (
    b" A file may stand here more than once: only its last copy counts, it replaces the earlier "
    b"ones. Files that the end names as gone do not count at all."
)
REPLACED = b"Replaced, only the last copy counts:"
GONE = b"Gone, no copy counts:"
LEFT_OUT = b"Left out:"
LONGEST_LIST = 4096  # bytes
MOST_REASONS = 20
_DETAILS = re.compile("[,:;] ")  # what follows in a reason is of one file

# white space, control and invisible characters, quotes, backtick, backslash, undecodable bytes
_SPECIAL = (
    "\\x00-\\x20\\x7f-\\xa0\\xad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u3000\\ud800-\\udfff\\ufeff"
)
_PLAIN = re.compile(r"[\w./@+-]+", re.ASCII)  # nearly all paths; the others need slower ones
_NEEDS_QUOTES = f"[{_SPECIAL}\"'`\\\\]"
_NEEDS_ESCAPE = f"(?! )[{_SPECIAL}]"
_FENCE = re.compile(rb"```")
_RUNS = re.compile(rb"`{3,}")


def header_of(layout: str) -> bytes:
    """Return the first line of every pack of *layout*, which tells how to read the rest."""
    return OVERLAY_HEADER if layout == "overlay" else HEADER


def render(path: str, text: bytes, lines: Iterable[tuple[int, int]] = ()) -> bytes:
    """Return the part of one file, without a line end after its closing fence.

    *text* is UTF-8; *lines* are the 1-based inclusive ranges that it was cut to, if it was.
    """
    fence = fence_of(text)
    opening = f"{quote_path(path)}{_range_attribute(lines) if lines else ''}".encode()
    if text.endswith(b"\n"):
        return b"".join((fence, opening, b"\n", text, fence))
    return b"".join((fence, opening, b" no-final-newline\n", text, b"\n", fence))


def fence_of(text: bytes) -> bytes:
    """Return the shortest fence that no run of backticks in *text* equals: at least three."""
    first = text.find(b"`")  # one byte, and then a regex, are many times faster than `in`
    if first < 0 or not _FENCE.search(text, first):
        return b"```"
    return b"`" * (max(map(len, _RUNS.findall(text, first))) + 1)


def quote_path(path: str) -> str:
    """Return *path* as it is, or as a JSON string when a reader could misread it."""
    if _PLAIN.fullmatch(path) or not re.search(_NEEDS_QUOTES, path):
        return path
    import json

    quoted = json.dumps(path, ensure_ascii=False)
    return re.sub(_NEEDS_ESCAPE, lambda match: json.dumps(match[0])[1:-1], quoted)


def superseded(title: bytes, paths: Iterable[str]) -> bytes:
    """Return the block that names files whose copies are superseded; empty without any."""
    lines = [f"- {quote_path(path)}" for path in paths]
    return title + b"\n" + "\n".join(lines).encode("utf-8") if lines else b""


class LeftOutList:
    """The block that tells what is missing: by name, and beyond LONGEST_LIST bytes by reason.

    Any number of files may be missing, which must not fill the pack themselves.
    """

    def __init__(self) -> None:
        self._named = [LEFT_OUT]
        self._bytes = len(LEFT_OUT)
        self._reasons: Counter[str] = Counter()

    def add(self, item: Skipped) -> None:
        """Tell of one more, too; names come in the order that they are added in."""
        self._reasons[_DETAILS.split(_one_line(item.reason), maxsplit=1)[0]] += 1
        if self._bytes <= LONGEST_LIST:
            line = f"- {quote_path(item.path)}: {_one_line(item.reason)}"
            self._named.append(line.encode("utf-8", "backslashreplace"))
            self._bytes += len(self._named[-1]) + 1

    @property
    def size(self) -> int:
        """The length of the block."""
        if not self._reasons or self._bytes > LONGEST_LIST:
            return len(self.block())
        return self._bytes

    def block(self) -> bytes:
        """Return the block, without a line end after its last line; empty when nothing is out."""
        if not self._reasons:
            return b""
        lines = self._named if self._bytes <= LONGEST_LIST else [LEFT_OUT, *self._counted()]
        return b"\n".join(lines)

    def _counted(self) -> Iterator[bytes]:
        """Yield a line for each reason, the commonest first, and one for all beyond some."""
        ordered = sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))
        others = sum(number for _, number in ordered[MOST_REASONS:])
        more = [("other reasons", others)] if others else []
        for reason, number in (*ordered[:MOST_REASONS], *more):
            files = "1 file" if number == 1 else f"{number:,} files"
            yield f"- {files}: {reason}".encode("utf-8", "backslashreplace")


def left_out(skipped: Iterable[Skipped]) -> bytes:
    """Return the block that tells of *skipped*; empty without any."""
    missing = LeftOutList()
    for item in skipped:
        missing.add(item)
    return missing.block()


def _range_attribute(lines: Iterable[tuple[int, int]]) -> str:
    ranges = ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in lines)
    return f" lines={ranges}" if ranges else ""


def _one_line(reason: str) -> str:
    return " ".join(reason.split())
