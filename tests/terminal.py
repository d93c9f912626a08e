"""A command on a terminal: its questions are read and answered, its stdout is a pipe."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a command said on the terminal and on stdout, and how it ended."""

    terminal: str
    stdout: str
    exit_code: int


def converse(
    command: Sequence[str], environ: Mapping[str, str], cwd: Path, until: str, answer: str
) -> Conversation:
    """Run *command* with stdin and stderr on a terminal; type *answer* once *until* is shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=environ, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    said = _read(ours, until)
    if until in said:
        os.write(ours, f"{answer}\n".encode())
    said += _read(ours, None)
    stdout, _ = process.communicate(timeout=PATIENCE)
    os.close(ours)
    return Conversation(said, stdout.decode(), process.returncode)


def shown(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> bytes:
    """Run *command* with its stdout on a terminal, and return what that was sent."""
    return _said(command, environ, cwd, on_terminal=("stdin", "stdout")).encode()


def lines_left(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> list[str]:
    """Run *command* with its stderr on a terminal, and return the lines that stay there."""
    return _screen(_said(command, environ, cwd, on_terminal=("stdin", "stderr")))


def _said(
    command: Sequence[str], environ: Mapping[str, str], cwd: Path, on_terminal: Sequence[str]
) -> str:
    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    streams |= dict.fromkeys(on_terminal, theirs)
    with subprocess.Popen(command, cwd=cwd, env=environ, **streams) as process:
        os.close(theirs)
        said = _read(ours, None)
        process.communicate(timeout=PATIENCE)
    os.close(ours)
    return said


def _screen(said: str) -> list[str]:
    """Return the lines of a terminal that was sent *said*, wide enough for each of them."""
    lines, row, column = [""], 0, 0
    for piece in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", said):
        if piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            column = 0
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif piece == "\x1b[1A":
            row = max(0, row - 1)
        elif not piece.startswith("\x1b"):
            before = lines[row].ljust(column)
            lines[row] = before[:column] + piece + before[column + len(piece) :]
            column += len(piece)
    return [line.rstrip() for line in lines if line.strip()]


def _read(terminal: int, until: str | None) -> str:
    """Read until *until* is shown, or the other side is closed."""
    said, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end and (until is None or until.encode() not in said):
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux: nobody holds the other side any more
            break
        if not data:
            break
        said += data
    return said.decode(errors="replace")
