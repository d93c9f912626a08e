"""Where a pack goes: standard output or a file, in large pieces, with progress on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ccw.cli.app import escaped, say
from ccw.cli.streams import harmless_bytes
from ccw.errors import OutputFailed

if TYPE_CHECKING:
    from rich.status import Status

CHUNK = 1024 * 1024  # bytes gathered before a write
PATIENCE = 1.0  # seconds before progress is shown


class Sink:
    """Gathers pieces of a pack and passes them on in chunks."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self.total = 0
        self._put = put
        self._pieces: list[bytes] = []
        self._gathered = 0

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)
        self._gathered += len(piece)
        if self._gathered >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Pass on what was gathered."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._gathered = 0
        self.total += len(data)
        self._put(data)

    def end(self) -> None:
        """End the last line, if there is one."""
        if self.total or self._pieces:
            self._pieces.append(b"\n")
            self.flush()


@contextmanager
def open_sink(output: Path | None) -> Iterator[Sink]:
    """Give a sink to standard output, or to *output*: a file is replaced when all is well.

    A terminal is shown what it would obey. A pack ends without a line end; on its way out it gets
    one. What *output* links to is written; a device or pipe is written in place.
    """
    stdout = sys.stdout.buffer
    with _progress(hidden=output is None and stdout.isatty()) as show:
        if output is None:
            yield from _filled(_to_terminal() if stdout.isatty() else _to_stdout, show)
            with _translated(None):
                stdout.flush()
        else:
            with _opened(output) as put:
                yield from _filled(put, show)


def put(text: str, output: Path | None) -> None:
    """Print *text* and a line end, or write them to *output*, fit for a terminal as `say` does."""
    if output is None:
        say(text)
        return
    with open_sink(output) as sink:
        sink.write(escaped(text).encode("utf-8"))


def _to_terminal() -> Callable[[bytes], None]:
    shown = harmless_bytes()
    return lambda data: _to_stdout(shown(data))


def _to_stdout(data: bytes) -> None:
    with _translated(None):
        sys.stdout.buffer.write(data)


def _filled(put: Callable[[bytes], object], show: Callable[[int], None]) -> Iterator[Sink]:
    def put_and_show(data: bytes) -> None:
        put(data)
        show(sink.total)

    sink = Sink(put_and_show)
    yield sink
    sink.end()


def _opened(output: Path) -> AbstractContextManager[Callable[[bytes], object]]:
    target = Path(os.path.realpath(output))
    if target.exists() and not target.is_file():
        return _in_place(target)
    return _replacing(target, shown=output)


@contextmanager
def _in_place(target: Path) -> Iterator[Callable[[bytes], object]]:
    with _translated(target), target.open("wb", buffering=0) as file:
        yield file.write


@contextmanager
def _replacing(target: Path, shown: Path) -> Iterator[Callable[[bytes], object]]:
    """Write beside *target*, from the first piece on: a pattern must not find the new file."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    opened: list[IO[bytes]] = []

    def put(data: bytes) -> None:
        with _translated(shown):
            if not opened:
                opened.append(beside.open("xb"))
            opened[0].write(data)

    try:
        yield put
        put(b"")  # an empty pack makes an empty file
        with _translated(shown):
            opened[0].close()
            beside.replace(target)
    except BaseException:
        for file in opened:
            file.close()
            beside.unlink(missing_ok=True)
        raise


@contextmanager
def _translated(output: Path | None) -> Iterator[None]:
    """A reader that is gone stays what it is; a disk that is full is the user's to act on."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f" to {output}" if output else ""
        raise OutputFailed(f"cannot write the pack{where}: {error.strerror}") from None


@contextmanager
def _progress(*, hidden: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that shows the bytes written, on a terminal and when it takes long."""
    start = time.monotonic()
    shown: list[Status] = []

    def show(total: int) -> None:
        if not shown and time.monotonic() - start > PATIENCE:
            shown.append(_status())
        for status in shown:
            status.update(f"packing: {total / 1024 / 1024:,.0f} MB")

    try:
        yield (lambda _total: None) if hidden or not sys.stderr.isatty() else show
    finally:
        for status in shown:
            status.stop()


def _status() -> Status:
    from rich.console import Console

    status = Console(stderr=True).status("packing")
    status.start()
    return status
