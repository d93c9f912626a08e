"""The console entry point: run the command, flush what it said, leave at once."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys

UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF}  # where output cannot go


def main() -> None:
    """Run the command line and end the process with its exit code.

    A short process gains nothing from collecting garbage, nor from tearing its modules down;
    both together are a third of the time of a small command. Thus nothing large is imported
    before.
    """
    gc.disable()
    try:
        _fill_closed_streams()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = _interrupted()
    os._exit(_leave(code))


def run(arguments: list[str]) -> int:
    """Run the command line with *arguments*; return its exit code, with messages on stderr."""
    import click

    from ccw.cli.main import cli

    try:
        result = cli.main(args=arguments, prog_name="ccw", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        print(file=sys.stderr)  # the cursor stands behind a question
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OSError as error:
        code = output_failed(error)
        if code is None:
            raise
        return code


def output_failed(error: OSError) -> int | None:
    """Return the exit code for output that found no place, None for any other *error*."""
    if isinstance(error, BrokenPipeError):
        from ccw.cli.main import BROKEN_PIPE

        return BROKEN_PIPE
    if error.errno in UNWRITABLE:
        closed = error.errno == errno.EBADF
        reason = "standard output is closed" if closed else error.strerror
        with contextlib.suppress(OSError):  # of the same disk, or the same lost terminal
            print(f"ccw: cannot write the output: {reason}", file=sys.stderr)
        return 1
    return None


def _interrupted() -> int:
    from ccw.errors import Interrupted

    return Interrupted.exit_code


def _fill_closed_streams() -> None:
    """Put the null device where a standard stream is closed, before a file takes its number.

    Standard output is opened for reading, so that writing goes on to fail: it carries results.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_RDONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _leave(code: int) -> int:
    """Flush the streams; a reader that is gone or a full disk becomes an exit code."""
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or output_failed(error) or 1
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return code


if __name__ == "__main__":
    main()
