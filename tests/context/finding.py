"""Short forms for the tests of the file search."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ccw.context.files.find import Found, Scope, find_files
from ccw.context.patterns import scan


def write(root: Path, *names: str, text: str = "x") -> None:
    """Write a file of each name below *root*."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def find(root: Path, prompt: str, **options: Any) -> Found:
    """Find what *prompt* names, from the project folder *root* unless `cwd` says otherwise."""
    scope = {"project": root, "cwd": root, **options}
    return find_files(scan(prompt).patterns, Scope(**scope))


def paths(found: Found) -> list[str]:
    """Return the shown paths of the files found, in order."""
    return [file.path for file in found.files]


def left_out(found: Found) -> dict[str, str]:
    """Return what was left out, with the reasons."""
    return {item.path: item.reason for item in found.skipped}


def bytes_name(name: bytes) -> str:
    """Return a file name of any bytes as str."""
    return os.fsdecode(name)
