"""Where the prompt of a command comes from: a file, the command line or standard input."""

from __future__ import annotations

import contextlib
import os
import shlex
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ccw.errors import ContextWindowExceeded, UsageError

NO_PROMPT = 'there is no prompt; type one: ccw cli -p "@src/**/*.py What does this do?"'
UNREAD = "not used: standard input; add --stdin to send it as context"
MOST_BYTES = 64 * 1024 * 1024  # of a prompt; no model has a window of as many tokens
_SHOWN = 60  # characters of a prompt in a message


@dataclass(frozen=True, slots=True)
class Typed:
    """The prompts that a command line gives; the first of them that is not None counts."""

    file: str | None
    option: str | None
    argument: str | None

    @classmethod
    def of(cls, files: Sequence[str], options: Sequence[str], arguments: Sequence[str]) -> Typed:
        """Take each as it is typed; UsageError where there are several of a kind."""
        if len(arguments) > 1:
            prompt = shlex.quote(_shown(" ".join(arguments)))
            raise UsageError(
                f"these are {len(arguments)} arguments; quote the prompt: ccw cli {prompt}"
            )
        return cls(_only("-f", files), _only("-p", options), next(iter(arguments), None))

    def unused(self, from_stdin: bool) -> Iterator[str]:
        """Yield what to say of a prompt that another one stands before, and of unread input."""
        prompt = repr(_shown(self.argument or ""))
        kinds = (
            ("-f", "the prompt of -f", self.file),
            ("-p", "the prompt of -p", self.option),
            ("", f"the prompt {prompt}", self.argument),
        )
        given = [(option, name) for option, name, value in kinds if value is not None]
        if len(given) > 1:
            rest = " and ".join(name for _, name in given[1:])
            yield f"not used: {rest}, as {given[0][0]} gives one"
        if given and self.file != "-" and not from_stdin and _is_waiting():
            yield UNREAD


def read_prompt(cwd: Path, typed: Typed, from_stdin: bool) -> str:
    """Return the prompt that was *typed*, else standard input.

    Standard input is left alone while anything else gives the prompt, so that an open and silent
    one never blocks a call.
    """
    if typed.file is not None and typed.file != "-":
        return decode(_read_file(cwd / typed.file), typed.file)
    given = typed.option if typed.option is not None else typed.argument
    if typed.file is None and given is not None:
        return decode(os.fsencode(given), "the prompt")
    if from_stdin or (typed.file is None and sys.stdin.isatty()):
        raise UsageError(NO_PROMPT)
    return read_stdin()


def read_stdin() -> str:
    """Return all of standard input as text."""
    return decode(_bounded(sys.stdin.buffer, "standard input"), "standard input")


def _only(option: str, values: Sequence[str]) -> str | None:
    if len(values) > 1:
        raise UsageError(f"{option} is given twice; a call has one prompt")
    return next(iter(values), None)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_waiting() -> bool:
    """Whether standard input is no terminal and holds bytes that are there for this command."""
    import fcntl
    import termios

    with contextlib.suppress(OSError, ValueError):  # closed, or no real file
        number = sys.stdin.fileno()
        if os.isatty(number):
            return False
        count = fcntl.ioctl(number, termios.FIONREAD, struct.pack("i", 0))
        return bool(struct.unpack("i", count)[0]) and not _is_somebody_elses(number)
    return False


def _is_somebody_elses(number: int) -> bool:
    """Whether the input *number* is being read, or is shared with who started this.

    A loop of a shell reads on from it; a script or a wrapper looks just the same.
    """
    with contextlib.suppress(OSError):  # a pipe has no position
        if os.lseek(number, 0, os.SEEK_CUR):
            return True
    with contextlib.suppress(OSError):  # of another user, or another system than Linux
        parents = Path(f"/proc/{os.getppid()}/fd/0").readlink()
        return parents == Path(f"/proc/self/fd/{number}").readlink()
    return False


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _bounded(file, str(path))
    except OSError as error:
        raise UsageError(f"cannot read the prompt file {path}: {error.strerror}") from None


def _bounded(file: IO[bytes], source: str) -> bytes:
    """Return all of *file*, which may be endless: a pipe, a device."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ContextWindowExceeded(
            f"the prompt of {source} has more than {MOST_BYTES // 2**20} MB, which no model takes; "
            "keep it short, and name files in it by @patterns"
        )
    return data


def decode(data: bytes, source: str) -> str:
    """Return *data* of *source* as text; UsageError where it is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source} is not UTF-8 text (byte {data[error.start]:#04x} at offset {error.start}); "
            "convert it, for example: iconv -f latin1 -t utf-8"
        ) from None
