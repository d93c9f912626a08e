"""A command on a terminal: its questions are read and answered, its stdout is a pipe."""

from __future__ import annotations

import os
import pty
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
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=cwd, env=environ, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        said = _read(ours, None)
        process.communicate(timeout=PATIENCE)
    os.close(ours)
    return said.encode()


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
