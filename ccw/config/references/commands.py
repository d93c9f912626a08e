"""The output of a command as a secret: one line, in time, and nothing of it in any message."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from ccw.errors import SecretUnavailable

LARGEST = 64 * 1024  # bytes of output
SECONDS = 10.0


def command_output(
    command: str,
    field: str,
    folder: Path,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
) -> str:
    """Run *command* without a shell in *folder* and return the one line that it prints.

    It gets *environ* and no input, and its stderr goes nowhere, because it may hold the secret.
    SecretUnavailable names *field*, the command's name and what to do.
    """
    words = shlex.split(command)
    label = f"{field} refers to the command {words[0]}, which"
    process = _started(words, label, folder, environ)
    try:
        output = _output(process, time.monotonic() + seconds)
    finally:
        _end(process)
    if output is None:
        raise SecretUnavailable(
            f"{label} did not end within {seconds:g} s; run it by hand: it may wait for a password"
        )
    if len(output) > LARGEST:
        raise SecretUnavailable(f"{label} prints more than 64 KB; it should print the key alone")
    if process.returncode:
        raise SecretUnavailable(
            f"{label} failed ({_ending(process.returncode)}); run it by hand to see why"
        )
    return _one_line(output, label)


def _started(
    words: list[str], label: str, folder: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # so that what it starts can be ended with it
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL
        reason = getattr(error, "strerror", None) or "no usable command line"
    raise SecretUnavailable(f"{label} cannot be run: {reason}; check that it is installed")


def _output(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """Return what *process* prints until it ends, cut once it is too long; None: out of time."""
    assert process.stdout is not None
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= LARGEST:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            chunk = os.read(process.stdout.fileno(), LARGEST)
            if not chunk:
                break
            output += chunk
        else:
            return output
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:  # it closed its output and goes on
        return None
    return output


def _end(process: subprocess.Popen[bytes]) -> None:
    """End *process*, if it still runs, with what it started."""
    assert process.stdout is not None
    process.stdout.close()
    if process.returncode is None:  # not waited for yet: the id of its group is still its own
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ending(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"ended by signal {-code}"


def _one_line(output: bytes, label: str) -> str:
    try:
        lines = output.decode("utf-8").splitlines()
    except UnicodeDecodeError:  # its text quotes the bytes
        lines = None
    if lines is None:
        raise SecretUnavailable(
            f"{label} printed something that is not UTF-8; check what it prints"
        )
    if len(lines) > 1:
        raise SecretUnavailable(
            f"{label} printed more than one line; it should print the key alone"
        )
    if not lines or not lines[0].strip():
        raise SecretUnavailable(f"{label} printed nothing; it should print the key on stdout")
    return lines[0]
