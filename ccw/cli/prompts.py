"""Where the prompt of a command comes from: a file, the command line or standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ccw.errors import UsageError

NO_PROMPT = 'there is no prompt; type one: ccw cli -p "@src/**/*.py What does this do?"'


def read_prompt(
    cwd: Path, file: str | None, option: str | None, argument: str | None, from_stdin: bool
) -> str:
    """Return the prompt: *file*, else *option*, else *argument*, else standard input.

    Standard input is left alone while anything else gives the prompt, so that an open and silent
    one never blocks a call.
    """
    if file is not None and file != "-":
        return _decode(_read_file(cwd / file), file)
    given = option if option is not None else argument
    if file is None and given is not None:
        return _decode(os.fsencode(given), "the prompt")
    if from_stdin or (file is None and sys.stdin.isatty()):
        raise UsageError(NO_PROMPT)
    return read_stdin()


def read_stdin() -> str:
    """Return all of standard input as text."""
    return _decode(sys.stdin.buffer.read(), "standard input")


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the prompt file {path}: {error.strerror}") from None


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source} is not UTF-8 text (byte {data[error.start]:#04x} at offset {error.start}); "
            "convert it, for example: iconv -f latin1 -t utf-8"
        ) from None
