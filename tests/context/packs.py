"""Helpers: files by hand, without patterns, and a reader of packs that follows their first line."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ccw.context.files.find import Found, FoundFile, Scope
from ccw.context.pack.render import GONE, HEADER, LEFT_OUT, OVERLAY_HEADER, REPLACED
from ccw.context.scope import stamp_of

OPENING = re.compile(
    rb'(?P<fence>`{3,})(?P<path>"(?:[^"\\]|\\.)*"|[^ `"]+)'
    rb"(?: lines=(?P<lines>[\d,-]+))?(?P<open_end> no-final-newline)?\Z"
)


@dataclass(frozen=True)
class ReadFile:
    """A file as a reader of the pack understands it."""

    path: str
    text: bytes
    lines: str = ""


def read_pack(pack: bytes) -> tuple[list[ReadFile], list[str]]:
    """Return the files of *pack* and its lines about what was left out."""
    files, ends = _read_all(pack)
    return files, ends.get(LEFT_OUT, [])


def understood(pack: bytes) -> dict[str, bytes]:
    """Return the files of *pack* as its first line says they are to be read."""
    files, ends = _read_all(pack)
    copies = Counter(file.path for file in files)
    gone = set(map(_path_in_list, ends.get(GONE, [])))
    replaced = {path for path, number in copies.items() if number > 1} - gone
    assert not replaced or pack.startswith(OVERLAY_HEADER)
    assert replaced == set(map(_path_in_list, ends.get(REPLACED, [])))
    assert gone <= copies.keys()
    return {file.path: file.text for file in files if file.path not in gone}


def _read_all(pack: bytes) -> tuple[list[ReadFile], dict[bytes, list[str]]]:
    """Return all copies in *pack*, and the lines of each list at its end by its title."""
    if not pack:
        return [], {}
    header, _, rest = pack.partition(b"\n\n")
    assert header in (HEADER, OVERLAY_HEADER)
    rows = rest.split(b"\n")
    files: list[ReadFile] = []
    while rows and rows[0].startswith(b"```"):
        files.append(_read_file(rows))
        if rows:
            assert rows.pop(0) == b""
    lists = [block.split("\n") for block in b"\n".join(rows).decode().split("\n\n") if rows]
    ends = {title.encode(): lines for title, *lines in lists}
    assert list(ends) == [title for title in (REPLACED, GONE, LEFT_OUT) if title in ends]
    assert header == OVERLAY_HEADER or ends.keys() <= {LEFT_OUT}
    return files, ends


def _path_in_list(line: str) -> str:
    path: str = line.removeprefix("- ")
    return json.loads(path) if path.startswith('"') else path


def _read_file(rows: list[bytes]) -> ReadFile:
    opening = OPENING.match(rows.pop(0))
    assert opening
    end = rows.index(opening["fence"])
    body = b"".join(row + b"\n" for row in rows[:end])
    del rows[: end + 1]
    path = opening["path"].decode()
    return ReadFile(
        json.loads(path) if path.startswith('"') else path,
        body[:-1] if opening["open_end"] else body,
        (opening["lines"] or b"").decode(),
    )


def found_in(folder: Path, **lines: tuple[tuple[int, int], ...]) -> Found:
    """Return all files directly in *folder*, as a walk would."""
    files = [
        FoundFile(path.name, str(path), stamp_of(path.stat()), lines.get(path.stem, ()))
        for path in sorted(folder.iterdir())
    ]
    return Found(tuple(files), matched={"@*": len(files)})


def open_file(file: FoundFile) -> tuple[int, os.stat_result]:
    """Open a file without looking where it lies."""
    descriptor = os.open(file.location, os.O_RDONLY)
    return descriptor, os.fstat(descriptor)


def scope_of(folder: Path, **options: object) -> Scope:
    """Return a scope of one folder."""
    return Scope(project=folder, cwd=folder, **options)  # type: ignore[arg-type]
